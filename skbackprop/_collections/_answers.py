"""Lazy predictions for collections: dask computes them when they are needed."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any

import numpy as np

from ._kinds import check_matrix, delayed_blocks, is_frame

__all__ = ["answers"]


def answers(predict: Callable[[Any], Any], X: Any) -> Any:
    """``predict(block)`` of each block of X, as a dask array.

    Parameters
    ----------
    predict : callable
        A function of a block of X that returns an array with as many rows. It must be picklable.
        It is called once here with an artificial sample, so that errors in X are raised at once.
    X : dask array or data frame

    Returns
    -------
    dask array, or a tuple of them where `predict` returns a tuple
        The blocks correspond to those of X. If X is a data frame, their lengths are unknown until
        they are computed.

    Raises
    ------
    ValueError
        If X is not a matrix, if its columns are cut, or if `predict` raises it.
    """
    import dask.array as da

    check_matrix(X)
    example = predict(_example(X))
    if isinstance(example, tuple):  # a block is predicted once for all of its answers
        stacked = answers(partial(_stacked, predict), X)
        return tuple(stacked[..., number] for number in range(len(example)))
    blocks = [
        da.from_delayed(
            _later(predict, block, example[:0]), (length, *example.shape[1:]), example.dtype
        )
        for block, length in zip(delayed_blocks(X), _lengths(X), strict=True)
    ]
    return da.concatenate(blocks, allow_unknown_chunksizes=True)


def _example(X: Any) -> Any:
    """An artificial sample with the columns and the dtype of X."""
    if is_frame(X):
        # the second row of a nullable column is <NA>
        return X._meta_nonempty.iloc[:1]
    return np.ones((1, *X.shape[1:]), X.dtype)  # the text "1" is a number, too


def _lengths(X: Any) -> Any:
    """The number of rows of each block; NaN for a data frame, where it is unknown."""
    return [np.nan] * X.npartitions if is_frame(X) else X.chunks[0]


def _later(predict: Callable[[Any], Any], block: Any, none: Any) -> Any:
    from dask import delayed

    return delayed(_rows, pure=False, traverse=False)(block, predict, none)


def _rows(block: Any, predict: Callable[[Any], Any], none: Any) -> Any:
    """The predictions for a block, which may be empty."""
    return predict(block) if block.shape[0] else none


def _stacked(predict: Callable[[Any], Any], block: Any) -> Any:
    return np.stack(predict(block), axis=-1)
