"""Kullback-Leibler divergences: the generalised one and that of Bernoulli distributions."""

from numpy.typing import NDArray

from ..model._sigmoid import sigmoid_pair
from ._base import Loss, everywhere
from ._pointwise import i_divergence, output_error

__all__ = ["GeneralizedKullbackLeibler", "KullbackLeibler"]


class GeneralizedKullbackLeibler(Loss):
    """Generalised Kullback-Leibler divergence (I-divergence), y ln(y / a) - y + a.

    Domain: y in [0, 1], with 0 ln 0 = 0. Inverse link: a = f(z3). sigma3 = (a - y) (1 - a).
    Curvature: a (1 - a)^2, the second derivative at a = y (Fisher scoring).
    For counts it is, up to a factor, the Poisson deviance.
    Source: Csiszar, Annals of Statistics 19 (1991) 2032.

    Examples
    --------
    >>> import numpy as np
    >>> from skbackprop.losses import GeneralizedKullbackLeibler
    >>> GeneralizedKullbackLeibler().value(np.array([[0.5, 0.0]]), np.array([[0.0, 0.0]]))
    array([[0. , 0.5]])
    """

    def value(self, y: NDArray, z3: NDArray) -> NDArray:
        return i_divergence(y, 1 - y, z3)

    def value_and_grad(self, y: NDArray, z3: NDArray) -> tuple[NDArray, NDArray]:
        a, b = sigmoid_pair(z3)
        return i_divergence(y, 1 - y, z3), output_error(y, a, b) * b

    def curvature(self, y: NDArray, z3: NDArray) -> NDArray:
        a, b = sigmoid_pair(z3)
        return a * b * b


class KullbackLeibler(Loss):
    """Kullback-Leibler divergence of two Bernoulli distributions; zero if a = y.

    y ln(y / a) + (1 - y) ln((1 - y) / (1 - a)): the cross entropy minus the entropy of y.
    The first term alone, which is widely quoted, decreases as a grows and so has no minimum at
    a = y for independent sigmoid outputs.

    Domain: y in [0, 1]. Inverse link: a = f(z3). sigma3 = a - y. Curvature: a (1 - a).
    Source: Kullback and Leibler, Annals of Mathematical Statistics 22 (1951) 79.

    Examples
    --------
    >>> import numpy as np
    >>> from skbackprop.losses import KullbackLeibler
    >>> KullbackLeibler().value(np.array([[0.5]]), np.array([[0.0]]))
    array([[0.]])
    """

    def value(self, y: NDArray, z3: NDArray) -> NDArray:
        return i_divergence(y, 1 - y, z3) + i_divergence(1 - y, y, -z3)

    def value_and_grad(self, y: NDArray, z3: NDArray) -> tuple[NDArray, NDArray]:
        return KullbackLeibler.value(self, y, z3), output_error(y, *sigmoid_pair(z3))

    def curvature(self, y: NDArray, z3: NDArray) -> NDArray:
        a, b = sigmoid_pair(z3)
        return a * b

    def convex_part(self, y: NDArray) -> tuple[NDArray, NDArray]:
        return everywhere(y)
