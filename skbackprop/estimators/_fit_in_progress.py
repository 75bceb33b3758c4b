"""Information on a running fit for the hooks of callbacks."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any

from sklearn.base import BaseEstimator
from sklearn.utils import _safe_indexing

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from ._data import Samples

__all__ = ["FitInProgress", "TrainingData", "validation_data", "while_it_fits"]


class TrainingData:
    """Samples for callbacks; a data frame stays a data frame, so that feature names agree.

    Parameters
    ----------
    X : array-like or sparse matrix
        X as passed by the user.
    samples : Samples
        The same data as arrays, or some of its rows.
    """

    def __init__(self, X: Any, samples: Samples) -> None:
        self._given, self._samples = X, samples

    @cached_property
    def X(self) -> Any:
        """The features of the samples."""
        if not hasattr(self._given, "columns"):
            return self._samples.X
        rows = self._samples.rows
        return self._given if rows is None else _safe_indexing(self._given, rows)

    @property
    def y(self) -> Any:
        """Their y."""
        return self._samples.y

    @property
    def sample_weight(self) -> NDArray[Any] | None:
        """The weights of the samples; None if there are none."""
        return self._samples.weight


@dataclass(eq=False)
class FitInProgress:
    """Information on the fit of an estimator for callbacks.

    Parameters
    ----------
    data : TrainingData
    validation : TrainingData or None
    """

    data: TrainingData
    validation: TrainingData | None


# Keys are the ids of estimators, because a subclass may be unhashable. Several threads may fit the
# same estimator at the same time, even if this is rarely useful.
_IN_PROGRESS: defaultdict[int, list[FitInProgress]] = defaultdict(list)


def validation_data(estimator: BaseEstimator) -> TrainingData | None:
    """Return the validation data of an estimator during its fit, for the hooks of callbacks.

    Parameters
    ----------
    estimator : BackpropClassifier or BackpropRegressor
        The estimator that the hook receives.

    Returns
    -------
    object or None
        An object with attributes `X`, `y` and `sample_weight`: the validation data passed to
        `fit`, or those held out for the solver. None if there are none, or if no fit with
        callbacks is running.
    """
    fits = _IN_PROGRESS.get(id(estimator))
    return fits[-1].validation if fits else None


@contextmanager
def while_it_fits(
    estimator: BaseEstimator, data: TrainingData, validation: TrainingData | None
) -> Iterator[FitInProgress]:
    """Context in which hooks have access to the fit of an estimator."""
    fit, fits = FitInProgress(data, validation), _IN_PROGRESS[id(estimator)]
    fits.append(fit)
    try:
        yield fit
    finally:
        fits.remove(fit)
        if not fits:
            _IN_PROGRESS.pop(id(estimator), None)
