"""The quadratic cost of the lecture."""

import numpy as np
from numpy.typing import NDArray
from scipy.special import logit

from ..model._sigmoid import HAS_FAST_TANH, sigmoid, sigmoid_pair
from ._base import Loss
from ._pointwise import output_error, row_products

__all__ = ["SquaredError"]


class SquaredError(Loss):
    """The lecture's quadratic cost, 1/2 (y - a)^2, half the squared error.

    Domain: y in [0, 1]. Inverse link: a = f(z3). sigma3 = -(y - a) f'(z3), with
    f'(z3) = a (1 - a). Gauss-Newton curvature: f'(z3)^2.

    Examples
    --------
    >>> import numpy as np
    >>> from skbackprop.losses import SquaredError
    >>> SquaredError().value_and_grad(np.array([[1.0]]), np.array([[0.0]]))
    (array([[0.125]]), array([[-0.125]]))
    """

    def value(self, y: NDArray, z3: NDArray) -> NDArray:
        return _half_square(output_error(y, *sigmoid_pair(z3)))

    def value_and_grad(self, y: NDArray, z3: NDArray) -> tuple[NDArray, NDArray]:
        a, b = sigmoid_pair(z3)
        error = output_error(y, a, b)  # a - y
        a *= b  # f'(z3)
        a *= error
        return _half_square(error), a

    def total(self, y: NDArray, z3: NDArray, sample_weight: NDArray | None = None) -> NDArray:
        # A sum needs only absolute precision of a - y. The formula
        # 2 (a - y) = tanh(z3 / 2) + 1 - 2 y saves two passes over memory.
        if HAS_FAST_TANH:
            z3 *= 0.5
            error, share = np.tanh(z3, out=z3), 0.125
            error += 1 - 2 * y
        else:
            error, share = sigmoid(z3, out=z3), 0.5
            error -= y
        if sample_weight is not None:
            error *= np.sqrt(sample_weight)
        return share * row_products(error, error)

    def curvature(self, y: NDArray, z3: NDArray) -> NDArray:
        a, b = sigmoid_pair(z3)
        return (a * b) ** 2

    def convex_part(self, y: NDArray) -> tuple[NDArray, NDArray]:
        # d^2 cost / d z3^2 = a (1 - a) (-3 a^2 + 2 (1 + y) a - y), whose roots in a are
        root = np.sqrt(1 - y + y * y)
        return logit(y / (1 + y + root)), logit((1 + y + root) / 3)


def _half_square(error: NDArray) -> NDArray:
    """Compute 1/2 (y - a)^2 from the error, in place."""
    error *= error
    error *= 0.5
    return error
