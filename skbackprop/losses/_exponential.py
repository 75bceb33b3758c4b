"""Exponential cost."""

from numbers import Real

import numpy as np
from numpy.typing import NDArray
from sklearn.utils._param_validation import Interval

from ..model._sigmoid import sigmoid_pair
from ._base import Loss
from ._pointwise import output_error

__all__ = ["Exponential"]


class Exponential(Loss):
    """Exponential cost of a sample, tau exp(sum over outputs of (y - a)^2 / tau).

    All outputs of a sample are in one exponential, so the cost is not a sum over outputs and has
    no Gauss-Newton form. Its smallest value is tau.

    Domain: y in [0, 1]. Inverse link: a = f(z3). sigma3 = 2 exp(...) (a - y) f'(z3).
    No primary source; the definition is that of the lists of costs to which the lecture refers. A
    smaller tau puts more emphasis on large errors; for large tau the cost tends to tau plus
    (y - a)^2 summed over outputs.

    Parameters
    ----------
    tau : float, default=1.0
        Scale of the squared error, > 0. n_outputs / tau must not exceed 80, so that the
        exponential is finite in float32.

    Examples
    --------
    >>> import numpy as np
    >>> from skbackprop.losses import Exponential
    >>> Exponential(tau=2.0).value(np.array([[0.5, 0.5]]), np.zeros((1, 2)))
    array([[2.]])
    """

    _parameter_constraints = {"tau": [Interval(Real, 0, None, closed="neither")]}
    separable = False
    _largest_exponent = 80

    def __init__(self, tau: float = 1.0) -> None:
        self.tau = tau

    def value(self, y: NDArray, z3: NDArray) -> NDArray:
        error = output_error(y, *sigmoid_pair(z3))
        return self.tau * np.exp((error * error).sum(axis=-1, keepdims=True) / self.tau)

    def value_and_grad(self, y: NDArray, z3: NDArray) -> tuple[NDArray, NDArray]:
        a, b = sigmoid_pair(z3)
        error = output_error(y, a, b)
        exponential = np.exp((error * error).sum(axis=-1, keepdims=True) / self.tau)
        return self.tau * exponential, 2 * exponential * error * a * b

    def lower_bound(self, y: NDArray) -> NDArray:
        return np.full((len(y), 1), float(self.tau))

    def check_targets(self, y: NDArray, target_range: tuple[float, float]) -> None:
        if y.shape[1] / self.tau > self._largest_exponent:
            raise ValueError(
                f"tau of Exponential must be at least n_outputs / {self._largest_exponent} = "
                f"{y.shape[1] / self._largest_exponent!r} to keep the cost finite, got "
                f"{self.tau!r}"
            )
