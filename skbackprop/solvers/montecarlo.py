"""Monte Carlo: random points in the weight range, the best one wins."""

from functools import partial
from numbers import Integral, Real

import numpy as np
from sklearn.utils._param_validation import Interval, StrOptions

from ._base import Solver
from ._incumbent import search
from ._parallel import in_order
from ._range import WEIGHT_RANGE, check_range

__all__ = ["MonteCarlo"]

# Output layers tried on one hidden layer; see the notes of the class.
_SHARED = 100
# Activations in a batch, the piece of work between two looks at the clock. The size depends
# on the problem alone, so that the draws depend neither on n_jobs nor on the memory.
_BATCH_ACTIVATIONS = 4_000_000


class MonteCarlo(Solver):
    """Random search: the lecture's Monte Carlo.

    Parameters
    ----------
    n_draws : int, default=10_000
        Networks evaluated, >= 1.
    weight_range : tuple of two floats, default=(-1.0, 1.0)
        Interval of every weight, intercepts included.
    sampler : {"uniform"}, default="uniform"
        Distribution of the points: independent and uniform.
    max_time : float or None, default=None
        Seconds, > 0, after which the search ends with the best point so far.

    Notes
    -----
    A draw is a whole network, but hidden layers are shared: each random W1 is tried with
    100 random W2, which costs little more than trying it with one. Given W1, the outputs
    do not depend on each other, so each output keeps its own best column among the 100;
    with k outputs the best of 100^k networks is found for the price of 100 draws. A longer
    search with the same seed begins with the draws of a shorter one and is never worse.

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
        "sampler": [StrOptions({"uniform"})],
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
        seed = int(rng.randint(np.iinfo(np.int32).max))
        return search(
            objective,
            in_order(partial(self._best_of, objective, seed), self._batches(objective), n_jobs),
            start=w0,
            max_time=self.max_time,
            callback=callback,
            validation=validation,
        )

    def _batches(self, objective):
        """(number, n_draws) of each batch; all but the last are of one size."""
        net, n_samples = objective.network, objective.X.shape[0]
        activations = n_samples * (net.n_hidden + _SHARED * net.n_outputs)
        size = _SHARED * max(1, _BATCH_ACTIVATIONS // activations)
        for number, start in enumerate(range(0, self.n_draws, size)):
            yield number, min(size, self.n_draws - start)

    def _best_of(self, objective, seed, number, n_draws):
        """The best point of one batch, its objective and what it cost."""
        rng = np.random.default_rng(np.random.SeedSequence(seed, spawn_key=(number,)))
        net, (low, high) = objective.network, self.weight_range
        best_w, best = None, np.inf
        for start in range(0, n_draws, _SHARED):
            w1 = rng.uniform(low, high, net.n_hidden_weights)
            V2 = rng.uniform(low, high, (_SHARED, *net.shape2))[: n_draws - start]
            w, value = objective.best_output(w1, V2)
            if best_w is None or value < best:
                best_w, best = w, value
        return best_w, best, n_draws
