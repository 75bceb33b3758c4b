"""Cyclic coordinate descent on the grid, from several starts.

The first starts are the ends of short gradient descents, rounded to the grid. Each lane follows one
start until no change of a single weight to another grid value lowers the cost; then the lane starts
again at a new random point. Lanes advance in parallel, each by some coordinates at a time. The
lanes share half of the evaluations. The other half goes to the lane with the lowest cost until it
can no longer be improved, and the rest to further starts.
"""

from collections.abc import Callable, Generator, Iterable, Iterator
from dataclasses import dataclass, replace
from functools import partial
from itertools import zip_longest

import numpy as np

from ..._execution._parallel import workers
from ...model._objective import Objective
from .._incumbent import Piece
from ._coordinate_moves import CoordinateGroup, coordinate_groups
from ._short_descents import STEPS, descend_to_grid, nearest_grid_point

__all__ = ["CoordinateDescent"]

# After about six sweeps over all weights, a new start gains more than further sweeps.
_SWEEPS_PER_START = 6
_MOST_LANES = 8
# Short descents use 1/4 of the budget, with at most 24 descents. A gradient takes about as long as
# one evaluation for each hidden unit, because an evaluation of a lane changes only one unit; large
# networks therefore get fewer descents. Measured on 7 problems of 25 to 961 weights, each with 3
# seeds: the final J was never higher than from random points, and up to one half lower.
_SHARE_OF_DESCENTS, _MOST_DESCENTS = 4, 24
_GROUPS_PER_STRETCH = 16


@dataclass(frozen=True, eq=False)
class _Lane:
    """The state of a lane.

    Parameters
    ----------
    seed : SeedSequence
        Source of the seeds of further starts.
    order : ndarray of int, shape (n_groups,)
        Order of the groups of coordinates.
    w : ndarray of shape (n_weights,)
    value : float
        J(w).
    budget : int
        Number of evaluations left.
    position : int
        Number of groups searched since the start.
    unmoved : int
        Number of groups searched since the last move.
    """

    seed: np.random.SeedSequence
    order: np.ndarray
    w: np.ndarray
    value: float
    budget: int
    position: int = 0
    unmoved: int = 0

    @property
    def finished(self) -> bool:
        """Whether no change of a single coordinate lowers the cost."""
        return self.unmoved >= len(self.order)


@dataclass(frozen=True, eq=False)
class _Descent:
    """The task of running one short descent."""

    start: np.ndarray


# Type of the function that runs tasks (lanes or descents) on the workers.
_Run = Callable[[Iterable[tuple]], Iterator]


