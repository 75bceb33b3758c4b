"""Functions of z3 that several costs use; they are precise even if the sigmoid saturates."""

import numpy as np
from numpy.typing import NDArray

from ..model._sigmoid import sigmoid_pair

__all__ = ["excess", "i_divergence", "output_error", "row_products", "softplus"]


def output_error(y: NDArray, a: NDArray, b: NDArray) -> NDArray:
    """The error a - y, without cancellation if the target is 0 or 1."""
    difference = (1 - y) * a
    difference -= y * b
    return difference


def row_products(a: NDArray, b: NDArray) -> NDArray:
    """Inner products along the last axis, without a temporary array of the products."""
    return np.einsum("...n,...n->...", a, b)


def softplus(z: NDArray) -> NDArray:
    """ln(1 + exp(z)) = -ln(1 - f(z))."""
    with np.errstate(under="ignore"):
        return np.log1p(np.exp(-np.abs(z))) + np.maximum(z, 0)


def excess(x: NDArray, log1p_x: NDArray) -> NDArray:
    """The excess x - ln(1 + x) >= 0, without the cancellation near x = 0.

    Near 0 it uses ln(1 + x) = 2 artanh s with s = x / (2 + x), for which x - 2s = s x.
    """
    near = np.abs(x) < 0.05
    x_near = np.where(near, x, 0)
    s = x_near / (2 + x_near)
    s2 = s * s
    series = s * x_near - 2 * s * s2 * (1 / 3 + s2 * (1 / 5 + s2 * (1 / 7 + s2 / 9)))
    return np.where(near, series, x - log1p_x)


def i_divergence(y: NDArray, y_complement: NDArray, z3: NDArray) -> NDArray:
    """The cost y ln(y / a) - y + a = y (x - ln(1 + x)) with x = (a - y) / y; a if y = 0."""
    a, b = sigmoid_pair(z3)
    positive = np.where(y > 1e-30, y, 1)  # a smaller y is negligible next to a
    x = (y_complement * a - y * b) / positive
    log_ratio = -softplus(-z3) - np.log(positive)
    return np.where(y > 1e-30, y * excess(x, log_ratio), a)
