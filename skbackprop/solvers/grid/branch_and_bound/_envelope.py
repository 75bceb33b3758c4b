"""Convex envelopes of the costs, as functions of z3 on intervals.

Each cost is convex on an interval and concave in the tails outside. Its envelope on an interval
of z3 equals the cost in the middle part. Towards an end that lies in a concave tail, the envelope
is the tangent that meets the cost at that end.
"""

import numpy as np

from ._problem import GridProblem

__all__ = ["Envelope"]

# Number of bisection steps for a tangent point, and its largest distance from the end of the
# convex part. They only affect how far the envelope is below the best one: `support` is exact.
_STEPS, _REACH = 8, 6.0


class Envelope:
    """Envelopes of all samples and outputs on boxes of z3.

    Parameters
    ----------
    problem : GridProblem
    low, high : ndarray of shape (n_boxes, n_outputs, n_samples)
        The intervals.
    """

    def __init__(self, problem: GridProblem, low: np.ndarray, high: np.ndarray) -> None:
        self._problem, self._low, self._high = problem, low, high
        self._cost_low, self._cost_high = problem.cost(low), problem.cost(high)
        first, last = problem.convex_part
        # the convex part within the interval, empty if first > last
        self._first, self._last = np.maximum(low, first), np.minimum(high, last)
        self._from = self._touching(np.minimum(self._first, high), low, self._cost_low, low < first)
        self._to = self._touching(np.maximum(self._last, low), high, self._cost_high, high > last)
        self._straight = self._from > self._to
        self._any_straight = self._straight.any()
        if self._any_straight:
            self._chord, self._lowest_on_chord = self._below_chord()

    def _touching(
        self, inner: np.ndarray, end: np.ndarray, cost_end: np.ndarray, in_tail: np.ndarray
    ) -> np.ndarray:
        """Find the tangent point of the tangent that meets the cost at the end of the interval."""
        if not in_tail.any():
            return inner
        outer, inside = inner, inner + np.where(end > inner, -_REACH, _REACH) * in_tail
        for _ in range(_STEPS):
            middle = 0.5 * (outer + inside)
            cost, slope = self._problem.cost_and_slope(middle)
            above = cost + slope * (end - middle) > cost_end
            outer, inside = np.where(above, middle, outer), np.where(above, inside, middle)
        return inside

    def _below_chord(self) -> tuple[np.ndarray, np.ndarray]:
        """Slopes of the chords between the interval's ends, and lower bounds of cost - slope z3.

        In the tails this difference is concave, so its minimum is at an end of the interval or in
        the convex part. In the convex part the cost is above each of its tangents, and the
        difference between tangent and chord is smallest at one of the ends of that part.
        """
        low, high, first, last = self._low, self._high, self._first, self._last
        chord = (self._cost_high - self._cost_low) / np.where(high > low, high - low, 1)
        lowest = np.minimum(self._cost_low - chord * low, self._cost_high - chord * high)
        touch = np.clip(0.5 * (low + high), *self._problem.convex_part)
        cost, slope = self._problem.cost_and_slope(touch)
        for end in (first, last):
            there = cost + slope * (end - touch) - chord * end
            lowest = np.where(first <= last, np.minimum(lowest, there), lowest)
        return chord, lowest

    def slope(self, z: np.ndarray) -> np.ndarray:
        """Slopes of the envelopes at z."""
        _, slope = self._problem.cost_and_slope(np.clip(z, self._from, self._to))
        return np.where(self._straight, self._chord, slope) if self._any_straight else slope

    def value(self, z: np.ndarray) -> np.ndarray:
        """Envelopes at z, summed over samples and outputs; slightly too low on chords."""
        slope, lowest = self.support(z)
        return lowest + (slope * z).sum(axis=(1, 2))

    def support(self, z: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Slopes b of the envelopes at z, and min over the intervals of cost - b z3.

        If b is the slope at a point of the convex part, the minimum is at that point or, since
        the difference is concave in the tails, at an end of the interval.

        Returns
        -------
        slope : ndarray of shape (n_boxes, n_outputs, n_samples)
        lowest : ndarray of shape (n_boxes,)
            The sum of the minima over samples and outputs.
        """
        touch = np.clip(z, self._from, self._to)
        cost, slope = self._problem.cost_and_slope(touch)
        lowest = cost - slope * touch
        np.minimum(lowest, self._cost_low - slope * self._low, out=lowest)
        np.minimum(lowest, self._cost_high - slope * self._high, out=lowest)
        if self._any_straight:
            slope = np.where(self._straight, self._chord, slope)
            lowest = np.where(self._straight, self._lowest_on_chord, lowest)
        return slope, lowest.sum(axis=(1, 2))
