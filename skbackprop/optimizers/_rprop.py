"""Rprop: step lengths that depend only on the signs of the gradient."""

from numbers import Real

import numpy as np
from numpy.typing import NDArray
from sklearn.utils._param_validation import Interval

from .._params._intervals import is_interval
from ._base import FirstOrder

__all__ = ["Rprop"]

# the step length of each weight, and the last gradient
_Lengths = tuple[NDArray[np.float64], NDArray[np.float64]]


class Rprop(FirstOrder):
    """iRprop-: a step length for each weight that depends only on the signs of its gradient.

    The step length of a weight grows while its gradient keeps its sign and shrinks when the sign
    changes; after a change the weight is not moved in that step. Rprop uses the full batch and
    needs no learning rate.

    Source: Igel and Huesken, Empirical evaluation of the improved Rprop learning
    algorithms, Neurocomputing 50 (2003) 105, with the factors and bounds of Riedmiller and
    Braun, ICNN (1993) 586.

    Parameters
    ----------
    initial_step : float, default=0.1
        Length of the first step in each weight, > 0.
    growth, shrinkage : float, default=1.2 and 0.5
        Factors by which a step length grows (> 1) and shrinks (in (0, 1)).
    step_range : tuple of two floats, default=(1e-6, 50.0)
        Smallest and largest step length, > 0.

    Examples
    --------
    >>> from sklearn.datasets import load_iris
    >>> from sklearn.preprocessing import scale
    >>> from skbackprop import BackpropClassifier
    >>> X, y = load_iris(return_X_y=True)
    >>> X = scale(X)
    >>> model = BackpropClassifier(alpha=0.1, random_state=0)
    >>> model = model.set_params(solver__optimizer="rprop", solver__tol=1e-3)
    >>> print(f"accuracy {model.fit(X, y).score(X, y):.2f}")
    accuracy 0.98
    """

    _parameter_constraints = {
        "initial_step": [Interval(Real, 0, None, closed="neither")],
        "growth": [Interval(Real, 1, None, closed="neither")],
        "shrinkage": [Interval(Real, 0, 1, closed="neither")],
        "step_range": [tuple, list],
    }
    batch_size = None
    step_option = "initial_step"

    def __init__(
        self,
        initial_step: float = 0.1,
        *,
        growth: float = 1.2,
        shrinkage: float = 0.5,
        step_range: tuple[float, float] = (1e-6, 50.0),
    ) -> None:
        self.initial_step = initial_step
        self.growth = growth
        self.shrinkage = shrinkage
        self.step_range = step_range

    def check(self) -> None:
        super().check()
        if not is_interval(self.step_range) or self.step_range[0] <= 0:
            raise ValueError(
                f"step_range of Rprop must be two positive numbers, the first below the second, "
                f"got {self.step_range!r}"
            )

    def init(self, w: NDArray[np.float64]) -> _Lengths:
        return np.full(len(w), float(self.initial_step)), np.zeros(len(w))

    def update(
        self, grad: NDArray[np.float64], memory: _Lengths
    ) -> tuple[NDArray[np.float64], _Lengths]:
        length, last = memory
        agreement = np.sign(grad) * np.sign(last)
        factor = np.where(agreement > 0, self.growth, np.where(agreement < 0, self.shrinkage, 1))
        length = np.clip(length * factor, *self.step_range)
        grad = np.where(agreement < 0, 0, grad)
        return -np.sign(grad) * length, (length, grad)
