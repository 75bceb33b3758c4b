"""Samples of a fit in dask collections. They are checked and encoded block by block."""

from __future__ import annotations

from copy import copy
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

import numpy as np
from sklearn.base import RegressorMixin
from sklearn.utils import check_array
from sklearn.utils.validation import _check_sample_weight, column_or_1d, validate_data

from .._collections import Blocks, CollectionData, CollectionObjective, in_parts
from .._params import resolve
from ..losses import LOSSES, Loss
from ..model import Network
from ._callback_adapter import forget_callbacks
from ._class_encoder import is_multilabel
from ._data import check_samples
from ._monotonic_cst import monotonicity_of

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from ._data import Samples
    from ._target_encoder import TargetEncoder

    Summary = tuple[NDArray[Any], NDArray[Any] | None]

__all__ = [
    "CollectionSamples",
    "check_collection",
    "checked_weight",
    "collection_objective",
    "for_workers",
]

# Number of samples that represent a class. With fewer, scikit-learn takes labels for numbers.
_OF_EACH_CLASS = 3


@dataclass(frozen=True, eq=False)
class CollectionSamples:
    """Features, y and weights in blocks, with the interface that a fit needs of `Samples`.

    Parameters
    ----------
    X, y, weight : dask collections, or None
        As the user gave them.
    blocks : Blocks or None
        Of `_Block`, checked; None once they are released.
    targets : tuple of two arrays
        A few y and their weights, from which an encoder learns the same as from all y.
    dtype : dtype
        The dtype of the features.
    """

    X: Any
    y: Any
    weight: Any
    blocks: Blocks | None
    targets: Summary
    dtype: np.dtype

    rows = None

    def with_weight(self) -> CollectionSamples:
        """Return the samples themselves: the blocks contain no samples of weight 0."""
        return self

    def released(self) -> CollectionSamples:
        """Return the samples without their blocks, because the objective has blocks of its own."""
        return replace(self, blocks=None)


@dataclass(frozen=True, eq=False)
class _Block:
    """The samples of a block whose weight is not 0, and a summary of the y of all its samples."""

    X: Any
    y: Any
    weight: NDArray[Any] | None
    summary: Summary

    def __sizeof__(self) -> int:
        # dask asks for it, to know when a worker's memory is full
        arrays = [self.X, self.y, self.weight]
        parts = [getattr(array, "data", array) for array in arrays]
        return sum(getattr(part, "nbytes", 0) for part in parts)


def check_collection(estimator: Any, X: Any, y: Any, sample_weight: Any) -> CollectionSamples:
    """Load and check the user's samples in blocks, which stay on the workers.

    Parameters
    ----------
    estimator : BaseBackprop
        scikit-learn writes the number and the names of the features to it.
    X : dask array or data frame
    y, sample_weight : dask collection, array-like or None

    Raises
    ------
    ValueError or TypeError
        If they are not what is expected.
    """
    parts = in_parts(X, _one_column(y), sample_weight)
    # names of features are those of a frame without rows
    validate_data(estimator, X._meta if hasattr(X, "columns") else X, skip_check_array=True)
    checker = for_workers(estimator)
    blocks = Blocks.load(parts, _load, checker)
    found = [one for one in blocks.map(_summary) if one is not None]
    if not found:
        raise ValueError(
            "X must have at least one sample, got a dask collection without any: look at the "
            "filters that it comes from"
        )
    if not sum(n_samples for n_samples, _, _ in found):
        raise ValueError(
            "sample_weight must have at least one positive number, got weights that are all zero"
        )
    dtype = np.result_type(*(dtype for _, dtype, _ in found))
    summaries = [summary for _, _, summary in found]
    merge = _merged_numbers if isinstance(estimator, RegressorMixin) else _merged_labels
    return CollectionSamples(X, y, sample_weight, blocks, merge(summaries), dtype)


def for_workers(estimator: Any) -> Any:
    """Copy an estimator for the workers, without its solver, which may not be picklable.

    Parameters
    ----------
    estimator : BaseBackprop
    """
    copied = forget_callbacks(copy(estimator))
    vars(copied).update(solver="gd", loss="squared_error", random_state=None)
    for name in ("solver_", "_solver_state"):
        vars(copied).pop(name, None)
    return copied


def collection_objective(
    estimator: Any, samples: CollectionSamples, encoder: TargetEncoder, alpha: float
) -> Any:
    """Create J of samples in blocks, with the estimator's network and loss, and a penalty.

    Raises
    ------
    ValueError
        If the loss does not accept the targets of the encoder.
    """
    Y, weight = encoder.transform(*samples.targets)
    encoder.check_weight(weight)
    loss = encoder.loss_in_units(resolve(estimator.loss, LOSSES))
    loss.check_targets(np.asarray(Y, dtype=samples.dtype), estimator.target_range)
    assert samples.blocks is not None, "they are released when there is an objective"
    data = CollectionData.of(samples.blocks.transform(_encoded, encoder, samples.dtype))
    if type(loss).for_targets is not Loss.for_targets:  # a sample costs time
        loss = loss.for_targets(data.sample.Y, data.sample.sample_weight)
    shape = data.n_features, estimator.n_hidden, Y.shape[1]
    network = Network(*shape, estimator.fit_intercept)
    return CollectionObjective.of(network, loss, data, alpha, monotonicity_of(estimator, network))


