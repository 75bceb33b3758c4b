"""The proof that a grid point is the minimum: best-first branch and bound over boxes of points."""

import heapq
from array import array
from collections.abc import Callable, Iterable, Iterator
from functools import partial
from itertools import count
from time import perf_counter
from typing import TypeVar

import numpy as np
from sklearn import get_config

from ...._execution._parallel import workers
from ....model._objective import Objective
from ..._incumbent import Piece
from ._boxes import box_points, longest_side, order_units
from ._first_incumbent import good_point
from ._problem import GridProblem
from ._relaxation import MOST_PASSES, Relaxation, points_of_a_box

__all__ = ["BranchAndBound", "can_prove"]

# No proof has succeeded for networks with more weights.
_MOST_WEIGHTS = 28
# Largest number of incoming weights of a unit: a lattice has at least the 2^n corners of a box.
_MOST_INPUTS = 11
# Largest absolute value of the data: sums of their squares must stay finite.
_LARGEST = 1e100
# Largest number of activations of the lattices of a box, which take some 20 ms.
_MOST_ACTIVATIONS = 4_000_000
# A proof is not tried with fewer evaluations: the search for a first incumbent alone takes some
# hundreds.
_FEWEST_EVALUATIONS = 2_000

# Boxes are bounded in groups to share NumPy's overhead; a group is smaller if its activations would
# not fit into the cache. A round has four groups, whatever n_jobs is.
_BOXES, _CACHED_ACTIVATIONS, _GROUPS = 16, 500_000, 4
# Boxes with at most this many points are searched completely.
_FEW = 16
# Smaller differences, relative to the incumbent, are rounding errors.
_ROUNDING = 1e-9
# A pass counts as one more evaluation for each multiple of this number of activations. The same
# budget then takes a similar time for all networks and data: 20,000 evaluations take some 3 s,
# measured on XOR (4 samples), iris (150), diabetes (442) and breast cancer (569).
_ACTIVATIONS_OF_AN_EVALUATION = 100_000
# A proof is given up after at least this many rounds if the last three quarters of them closed
# (a) less than 1 % of the gap between the incumbent and the larger of two lower bounds, that of
# the proof and that of the loss on these targets, and (b) less than half of the gap between the
# incumbent and the bound of the proof, which for wide ranges starts far below that of the loss.
# This was measured on 49 problems of 1 to 10 features. The slowest successful proof (2-6-1 with
# intercepts on XOR, log loss) closed 12 % of gap (a) in every such period; 2-2-1 on XOR with range
# (-10, 10) closed nothing of gap (a) before its end, but 96 % of gap (b). Diabetes with 10
# features closed nothing of gap (a) in 180 rounds, and 11 % of gap (b) in the first 32. With half
# of the rounds as the period, or 16 as the least number of rounds, some proofs were given up that
# still advanced.
_FEWEST_ROUNDS, _STRETCH = 32, 4
_PROGRESS, _PROGRESS_BELOW = 0.01, 0.5
# Bytes that an open box takes in addition to its indices.
_OVERHEAD = 500


def can_prove(objective: Objective, n_values: int, max_evals: int) -> bool:
    """Whether branch and bound may succeed on a problem of this size with this loss.

    Parameters
    ----------
    objective : Objective
    n_values : int
        Grid values of a weight.
    max_evals : int
    """
    net, loss = objective.network, objective.loss
    return (
        objective.in_memory
        and loss.separable
        and loss.convex_part(objective.data.Y[:1]) is not None
        and max_evals >= _FEWEST_EVALUATIONS
        and net.n_weights <= _MOST_WEIGHTS
        and net.shape1[0] <= _MOST_INPUTS
        and points_of_a_box(net, n_values) * objective.n_samples <= _MOST_ACTIVATIONS
        and max(abs(objective.data.X).max(), objective.total_weight) <= _LARGEST
    )


_Number = TypeVar("_Number", int, np.ndarray)
# A box with its bound and its age: (bound, age, low, high).
_Box = tuple[float, int, np.ndarray, np.ndarray]


