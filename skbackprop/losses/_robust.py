"""Huber's function of the error a - y, and where costs with linear tails are convex."""

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


def convex_part_of(centre: NDArray, low: NDArray, high: NDArray) -> tuple[NDArray, NDArray]:
    """The interval of z3 on which (a - c)^2 with linear tails is convex; it is concave outside.

    The cost is quadratic in a between `low` and `high`, with its minimum at `centre`, c, and linear
    outside. The quadratic part is convex in z3 between the roots r1 < r2 of
    -3 a^2 + 2 (1 + c) a - c. The second derivative of a linear tail has the sign of 1 - 2 a above
    c and of 2 a - 1 below: the upper tail is convex for a <= 1/2, and the lower one for a >= 1/2.
    Since r1 < 1/2 < r2 for c in [0, 1] and slightly outside, the convex parts form one interval.
    Positive factors do not change it.
    """
    root = np.sqrt(1 - centre + centre * centre)
    first, last = centre / (1 + centre + root), (1 + centre + root) / 3
    first = np.maximum(first, np.minimum(low, 0.5))
    last = np.minimum(last, np.maximum(high, 0.5))
    return logit(np.clip(first, 0, 1)), logit(np.clip(last, 0, 1))