class CoordinateDescent:
    """The coordinate descent, an iterable of points.

    Parameters
    ----------
    objective : Objective
    values : ndarray of shape (n_values,)
        Grid values of a weight.
    max_evals : int
        Number of cost evaluations of all lanes together.
    w0 : ndarray of shape (n_weights,) or None
        The start of one lane, rounded to the grid. The other lanes start at the ends of short
        descents, or at random points if the budget does not allow descents.
    seed : int
    n_jobs : int or None

    Attributes
    ----------
    settled : ndarray of shape (n_weights,) or None
        The best point that no change of a single coordinate improves; None until one is found.
    """

    def __init__(
        self,
        objective: Objective,
        values: np.ndarray,
        *,
        max_evals: int,
        w0: np.ndarray | None,
        seed: int,
        n_jobs: int | None,
    ) -> None:
        self._objective, self._values, self._w0 = objective, values, w0
        self._groups = coordinate_groups(objective)
        self._n_jobs = n_jobs
        self.settled: np.ndarray | None = None
        self._settled_value = np.inf
        sweep = sum(group.n_coordinates for group in self._groups) * len(values)
        self._n_lanes = int(np.clip(max_evals // (2 * _SWEEPS_PER_START * sweep), 1, _MOST_LANES))
        for_descents = max_evals // (_SHARE_OF_DESCENTS * (STEPS + 1))
        n_descents = min(for_descents, max(1, for_descents // objective.network.n_hidden))
        self._n_descents = min(n_descents, _MOST_DESCENTS)
        self._left = max_evals
        root = np.random.SeedSequence(seed)
        self._seeds = root.spawn(self._n_lanes)
        self._rng = np.random.default_rng(root.spawn(1)[0])

    def __iter__(self) -> Iterator[Piece]:
        """Yield (w, value, n_evaluations) after each descent and each advance of a lane."""
        advance = partial(_advance, self._objective, self._values, self._groups)
        with workers(advance, self._n_jobs) as run:
            points = []
            for point in self._starts(run):
                points.append(point)
                self._left -= point[2]
                yield point
            lanes = yield from self._begin_lanes(points)
            self._champion = min(lanes, key=lambda lane: lane.value)
            # begin another start only with at least a quarter of the evaluations left now
            enough = self._left // 4
            yield from self._exhaust(lanes, run, restart_above=1)
            last = [replace(self._champion, budget=self._left)]
            yield from self._exhaust(last, run, restart_above=enough)

    def _starts(self, run: _Run) -> Iterator[Piece]:
        """Yield good starts, (w, value, n_evaluations): `w0` and the ends of short descents."""
        if self._w0 is not None:
            w = nearest_grid_point(self._values, self._w0)
            yield w, self._objective.value(w), 1
        low, high = self._values[0], self._values[-1]
        starts = self._rng.uniform(low, high, (self._n_descents, self._objective.n_weights))
        yield from run((_Descent(start),) for start in starts)

    def _begin_lanes(self, points: list[Piece]) -> Generator[Piece, None, list[_Lane]]:
        """Start lanes at the best points, and at random points if there are too few."""
        points = sorted(points, key=lambda point: point[1])[: self._n_lanes]
        n_random = self._n_lanes - len(points)
        share = (self._left - n_random) // (2 * self._n_lanes)
        lanes = []
        for seed, point in zip_longest(self._seeds, points):
            lanes.append(self._begin(seed, share, point))
            if point is None:
                self._left -= 1
                yield lanes[-1].w, lanes[-1].value, 1
        return lanes

    def _exhaust(self, lanes: list[_Lane], run: _Run, restart_above: int) -> Iterator[Piece]:
        """Advance lanes in parallel until their budgets are spent."""
        while lanes := [lane for lane in lanes if lane.budget >= self._needed(lane, restart_above)]:
            before = [lane.budget for lane in lanes]
            lanes = [
                self._begin(lane.seed.spawn(1)[0], lane.budget) if lane.finished else lane
                for lane in lanes
            ]
            lanes = list(run((lane,) for lane in lanes))
            for budget, lane in zip(before, lanes, strict=True):
                if lane.finished and lane.value < self._settled_value:
                    self.settled, self._settled_value = lane.w, lane.value
                if lane.value <= self._champion.value:
                    self._champion = lane
                self._left -= budget - lane.budget
                yield lane.w, lane.value, budget - lane.budget

    def _needed(self, lane: _Lane, restart_above: int) -> int:
        """Evaluations that a lane needs to continue: for its next group, or for a new start."""
        return (
            restart_above
            if lane.finished
            else _next_group(self._groups, lane).n_coordinates * len(self._values)
        )

    def _begin(
        self, seed: np.random.SeedSequence, budget: int, point: Piece | None = None
    ) -> _Lane:
        """Start a lane at a point whose J is known, or at a random point."""
        rng = np.random.default_rng(seed)
        order = rng.permutation(len(self._groups))
        if point is not None:
            return _Lane(seed, order, point[0], point[1], budget)
        w = rng.choice(self._values, size=self._objective.n_weights)
        return _Lane(seed, order, w, self._objective.value(w), budget - 1)


def _advance(
    objective: Objective,
    values: np.ndarray,
    groups: list[CoordinateGroup],
    task: _Lane | _Descent,
) -> _Lane | Piece:
    """Advance a lane by some groups, or run a short descent."""
    if isinstance(task, _Descent):
        return descend_to_grid(objective, values, task.start)
    lane = task
    for _ in range(_GROUPS_PER_STRETCH):
        group = _next_group(groups, lane)
        cost = group.n_coordinates * len(values)
        if lane.finished or lane.budget < cost:
            break
        better, gain = group.move(objective, values, lane.w)
        lane = replace(
            lane,
            w=better if gain else lane.w,
            value=lane.value - gain,
            budget=lane.budget - cost,
            position=lane.position + 1,
            unmoved=0 if gain else lane.unmoved + 1,
        )
    return lane


def _next_group(groups: list[CoordinateGroup], lane: _Lane) -> CoordinateGroup:
    return groups[lane.order[lane.position % len(lane.order)]]
