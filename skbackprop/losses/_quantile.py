"""The cost of a quantile: the pinball loss, rounded at its tip."""

from numbers import Real

import numpy as np
from numpy.typing import NDArray
from sklearn.utils._param_validation import Interval

from ..model._sigmoid import sigmoid_pair
from ._base import Loss
from ._pointwise import output_error
from ._robust import clipped_error, convex_part_of, huber, least_weight

__all__ = ["Quantile"]

# Errors up to this width, in units of the targets, count by their square. With the default
# target_range it is 1/80 of the range of y: far below the noise, so that the share of the y below
# the prediction hardly changes, and yet some steps of a descent wide.
_WIDTH = 0.01


class Quantile(Loss):
    """The cost whose minimum is a quantile of y given x: the pinball loss, rounded at its tip.

    With the error e = a - y it is (1 - q) abs(e) where the prediction is too high and q abs(e)
    where it is too low, less half the width; for abs(e) up to the width, 0.01 in the units of the
    targets, abs(e) is replaced by e^2 / (2 width). So the cost has a derivative everywhere, 0 at
    a = y.
    The prediction is the q-quantile of y up to about the width, which with the default
    `target_range` of the regressor is 1/80 of the range of y.

    Domain: y in [0, 1]. Inverse link: a = f(z3).
    sigma3 = q_e max(-1, min(e / width, 1)) f'(z3), with q_e = 1 - q for e > 0 and else q.
    Curvature: q_e f'(z3)^2 / max(abs(e), width), Gauss-Newton with the weights of iteratively
    reweighted least squares.
    Sources: Koenker and Bassett, Econometrica 46 (1978) 33; the rounding is Huber's function, as
    in Chen, Journal of Computational and Graphical Statistics 16 (2007) 136.

    Parameters
    ----------
    quantile : float, default=0.5
        q, in (0, 1): the share of y that is to lie below the prediction. 0.5 is the median.

    Notes
    -----
    Each quantile is a fit of its own. Two predicted quantiles may cross where there are few
    samples: nothing keeps the 0.9-quantile above the 0.8-quantile at every x.

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
        """What an error counts, by its sign, over the width; in the dtype of the error."""
        above, below = (1 - self.quantile) / _WIDTH, self.quantile / _WIDTH
        return np.where(error > 0, above, below).astype(error.dtype, copy=False)
