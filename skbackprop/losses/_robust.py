"""What the two costs of the absolute error share: Huber's function of the error a - y."""

import numpy as np
from numpy.typing import NDArray
from scipy.special import logit

__all__ = ["clipped_error", "convex_part_of", "huber", "least_weight"]


def clipped_error(error: NDArray, delta: NDArray | float) -> NDArray:
    """The derivative of Huber's function: the error, cut off at -delta and delta."""
    return np.clip(error, -delta, delta)


def huber(error: NDArray, delta: NDArray | float) -> NDArray:
    """1/2 e^2 for |e| <= delta, delta |e| - 1/2 delta^2 beyond; without cancellation near 0."""
    size = np.abs(error)
    within = np.minimum(size, delta)
    return within * (size - 0.5 * within)


def least_weight(error: NDArray, delta: NDArray | float) -> NDArray:
    """min(1, delta / |e|), the weight of a square in iteratively reweighted least squares.

    1/2 weight e^2, plus a constant, touches Huber's function at e and is nowhere below it, so
    it is a curvature that is never negative, and steps by it do not overshoot. The second
    derivative, 0 for |e| > delta, would leave a step without a length where all errors are large
    (Holland and Welsch, Communications in Statistics A 6, 1977, 813).
    """
    return delta / np.maximum(np.abs(error), delta)


def convex_part_of(y: NDArray, delta: float) -> tuple[NDArray, NDArray]:
    """The interval of z3 on which Huber's function of a - y is convex, concave beyond it.

    Within delta it is the squared error, convex in z3 between the roots r1 < y < r2 of
    -3 a^2 + 2 (1 + y) a - y, with r1 <= 1/3 and r2 >= 2/3. Beyond, its second derivative is
    +-delta a (1 - a) (1 - 2 a), so that above y it is convex up to a = 1/2, and below y from
    there on. As r2 > 1/2 > r1, the convex parts join. A factor of either side does not matter:
    both sides end in the minimum at a = y.
    """
    root = np.sqrt(1 - y + y * y)
    first, last = y / (1 + y + root), (1 + y + root) / 3
    first = np.maximum(first, np.minimum(y - delta, 0.5))
    last = np.minimum(last, np.maximum(y + delta, 0.5))
    return logit(first), logit(last)