def checked_weight(X: Any, y: Any, sample_weight: Any) -> NDArray[Any]:
    """The weights of a block of rows, which may all be 0, (n_samples,); 1 where there are none.

    Parameters
    ----------
    X, y : array-like, sparse matrix or data frame
        The block may be empty.
    sample_weight : array-like, number or None

    Raises
    ------
    ValueError
        If the rows of a block do not belong together, or the weights are not numbers >= 0.
    """
    n_samples = X.shape[0]
    for name, data in {"y": y, "sample_weight": sample_weight}.items():
        if np.ndim(data) and np.shape(data)[0] != n_samples:
            raise ValueError(
                f"{name} must have as many rows as X in each block, {n_samples!r}, got "
                f"{np.shape(data)[0]!r}: take both from the same data"
            )
    if sample_weight is None or not n_samples:
        return np.ones(n_samples)
    if not np.ndim(sample_weight):
        sample_weight = np.full(n_samples, sample_weight)
    weight = check_array(
        sample_weight, dtype=np.float64, ensure_2d=False, input_name="sample_weight"
    )
    if not weight.any():  # _check_sample_weight refuses them
        return np.zeros(n_samples)
    return _check_sample_weight(weight, weight, dtype=np.float64, ensure_non_negative=True)


def _one_column(y: Any) -> Any:
    """Y without the second dimension of a single column."""
    if getattr(y, "ndim", 1) != 2 or y.shape[1] != 1:
        return y
    column_or_1d(np.zeros((1, 1)), warn=True)  # warns as it does of an array
    return y[y.columns[0]] if hasattr(y, "columns") else y[:, 0]


def _load(X: Any, y: Any, sample_weight: Any, checker: Any) -> _Block | None:
    """Check a block in the same way as the samples of a fit; None if it is empty."""
    weight = checked_weight(X, y, sample_weight)
    if not X.shape[0]:
        return None
    # the weights of a block may all be 0, but not those of all samples
    idle = not weight.any()
    # other threads use the same checker, so scikit-learn writes the features to a copy
    samples = check_samples(copy(checker), X, y, None if idle else sample_weight)
    if idle:
        samples = replace(samples, weight=np.zeros(samples.X.shape[0]))
    summarise = _numbers if isinstance(checker, RegressorMixin) else _labels
    summary = summarise(samples)
    samples = samples.with_weight()
    return _Block(samples.X, samples.y, samples.weight, summary)


def _summary(block: _Block | None) -> tuple[int, Any, Summary] | None:
    """The number of samples of positive weight in a block, its dtype, and the summary of its y."""
    return None if block is None else (block.X.shape[0], block.X.dtype, block.summary)


def _encoded(block: _Block | None, encoder: TargetEncoder, dtype: Any) -> tuple | None:
    """A block as the objective needs it; None if all its weights are 0."""
    if block is None or not block.X.shape[0]:
        return None
    Y, weight = encoder.transform(block.y, block.weight)
    X, Y = _aligned(block.X, dtype), np.asfortranarray(Y, dtype=dtype)
    if weight is None:
        return X, Y, None
    weight = weight.astype(dtype, copy=False)
    if weight.all():
        return X, Y, weight
    some = np.flatnonzero(weight)  # a factor of a class may be 0
    return (X[some], Y[some], weight[some]) if len(some) else None


def _aligned(X: Any, dtype: Any) -> Any:
    """X in a dtype, with its numbers at aligned addresses.

    Arrays that a worker has received from another process may begin at any address. Evaluations
    of such a block take twice as long.
    """
    if isinstance(X, np.ndarray):
        return np.require(X, dtype, "A")
    arrays = (np.require(X.data, dtype, "A"), X.indices, X.indptr)
    return type(X)(arrays, shape=X.shape, copy=False)


def _numbers(samples: Samples) -> Summary:
    """The smallest and the largest y of each output among samples of positive weight, (2, ...)."""
    y = samples.with_weight().y
    return (np.stack([y.min(axis=0), y.max(axis=0)]) if len(y) else y[:0]), None


def _merged_numbers(summaries: list[Summary]) -> Summary:
    y = np.concatenate([y for y, _ in summaries])
    return np.stack([y.min(axis=0), y.max(axis=0)]), None


def _labels(samples: Samples) -> Summary:
    """A few labels of each class of a block, and weights with the same sum as in the block."""
    if is_multilabel(samples.y):
        n_labels = samples.y.shape[1]
        return np.repeat([[0], [1]], n_labels, axis=1), None
    labels, codes = np.unique(samples.y, return_inverse=True)
    total = np.bincount(codes.ravel(), samples.weight, minlength=len(labels))
    n = np.minimum(np.bincount(codes.ravel()), _OF_EACH_CLASS)
    return np.repeat(labels, n), np.repeat(total / n, n)


def _merged_labels(summaries: list[Summary]) -> Summary:
    y, weights = zip(*summaries, strict=True)
    if y[0].ndim == 2:
        return y[0], None
    return np.concatenate(y), np.concatenate(weights)
