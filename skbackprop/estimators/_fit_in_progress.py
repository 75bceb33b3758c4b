"""What the hooks of callbacks may learn of the fit that they are called in."""

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
    """Samples as callbacks see them: a data frame stays one, so that feature names agree.

    Parameters
    ----------
    X : array-like or sparse matrix
        As the user gave it.
    samples : Samples
        The same as arrays, or some rows of it.
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
        """Their weights, None if there are none."""
        return self._samples.weight


@dataclass(eq=False)
class FitInProgress:
    """What callbacks may learn of the fit of an estimator.

    Parameters
    ----------
    data : TrainingData
    validation : TrainingData or None
    """

    data: TrainingData
    validation: TrainingData | None


# By the id of the estimator, which a subclass may have made unhashable. One estimator may be
# fitted by several threads at a time, however little sense that makes.
_IN_PROGRESS: defaultdict[int, list[FitInProgress]] = defaultdict(list)


def validation_data(estimator: BaseEstimator) -> TrainingData | None:
    """The validation data of an estimator in the middle of its fit, for the hooks of callbacks.

    Parameters
    ----------
    estimator : BackpropClassifier or BackpropRegressor
        As a hook gets it.

    Returns
    -------
    object or None
        With `X`, `y` and `sample_weight`: those given to `fit`, or those that the solver sets
        aside. None if there are none, or if no fit with callbacks is in progress.
    """
    fits = _IN_PROGRESS.get(id(estimator))
    return fits[-1].validation if fits else None


@contextmanager
def while_it_fits(
    estimator: BaseEstimator, data: TrainingData, validation: TrainingData | None
) -> Iterator[FitInProgress]:
    """A context in which hooks find the fit of an estimator."""
    fit, fits = FitInProgress(data, validation), _IN_PROGRESS[id(estimator)]
    fits.append(fit)
    try:
        yield fit
    finally:
        fits.remove(fit)
        if not fits:
            _IN_PROGRESS.pop(id(estimator), None)
