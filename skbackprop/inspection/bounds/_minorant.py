"""The interface of a function for the search: values, derivatives, and planes below it."""

from typing import NamedTuple, Protocol

import numpy as np
from numpy.typing import NDArray

__all__ = ["Function", "Minorant", "Plane", "Relaxed", "highest_plane"]

# Number of planes that are tried for each box. Measured on fits with ten inputs and 10 or 20 units:
# with two planes, the search needs at least about twice as many boxes; with twenty, it needs about
# a fourth fewer or even less, but takes up to one and a half times as long.
_N_PLANES = 6


class Plane(NamedTuple):
    """Linear functions ``offset + x @ slope`` below a function, one for each box.

    Parameters
    ----------
    slope : ndarray of shape (n_boxes, n_inputs)
    offset : ndarray of shape (n_boxes,)
        It is reduced by a bound on all rounding errors.
    curvature : ndarray of shape (n_boxes, n_inputs)
        Largest rate of change of the slopes between planes, which determines the step length.
    gap : ndarray of shape (n_boxes, n_inputs)
        Distance of the plane below the function at x, attributed to the inputs whose ranges
        cause it.
    """

    slope: NDArray[np.float64]
    offset: NDArray[np.float64]
    curvature: NDArray[np.float64]
    gap: NDArray[np.float64]


class Minorant(Protocol):
    """Planes below a function on some boxes."""

    def plane_at(self, x: NDArray[np.float64]) -> Plane:
        """Return planes that are close to the function at x, (n_boxes, n_inputs)."""


class Function(Protocol):
    """A function on the unit cube that is minimised.

    Attributes
    ----------
    n_inputs : int
    error : float
        Bound on the rounding error of a value.
    """

    n_inputs: int
    error: float

    def values(self, X: NDArray[np.float64]) -> NDArray[np.float64]:
        """Values at points (n_points, n_inputs)."""

    def value_and_grad(self, x: NDArray[np.float64]) -> tuple[float, NDArray[np.float64]]:
        """Value at one point, and its derivatives."""

    def slopes(
        self, low: NDArray[np.float64], high: NDArray[np.float64]
    ) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
        """Bounds of the derivatives on boxes, (n_boxes, n_inputs) each, valid with rounding."""

    def minorant(self, low: NDArray[np.float64], high: NDArray[np.float64]) -> Minorant:
        """Planes below the function on boxes."""


class Relaxed(NamedTuple):
    """The highest lower bound found on each box, with its plane and the point of the plane."""

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

    The minimum of a plane over a box is at a corner. The planes are tangents of a convex function
    below the given one; the tangent at its minimum gives the best bound, and projected gradient
    steps approach this minimum.

    Parameters
    ----------
    function : Function
    low, high, x : ndarray of shape (n_boxes, n_inputs)
        The boxes, and an initial point in each.
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
        # the step that the curvature allows, limited to the width of the box
        is_short = curvature * width > np.abs(slope)
        x = x - np.where(is_short, slope / np.where(is_short, curvature, 1), np.sign(slope) * width)
        x = np.clip(x, low, high)
    return best
