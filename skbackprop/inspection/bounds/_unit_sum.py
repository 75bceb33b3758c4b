"""z3 of one output as a function of the inputs, and planes below it."""

from typing import Self

import numpy as np
from numpy.typing import NDArray

from ...model._sigmoid import sigmoid, sigmoid_slope
from ._minorant import Plane
from ._sigmoid_lines import LinesBelowSigmoid

__all__ = ["EPS", "UnitSum", "slope_intervals", "z2_intervals"]

EPS = float(np.finfo(np.float64).eps)


def z2_intervals(
    W: NDArray[np.float64],
    b: NDArray[np.float64],
    low: NDArray[np.float64],
    high: NDArray[np.float64],
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Smallest and largest z2 = x W + b of each unit on boxes, (n_boxes, n_units) each."""
    middle = 0.5 * (low + high) @ W + b
    radius = 0.5 * (high - low) @ np.abs(W)
    return middle - radius, middle + radius


def slope_intervals(
    z_low: NDArray[np.float64], z_high: NDArray[np.float64]
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Smallest and largest f' on intervals."""
    at_low, at_high = sigmoid_slope(sigmoid(z_low)), sigmoid_slope(sigmoid(z_high))
    # f' increases up to 0 and decreases after it
    steepest = np.where((z_low < 0) & (z_high > 0), 0.25, np.maximum(at_low, at_high))
    return np.minimum(at_low, at_high), steepest


class UnitSum:
    """``constant + sum_j weight_j f(x W_j + b_j)`` on the unit cube, with all weights >= 0.

    Parameters
    ----------
    W : ndarray of shape (n_inputs, n_units)
    b : ndarray of shape (n_units,)
    weight : ndarray of shape (n_units,)
        >= 0
    constant : float
    reach : ndarray of shape (n_units,)
        The largest sum of absolute terms of x W + b, also in the user's units.
    n_operations : int
        Largest number of roundings of a term, each relative to these sums.
    """

    def __init__(
        self,
        W: NDArray[np.float64],
        b: NDArray[np.float64],
        weight: NDArray[np.float64],
        constant: float,
        reach: NDArray[np.float64],
        n_operations: int,
    ) -> None:
        self._W, self._b, self._weight, self._constant = W, b, weight, constant
        self._size, self.n_inputs = np.abs(W), len(W)
        # for the second derivatives: row sums of |W| |W|^T for each unit
        self._cross = (self._size * self._size.sum(axis=0)).T
        relative = n_operations * EPS
        self.error: float = relative * float(np.abs(constant) + weight @ (1 + reach))
        self._slope_error = relative * (self._size @ (weight * (1 + reach)))

    @classmethod
    def of(
        cls,
        W: NDArray[np.float64],
        b: NDArray[np.float64],
        weight: NDArray[np.float64],
        constant: float,
        reach: NDArray[np.float64],
        n_operations: int,
    ) -> Self:
        """Create the sum for weights of any sign.

        A unit with a negative weight is reflected by f(z) = 1 - f(-z).
        """
        sign = np.where(weight < 0, -1.0, 1.0)
        constant = constant + weight[weight < 0].sum()
        return cls(sign * W, sign * b, np.abs(weight), float(constant), reach, n_operations)

    def values(self, X: NDArray[np.float64]) -> NDArray[np.float64]:
        return sigmoid(X @ self._W + self._b) @ self._weight + self._constant

    def value_and_grad(self, x: NDArray[np.float64]) -> tuple[float, NDArray[np.float64]]:
        a2 = sigmoid(x @ self._W + self._b)
        value = float(a2 @ self._weight + self._constant)
        return value, self._W @ (self._weight * sigmoid_slope(a2))

    def slopes(
        self, low: NDArray[np.float64], high: NDArray[np.float64]
    ) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
        intervals = z2_intervals(self._W, self._b, low, high)
        least, most = (self._weight * part for part in slope_intervals(*intervals))
        rising, falling = np.maximum(self._W, 0).T, np.minimum(self._W, 0).T
        return (
            least @ rising + most @ falling - self._slope_error,
            most @ rising + least @ falling + self._slope_error,
        )

    def minorant(self, low: NDArray[np.float64], high: NDArray[np.float64]) -> "_UnitLines":
        lines = LinesBelowSigmoid(*z2_intervals(self._W, self._b, low, high))
        return _UnitLines(self, lines, high - low)


class _UnitLines:
    """The sum of lines below the units."""

    def __init__(
        self, function: UnitSum, lines: LinesBelowSigmoid, width: NDArray[np.float64]
    ) -> None:
        self._function, self._lines, self._width = function, lines, width

    def plane_at(self, x: NDArray[np.float64]) -> Plane:
        of = self._function
        z2 = x @ of._W + of._b
        slope, offset, curvature = self._lines.at(z2)
        gap = of._weight * (sigmoid(z2) - offset - slope * z2)
        return Plane(
            (of._weight * slope) @ of._W.T,
            (offset + slope * of._b) @ of._weight + of._constant - of.error,
            (of._weight * curvature) @ of._cross,
            self._by_input(gap),
        )

    def _by_input(self, gap: NDArray[np.float64]) -> NDArray[np.float64]:
        """Attribute the gaps of the units to the inputs, by their parts of the range of z2."""
        size = self._function._size
        radius = self._width @ size
        return self._width * ((gap / np.where(radius > 0, radius, np.inf)) @ size.T)
