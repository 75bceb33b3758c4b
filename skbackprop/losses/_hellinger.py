"""Hellinger distance."""

import numpy as np
from numpy.typing import NDArray

from ..model._sigmoid import sigmoid_pair
from ._base import Loss

__all__ = ["Hellinger"]


class Hellinger(Loss):
    """Squared Hellinger distance between two Bernoulli distributions.

    (sqrt a - sqrt y)^2 / 2 + (sqrt(1 - a) - sqrt(1 - y))^2 / 2. The cost is a sum of two squares,
    so Gauss-Newton applies as for the squared error. The second term is symmetric to the first:
    it measures the distance between the probabilities 1 - a and 1 - y.

    Domain: y in [0, 1]. Inverse link: a = f(z3).
    sigma3 = sqrt(a (1 - a)) (sqrt(a (1 - y)) - sqrt((1 - a) y)) / 2.
    Curvature: a (1 - a) / 4.
    Source: Hellinger, Journal fuer die reine und angewandte Mathematik 136 (1909) 210.

    Examples
    --------
    >>> import numpy as np
    >>> from skbackprop.losses import Hellinger
    >>> Hellinger().value(np.array([[1.0]]), np.array([[-800.0]]))
    array([[1.]])
    """

    def value(self, y: NDArray, z3: NDArray) -> NDArray:
        return Hellinger._value(y, *sigmoid_pair(z3))

    def value_and_grad(self, y: NDArray, z3: NDArray) -> tuple[NDArray, NDArray]:
        a, b = sigmoid_pair(z3)
        grad = 0.5 * np.sqrt(a * b) * (np.sqrt(a * (1 - y)) - np.sqrt(b * y))
        return Hellinger._value(y, a, b), grad

    def curvature(self, y: NDArray, z3: NDArray) -> NDArray:
        a, b = sigmoid_pair(z3)
        return 0.25 * a * b

    @staticmethod
    def _value(y: NDArray, a: NDArray, b: NDArray) -> NDArray:
        difference = np.sqrt(a) - np.sqrt(y)
        complement = np.sqrt(b) - np.sqrt(1 - y)
        return 0.5 * (difference * difference + complement * complement)
