"""Adam: steps scaled by running means of the gradient and of its square."""

from numbers import Integral, Real

import numpy as np
from numpy.typing import NDArray
from sklearn.utils._param_validation import Interval

from ._base import FirstOrder

__all__ = ["Adam"]

# running means of the gradient and of its square, and the number of steps so far
_Means = tuple[NDArray[np.float64], NDArray[np.float64], int]


class Adam(FirstOrder):
    """Adam: steps scaled by running means of the gradient and of its square.

    Source: Kingma and Ba, Adam: a method for stochastic optimization, ICLR (2015). The default
    decay rates are those of the paper.

    Parameters
    ----------
    learning_rate : float, default=0.05
        Approximate size of a step in each weight, > 0.
    beta1, beta2 : float, default=0.9 and 0.999
        Decay rates of the means of the gradient and of its square, in [0, 1).
    epsilon : float, default=1e-8
        Added to the square root of the mean square, > 0.
    batch_size : int or None, default=None
        Number of samples in a batch, >= 1; None uses all samples in one batch. In both cases an
        iteration is one pass over all samples.

    Examples
    --------
    >>> from sklearn.datasets import load_iris
    >>> from sklearn.preprocessing import scale
    >>> from skbackprop import BackpropClassifier
    >>> X, y = load_iris(return_X_y=True)
    >>> X = scale(X)
    >>> model = BackpropClassifier(alpha=0.1, random_state=0)
    >>> model = model.set_params(solver__optimizer="adam", solver__tol=1e-3)
    >>> print(f"accuracy {model.fit(X, y).score(X, y):.2f}")
    accuracy 0.98
    """

    _parameter_constraints = {
        "learning_rate": [Interval(Real, 0, None, closed="neither")],
        "beta1": [Interval(Real, 0, 1, closed="left")],
        "beta2": [Interval(Real, 0, 1, closed="left")],
        "epsilon": [Interval(Real, 0, None, closed="neither")],
        "batch_size": [Interval(Integral, 1, None, closed="left"), None],
    }

    def __init__(
        self,
        learning_rate: float = 0.05,
        *,
        beta1: float = 0.9,
        beta2: float = 0.999,
        epsilon: float = 1e-8,
        batch_size: int | None = None,
    ) -> None:
        self.learning_rate = learning_rate
        self.beta1 = beta1
        self.beta2 = beta2
        self.epsilon = epsilon
        self.batch_size = batch_size

    def init(self, w: NDArray[np.float64]) -> _Means:
        return np.zeros(len(w)), np.zeros(len(w)), 0

    def update(
        self, grad: NDArray[np.float64], memory: _Means
    ) -> tuple[NDArray[np.float64], _Means]:
        mean, square, t = memory
        t += 1
        mean = self.beta1 * mean + (1 - self.beta1) * grad
        square = self.beta2 * square + (1 - self.beta2) * grad * grad
        unbiased_mean = mean / (1 - self.beta1**t)
        unbiased_square = square / (1 - self.beta2**t)
        step = -self.learning_rate * unbiased_mean / (np.sqrt(unbiased_square) + self.epsilon)
        return step, (mean, square, t)
