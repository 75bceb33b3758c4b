"""A callback that stops a fit when J is low enough."""

from numbers import Real
from typing import TYPE_CHECKING

from sklearn.utils._param_validation import validate_params

from ..estimators._base import BaseBackprop
from ._per_fit import PerFitCallback

if TYPE_CHECKING:
    from sklearn.callback import CallbackContext

__all__ = ["TargetLoss"]


class TargetLoss(PerFitCallback[None]):
    """Stop a fit when J, including the penalty, is low enough.

    Parameters
    ----------
    value : float
        The fit stops when J is at most this value.

    Raises
    ------
    ValueError
        If `value` is not a number.

    Examples
    --------
    >>> from skbackprop import BackpropRegressor
    >>> from skbackprop.callbacks import TargetLoss
    >>> xor = [[0, 0], [0, 1], [1, 0], [1, 1]]
    >>> model = BackpropRegressor(3, alpha=0, random_state=0).set_callbacks(TargetLoss(0.1))
    >>> model = model.fit(xor, [0, 1, 1, 0])
    >>> print(f"J is {model.loss_:.3f}: {model.status_}")
    J is 0.066: a callback asked to stop; the best weights were kept
    """

    @validate_params({"value": [Real]}, prefer_skip_nested_validation=True)
    def __init__(self, value: float) -> None:
        super().__init__()
        self.value = value

    def _begin(self, context: "CallbackContext") -> None:
        return None

    def on_fit_task_end(
        self,
        estimator: BaseBackprop,
        context: "CallbackContext",
        *,
        fitted_estimator: BaseBackprop | None = None,
    ) -> bool:
        return fitted_estimator is not None and bool(fitted_estimator.loss_ <= self.value)
