"""Base class of callbacks that are set on the network itself and keep a state for each fit."""

from abc import abstractmethod
from typing import TYPE_CHECKING, Any, Generic, TypeVar

from sklearn.callback import FitCallback

from ..estimators._base import BaseBackprop

if TYPE_CHECKING:
    from sklearn.callback import CallbackContext

__all__ = ["PerFitCallback", "is_step"]

State = TypeVar("State")


class PerFitCallback(FitCallback, Generic[State]):
    """Base class of callbacks with a separate state for each fit.

    Clones share their callbacks and may be fitted at the same time, so the state of a fit is
    stored by the estimator that is being fitted. A subclass creates the state in `_begin`.
    """

    def __init__(self) -> None:
        self._fits: dict[BaseBackprop, State] = {}

    def setup(self, estimator: BaseBackprop, context: "CallbackContext") -> None:
        if not isinstance(estimator, BaseBackprop):
            raise TypeError(
                f"{type(self).__name__} must be set on a BackpropClassifier or "
                f"BackpropRegressor, got {type(estimator).__name__}: call set_callbacks of the "
                f"estimator inside"
            )
        self._fits[estimator] = self._begin(context)

    def teardown(self, estimator: BaseBackprop, context: "CallbackContext") -> None:
        self._fits.pop(estimator, None)

    def on_fit_task_begin(self, estimator: BaseBackprop, context: "CallbackContext") -> None:
        pass

    def __getstate__(self) -> dict[str, Any]:
        # the states belong to the fits of this process
        return {**self.__dict__, "_fits": {}}

    @abstractmethod
    def _begin(self, context: "CallbackContext") -> State:
        """Return the state for a new fit; `context` is the task of the whole fit."""


def is_step(context: "CallbackContext") -> bool:
    """Whether the task is an iteration or a batch, at whose end there is a fitted network."""
    return context.task_name in {"iteration", "batch"}
