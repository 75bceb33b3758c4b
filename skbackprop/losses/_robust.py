"""Huber's function of the error a - y, used by `Huber` and `Quantile`."""

import numpy as np
from numpy.typing import NDArray
from scipy.special import logit

__all__ = ["clipped_error", "convex_part_of", "huber", "least_weight"]


def clipped_error(error: NDArray, delta: NDArray | float) -> NDArray:
    """The derivative of Huber's function: the error clipped to [-delta, delta]."""
    return np.clip(error, -delta, delta)


def huber(error: NDArray, delta: NDArray | float) -> NDArray:
    """Huber's function: 1/2 e^2 for |e| <= delta, and delta |e| - 1/2 delta^2 otherwise."""
    size = np.abs(error)
    within = np.minimum(size, delta)
    return within * (size - 0.5 * within)


def least_weight(error: NDArray, delta: NDArray | float) -> NDArray:
    """min(1, delta / |e|), the weight of a square in iteratively reweighted least squares.

    1/2 weight e^2, plus a constant, touches Huber's function at e and is nowhere below it. The
    weight is therefore a non-negative curvature with which steps do not overshoot. The second
    derivative is 0 for |e| > delta and would not determine the length of a step if all errors are
    large (Holland and Welsch, Communications in Statistics A 6, 1977, 813).
    """
    return delta / np.maximum(np.abs(error), delta)


def convex_part_of(y: NDArray, delta: float) -> tuple[NDArray, NDArray]:
    """The interval of z3 on which Huber's function of a - y is convex; it is concave outside.

    For |a - y| <= delta the function is the squared error, which is convex in z3 between the roots
    r1 < y < r2 of -3 a^2 + 2 (1 + y) a - y, with r1 <= 1/3 and r2 >= 2/3. For larger errors its
    second derivative is +-delta a (1 - a) (1 - 2 a): above y it is convex for a <= 1/2, and below
    y for a >= 1/2. Since r1 < 1/2 < r2, the convex parts form one interval. Multiplying the
    function by different factors above and below y does not change the interval, because its
    derivative is 0 at a = y.
    """
    root = np.sqrt(1 - y + y * y)
    first, last = y / (1 + y + root), (1 + y + root) / 3
    first = np.maximum(first, np.minimum(y - delta, 0.5))
    last = np.minimum(last, np.maximum(y + delta, 0.5))
    return logit(first), logit(last)
