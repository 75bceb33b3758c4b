"""Cyclic coordinate search on the grid, from several starts.

Short descents, rounded to the grid, find good points to begin with. Each lane follows one start
until no change of a single weight to another grid value lowers the cost, then begins again from a
new random point. Lanes advance side by side, a stretch of
coordinates at a time. Half of the evaluations are shared by the lanes; the other half brings
the best of them to an end, and goes to further starts if some is left.
"""

from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import partial
from itertools import zip_longest

import numpy as np

from ..._execution._parallel import workers
from ...model._blocks import slices
from .branch_and_bound import STEPS, descend

__all__ = ["CyclicSearch"]

# A start may spend about six sweeps over all weights before another start pays better.
_SWEEPS_PER_START = 6
_MOST_LANES = 8
# Descents take this part of the budget, 1/4. A gradient takes about as long as an evaluation for
# each hidden unit, since a lane's evaluations change one unit each: large networks get fewer.
# Measured on 7 problems of 25 to 961 weights, each from 3 seeds: all of them end with a J that is
# as low or lower than from random points, by up to one half.
_SHARE_OF_DESCENTS, _MOST_DESCENTS = 4, 24
_GROUPS_PER_STRETCH = 16
_INPUTS_PER_GROUP = 16
# Relative gains below this are rounding, float32's included.
_ROUNDING = 1e-6


@dataclass(frozen=True, eq=False)
class _Lane:
    """Where one lane stands; `unmoved` groups were searched since the last move."""

    seed: np.random.SeedSequence
    order: np.ndarray
    w: np.ndarray
    value: float
    budget: int
    position: int = 0
    unmoved: int = 0

    @property
    def finished(self):
        """Whether no single-coordinate move lowers the cost."""
        return self.unmoved >= len(self.order)


