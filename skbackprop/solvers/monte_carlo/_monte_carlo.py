"""Monte Carlo: the best of many random points in the weight range."""

from collections.abc import Iterable, Iterator
from functools import partial
from numbers import Integral, Real

import numpy as np
from sklearn.utils._param_validation import Interval

from ..._execution._parallel import in_order
from ..._execution._result import SolverResult
from ..._params._names import Names
from ...model._objective import Objective
from .._base import Callback, Solver
from .._incumbent import Piece, search
from .._range import WEIGHT_RANGE, check_range, range_remedies
from ._adaptive import AdaptiveSearch
from ._draws import in_layers
from ._samplers import SAMPLERS, check_dimensions

__all__ = ["MonteCarlo"]

# Number of output layers tried with one hidden layer; see the notes of the class. This number and
# the number of hidden layers in a batch are powers of two, because Sobol' sequences are balanced
# for such numbers of points.
_SHARED = 128
# Largest numbers of activations and of random numbers in a batch; max_time and the callback are
# checked after each batch. The size of a batch depends only on the problem, so that the draws
# depend neither on n_jobs nor on the memory.
_BATCH_ACTIVATIONS, _BATCH_NUMBERS = 8_000_000, 2**18


class MonteCarlo(Solver):
    """Random search: the lecture's Monte Carlo.

    Parameters
    ----------
    n_draws : int, default=10_000
        Number of networks to evaluate, >= 1.
    weight_range : tuple of two floats, default=(-1.0, 1.0)
        Interval of every weight, intercepts included.
    sampler : str, default="adaptive"
        The distribution of the points:

        - "adaptive": around the best point so far; the width grows after a success and shrinks
          otherwise. A warm start begins around the weights of the last fit.
        - "uniform": independent and uniform over the whole range, as in the lecture.
        - "sobol", "halton", "latin_hypercube": more even over the whole range, by the scrambled
          sequences of `scipy.stats.qmc`. Each batch of draws is a new Latin hypercube. Sobol'
          sequences have at most 21,201 dimensions.
    max_time : float or None, default=None
        Seconds, > 0, after which the search ends with the best point so far.

    Notes
    -----
    A draw is a whole network, but draws share hidden layers: each random W1 is combined with 128
    random W2 (4 with "adaptive"), which takes little more time than a single W2. For a given W1,
    the outputs of a separable loss are independent, so the best of the 128 columns is chosen for
    each output: with k outputs, 128 draws find the best of 128^k networks. W1 and W2 come from
    separate sequences. If X is float64, draws are first compared in float32, and those that may
    be the best are evaluated again in float64.

    A longer search with the same seed begins with the draws of a shorter one and is never worse.
    The draws are divided among `n_jobs` workers, except with "adaptive", where each step depends
    on the previous one. The rows of large data are always divided among all cores.

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
    >>> print(f"accuracy {model.fit(X, y).score(X, y):.1f}")
    accuracy 0.9
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
        self,
        n_draws: int = 10_000,
        *,
        weight_range: tuple[float, float] = (-1.0, 1.0),
        sampler: str = "adaptive",
        max_time: float | None = None,
    ) -> None:
        self.n_draws = n_draws
        self.weight_range = weight_range
        self.sampler = sampler
        self.max_time = max_time

    def check(self) -> None:
        super().check()
        check_range(self)

    def solve(
        self,
        objective: Objective,
        w0: np.ndarray | None = None,
        *,
        rng: np.random.RandomState,
        n_jobs: int | None = None,
        callback: Callback | None = None,
        validation: Objective | None = None,
        resume: object | None = None,
    ) -> SolverResult:
        seed = int(rng.randint(np.iinfo(np.int32).max))
        pieces: Iterable[Piece]
        describe = None
        if self.sampler == "adaptive":
            generator = np.random.default_rng(seed)
            steps = AdaptiveSearch(objective, self.n_draws, self.weight_range, w0, generator)
            pieces, describe = steps, steps.describe
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

    def remedies(self, objective: Objective, result: SolverResult, penalised: bool) -> list[str]:
        more = f"raise n_draws={self.n_draws!r}"
        return range_remedies(objective, result, self.weight_range, more, penalised)

    def _batches(
        self, objective: Objective, seed: int
    ) -> Iterator[tuple[np.ndarray, np.ndarray, int]]:
        """Yield (V1, V2, n_draws): hidden layers, output layers for each, and number of draws."""
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


def _layers_in_a_batch(objective: Objective) -> int:
    """Number of hidden layers in a batch, a power of two."""
    net, n_samples = objective.network, objective.n_samples
    activations = n_samples * (net.n_hidden + _SHARED * net.n_outputs)
    numbers = net.n_hidden_weights + _SHARED * (net.n_weights - net.n_hidden_weights)
    affordable = min(_BATCH_ACTIVATIONS // activations, _BATCH_NUMBERS // numbers)
    return 1 << (max(1, affordable).bit_length() - 1)


def _best_of(objective: Objective, V1: np.ndarray, V2: np.ndarray, n_draws: int) -> Piece:
    """Return the best point of one batch, its J, and the number of draws."""
    return *objective.candidates.best_of(V1, V2), n_draws
