"""Cross entropy."""

import numpy as np
from numpy.typing import NDArray
from scipy.special import xlogy

from ..model._sigmoid import sigmoid_pair
from ._base import Loss, everywhere
from ._pointwise import row_products

__all__ = ["LogLoss"]


class LogLoss(Loss):
    """Cross entropy, -[y ln a + (1 - y) ln(1 - a)]; half the deviance for y in {0, 1}.

    Domain: y in [0, 1]. Inverse link: a = f(z3), the canonical one, hence sigma3 = a - y.
    Curvature: a (1 - a), the exact second derivative.
    Source: Bishop, Pattern Recognition and Machine Learning (2006), eq. 5.23.

    Examples
    --------
    >>> import numpy as np
    >>> from skbackprop.losses import LogLoss
    >>> LogLoss().value_and_grad(np.array([[0.0]]), np.array([[800.0]]))
    (array([[800.]]), array([[1.]]))
    """

    def value(self, y: NDArray, z3: NDArray) -> NDArray:
        minus = np.copysign(z3, -1)
        cost = np.log1p(np.exp(minus))
        cost -= np.abs(_nearer_class(z3) - y) * minus
        return cost

    def value_and_grad(self, y: NDArray, z3: NDArray) -> tuple[NDArray, NDArray]:
        # one exp for both: |a - nearer class| = f(-|z3|) = e / (1 + e) with e = exp(-|z3|)
        minus = np.copysign(z3, -1)
        e = np.exp(minus)
        cost = np.log1p(e)
        error = _nearer_class(z3) - y
        cost -= np.abs(error) * minus
        e /= 1 + e
        error -= np.copysign(e, z3)
        return cost, error  # a - y

    def total(self, y: NDArray, z3: NDArray, sample_weight: NDArray | None = None) -> NDArray:
        # the cost is ((1 - 2 y) z3 + |z3|) / 2 + ln(1 + exp(-|z3|))
        linear = (1 - 2 * y) * z3
        minus = np.copysign(z3, -1, out=z3)
        linear -= minus
        with np.errstate(under="ignore"):
            tail = np.log1p(np.exp(minus, out=minus), out=minus)
        weight = np.ones_like(y[0]) if sample_weight is None else sample_weight
        return 0.5 * row_products(linear, weight) + row_products(tail, weight)

    def curvature(self, y: NDArray, z3: NDArray) -> NDArray:
        a, b = sigmoid_pair(z3)
        return a * b

    def convex_part(self, y: NDArray) -> tuple[NDArray, NDArray]:
        return everywhere(y)

    def lower_bound(self, y: NDArray) -> NDArray:
        return -xlogy(y, y) - xlogy(1 - y, 1 - y)


def _nearer_class(z3: NDArray) -> NDArray[np.bool_]:
    """Whether a = f(z3) is nearer to 1 than to 0.

    The cost is ln(1 + exp(-|z3|)) + |nearer class - y| |z3|, without cancellation.
    """
    return ~np.signbit(z3)
