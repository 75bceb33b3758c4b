"""Huber's cost: squares of small errors, absolute values of large ones."""

from __future__ import annotations

from numbers import Real
from typing import Any

import numpy as np
from numpy.typing import NDArray
from sklearn.utils._param_validation import Interval

from ..model._sigmoid import sigmoid_pair
from ._base import Loss
from ._pointwise import output_error
from ._robust import clipped_error, convex_part_of, huber, least_weight

__all__ = ["Huber"]

# The width of None in units of the targets, a sixteenth of the range of y with the default
# target_range. That is of the order of the noise where this is a tenth of the range.
_DEFAULT = 0.05
# Half its square is 5e-9 for a sample. That is below the square of the default `tol`, which a
# descent takes for nothing: it would end before it has told small errors from large ones.
_LEAST = 1e-4


class Huber(Loss):
    """Huber's cost of the error e = a - y: a square up to delta, and linear beyond.

    It is e^2 / 2 where abs(e) is at most delta, and delta abs(e) - delta^2 / 2 beyond. Large
    errors count by their size and not by their square, so that outliers pull the prediction less:
    it goes from the mean of y to the median as delta falls.

    Domain: y in [0, 1]. Inverse link: a = f(z3). sigma3 = max(-delta, min(e, delta)) f'(z3).
    Curvature: min(1, delta / abs(e)) f'(z3)^2, Gauss-Newton with the weights of iteratively
    reweighted least squares.
    Source: Huber, Annals of Mathematical Statistics 35 (1964) 73.

    Parameters
    ----------
    delta : float or None, default=None
        The largest error that counts by its square, > 0. In an estimator it is in the units of
        y, and at least 1e-4 of the targets; for a classifier, of labels 0 and 1. With 1.345
        deviations of normal noise the estimate of a mean keeps 95 % of its efficiency. None is
        0.05 in the units of the targets, which with the default `target_range` of the regressor
        is a sixteenth of the range of y.

    Examples
    --------
    >>> import numpy as np
    >>> from skbackprop.losses import Huber
    >>> Huber(delta=0.1).value(np.array([[0.45, 1.0]]), np.zeros((1, 2))).round(5)
    array([[0.00125, 0.045  ]])
    """

    _parameter_constraints = {"delta": [Interval(Real, 0, None, closed="neither"), None]}

    def __init__(self, delta: float | None = None) -> None:
        self.delta = delta

    def in_units(self, unit: NDArray[np.float64]) -> Huber:
        if self.delta is None:
            return self
        delta = np.unique(unit) * self.delta
        if delta.min() < _LEAST:
            raise ValueError(
                f"delta of Huber must be at least {_LEAST / float(np.min(unit)):.3g} for this y, "
                f"{_LEAST!r} in the units of its targets, got {self.delta!r}: raise delta, clip "
                f"the outliers of y, or use Quantile(0.5)"
            )
        # an array is for outputs along the last axis, which only an estimator can promise
        several: Any = unit * self.delta
        return Huber(float(delta[0]) if len(delta) == 1 else several)

    def value(self, y: NDArray, z3: NDArray) -> NDArray:
        return huber(output_error(y, *sigmoid_pair(z3)), self._delta(z3))

    def value_and_grad(self, y: NDArray, z3: NDArray) -> tuple[NDArray, NDArray]:
        a, b = sigmoid_pair(z3)
        error, delta = output_error(y, a, b), self._delta(z3)
        return huber(error, delta), clipped_error(error, delta) * a * b

    def curvature(self, y: NDArray, z3: NDArray) -> NDArray:
        a, b = sigmoid_pair(z3)
        return least_weight(output_error(y, a, b), self._delta(z3)) * (a * b) ** 2

    def convex_part(self, y: NDArray) -> tuple[NDArray, NDArray] | None:
        # of several outputs with their own units, y may have the outputs along any axis
        if np.ndim(self._delta(y)):
            return None
        delta = float(self._delta(y))
        return convex_part_of(y, y - delta, y + delta)

    def _delta(self, z3: NDArray) -> Any:
        """Delta, in the dtype of the costs; for several units (n_outputs,)."""
        return np.asarray(_DEFAULT if self.delta is None else self.delta, dtype=z3.dtype)
