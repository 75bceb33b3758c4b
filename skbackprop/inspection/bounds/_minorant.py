"""What the search needs of a function: its values, its derivatives, and lines below it."""

from typing import NamedTuple, Protocol

import numpy as np
from numpy.typing import NDArray

__all__ = ["Function", "Minorant", "Plane", "Relaxed", "highest_plane"]

# Planes that are tried for each box. Measured on fits with ten inputs and 10 or 20 units: two make
# about twice as many boxes or more; twenty save about a fourth or more of them, but take up to half
# as long again.
_N_PLANES = 6


class Plane(NamedTuple):
    """Linear functions ``offset + x @ slope`` below a function, one for each box.

    Parameters
    ----------
    slope : ndarray of shape (n_boxes, n_inputs)
    offset : ndarray of shape (n_boxes,)
        The rounding of all numbers is taken off.
    curvature : ndarray of shape (n_boxes, n_inputs)
        How fast the slopes of the next planes change at most, for the length of a step.
    gap : ndarray of shape (n_boxes, n_inputs)
        How far the plane is below the function at x, by the inputs whose ranges cause it.
    """

    slope: NDArray[np.float64]
    offset: NDArray[np.float64]
    curvature: NDArray[np.float64]
    gap: NDArray[np.float64]


class Minorant(Protocol):
    """Planes below a function on some boxes."""

    def plane_at(self, x: NDArray[np.float64]) -> Plane:
        """Planes that are close to the function at x, (n_boxes, n_inputs)."""


class Function(Protocol):
    """A function on the unit cube, which is to be minimised.

    Attributes
    ----------
    n_inputs : int
    error : float
        How far rounding may move a value, at most.
    """

    n_inputs: int
    error: float

    def values(self, X: NDArray[np.float64]) -> NDArray[np.float64]:
        """The values at points (n_points, n_inputs)."""

    def value_and_grad(self, x: NDArray[np.float64]) -> tuple[float, NDArray[np.float64]]:
        """The value at one point and its derivatives."""

    def slopes(
        self, low: NDArray[np.float64], high: NDArray[np.float64]
    ) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
        """Smallest and largest derivatives on boxes, (n_boxes, n_inputs) each, safely rounded."""

    def minorant(self, low: NDArray[np.float64], high: NDArray[np.float64]) -> Minorant:
        """Planes below the function on boxes."""


class Relaxed(NamedTuple):
    """The highest lower bound found on each box, with the plane that gives it and its point."""

    bound: NDArray[np.float64]
    slope: NDArray[np.float64]
    gap: NDArray[np.float64]
    x: NDArray[np.float64]


def highest_plane(
    function: Function,
    low: NDArray[np.float64],
    high: NDArray[np.float64],
    x: NDArray[np.float64],
) -> Relaxed:
    """Bound a function from below on boxes.

    The minimum of a plane over a box lies in a corner. The planes are tangents of a convex
    function below the given one; the best bound is that of its minimum, which projected gradient
    steps approach.

    Parameters
    ----------
    function : Function
    low, high, x : ndarray of shape (n_boxes, n_inputs)
        The boxes, and a point of each to begin at.
    """
    minorant, width = function.minorant(low, high), high - low
    nothing = np.zeros_like(x)
    best = Relaxed(np.full(len(low), -np.inf), nothing, nothing, x)
    for _ in range(_N_PLANES):
        slope, offset, curvature, gap = minorant.plane_at(x)
        bound = offset + np.minimum(slope * low, slope * high).sum(axis=1)
        better = (bound > best.bound)[:, None]
        best = Relaxed(
            np.fmax(best.bound, bound),
            np.where(better, slope, best.slope),
            np.where(better, gap, best.gap),
            np.where(better, x, best.x),
        )
        # a step that the curvature allows, at most across the box
        is_short = curvature * width > np.abs(slope)
        x = x - np.where(is_short, slope / np.where(is_short, curvature, 1), np.sign(slope) * width)
        x = np.clip(x, low, high)
    return best