class CyclicSearch:
    """The search, as a stream of improving points.

    Parameters
    ----------
    objective : Objective
    values : ndarray of shape (n_values,)
        Grid values of a weight.
    max_evals : int
        Cost evaluations of all lanes together.
    w0 : ndarray of shape (n_weights,) or None
        One of the points that lanes begin at, rounded to the grid. The others are the ends of
        short descents, or random where the budget does not allow those.
    seed : int
    n_jobs : int or None

    Attributes
    ----------
    settled : ndarray of shape (n_weights,) or None
        The best point that no single-coordinate move improves, once there is one.
    """

    def __init__(self, objective, values, *, max_evals, w0, seed, n_jobs):
        self._objective, self._values, self._w0 = objective, values, w0
        self._groups = _groups(objective)
        self._n_jobs = n_jobs
        self.settled, self._settled_value = None, np.inf
        sweep = sum(group.n_coordinates for group in self._groups) * len(values)
        self._n_lanes = int(np.clip(max_evals // (2 * _SWEEPS_PER_START * sweep), 1, _MOST_LANES))
        for_descents = max_evals // (_SHARE_OF_DESCENTS * (STEPS + 1))
        n_descents = min(for_descents, max(1, for_descents // objective.network.n_hidden))
        self._n_descents = min(n_descents, _MOST_DESCENTS)
        self._left, self._champion = max_evals, None
        root = np.random.SeedSequence(seed)
        self._seeds = root.spawn(self._n_lanes)
        self._rng = np.random.default_rng(root.spawn(1)[0])

    def __iter__(self):
        """Yield (w, value, n_evaluations) after each descent and each stretch of a lane."""
        advance = partial(_advance, self._objective, self._values, self._groups)
        with workers(advance, self._n_jobs) as run:
            points = []
            for point in self._points(run):
                points.append(point)
                self._left -= point[2]
                yield point
            lanes = yield from self._lanes(points)
            self._champion = min(lanes, key=lambda lane: lane.value)
            # a start that has too little left to come to an end is not worth beginning
            enough = self._left // 4
            yield from self._exhaust(lanes, run, restart_above=1)
            last = [replace(self._champion, budget=self._left)]
            yield from self._exhaust(last, run, restart_above=enough)

    def _points(self, run):
        """Good points to begin with, (w, value, n_evaluations): the given one, and descents."""
        if self._w0 is not None:
            w = _rounded(self._values, self._w0)
            yield w, self._objective.value(w), 1
        shape = self._n_descents, self._objective.n_weights
        starts = self._rng.uniform(*self._values[[0, -1]], shape)
        yield from run((_Descent(start),) for start in starts)

    def _lanes(self, points):
        """The lanes, from the best points, or from random ones where there are too few."""
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

    def _exhaust(self, lanes, run, restart_above):
        """Advance lanes side by side until their budgets are spent."""
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

    def _needed(self, lane, restart_above):
        """A lane with fewer evaluations left ends: for the next group, or for a restart."""
        return (
            restart_above
            if lane.finished
            else _next_group(self._groups, lane).n_coordinates * len(self._values)
        )

    def _begin(self, seed, budget, point=None):
        """A lane that begins at a point whose J is known, or at random."""
        rng = np.random.default_rng(seed)
        order = rng.permutation(len(self._groups))
        if point is not None:
            return _Lane(seed, order, point[0], point[1], budget)
        w = rng.choice(self._values, size=self._objective.n_weights)
        return _Lane(seed, order, w, self._objective.value(w), budget - 1)


@dataclass(frozen=True, eq=False)
class _Descent:
    """A short descent, to be rounded to the grid."""

    start: np.ndarray

    def run(self, objective, values):
        """The point, its J, and the evaluations it took."""
        W = descend(
            lambda W: objective.value_and_grad(W[0])[1][None], self.start[None], *values[[0, -1]]
        )
        w = _rounded(values, W[0])
        return w, objective.value(w), STEPS + 1


def _rounded(values, w):
    """The nearest grid point."""
    return values[np.abs(values - w[:, None]).argmin(axis=1)]


@dataclass(frozen=True, eq=False)
class _Group:
    """Coordinates that are searched together, one after the other.

    ``move(objective, values, w)`` returns better weights and what was gained.
    """

    move: Callable
    n_coordinates: int


def _advance(objective, values, groups, lane):
    """Search a stretch of groups, each coordinate set to its best value at once, or descend."""
    if isinstance(lane, _Descent):
        return lane.run(objective, values)
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


def _next_group(groups, lane):
    return groups[lane.order[lane.position % len(lane.order)]]


def _groups(objective):
    """All coordinates: incoming weights of a hidden unit together, then outgoing ones.

    The weights from one hidden unit to all outputs count as one coordinate where outputs
    are independent, since each output then takes its own best value.
    """
    net = objective.network
    inputs = [range(s.start, s.stop) for s in slices(net.shape1[0], _INPUTS_PER_GROUP)]
    incoming = [
        _Group(partial(_move_incoming, some, unit), len(some))
        for unit in range(net.n_hidden)
        for some in inputs
    ]
    rows, columns = net.shape2
    parts = [slice(None)] if objective.loss.separable else list(slices(columns, 1))
    return incoming + [
        _Group(partial(_move_outgoing, j, part), 1) for j in range(rows) for part in parts
    ]


def _move_incoming(inputs, unit, objective, values, w):
    """The best values of some incoming weights of a hidden unit, one after the other."""
    better, total = w.copy(), 0.0
    column = objective.network.split(better)[0][:, unit]
    J_of = objective.candidates.of_unit(w, unit)
    for i in inputs:
        candidates = np.repeat(column[None], len(values), axis=0)
        candidates[:, i] = values
        best, gain = _best(J_of(candidates)[:, None], values, column[i, None])
        column[i] = best[0]
        total += gain
    return better, total


def _move_outgoing(j, outputs, objective, values, w):
    """The best values of a row of [W2; b2], for each output by itself where possible."""
    net = objective.network
    V1, V2 = net.split(w)
    candidates = np.repeat(V2[None], len(values), axis=0)
    candidates[:, j, outputs] = values[:, None]
    (J,) = objective.candidates.output_values(V1[None], candidates[None])
    best, gain = _best(J, values, V2[j, outputs])
    better = w.copy()
    net.split(better)[1][j, outputs] = best
    return better, gain


def _best(J, values, current):
    """The best grid value in each column of J, and how much is gained over the current ones.

    A gain below the rounding of J is none, else the search could go round in circles.
    """
    columns = np.arange(J.shape[1])
    J_current = J[np.abs(values[:, None] - current).argmin(axis=0), columns]
    winners = J.argmin(axis=0)
    gain = J_current - J[winners, columns]
    gain[gain <= _ROUNDING * J_current] = 0
    return np.where(gain, values[winners], current), float(gain.sum())
