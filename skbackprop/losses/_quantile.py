"""The cost of a quantile: the pinball loss, smoothed near zero error."""

from copy import copy
from numbers import Real

import numpy as np
from numpy.typing import NDArray
from sklearn.utils._param_validation import Interval

from ..model._sigmoid import sigmoid_pair
from ._base import Loss
from ._pointwise import output_error
from ._robust import convex_part_of

__all__ = ["Quantile"]

# Errors up to this width, in units of the targets, have a quadratic cost. With the default
# target_range it is 1/80 of the range of y: far below the noise, and yet wide enough for the steps
# of a descent. With outliers or skewed y the range is a poor measure of the spread: the width is at
# most this share of the interquartile range of the targets, which hardly changes it for normal y.
_WIDTH, _OF_SPREAD = 0.01, 1 / 16


class Quantile(Loss):
    """The cost whose minimiser is a quantile of y given x: a smoothed pinball loss.

    With the error e = a - y the pinball loss is (1 - q) e where the prediction is too high and
    -q e where it is too low. This cost is the mean of the pinball loss over errors e + v, with v
    uniform in [-h, h], less the constant q (1 - q) h, which makes the minimum 0:

        u^2 / (4 h)             for abs(e) <= h, with u = e - (2 q - 1) h
        (1 - q) (e - q h)       for e > h
        -q (e + (1 - q) h)      for e < -h

    The derivative by a rises steadily from -q to 1 - q. At a minimum the share of y below the
    prediction is q, where a y within h of the prediction counts in part, above it as much as
    below. So the smoothing moves the share by a term of the order of h^2 only. A tip rounded by
    two squares that meet at e = 0 would move it by (1 - 2 q) h / 2 times the density of y there.
    The width h is 0.01 in the units of the targets, with the default `target_range` of the
    regressor 1/80 of the range of y, and at most 1/16 of the interquartile range of the targets of
    a fit.

    Domain: y in [0, 1]. Inverse link: a = f(z3).
    sigma3 = max(-q, min(u / (2 h), 1 - q)) f'(z3).
    Curvature: f'(z3)^2 / max(2 h, u / (1 - q), -u / q), Gauss-Newton with the weights of
    iteratively reweighted least squares.
    Sources: Koenker and Bassett, Econometrica 46 (1978) 33; smoothed by Fernandes, Guerre and
    Horta, Journal of Business and Economic Statistics 39 (2021) 338.

    Parameters
    ----------
    quantile : float, default=0.5
        q, in (0, 1): the fraction of y that should lie below the prediction; 0.5 is the median.

    Notes
    -----
    Each quantile needs a separate fit. Two predicted quantiles may cross, above all in regions
    with few samples: nothing keeps the 0.9-quantile above the 0.8-quantile at every x.

    Examples
    --------
    >>> import numpy as np
    >>> from skbackprop.losses import Quantile
    >>> too_low, too_high = Quantile(0.9).value(np.array([0.8, 0.2]), np.zeros(2))
    >>> print(f"{too_low:.4f} {too_high:.4f}")
    0.2691 0.0291
    """

    _parameter_constraints = {"quantile": [Interval(Real, 0, 1, closed="neither")]}
    centred = False
    smooth = False
    _width: float = _WIDTH

    def __init__(self, quantile: float = 0.5) -> None:
        self.quantile = quantile

    def value(self, y: NDArray, z3: NDArray) -> NDArray:
        error = self._shifted_error(y, *sigmoid_pair(z3))
        slope = self._slope(error)
        return slope * (error - self._width * slope)

    def value_and_grad(self, y: NDArray, z3: NDArray) -> tuple[NDArray, NDArray]:
        a, b = sigmoid_pair(z3)
        error = self._shifted_error(y, a, b)
        slope = self._slope(error)
        return slope * (error - self._width * slope), slope * a * b

    def curvature(self, y: NDArray, z3: NDArray) -> NDArray:
        a, b = sigmoid_pair(z3)
        error, q = self._shifted_error(y, a, b), self.quantile
        reach = np.maximum(error / (1 - q), error / -q)
        return (a * b) ** 2 / np.maximum(reach, 2 * self._width)

    def convex_part(self, y: NDArray) -> tuple[NDArray, NDArray]:
        return convex_part_of(y + self._shift, y - self._width, y + self._width)

    def for_targets(self, y: NDArray, sample_weight: NDArray | None = None) -> "Quantile":
        spread = _quantile(y, sample_weight, 0.75) - _quantile(y, sample_weight, 0.25)
        width = _OF_SPREAD * float(spread.min())
        if not 0 < width < _WIDTH:
            return self
        narrower = copy(self)
        narrower._width = width
        return narrower

    def best_constant(self, y: NDArray, sample_weight: NDArray | None = None) -> NDArray:
        return _quantile(y, sample_weight, self.quantile)

    @property
    def _shift(self) -> float:
        """The distance from y to the minimum above it."""
        return (2 * self.quantile - 1) * self._width

    def _shifted_error(self, y: NDArray, a: NDArray, b: NDArray) -> NDArray:
        """The distance u from the minimum."""
        error = output_error(y, a, b)
        error -= self._shift
        return error

    def _slope(self, error: NDArray) -> NDArray:
        """The derivative by a, from -q to 1 - q."""
        return np.clip(error / (2 * self._width), -self.quantile, 1 - self.quantile)


def _quantile(y: NDArray, sample_weight: NDArray | None, q: float) -> NDArray:
    """The smallest y of each output that a share q of the weight does not exceed, (n_outputs,)."""
    weight = np.ones(len(y)) if sample_weight is None else sample_weight
    order = np.argsort(y, axis=0)
    below = np.cumsum(weight[order], axis=0, dtype=np.float64)
    place = (below < q * below[-1]).sum(axis=0)
    return np.take_along_axis(np.take_along_axis(y, order, axis=0), place[None], axis=0)[0]
