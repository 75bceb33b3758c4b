"""Huber's cost: quadratic for small errors and linear for large ones."""

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

# The delta used for None, in units of the targets: a sixteenth of the range of y with the default
# target_range. This is of the order of the noise if the noise is a tenth of the range.
_DEFAULT = 0.05
# The cost of an error of delta = 1e-4 is 5e-9. With a smaller delta, such costs fall below the
# square of the default `tol`, which counts as converged, before a descent has distinguished small
# errors from large ones.
_LEAST = 1e-4


class Huber(Loss):
    """Huber's cost of the error e = a - y: quadratic up to delta, linear beyond.

    It is e^2 / 2 if abs(e) <= delta, and delta abs(e) - delta^2 / 2 otherwise. Because large
    errors are not squared, outliers influence the prediction less than with the squared error. As
    delta falls, the prediction changes from the mean of y to its median.

    Domain: y in [0, 1]. Inverse link: a = f(z3). sigma3 = max(-delta, min(e, delta)) f'(z3).
    Curvature: min(1, delta / abs(e)) f'(z3)^2, the Gauss-Newton form with the weights of
    iteratively reweighted least squares.
    Source: Huber, Annals of Mathematical Statistics 35 (1964) 73.

    Parameters
    ----------
    delta : float or None, default=None
        The largest error with a quadratic cost, > 0. In a regressor it is in the units of y; in a
        classifier, in those of labels 0 and 1. Scaled to the network's targets, it must be at
        least 1e-4. With 1.345 standard deviations of normal noise, the estimate of a mean keeps
        95 % of its efficiency. None means 0.05 in the units of the targets, which is a sixteenth
        of the range of y with the default `target_range` of the regressor.

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
                f"delta of Huber must be at least {_LEAST / float(np.min(unit)):.3g} for this y "
                f"({_LEAST!r} in the units of the network's targets), got {self.delta!r}: raise "
                f"delta, clip the outliers of y, or use Quantile(0.5)"
            )
        # an array delta requires outputs along the last axis, which an estimator guarantees
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
        """Delta in the dtype of the costs; shape (n_outputs,) if outputs have different units."""
        return np.asarray(_DEFAULT if self.delta is None else self.delta, dtype=z3.dtype)