class BranchAndBound:
    """The branch-and-bound search, an iterable of incumbents.

    Parameters
    ----------
    problem : GridProblem
    max_evals : int
        Largest number of evaluations of J and of the dual function.
    w0 : ndarray of shape (n_weights,) or None
        One of the starts in the search for a first incumbent.
    rng : numpy.random.Generator
    n_jobs : int or None

    Attributes
    ----------
    incumbent : float
        The lowest J so far.
    problem : GridProblem
    left : int
        Number of evaluations left.
    given_up : bool
        Whether the proof was stopped because its bound no longer rose.
    """

    def __init__(
        self,
        problem: GridProblem,
        *,
        max_evals: int,
        w0: np.ndarray | None,
        rng: np.random.Generator,
        n_jobs: int | None,
    ) -> None:
        self.problem, self._w0, self._rng, self._n_jobs = problem, w0, rng, n_jobs
        self.left, self.given_up = max_evals, False
        self.incumbent, self._point = np.inf, np.empty(0, dtype=np.intp)
        # open boxes: a heap ordered by bound, and a stack for boxes that do not fit in the heap
        self._open: list[_Box] = []
        self._stack: list[_Box] = []
        self._age = count()
        # the lowest bound of the boxes that are being bounded
        self._under_way = -np.inf
        # after each round: the evaluations left, the gap between the incumbent and the bound, and
        # the gap between the incumbent and the larger of this bound and the lower bound of the loss
        self._lefts, self._distances, self._gaps = array("q"), array("d"), array("d")
        self._n_boxes, self._start = 0, perf_counter()
        # smaller differences between sums of costs near 0 are rounding errors
        self._least_difference = 1e-14 * problem.objective.total_weight
        net = problem.objective.network
        activations = points_of_a_box(net, len(problem.values)) * problem.X.shape[1]
        self._group = int(np.clip(_CACHED_ACTIVATIONS // activations, 1, _BOXES))
        self._highest_price = _price(activations)
        self._loss_bound = problem.objective.lower_bound
        bytes_each = _OVERHEAD + 4 * net.n_weights
        self._most_open = get_config()["working_memory"] * 2**20 // 4 // bytes_each

    @property
    def w(self) -> np.ndarray:
        """The weights of the incumbent."""
        return self.problem.values[self._point]

    @property
    def lower_bound(self) -> float:
        """Lower bound of J over the whole grid, up to rounding."""
        bounds = [self._under_way, self.incumbent, *(box[0] for box in self._stack)]
        return min(bounds + [box[0] for box in self._open[:1]])

    @property
    def proven(self) -> bool:
        """Whether the incumbent is the minimum of the grid."""
        return self._under_way == np.inf and not self._open and not self._stack

    @property
    def still_needed(self) -> float:
        """Evaluations to the end of the proof, at the pace of the last half of its rounds.

        Bounds rise more and more slowly, so the true number is larger, often much larger. The
        value is inf if the bound did not rise.
        """
        if len(self._gaps) < 2:
            return np.inf
        half = len(self._gaps) // 2
        closed = self._gaps[half - 1] - self._gaps[-1]
        spent = self._lefts[half - 1] - self._lefts[-1]
        return self._gaps[-1] * spent / closed if closed > 0 else np.inf

    @property
    def note(self) -> str:
        """The state of the proof, in the form that mixed-integer solvers print."""
        bound, incumbent = self.lower_bound, self.incumbent
        if bound == -np.inf:
            return "no bound yet"
        gap = (incumbent - bound) / max(abs(incumbent), 1e-300)
        rate = self._n_boxes / (perf_counter() - self._start)
        return (
            f"bound {bound:.6g}, gap {gap:.2%}, {len(self._open) + len(self._stack)} open, "
            f"{self._n_boxes} nodes, {rate:.0f}/s"
        )

    def __iter__(self) -> Iterator[Piece]:
        """Yield the incumbent, its J and the evaluations spent since, after each round."""
        problem = self.problem
        point, value, spent = good_point(problem, self._w0, self._rng, self.left // 2)
        yield self._improved(point, value, spent)
        net, last = problem.objective.network, len(problem.values) - 1
        low, high = np.zeros(net.n_weights, np.int16), np.full(net.n_weights, last, np.int16)
        self._push(-np.inf, low, high)
        with workers(partial(_bounded, problem), self._n_jobs) as run:
            while not self.given_up and (boxes := self._take()):
                yield self._explore(boxes, run)
                self.given_up = self._stands_still() and not self.proven

    def _stands_still(self) -> bool:
        """Whether the last rounds have not advanced the proof."""
        distance = self.incumbent - self.lower_bound
        gap = min(distance, self.incumbent - self._loss_bound)
        self._lefts.append(self.left)
        self._distances.append(distance)
        self._gaps.append(gap)
        n_rounds = len(self._gaps)
        before = n_rounds // _STRETCH - 1
        return (
            n_rounds >= _FEWEST_ROUNDS
            and gap > (1 - _PROGRESS) * self._gaps[before]
            and distance > (1 - _PROGRESS_BELOW) * self._distances[before]
        )

    def _improved(self, point: np.ndarray, value: float, spent: int) -> Piece:
        """Make a point the incumbent if it is better, and return the incumbent."""
        if value < self.incumbent:
            self.incumbent, self._point = float(value), point
        self.left -= spent
        return self.w, self.incumbent, spent

    @property
    def _worthwhile(self) -> float:
        """Limit for bounds: boxes whose bound is not lower cannot improve the incumbent."""
        return self.incumbent - _ROUNDING * abs(self.incumbent) - self._least_difference

    def _push(self, bound: float, low: np.ndarray, high: np.ndarray) -> None:
        box = bound, next(self._age), low, high
        if len(self._open) < self._most_open:
            heapq.heappush(self._open, box)
        else:
            self._stack.append(box)

    def _take(self) -> list[_Box]:
        """Remove the next boxes; empty if no box is open or the budget is too small for one."""
        affordable = self.left // (MOST_PASSES * self._highest_price + _FEW)
        boxes: list[_Box] = []
        self._under_way = self.lower_bound  # a valid value until the boxes are known
        while len(boxes) < min(_GROUPS * self._group, affordable) and (self._stack or self._open):
            box = self._stack.pop() if self._stack else heapq.heappop(self._open)
            if box[0] < self._worthwhile:
                boxes.append(box)
        self._under_way = min((box[0] for box in boxes), default=np.inf)
        return boxes

    def _explore(self, boxes: list[_Box], run: Callable[[Iterable[tuple]], Iterator]) -> Piece:
        """Bound some boxes, and split the remaining part of each into two open boxes."""
        parents, _, lows, highs = zip(*boxes, strict=True)
        groups = [slice(i, i + self._group) for i in range(0, len(boxes), self._group)]
        incumbent = self._worthwhile
        results = list(run((incumbent, np.array(lows[g]), np.array(highs[g])) for g in groups))
        bound, low, high, spent = (np.concatenate(parts) for parts in zip(*results, strict=True))
        self._n_boxes += len(boxes)
        bound = np.maximum(bound, parents)
        # a bound that is NaN rules out nothing
        alive = ~(bound >= self._worthwhile) & (low <= high).all(axis=1)
        small = np.log1p(np.maximum(high - low, 0)).sum(axis=1) <= np.log(_FEW + 0.5)
        point, value, n_points = self._best_of(low[alive & small], high[alive & small])
        report = self._improved(point, value, int(spent.sum()) + n_points)
        rest = alive & ~small
        for box in zip(bound[rest], low[rest], high[rest], strict=True):
            self._split(*box)
        self._under_way = np.inf
        return report

    def _best_of(self, low: np.ndarray, high: np.ndarray) -> tuple[np.ndarray, float, int]:
        """Find the best grid point of small boxes by evaluating all their points."""
        if not len(low):
            return self._point, np.inf, 0
        points = np.concatenate([box_points(*ends) for ends in zip(low, high, strict=True)])
        J = self.problem.value(points)
        return points[J.argmin()], J.min(), len(points)

    def _split(self, bound: float, low: np.ndarray, high: np.ndarray) -> None:
        """Add both halves of a box to the open boxes."""
        i = longest_side(self.problem, low[None], high[None])[0]
        middle = (int(low[i]) + int(high[i])) // 2
        below, above = high.copy(), low.copy()
        below[i], above[i] = middle, middle + 1
        self._push(bound, low, below)
        self._push(bound, above, high)


def _price(activations: _Number) -> _Number:
    """Number of evaluations that a pass over the lattices of a box counts as."""
    return 1 + activations // _ACTIVATIONS_OF_AN_EVALUATION


def _bounded(
    problem: GridProblem, incumbent: float, low: np.ndarray, high: np.ndarray
) -> tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray]:
    """Return the bounds of some boxes, the reduced boxes (low, high), and the evaluations spent."""
    relaxation = Relaxation(problem, low, high, incumbent)
    order_units(problem, relaxation.low, relaxation.high)
    spent = relaxation.n_passes * _price(relaxation.n_points * problem.X.shape[1])
    return relaxation.bound, relaxation.low, relaxation.high, spent
