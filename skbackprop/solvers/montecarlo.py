"""Monte Carlo: random points in the weight range, the best one wins."""

from dataclasses import replace
from functools import partial
from numbers import Integral, Real

import numpy as np
from sklearn.utils._param_validation import Interval, StrOptions

from ._base import Solver
from ._incumbent import search
from ._parallel import in_order
from ._range import WEIGHT_RANGE, border_note, check_range
from ._samplers import SAMPLERS, check_dimensions

__all__ = ["MonteCarlo"]

# Output layers tried on one hidden layer; see the notes of the class. A power of two, as are
# the hidden layers of a batch: Sobol' sequences are even after such numbers of points.
_SHARED = 128
# Activations in a batch, the piece of work between two looks at the clock, and numbers that
# are drawn for it. They depend on the problem alone, so that the draws depend neither on
# n_jobs nor on the memory.
_BATCH_ACTIVATIONS, _BATCH_NUMBERS = 4_000_000, 2**20


class MonteCarlo(Solver):
    """Random search: the lecture's Monte Carlo.

    Parameters
    ----------
    n_draws : int, default=10_000
        Networks evaluated, >= 1.
    weight_range : tuple of two floats, default=(-1.0, 1.0)
        Interval of every weight, intercepts included.
    sampler : {"uniform", "sobol", "halton", "latin_hypercube"}, default="uniform"
        Distribution of the points: independent and uniform, the lecture's; or the scrambled
        sequences of `scipy.stats.qmc`, which fill the range more evenly, the last one anew
        with each batch of draws. Sobol' sequences have at most 21,201 dimensions.
    max_time : float or None, default=None
        Seconds, > 0, after which the search ends with the best point so far.

    Notes
    -----
    A draw is a whole network, but hidden layers are shared: each random W1 is tried with
    128 random W2, which costs little more than trying it with one. Given W1, the outputs
    do not depend on each other, so each output keeps its own best column among the 128;
    with k outputs the best of 128^k networks is found for the price of 128 draws. W1 and W2
    come from two sequences. A longer search with the same seed begins with the draws of a
    shorter one and is never worse.

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
        "sampler": [StrOptions(set(SAMPLERS))],
        "max_time": [Interval(Real, 0, None, closed="neither"), None],
    }

    def __init__(
        self, n_draws=10_000, *, weight_range=(-1.0, 1.0), sampler="uniform", max_time=None
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
        check_dimensions(self.sampler, objective.network)
        batches = self._batches(objective, int(rng.randint(np.iinfo(np.int32).max)))
        result = search(
            objective,
            in_order(partial(_best_of, objective), batches, n_jobs),
            start=w0,
            max_time=self.max_time,
            callback=callback,
            validation=validation,
        )
        return replace(result, note=border_note(objective, result.w, self.weight_range))

    def _batches(self, objective, seed):
        """Hidden layers (n, n_hidden_weights) and (n, 128, ...) output layers, in batches."""
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
            yield V1[: -(-n_draws // _SHARED)], V2[:n_draws].reshape(n_draws, *net.shape2)


def _layers_in_a_batch(objective):
    """Hidden layers in a batch, a power of two."""
    net, n_samples = objective.network, objective.X.shape[0]
    activations = n_samples * (net.n_hidden + _SHARED * net.n_outputs)
    numbers = net.n_hidden_weights + _SHARED * (net.n_weights - net.n_hidden_weights)
    affordable = min(_BATCH_ACTIVATIONS // activations, _BATCH_NUMBERS // numbers)
    return 1 << (max(1, affordable).bit_length() - 1)


def _best_of(objective, V1, V2):
    """The best point of one batch, its objective and what it cost."""
    best_w, best = None, np.inf
    for number, w1 in enumerate(V1):
        shared = V2[number * _SHARED : (number + 1) * _SHARED]
        w, value = objective.best_output(w1, shared)
        if best_w is None or value < best:
            best_w, best = w, value
    return best_w, best, len(V2)
