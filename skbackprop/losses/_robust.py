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
    """The interval of z3 on which a square of a - c with linear tails is convex, concave beyond.

    The square is that of a between `low` and `high`, with its minimum at `centre`, c. There it is
    convex in z3 between the roots r1 < r2 of -3 a^2 + 2 (1 + c) a - c. Beyond, its second
    derivative is that of a line, of the sign of 1 - 2 a above and of 2 a - 1 below: above it is
    convex up to a = 1/2, and below from there on. As r1 < 1/2 < r2 for c in [0, 1] and somewhat
    beyond, the convex parts join. A positive factor does not matter.
    """
    root = np.sqrt(1 - centre + centre * centre)
    first, last = centre / (1 + centre + root), (1 + centre + root) / 3
    first = np.maximum(first, np.minimum(low, 0.5))
    last = np.minimum(last, np.maximum(high, 0.5))
    return logit(np.clip(first, 0, 1)), logit(np.clip(last, 0, 1))
