"""Monte Carlo: random points in the weight range, the best one wins."""

from functools import partial
from numbers import Integral, Real

import numpy as np
from sklearn.utils._param_validation import Interval

from ..._execution._parallel import in_order
from ..._params._names import Names
from .._base import Solver
from .._incumbent import search
from .._range import WEIGHT_RANGE, check_range, range_remedies
from ._adaptive import AdaptiveSearch
from ._draws import in_layers
from ._samplers import SAMPLERS, check_dimensions

__all__ = ["MonteCarlo"]

# Output layers tried on one hidden layer; see the notes of the class. A power of two, as are
# the hidden layers of a batch: Sobol' sequences are even after such numbers of points.
_SHARED = 128
# Activations in a batch, the piece of work between two looks at the clock, and numbers that
# are drawn for it. They depend on the problem alone, so that the draws depend neither on
# n_jobs nor on the memory.
_BATCH_ACTIVATIONS, _BATCH_NUMBERS = 8_000_000, 2**18


class MonteCarlo(Solver):
    """Random search: the lecture's Monte Carlo.

    Parameters
    ----------
    n_draws : int, default=10_000
        Networks evaluated, >= 1.
    weight_range : tuple of two floats, default=(-1.0, 1.0)
        Interval of every weight, intercepts included.
    sampler : str, default="adaptive"
        Where the points are drawn:

        - "adaptive": around the best point so far, in a width that follows success. A warm
          start begins around the weights of the last fit.
        - "uniform": anywhere, independently. This is the lecture's.
        - "sobol", "halton", "latin_hypercube": anywhere, more evenly, by the scrambled
          sequences of `scipy.stats.qmc`; a Latin hypercube begins anew with each batch of
          draws. Sobol' sequences have at most 21,201 dimensions.
    max_time : float or None, default=None
        Seconds, > 0, after which the search ends with the best point so far.

    Notes
    -----
    A draw is a whole network, but hidden layers are shared: each random W1 is tried with
    128 random W2 (4 with "adaptive"), which costs little more than trying it with one. Given
    W1, the outputs do not depend on each other, so each output keeps its own best column among
    the 128; with k outputs the best of 128^k networks is found for the price of 128 draws. W1
    and W2 come from two sequences. Samples in float64 are first looked at in float32; what may
    be the best is then computed in float64.

    A longer search with the same seed begins with the draws of a shorter one and is never
    worse. `n_jobs` workers share the draws, but not those of "adaptive", each of which waits
    for the one before; large data are shared by all cores without it.

    References
    ----------
    Schumer and Steiglitz, Adaptive step size random search, IEEE Transactions on Automatic
    Control 13 (1968) 270.

    Examples
    --------
    >>> from sklearn.datasets import make_blobs
    >>> from skbackprop import BackpropClassifier
    >>> from skbackprop.solvers import MonteCarlo
    >>> X, y = make_blobs(centers=2, random_state=0)
    >>> model = BackpropClassifier(2, solver=MonteCarlo(n_draws=2_000), random_state=0)
    >>> bool(model.fit(X, y).score(X, y) > 0.9)
    True
    >>> model.n_evaluations_
    2000
    """

    _parameter_constraints = {
        "n_draws": [Interval(Integral, 1, None, closed="left")],
        "weight_range": WEIGHT_RANGE,
        "sampler": [Names(["adaptive", *SAMPLERS])],
        "max_time": [Interval(Real, 0, None, closed="neither"), None],
    }

    supports_validation = True

    def __init__(
        self, n_draws=10_000, *, weight_range=(-1.0, 1.0), sampler="adaptive", max_time=None
    ):
        self.n_draws = n_draws
        self.weight_range = weight_range
        self.sampler = sampler
        self.max_time = max_time

    def check(self):
        super().check()
        check_range(self)

    def solve(
        self, objective, w0=None, *, rng, n_jobs=None, callback=None, validation=None, resume=None
    ):
        seed = int(rng.randint(np.iinfo(np.int32).max))
        describe = None
        if self.sampler == "adaptive":
            generator = np.random.default_rng(seed)
            pieces = AdaptiveSearch(objective, self.n_draws, self.weight_range, w0, generator)
            describe = pieces.describe
        else:
            check_dimensions(self.sampler, objective.network)
            pieces = in_order(partial(_best_of, objective), self._batches(objective, seed), n_jobs)
        return search(
            objective,
            pieces,
            start=w0,
            max_time=self.max_time,
            callback=callback,
            validation=validation,
            describe=describe,
        )

    def remedies(self, objective, result, penalised):
        more = f"raise n_draws={self.n_draws!r}"
        return range_remedies(objective, result, self.weight_range, more)

    def _batches(self, objective, seed):
        """Draws of all weights, in batches of hidden layers that share them."""
        net, begin = objective.network, SAMPLERS[self.sampler]
        low, high = self.weight_range
        n_outgoing = net.n_weights - net.n_hidden_weights
        streams = map(np.random.default_rng, np.random.SeedSequence(seed).spawn(2))
        hidden, outputs = map(begin, (net.n_hidden_weights, n_outgoing), streams)
        n_layers = _layers_in_a_batch(objective)
        left = self.n_draws
        while left > 0:
            V1 = low + (high - low) * hidden(n_layers)
            V2 = low + (high - low) * outputs(n_layers * _SHARED)
            n_draws = min(left, len(V2))
            left -= n_draws
            yield *in_layers(net, V1, V2, n_draws), n_draws


def _layers_in_a_batch(objective):
    """Hidden layers in a batch, a power of two."""
    net, n_samples = objective.network, objective.n_samples
    activations = n_samples * (net.n_hidden + _SHARED * net.n_outputs)
    numbers = net.n_hidden_weights + _SHARED * (net.n_weights - net.n_hidden_weights)
    affordable = min(_BATCH_ACTIVATIONS // activations, _BATCH_NUMBERS // numbers)
    return 1 << (max(1, affordable).bit_length() - 1)


def _best_of(objective, V1, V2, n_draws):
    """The best point of one batch, its objective and what it cost."""
    return *objective.candidates.best_of(V1, V2), n_draws
