"""The log odds of one class of several as a function of the inputs.

Let a_l = f(z_l) be the output of class l. The probability of class k is a_k / sum_l a_l, and its
odds are 1 / G with G = sum_(l != k) exp(r_l) and

    r_l = log f(z_l) - log f(z_k) = h(-z_k) - h(-z_l),      h(t) = log(1 + exp(t)).
"""

import numpy as np
from numpy.typing import NDArray
from scipy.special import logsumexp, softmax

from ...model._sigmoid import sigmoid, sigmoid_slope
from ._minorant import Minorant
from ._share_planes import SharePlanes
from ._unit_sum import EPS, UnitSum, slope_intervals, z2_intervals

__all__ = ["ClassShare"]


class ClassShare:
    """``sign`` times the log odds of a class, -log G, on the unit cube.

    Parameters
    ----------
    W : ndarray of shape (n_inputs, n_units)
    b : ndarray of shape (n_units,)
    W2 : ndarray of shape (n_units, n_classes)
    b2 : ndarray of shape (n_classes,)
    reach : ndarray of shape (n_units,)
    n_operations : int
        As for `UnitSum`.
    k : int
        Index of the class.
    sign : {1, -1}
        1 to find the smallest probability of the class, -1 to find the largest.
    """

    def __init__(
        self,
        W: NDArray[np.float64],
        b: NDArray[np.float64],
        W2: NDArray[np.float64],
        b2: NDArray[np.float64],
        reach: NDArray[np.float64],
        n_operations: int,
        k: int,
        sign: int,
    ) -> None:
        self._W, self._b, self._sign, self.n_inputs = W, b, sign, len(W)
        n_classes = len(b2)
        order = np.append(k, np.delete(np.arange(n_classes), k))  # the class itself comes first
        self._W2, self._b2 = W2[:, order], b2[order]
        signs = np.append(sign, np.full(n_classes - 1, -sign))
        self._sums = [
            UnitSum.of(W, b, s * weight, s * constant, reach, n_operations)
            for s, weight, constant in zip(signs, self._W2.T, self._b2, strict=True)
        ]
        # the error of r_l is that of z_l plus that of z_k plus that of the terms of h; in a plane
        # below log G each r_l has a weight of at most 1
        terms = float((np.abs(self._b2) + (1 + reach) @ np.abs(self._W2)).max())
        relative = n_operations * EPS
        each = 2 * max(part.error for part in self._sums) + relative * (1 + 4 * terms)
        self.error: float = n_classes * each
        largest = np.abs(self._W2).max(axis=1)
        self._slope_error = 2 * np.abs(W) @ (largest * (self.error + relative * (1 + reach)))

    def values(self, X: NDArray[np.float64]) -> NDArray[np.float64]:
        return -self._sign * logsumexp(_r(self._z3(X)), axis=1)

    def value_and_grad(self, x: NDArray[np.float64]) -> tuple[float, NDArray[np.float64]]:
        slope2 = sigmoid_slope(sigmoid(x @ self._W + self._b))
        z3 = self._z3(x[None])
        r = _r(z3)[0]
        by_z3 = np.append(-1.0, softmax(r)) * sigmoid(-z3[0])  # d log G / dz3
        gradient = self._W @ (slope2 * (self._W2 @ by_z3))
        return -self._sign * float(logsumexp(r)), -self._sign * gradient

    def slopes(
        self, low: NDArray[np.float64], high: NDArray[np.float64]
    ) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
        """Intervals of the derivatives; those of log G are weighted means of those of the r_l.

        dr_l/dx = sum_j W_j f'(z2_j) (W2_jl f(-z_l) - W2_jk f(-z_k))
        """
        z2_low, z2_high = z2_intervals(self._W, self._b, low, high)
        slope2_low, slope2_high = (part[:, None] for part in slope_intervals(z2_low, z2_high))
        a2_low, a2_high = sigmoid(z2_low), sigmoid(z2_high)
        positive, negative = np.maximum(self._W2, 0), np.minimum(self._W2, 0)
        z3_low = a2_low @ positive + a2_high @ negative + self._b2
        z3_high = a2_high @ positive + a2_low @ negative + self._b2
        rest_low, rest_high = sigmoid(-z3_high)[:, None], sigmoid(-z3_low)[:, None]
        # of W2_jl f(-z_l), (n_boxes, n_units, n_classes)
        least, most = positive * rest_low + negative * rest_high, positive * rest_high
        most = most + negative * rest_low
        lowest = (least[:, :, 1:] - most[:, :, :1]).swapaxes(1, 2)
        highest = (most[:, :, 1:] - least[:, :, :1]).swapaxes(1, 2)
        lowest = np.minimum(lowest * slope2_low, lowest * slope2_high)
        highest = np.maximum(highest * slope2_low, highest * slope2_high)
        rising, falling = np.maximum(self._W, 0).T, np.minimum(self._W, 0).T
        smallest = (lowest @ rising + highest @ falling).min(axis=1) - self._slope_error
        largest = (highest @ rising + lowest @ falling).max(axis=1) + self._slope_error
        return (smallest, largest) if self._sign < 0 else (-largest, -smallest)

    def minorant(self, low: NDArray[np.float64], high: NDArray[np.float64]) -> Minorant:
        parts = [part.minorant(low, high) for part in self._sums]
        return SharePlanes(parts, low, high, self._sign, self.error)

    def _z3(self, X: NDArray[np.float64]) -> NDArray[np.float64]:
        return sigmoid(X @ self._W + self._b) @ self._W2 + self._b2


def _r(z3: NDArray[np.float64]) -> NDArray[np.float64]:
    """r_l of the other classes, from z3 (n_points, n_classes) with the class itself first."""
    h = np.logaddexp(0, -z3)
    return h[:, :1] - h[:, 1:]
