"""Itakura-Saito divergence."""

import numpy as np
from numpy.typing import NDArray

from ..model._sigmoid import sigmoid_pair
from ._base import Loss
from ._pointwise import excess, output_error, softplus

__all__ = ["ItakuraSaito"]


class ItakuraSaito(Loss):
    """Itakura-Saito divergence, y / a - ln(y / a) - 1.

    Domain: y in [1e-9, 1]; a target of 0 raises an error, use ``target_range=(0.1, 0.9)``.
    Inverse link: a = f(z3).
    sigma3 = (1 - a) (a - y) / a. Curvature: (1 - a)^2, the second derivative at a = y.
    Since y / a grows like exp(-z3), the cost is replaced by its tangent below z3 = -30, where
    a < 1e-13. The cost is thus finite and differentiable for every z3, and convex in this part.
    Source: Itakura and Saito, 6th International Congress on Acoustics (1968) C-17.

    Examples
    --------
    >>> import numpy as np
    >>> from skbackprop.losses import ItakuraSaito
    >>> ItakuraSaito().value(np.array([[0.5]]), np.array([[0.0]]))
    array([[0.]])
    """

    least_target = 1e-9
    _tangent_below = -30.0
    # the tangent's slope is up to 1e13, so z3 < -1e20 would overflow float32
    _farthest = 1e20

    def value(self, y: NDArray, z3: NDArray) -> NDArray:
        return ItakuraSaito.value_and_grad(self, y, z3)[0]

    def value_and_grad(self, y: NDArray, z3: NDArray) -> tuple[NDArray, NDArray]:
        z = np.maximum(z3, self._tangent_below)
        a, b = sigmoid_pair(z)
        relative_error = -output_error(y, a, b) / a
        value = excess(relative_error, np.log(y) + softplus(-z))
        grad = -b * relative_error
        below = np.maximum(z3 - z, -self._farthest)
        return value + grad * below, grad

    def curvature(self, y: NDArray, z3: NDArray) -> NDArray:
        return sigmoid_pair(z3)[1] ** 2
