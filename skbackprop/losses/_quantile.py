"""The cost of a quantile: the pinball loss, smoothed near zero error."""

from numbers import Real

import numpy as np
from numpy.typing import NDArray
from sklearn.utils._param_validation import Interval

from ..model._sigmoid import sigmoid_pair
from ._base import Loss
from ._pointwise import output_error
from ._robust import clipped_error, convex_part_of, huber, least_weight

__all__ = ["Quantile"]

# Errors up to this width, in units of the targets, have a quadratic cost. With the default
# target_range it is 1/80 of the range of y: far below the noise, so that the fraction of y below
# the prediction hardly changes, and yet wide enough for the steps of a descent.
_WIDTH = 0.01


class Quantile(Loss):
    """The cost whose minimiser is a quantile of y given x: a smoothed pinball loss.

    Let e = a - y be the error, and width = 0.01 in the units of the targets. The cost is
    (1 - q) h(e) if the prediction is too high and q h(e) if it is too low, with
    h(e) = abs(e) - width / 2 if abs(e) > width, and e^2 / (2 width) otherwise. It is therefore
    differentiable everywhere, with derivative 0 at a = y.
    The prediction is the q-quantile of y up to about the width, which is 1/80 of the range of y
    with the default `target_range` of the regressor.

    Domain: y in [0, 1]. Inverse link: a = f(z3).
    sigma3 = q_e max(-1, min(e / width, 1)) f'(z3), with q_e = 1 - q for e > 0 and else q.
    Curvature: q_e f'(z3)^2 / max(abs(e), width), the Gauss-Newton form with the weights of
    iteratively reweighted least squares.
    Sources: Koenker and Bassett, Econometrica 46 (1978) 33; the smoothing is Huber's function, as
    in Chen, Journal of Computational and Graphical Statistics 16 (2007) 136.

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
    0.2655 0.0295
    """

    _parameter_constraints = {"quantile": [Interval(Real, 0, 1, closed="neither")]}
    centred = False

    def __init__(self, quantile: float = 0.5) -> None:
        self.quantile = quantile

    def value(self, y: NDArray, z3: NDArray) -> NDArray:
        error = output_error(y, *sigmoid_pair(z3))
        return self._share(error) * huber(error, _WIDTH)

    def value_and_grad(self, y: NDArray, z3: NDArray) -> tuple[NDArray, NDArray]:
        a, b = sigmoid_pair(z3)
        error = output_error(y, a, b)
        share = self._share(error)
        return share * huber(error, _WIDTH), share * clipped_error(error, _WIDTH) * a * b

    def curvature(self, y: NDArray, z3: NDArray) -> NDArray:
        a, b = sigmoid_pair(z3)
        error = output_error(y, a, b)
        return self._share(error) * least_weight(error, _WIDTH) * (a * b) ** 2

    def convex_part(self, y: NDArray) -> tuple[NDArray, NDArray]:
        return convex_part_of(y, _WIDTH)

    def best_constant(self, y: NDArray, sample_weight: NDArray | None = None) -> NDArray:
        weight = np.ones(len(y)) if sample_weight is None else sample_weight
        order = np.argsort(y, axis=0)
        below = np.cumsum(weight[order], axis=0, dtype=np.float64)
        place = (below < self.quantile * below[-1]).sum(axis=0)
        return np.take_along_axis(np.take_along_axis(y, order, axis=0), place[None], axis=0)[0]

    def _share(self, error: NDArray) -> NDArray:
        """q_e / width, the factor of Huber's function, in the dtype of the error."""
        above, below = (1 - self.quantile) / _WIDTH, self.quantile / _WIDTH
        return np.where(error > 0, above, below).astype(error.dtype, copy=False)
