"""alpha="auto": a path of penalties, from which the cost of held-out samples chooses one.

The path is a ladder of penalties, relative to the variance of the targets. It starts in the middle
and continues in both directions; each penalty (a rung) starts at the weights of the previous one. A
path down from the largest penalty would keep the nearly linear fits that a large penalty allows; a
path up from the smallest would keep networks that over-fit.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from .._execution._result import Progress, Status

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from numpy.typing import NDArray

    from .._execution._budget import Budget
    from ..model import Objective
    from ..solvers._path_descents import PathDescents, Refinement
    from ._folds import Fold

__all__ = ["LADDER", "MOST_VISITS", "PenaltyPath", "penalty_path"]

# The rungs in units of `scale`, in descending order, and the index of the first one to visit.
LADDER = np.array([30, 10, 3, 1, 0.3, 0.1, 0.03, 0.01, 0.003, 0.001, 0.0003, 0.0001])
_START = 5
# Steps of a descent, and its `tol`: on the first rung, on the next ones, and where a rung is
# repeated. Refinement.descend says what a step is.
_FIRST, _NEXT, _MORE = (40, 1e-4), (10, 1e-3), (30, 1e-4)
# A descent is worth repeating if it lowers the cost of held-out samples by this factor.
_BETTER = 0.98
# No descent is repeated after this many visits of rungs.
_ENOUGH_VISITS = 30
# The largest number of visits; the callback is called after each of them.
MOST_VISITS = _ENOUGH_VISITS + len(LADDER)
# The way down ends after this many consecutive rungs whose cost exceeds the lowest by this factor.
_N_WORSE, _WORSE = 2, 1.03
# The largest penalty is chosen whose cost does not exceed the lowest cost by more than this factor.
_AS_GOOD = 1.01
# The steps of a descent and its `tol`.
_Length = tuple[int, float]
# Statuses of a refinement after which the path is stopped.
_STOPS = {Status.MAX_TIME, Status.INTERRUPTED, Status.STOPPED}


@dataclass(frozen=True, eq=False)
class PenaltyPath:
    """The chosen penalty and the path from which it was chosen.

    Parameters
    ----------
    alpha : float
        The chosen penalty.
    w : ndarray of shape (n_weights,)
        Initial weights for the descent on all samples; if the path was stopped, the weights to
        return.
    alphas : ndarray of shape (n_alphas,)
        The penalties that were compared, in descending order.
    losses : ndarray of shape (n_alphas, n_folds)
        The mean cost of the held-out samples of each fold, for each of these penalties.
    weights : list of ndarrays of shape (n_weights,)
        The weights of the network of each fold with the chosen penalty.
    n_evaluations : int
        Number of evaluations of the cost, most of them only on some of the samples.
    stop : Status or None
        The reason why the path was stopped; None if it was completed.
    """

    alpha: float
    w: NDArray[np.float64]
    alphas: NDArray[np.float64]
    losses: NDArray[np.float64]
    weights: list[NDArray[np.float64]]
    n_evaluations: int
    stop: Status | None = None


def penalty_path(
    descents: PathDescents,
    objective: Objective,
    folds: Sequence[Fold],
    starts: Sequence[NDArray[np.float64]],
    scale: float,
    rng: np.random.Generator,
    budget: Budget,
) -> PenaltyPath:
    """Choose the penalty with the lowest cost on held-out samples.

    Parameters
    ----------
    descents : PathDescents
        Of the solver.
    objective : Objective
        The objective of all training samples; its own penalty is ignored.
    folds : list of Fold
        If the list is empty, the smallest penalty of the ladder is chosen.
    starts : list of ndarrays of shape (n_weights,)
        Initial weights: one array for all folds or, if there are no folds, several to try.
    scale : float
        The penalty of the rung with value 1.
    rng : numpy.random.Generator
        Used by optimizers that draw batches.
    budget : Budget
        Its callback is called after each rung.

    Returns
    -------
    PenaltyPath
    """
    walk = _Walk(descents, folds, scale * LADDER, rng, budget)
    stop = None
    try:
        if folds:
            walk.judge(starts[0])
            w = walk.best_network(objective)
        else:
            w = walk.best_start(objective, starts)
    except _Stopped as stopped:
        stop = stopped.status
        w = walk.best_weights[0] if walk.best_weights else walk.last
    best = walk.best
    rungs = sorted(walk.costs)
    held_out = [fold.held_out.total_weight for fold in folds]
    return PenaltyPath(
        float(walk.alphas[best]),
        w,
        walk.alphas[rungs],
        np.reshape([walk.costs[rung] / held_out for rung in rungs], (len(rungs), len(folds))),
        walk.best_weights,
        walk.n_evaluations,
        stop,
    )


class _Stopped(Exception):
    """Raised to leave the path when it is stopped."""

    def __init__(self, status: Status) -> None:
        super().__init__()
        self.status = status


class _Walk:
    """A walk along a ladder of penalties, with a network for each fold.

    Attributes
    ----------
    costs, weights : dict
        For each rung index: the costs of the held-out samples of each fold, (n_folds,), and the
        weights of its network.
    last : ndarray of shape (n_weights,)
        The weights after the last refinement.
    """

    def __init__(
        self,
        descents: PathDescents,
        folds: Sequence[Fold],
        alphas: NDArray[np.float64],
        rng: np.random.Generator,
        budget: Budget,
    ) -> None:
        self._descents, self._folds = descents, folds
        self._refinements = [descents.refinement(fold.training) for fold in folds]
        self._perfect = sum(fold.held_out.lower_bound for fold in folds)
        self._rng, self._budget, self._quiet = rng, budget, budget.without_callback()
        self.alphas = alphas
        self.costs: dict[int, NDArray[np.float64]] = {}
        self.weights: dict[int, list[NDArray[np.float64]]] = {}
        self._settled: set[int] = set()  # rungs whose networks gain little from more steps
        self.last: NDArray[np.float64] = np.empty(0)
        self.n_iter, self.n_evaluations, self._n_visits = 0, 0, 0

    @property
    def best(self) -> int:
        """Index of the chosen rung; without folds the last one, which is the smallest penalty."""
        if not self._folds:
            return len(self.alphas) - 1
        least = min(map(self._cost, self.costs), default=np.inf)
        return min((r for r in self.costs if self._cost(r) <= _AS_GOOD * least), default=_START)

    @property
    def best_weights(self) -> list[NDArray[np.float64]]:
        """The weights of the networks on the best rung."""
        return self.weights.get(self.best, [])

    def judge(self, w0: NDArray[np.float64]) -> None:
        """Compare the rungs in both directions, with all folds at each rung.

        Upwards, all rungs are visited. If the networks of the first rung over-fit weak signals,
        the cost rises before it falls, because they have not converged.
        """
        self._visit(_START, [w0] * len(self._folds), _FIRST)
        for rung in range(_START - 1, -1, -1):
            self._visit(rung, self.weights[rung + 1], _NEXT)
        self._walk_down(_START)
        self._train_on()

    def best_network(self, objective: Objective) -> NDArray[np.float64]:
        """Weights of the fold, on the best rung, whose network has the lowest J on all samples.

        The final descent starts there. It therefore ends near a network that held-out samples have
        judged; a descent from random weights might end in another minimum.
        """
        self.n_evaluations += len(self._folds)
        return min(self.best_weights, key=objective.with_alpha(float(self.alphas[self.best])).value)

    def best_start(
        self, objective: Objective, starts: Iterable[NDArray[np.float64]]
    ) -> NDArray[np.float64]:
        """Refine several starts with the smallest penalty; return the one with the lowest J."""
        refinement = self._descents.refinement(objective)
        runs = [self._refine(refinement, self.best, w0, _FIRST) for w0 in starts]
        w, _ = min(runs, key=lambda run: run[1])
        return w

    def _walk_down(self, start: int) -> None:
        """Visit smaller penalties until several in a row are clearly worse than the best."""
        n_worse = 0
        for rung in range(start + 1, len(self.alphas)):
            self._visit(rung, self.weights[rung - 1], _NEXT)
            if self._cost(rung) < _BETTER * self._cost(rung - 1):
                self._repeat(rung)
            worse = self._cost(rung) > _WORSE * self._cost(self.best)
            n_worse = n_worse + 1 if worse else 0
            if n_worse == _N_WORSE:
                return

    def _train_on(self) -> None:
        """Train the best networks for longer; if that lowers their cost, walk down from there.

        Where the few steps limit the networks more than the penalty does, as on a plateau of J or
        with many units and little noise, the first walk ends too early.
        """
        while self._repeat(rung := self.best):
            self._walk_down(rung)

    def _repeat(self, rung: int) -> bool:
        """Train the networks of a rung for as long as that is worth it; return whether it was."""
        gained = False
        while rung not in self._settled and self._n_visits < _ENOUGH_VISITS:
            before = self._cost(rung)
            self._visit(rung, self.weights[rung], _MORE)
            if self._cost(rung) < _BETTER * before:
                gained = True
            else:
                self._settled.add(rung)
        return gained

    def _visit(self, rung: int, starts: Sequence[NDArray[np.float64]], length: _Length) -> None:
        """Refine the networks of all folds on a rung; keep them if their held-out cost is lower."""
        runs = [
            self._refine(refinement, rung, start, length)
            for refinement, start in zip(self._refinements, starts, strict=True)
        ]
        weights = [w for w, _ in runs]
        costs = np.array(
            [fold.held_out.value(w) for fold, w in zip(self._folds, weights, strict=True)]
        )
        if rung not in self.costs or costs.sum() < self.costs[rung].sum():
            self.costs[rung], self.weights[rung] = costs, weights
            self._settled.discard(rung)
        self._n_visits += 1
        self.n_evaluations += len(self._folds)
        self._report(rung, sum(value for _, value in runs))

    def _refine(
        self, refinement: Refinement, rung: int, w0: NDArray[np.float64], length: _Length
    ) -> tuple[NDArray[np.float64], float]:
        """Perform some steps; return the weights and their J."""
        n_steps, tol = length
        alpha = float(self.alphas[rung])
        run = refinement.descend(
            alpha, w0, n_steps=n_steps, tol=tol, rng=self._rng, budget=self._quiet
        )
        self.last = run.w
        self.n_iter += run.n_iter
        self.n_evaluations += run.n_evaluations
        if run.status in _STOPS:
            raise _Stopped(run.status)
        return run.w, run.value

    def _cost(self, rung: int) -> float:
        """The held-out cost of a rung above that of a perfect fit."""
        return max(float(self.costs[rung].sum()) - self._perfect, 0.0)

    def _report(self, rung: int, value: float) -> None:
        """Call the callback after a rung."""
        progress = None
        if self._budget.has_callback:
            progress = Progress(
                self.n_iter,
                self.n_evaluations,
                value,
                self.weights[rung][0],
                float(self.costs[rung].sum()),
                alpha=float(self.alphas[rung]),
            )
        stop = self._budget(progress)
        if stop is not None:
            raise _Stopped(stop)
