"""Lines below the sigmoid on intervals, from its convex envelope.

f is convex for z <= 0 and concave for z >= 0. Its envelope on an interval is f itself up to the
point whose tangent meets f at the upper end, and this tangent from there on; if there is no such
point, it is the chord (McCormick, Mathematical Programming 10, 1976; for networks: Schweidtmann
and Mitsos, Journal of Optimization Theory and Applications 180, 2019). A line above f follows from
f(z) = 1 - f(-z).
"""

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from ...model._sigmoid import sigmoid, sigmoid_slope

__all__ = ["Lines", "LinesBelowSigmoid"]

# Number of bisection steps for the tangent point. They locate it to a thousandth of the interval;
# the line is below f after any number of steps.
_STEPS = 10
# max f', which is at z = 0
_STEEPEST = 0.25


class Lines(NamedTuple):
    """Lines ``offset + slope * z``, and the curvature of the envelope at their tangent points.

    Each field is an ndarray of the shape of the intervals.
    """

    slope: NDArray[np.float64]
    offset: NDArray[np.float64]
    curvature: NDArray[np.float64]


class LinesBelowSigmoid:
    """Tangents of the convex envelopes of f on intervals.

    Parameters
    ----------
    low, high : ndarray of any shape
        The intervals.
    """

    def __init__(self, low: NDArray[np.float64], high: NDArray[np.float64]) -> None:
        self._high, self._f_high = high, sigmoid(high)
        f_low, width = sigmoid(low), high - low
        chord = (self._f_high - f_low) / np.where(width > 0, width, 1)
        chord = np.clip(chord, 0, _STEEPEST)  # any slope is valid; clip rounding errors
        # f(z) - slope z is concave in [0, high], and rises in [low, 0] if its slope at the lower
        # end is not negative: then its minimum is at an end of the interval
        self._is_chord = (low >= 0) | (chord <= sigmoid_slope(f_low))
        self._chord = chord
        self._chord_offset = np.minimum(f_low - chord * low, self._f_high - chord * high)
        self._last = self._touching(low)

    def _touching(self, low: NDArray[np.float64]) -> NDArray[np.float64]:
        """Tangent point of the tangent that meets f at the upper end; at most 0."""
        inside, outside = low, np.minimum(self._high, 0)
        bent = (self._high > 0) & ~self._is_chord
        if not bent.any():
            return outside
        for _ in range(_STEPS):
            middle = 0.5 * (inside + outside)
            f = sigmoid(middle)
            above = f + sigmoid_slope(f) * (self._high - middle) > self._f_high
            outside = np.where(above, middle, outside)
            inside = np.where(above, inside, middle)
        return np.where(bent, inside, np.minimum(self._high, 0))

    def at(self, z: NDArray[np.float64]) -> Lines:
        """Return the lines that touch the envelopes at z, which is in the intervals."""
        touch = np.minimum(z, self._last)
        f = sigmoid(touch)
        slope = sigmoid_slope(f)
        # a tangent at z <= 0 is below f up to 0; above 0, f is concave, so the tangent is below f
        # if it is so at the upper end, which holds for the last tangent point and all before it
        curvature = slope * (1 - 2 * f)  # f''
        return Lines(
            np.where(self._is_chord, self._chord, slope),
            np.where(self._is_chord, self._chord_offset, f - slope * touch),
            np.where(self._is_chord | (z > self._last), 0, curvature),
        )
