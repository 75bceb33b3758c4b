"""Planes below the log odds of a class, from planes below z3 of all classes.

The symbols are those of `_class_share`. h(t) = log(1 + exp(t)) is convex and increasing: from a
plane below t, a tangent of h gives a plane below h(t), and a chord gives a plane below -h(-t).
Planes below sign * z_k and -sign * z_l thus give planes below -sign * r_l, and these give planes
below -sign * log G.
"""

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray
from scipy.special import logsumexp, softmax

from ...model._sigmoid import sigmoid
from ._minorant import Minorant, Plane

__all__ = ["SharePlanes"]


class _Planes(NamedTuple):
    """Planes of several functions.

    The first four fields are those of `Plane`, with the functions along axis 1. `at`, `least` and
    `most` are the values of the planes at x, and their smallest and largest values on the box,
    (n_boxes, n_functions).
    """

    slope: NDArray[np.float64]
    offset: NDArray[np.float64]
    curvature: NDArray[np.float64]
    gap: NDArray[np.float64]
    at: NDArray[np.float64]
    least: NDArray[np.float64]
    most: NDArray[np.float64]


class SharePlanes:
    """Planes below ``sign`` times the log odds of a class on boxes.

    Parameters
    ----------
    parts : sequence of Minorant
        Minorants of ``sign * z_k``, then of ``-sign * z_l`` for the other classes.
    low, high : ndarray of shape (n_boxes, n_inputs)
    sign : {1, -1}
    error : float
        The rounding error to subtract.
    """

    def __init__(
        self,
        parts: Sequence[Minorant],
        low: NDArray[np.float64],
        high: NDArray[np.float64],
        sign: int,
        error: float,
    ) -> None:
        self._parts, self._sign, self._error = parts, sign, error
        self._low, self._high = low[:, None], high[:, None]

    def plane_at(self, x: NDArray[np.float64]) -> Plane:
        planes = [part.plane_at(x) for part in self._parts]
        every = self._planes(x, *(np.stack(parts, axis=1) for parts in zip(*planes, strict=True)))
        own = _Planes(*(part[:, :1] for part in every))
        others = _Planes(*(part[:, 1:] for part in every))
        if self._sign > 0:
            return self._below_minus_log_sum(x, self._below_r(x, tangent=others, chord=own))
        return self._below_log_sum(self._below_r(x, tangent=own, chord=others))

    def _planes(
        self,
        x: NDArray[np.float64],
        slope: NDArray[np.float64],
        offset: NDArray[np.float64],
        curvature: NDArray[np.float64],
        gap: NDArray[np.float64],
    ) -> _Planes:
        at_low, at_high = slope * self._low, slope * self._high
        return _Planes(
            slope,
            offset,
            curvature,
            gap,
            at=offset + (slope * x[:, None]).sum(axis=2),
            least=offset + np.minimum(at_low, at_high).sum(axis=2),
            most=offset + np.maximum(at_low, at_high).sum(axis=2),
        )

    def _below_r(self, x: NDArray[np.float64], tangent: _Planes, chord: _Planes) -> _Planes:
        """Planes below h(t) - h(-c), from planes below t and c."""
        t, c = tangent, chord
        rate = sigmoid(t.at)  # h'
        first, last, width = -_h(-c.least), -_h(-c.most), c.most - c.least
        # any rate is valid if the offset is computed from both ends; clip rounding errors
        mean_rate = np.clip((last - first) / np.where(width > 0, width, 1), 0, 1)
        offset = np.minimum(first - mean_rate * c.least, last - mean_rate * c.most)
        gap_of_chord = -_h(-c.at) - offset - mean_rate * c.at
        rates, mean_rates = rate[:, :, None], mean_rate[:, :, None]
        bend = (rate * (1 - rate))[:, :, None] * _curvature_of_square(t.slope)  # h''
        return self._planes(
            x,
            rates * t.slope + mean_rates * c.slope,
            _h(t.at) + rate * (t.offset - t.at) + mean_rate * c.offset + offset,
            rates * t.curvature + mean_rates * c.curvature + bend,
            rates * t.gap + mean_rates * c.gap + self._by_input(gap_of_chord, c.slope),
        )

    def _below_log_sum(self, r: _Planes) -> Plane:
        """A plane below log G, from planes below r_l: a tangent of the convex log-sum-exp."""
        weight = softmax(r.at, axis=1)
        offset = logsumexp(r.at, axis=1) + (weight * (r.offset - r.at)).sum(axis=1)
        return Plane(
            _weighted(weight, r.slope),
            offset - self._error,
            _weighted(weight, r.curvature + _curvature_of_square(r.slope)),
            _weighted(weight, r.gap),
        )

    def _below_minus_log_sum(self, x: NDArray[np.float64], minus_r: _Planes) -> Plane:
        """A plane below -log G, from planes below -r_l: chords above exp, a tangent above log.

        The terms of G are divided by exp(top), the largest one on the box.
        """
        least, most = -minus_r.most, -minus_r.least
        top = most.max(axis=1, keepdims=True)
        first, last, width = np.exp(least - top), np.exp(most - top), most - least
        rate = np.clip((last - first) / np.where(width > 0, width, 1), 0, 1)
        offset = np.maximum(first - rate * (least - top), last - rate * (most - top))
        gap_of_chords = offset + rate * (-minus_r.at - top) - np.exp(-minus_r.at - top)
        slope = _weighted(rate, -minus_r.slope)
        constant = (offset + rate * (-minus_r.offset - top)).sum(axis=1)
        low, high = self._low[:, 0], self._high[:, 0]
        largest = constant + np.maximum(slope * low, slope * high).sum(axis=1)
        # a tangent at any positive point is valid; at the largest sum it does not loosen the bound
        # of the box, and that sum is about 1 or more, since its largest term alone is 1
        touch = np.maximum(largest, 0.5)
        at = np.maximum(constant + (slope * x).sum(axis=1), np.finfo(float).tiny)
        gap_of_log = np.log(touch) + at / touch - 1 - np.log(at)
        weight = rate / touch[:, None]
        gap = _weighted(weight, minus_r.gap)
        gap += self._by_input(gap_of_chords / touch[:, None], minus_r.slope).sum(axis=1)
        gap += self._by_input(gap_of_log[:, None], slope[:, None])[:, 0]
        return Plane(
            -slope / touch[:, None],
            1 - top[:, 0] - np.log(touch) - constant / touch - self._error,
            _weighted(weight, minus_r.curvature),
            gap,
        )

    def _by_input(
        self, gap: NDArray[np.float64], slope: NDArray[np.float64]
    ) -> NDArray[np.float64]:
        """Attribute gaps of functions of planes to the inputs, by their parts of the range."""
        parts = np.abs(slope) * (self._high - self._low)
        total = parts.sum(axis=2, keepdims=True)
        return gap[:, :, None] * parts / np.where(total > 0, total, 1)


def _h(t: NDArray[np.float64]) -> NDArray[np.float64]:
    return np.logaddexp(0, t)


def _curvature_of_square(slope: NDArray[np.float64]) -> NDArray[np.float64]:
    """Row sums of |slope| |slope|^T."""
    size = np.abs(slope)
    return size * size.sum(axis=2, keepdims=True)


def _weighted(weight: NDArray[np.float64], parts: NDArray[np.float64]) -> NDArray[np.float64]:
    """Weighted sums over the functions, (n_boxes, n_inputs)."""
    return np.matmul(weight[:, None], parts)[:, 0]
