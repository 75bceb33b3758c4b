"""Best-first branch and bound over the unit cube."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Self

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import minimize
from sklearn import get_config

from ..._execution._budget import Budget
from ._minorant import Function, highest_plane

__all__ = ["Minimum", "minimize_over_cube"]

# Number of boxes that are bounded together: enough to make calls of NumPy efficient, and few enough
# to follow the order of the bounds.
_BATCH = 256
# Number of rounds in which a box is shrunk by the signs of the derivatives; in a smaller box, more
# derivatives may have a constant sign.
_ROUNDS = 2


@dataclass(frozen=True, eq=False)
class Minimum:
    """The smallest value found, and the proven lower bound.

    Parameters
    ----------
    lower_bound : float
        No point of the cube has a smaller value.
    value : float
        The smallest value found.
    x : ndarray of shape (n_inputs,)
        The point with this value.
    n_boxes : int
        Number of boxes that were bounded.
    """

    lower_bound: float
    value: float
    x: NDArray[np.float64]
    n_boxes: int


@dataclass(frozen=True, eq=False)
class _Boxes:
    """Boxes that may contain smaller values than the best one found.

    Parameters
    ----------
    low, high, x : ndarray of shape (n_boxes, n_inputs)
        The boxes, and a point in each.
    bound : ndarray of shape (n_boxes,)
        Lower bounds of the values.
    side : ndarray of int, shape (n_boxes,)
        The input to split next.
    """

    low: NDArray[np.float64]
    high: NDArray[np.float64]
    x: NDArray[np.float64]
    bound: NDArray[np.float64]
    side: NDArray[np.intp]

    def __getitem__(self, rows: NDArray[np.intp] | NDArray[np.bool_]) -> Self:
        return type(self)(*(part[rows] for part in vars(self).values()))

    def joined(self, other: Self) -> Self:
        pairs = zip(vars(self).values(), vars(other).values(), strict=True)
        return type(self)(*(np.concatenate(pair) for pair in pairs))

    def halves(self) -> Self:
        """Both halves of each box."""
        at = np.arange(len(self.side)), self.side
        middle = 0.5 * (self.low[at] + self.high[at])
        upper, lower = self.low.copy(), self.high.copy()
        upper[at] = lower[at] = middle
        first = type(self)(self.low, lower, self.x, self.bound, self.side)
        return first.joined(type(self)(upper, self.high, self.x, self.bound, self.side))


def minimize_over_cube(
    function: Function,
    measure: Callable[[NDArray[np.float64]], NDArray[np.float64]],
    tol: float,
    budget: Budget,
) -> Minimum:
    """Find and prove the smallest value of a function on [0, 1]^n.

    Parameters
    ----------
    function : Function
    measure : callable
        A non-decreasing function of the values, which defines the units of `tol`.
    tol : float
        A box is not split further if no value in it is smaller than the best value found by more
        than this.
    budget : Budget
        The reasons to stop before the proof is complete.

    Returns
    -------
    Minimum
    """
    return _Search(function, measure, tol).run(budget)


class _Search:
    def __init__(
        self,
        function: Function,
        measure: Callable[[NDArray[np.float64]], NDArray[np.float64]],
        tol: float,
    ) -> None:
        self._function, self._measure, self._tol = function, measure, tol
        self._value = np.inf
        # the smallest bound of all closed boxes, and the point of that box
        self._closed, self._closed_x = np.inf, np.full(function.n_inputs, 0.5)
        self._n_boxes = 0
        # bytes of a box: low, high and x, its bound and side
        bytes_each = 8 * (3 * function.n_inputs + 2)
        self._most_boxes = int(get_config()["working_memory"] * 2**20 / (2 * bytes_each))

    def run(self, budget: Budget) -> Minimum:
        n_inputs = self._function.n_inputs
        low, high = np.zeros((1, n_inputs)), np.ones((1, n_inputs))
        middle = 0.5 * (low + high)
        self._descend(middle[0])
        whole = _Boxes(low, high, middle, np.full(1, -np.inf), np.zeros(1, dtype=np.intp))
        boxes = self._bounded(whole)
        while len(boxes.bound):
            if budget(None) is not None or len(boxes.bound) > self._most_boxes:
                break
            order = np.argpartition(boxes.bound, min(_BATCH, len(boxes.bound)) - 1)
            halves = boxes[order[:_BATCH]].halves()
            boxes = self._still_open(boxes[order[_BATCH:]].joined(self._bounded(halves)))
        # closed boxes may contain a value that is smaller by less than the tolerance
        self._descend(self._closed_x)
        lower_bound = min(self._closed, boxes.bound.min(initial=np.inf), self._value)
        lower_bound -= self._function.error
        return Minimum(float(lower_bound), self._value, self._x, self._n_boxes)

    def _bounded(self, boxes: _Boxes) -> _Boxes:
        """Shrink and bound boxes; return the boxes that are still open."""
        self._n_boxes += len(boxes.bound)
        boxes = self._shrunk(boxes)
        if not len(boxes.bound):
            return boxes
        low, high = boxes.low, boxes.high
        relaxed = highest_plane(self._function, low, high, np.clip(boxes.x, low, high))
        slope, x = relaxed.slope, relaxed.x
        values = self._function.values(x)
        best = values.argmin()
        if values[best] < self._value:
            self._descend(x[best])
        # distance of the bound below the value at x, for each input: that of the plane at x, plus
        # the descent of the plane from there to its lowest corner
        gap = relaxed.gap + slope * x - np.minimum(slope * low, slope * high)
        width = high - low
        low, high = self._cut(low, high, slope, relaxed.bound)
        share = (high - low) / np.where(width > 0, width, 1)
        side = np.where(share > 0, share * gap, -np.inf).argmax(axis=1)
        bound = np.fmax(boxes.bound, relaxed.bound)
        return self._still_open(_Boxes(low, high, x, bound, side))

    def _shrunk(self, boxes: _Boxes) -> _Boxes:
        """Shrink boxes by the signs of the derivatives.

        If the derivative with respect to an input is positive in a whole box, the minimum of the
        cube can be in this box only at the lower end of this input, and only if this is also the
        lower end of the cube.
        """
        for _ in range(_ROUNDS):
            least, most = self._function.slopes(boxes.low, boxes.high)
            rises, falls = least > 0, most < 0
            beaten = (rises & (boxes.low > 0)) | (falls & (boxes.high < 1))
            high = np.where(rises, boxes.low, boxes.high)
            low = np.where(falls, boxes.high, boxes.low)
            kept = np.flatnonzero(~beaten.any(axis=1))
            boxes = _Boxes(low, high, boxes.x, boxes.bound, boxes.side)[kept]
        return boxes

    def _cut(
        self,
        low: NDArray[np.float64],
        high: NDArray[np.float64],
        slope: NDArray[np.float64],
        bound: NDArray[np.float64],
    ) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
        """Remove parts of boxes in which a plane proves values above the smallest one found.

        The plane has the value `bound` at its lowest corner. The kept part is where it rises by
        no more than the difference from there.
        """
        room = self._value + self._function.error - bound
        steep = np.abs(slope)
        reach = np.where(steep > 0, room[:, None] / np.where(steep > 0, steep, 1), np.inf)
        reach = np.maximum(reach, 0) * (1 + 1e-9) + 1e-15  # allows for rounding errors
        return (
            np.where(slope < 0, np.maximum(low, high - reach), low),
            np.where(slope > 0, np.minimum(high, low + reach), high),
        )

    def _still_open(self, boxes: _Boxes) -> _Boxes:
        """Close the boxes that cannot contain a value smaller by more than the tolerance."""
        limit = self._measure(np.array([self._value])) - self._tol
        at = np.arange(len(boxes.side)), boxes.side
        low, high = boxes.low[at], boxes.high[at]
        middle = 0.5 * (low + high)
        # a box that is a single point up to rounding cannot be split
        is_open = (self._measure(boxes.bound) < limit) & (low < middle) & (middle < high)
        closed = boxes[~is_open]
        if closed.bound.min(initial=np.inf) < self._closed:
            lowest = closed.bound.argmin()
            self._closed, self._closed_x = closed.bound[lowest], closed.x[lowest]
        return boxes[is_open]

    def _descend(self, x: NDArray[np.float64]) -> None:
        """Run a local descent from a point, which may find a smaller value."""
        bounds = [(0.0, 1.0)] * len(x)
        found = minimize(
            self._function.value_and_grad, x, jac=True, method="L-BFGS-B", bounds=bounds
        )
        for point in (x, np.clip(found.x, 0, 1)):
            value = float(self._function.values(point[None])[0])
            if value < self._value:
                self._value, self._x = value, point
