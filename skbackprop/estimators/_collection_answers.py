"""Predictions and scores of samples that are dask collections."""

from __future__ import annotations

import warnings
from collections.abc import Callable
from functools import partial, wraps
from typing import TYPE_CHECKING, Any, TypeVar

import numpy as np
from sklearn.base import is_regressor
from sklearn.exceptions import UndefinedMetricWarning
from sklearn.metrics import accuracy_score
from sklearn.utils import check_array
from sklearn.utils._set_output import _get_output_config
from sklearn.utils.multiclass import unique_labels
from sklearn.utils.validation import check_is_fitted

from .._collections import Blocks, answers, computed, in_parts, is_collection
from ._collection_samples import checked_weight, for_workers
from ._numbers import numbers_only

if TYPE_CHECKING:
    from numpy.typing import NDArray

__all__ = ["CollectionScores", "lazy_on_collections"]

Method = TypeVar("Method", bound=Callable[..., Any])


def lazy_on_collections(method: Method) -> Method:
    """Make a method of X return a lazy dask array if X is a dask collection.

    The array belongs to the estimator at the time of the call: a later fit does not change it.
    """

    @wraps(method)
    def answer(self: Any, X: Any, *args: Any, **kwargs: Any) -> Any:
        if not is_collection(X):
            return method(self, X, *args, **kwargs)
        check_is_fitted(self)
        if method.__name__ == "transform":
            _check_output(self)
        # a subclass may override the method and call this one, so `answer` itself is sent
        return answers(partial(_of_block, answer, for_workers(self), args, kwargs), X)

    return answer  # type: ignore[return-value]  # the same signature


def _check_output(estimator: Any) -> None:
    """Raise an error if `set_output` makes scikit-learn compute the dask array at once."""
    container = _get_output_config("transform", estimator)["dense"]
    if container != "default":
        raise ValueError(
            f"set_output must have transform='default' for a dask collection, got {container!r}, "
            f"which would compute all of X: set it back, and make a lazy frame by "
            f"dask.dataframe.from_dask_array(transform(X), columns=get_feature_names_out())"
        )


class CollectionScores:
    """The scores of scikit-learn's mixins, extended to dask collections."""

    def score(self, X: Any, y: Any, sample_weight: Any = None) -> float:
        """Accuracy of a classifier, R^2 of a regressor.

        Parameters
        ----------
        X : array-like, sparse matrix or dask collection of shape (n_samples, n_features)
        y : array-like of shape (n_samples,) or (n_samples, n_outputs)
            If X is a dask collection: a collection cut as X is, or an array in memory.
        sample_weight : array-like of shape (n_samples,), default=None

        Returns
        -------
        score : float
            It is computed at once. For collections only sums leave the workers.

        Raises
        ------
        ValueError
            If scikit-learn's metrics do not accept y or the weights, or if weights for a collection
            are negative.
        """
        if not is_collection(X):
            # the mixin of scikit-learn follows in the order of the classes
            return super().score(X, computed(y), computed(sample_weight))  # type: ignore[misc]
        of_blocks = _r2 if is_regressor(self) else _accuracy
        return of_blocks(self, X, y, sample_weight)


def _r2(estimator: Any, X: Any, y: Any, sample_weight: Any) -> float:
    """R^2 of the predictions for a collection, averaged over the outputs.

    The variance of y is the mean of the variances within the blocks plus the variance of the
    means of the blocks, as in `merged_moments`.
    """
    found = _of_blocks(_squares, estimator, X, y, sample_weight)
    total, n_samples, mean, around, left = (np.array(column) for column in zip(*found, strict=True))
    if n_samples.sum() < 2:  # as sklearn.metrics.r2_score
        words = "R^2 score is not well-defined with less than two samples."
        warnings.warn(words, UndefinedMetricWarning, stacklevel=3)
        return float("nan")
    share = total / total.sum()
    spread = (mean - share @ mean) ** 2
    variance = share @ (around + spread)
    unexplained = share @ left
    # as of sklearn.metrics.r2_score: a constant output is 1 if it is predicted exactly, else 0
    safe = np.where(variance > 0, variance, 1.0)
    scores = np.where(variance > 0, 1 - unexplained / safe, unexplained == 0)
    return float(np.mean(scores))


def _accuracy(estimator: Any, X: Any, y: Any, sample_weight: Any) -> float:
    """The fraction of the weight whose labels are predicted correctly, all labels of a row."""
    found = np.array(_of_blocks(_hits, estimator, X, y, sample_weight))
    total, hits = found.sum(axis=0)
    return float(hits / total)


def _of_blocks(function: Any, estimator: Any, X: Any, y: Any, sample_weight: Any) -> list[Any]:
    """Call a function on each block that is not empty; its first result is the weight."""
    check_is_fitted(estimator)
    if y is None:
        raise ValueError("y must be the targets of X, got None: pass them to score, cut as X is")
    blocks = Blocks.load(in_parts(X, y, sample_weight), function, for_workers(estimator))
    found = [one for one in blocks.map(_itself) if one is not None]
    if not any(one[0] for one in found):
        raise ValueError(
            "X must have at least one sample of positive weight, got a dask collection without "
            "any: check sample_weight, and the filters that X comes from"
        )
    return found


def _itself(block: Any) -> Any:
    return block


def _of_block(answer: Any, estimator: Any, args: tuple, options: dict, X: Any) -> Any:
    return answer(estimator, X, *args, **options)


def _squares(X: Any, y: Any, sample_weight: Any, estimator: Any) -> tuple[Any, ...] | None:
    """The weight and the number of the samples of a block, the mean of y, and two mean squares.

    The mean squares are those of y around its mean, and of the residuals.
    """
    weight = checked_weight(X, y, sample_weight)
    if not len(weight):
        return None
    with numbers_only(y, "y"):
        y = check_array(y, dtype=np.float64, ensure_2d=False, input_name="y")
    predicted = estimator.predict(X)
    _check_outputs(y, predicted)
    y, predicted = (np.reshape(array, (len(weight), -1)) for array in (y, predicted))
    total = weight.sum()
    if not total:
        none = np.zeros(y.shape[1])
        return total, len(weight), none, none, none
    mean = np.average(y, axis=0, weights=weight)
    around, left = (
        np.average(residuals**2, axis=0, weights=weight) for residuals in (y - mean, y - predicted)
    )
    return total, len(weight), mean, around, left


def _hits(X: Any, y: Any, sample_weight: Any, estimator: Any) -> tuple[float, float] | None:
    """The weight of the samples of a block, and of those whose labels are predicted correctly."""
    weight = checked_weight(X, y, sample_weight)
    if not len(weight):
        return None
    y = check_array(y, accept_sparse="csr", dtype=None, ensure_2d=False, input_name="y")
    predicted = estimator.predict(X)
    _check_outputs(y, predicted)
    total = float(weight.sum())
    # scikit-learn does not accept weights that are all 0; the labels are checked nevertheless
    hits = accuracy_score(y, predicted, normalize=False, sample_weight=weight if total else None)
    unique_labels(y, predicted)  # older versions of accuracy_score compare text with numbers
    return total, float(hits) if total else 0.0


def _check_outputs(y: Any, predicted: NDArray[Any]) -> None:
    """Raise an error if y does not have the outputs of the fit."""
    expected, got = (1 if array.ndim < 2 else array.shape[1] for array in (predicted, y))
    if expected != got:
        raise ValueError(
            f"y must have as many outputs as in the fit, {expected!r}, got {got!r}: pass the same "
            f"columns as to fit"
        )
