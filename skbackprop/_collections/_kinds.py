"""Recognition of dask collections, and their division into blocks of rows."""

from __future__ import annotations

import sys
from itertools import accumulate, pairwise
from numbers import Number
from typing import Any

import numpy as np
from sklearn.utils import _safe_indexing

__all__ = [
    "check_in_memory",
    "check_matrix",
    "computed",
    "delayed_blocks",
    "in_parts",
    "is_collection",
    "is_frame",
]


def is_collection(data: Any) -> bool:
    """Whether data are a dask array, or a data frame or series of dask.

    Nothing is imported: without dask there are no collections.

    Examples
    --------
    >>> from skbackprop._collections import is_collection
    >>> is_collection([[1.0], [2.0]])
    False
    """
    array = getattr(sys.modules.get("dask.array"), "Array", ())
    return isinstance(data, array) or is_frame(data)


def is_frame(data: Any) -> bool:
    """Whether data are a data frame or a series of dask."""
    frames = sys.modules.get("dask.dataframe")
    return isinstance(data, (getattr(frames, "DataFrame", ()), getattr(frames, "Series", ())))


def computed(data: Any) -> Any:
    """The data in memory: y or weights of an X that is in memory, for example after a pipeline."""
    return data.compute() if is_collection(data) else data


def check_in_memory(
    advice: str = "use {name}.compute(), or a sample of it", /, **given: Any
) -> None:
    """Raise an error for dask collections, which would otherwise be computed as a whole.

    Parameters
    ----------
    advice : str
        What the user can do instead; ``{name}`` stands for the name of the parameter.
    **given : dict
        The values that the user passed, by the names of the parameters.

    Raises
    ------
    ValueError
    """
    for name, data in given.items():
        if is_collection(data):
            raise ValueError(
                f"{name} must be an array in memory, got a dask collection: "
                f"{advice.format(name=name)}"
            )


def check_matrix(X: Any) -> None:
    """Raise an error if X is not two-dimensional, or its columns are unknown or cut.

    Parameters
    ----------
    X : dask collection

    Raises
    ------
    ValueError
    """
    if X.ndim != 2:
        one_feature = "X.to_frame()" if is_frame(X) else "X.reshape(-1, 1)"
        advice = (
            f"use {one_feature} if it is a single feature"
            if X.ndim < 2
            else "use X.reshape(len(X), -1) if each sample becomes a row of features"
        )
        raise ValueError(
            f"X must have two dimensions, got a dask {type(X).__name__} of {X.ndim!r}: {advice}"
        )
    check_rows_only(X, "X")
    if np.isnan(X.shape[1]):
        raise ValueError(
            "X must have a known number of columns, got a dask Array that does not know it: use "
            "X.compute_chunk_sizes()"
        )


def check_rows_only(data: Any, name: str) -> None:
    """Raise an error for a dask array whose blocks do not hold whole rows.

    Parameters
    ----------
    data : dask collection
    name : str
        The name of the parameter.

    Raises
    ------
    ValueError
    """
    if not is_frame(data) and data.ndim == 2 and data.numblocks[1] > 1:
        raise ValueError(
            f"{name} must be cut by rows only, got a dask array with columns in chunks of "
            f"{data.chunks[1]!r}: use {name}.rechunk({{1: -1}})"
        )


def in_parts(X: Any, y: Any, sample_weight: Any) -> list[tuple[Any, Any, Any]]:
    """The blocks of X, each with its y and its weights.

    Parameters
    ----------
    X : dask array or data frame
    y, sample_weight : dask collection, array-like or None
        They are cut as X is.

    Returns
    -------
    list of tuples (X, y, sample_weight)
        Delayed objects of dask, or pieces of what is in memory.

    Raises
    ------
    ValueError
        If X is not a matrix, if the columns of X or y are cut, or if the rows cannot be cut alike.
    """
    check_matrix(X)
    columns = [_pieces(X, y, "y"), _pieces(X, sample_weight, "sample_weight")]
    return list(zip(delayed_blocks(X), *columns, strict=True))


def delayed_blocks(data: Any) -> list[Any]:
    """The blocks as delayed objects, in order."""
    if is_frame(data):
        if data.ndim == 2:
            data = data.map_partitions(_in_order, list(data.columns), meta=data._meta)
        # a full optimisation may join parts of files differently for X and for y
        return data.simplify().to_delayed(optimize_graph=False)
    return list(np.array(data.to_delayed(), dtype=object).ravel())


def _in_order(part: Any, columns: list[Any]) -> Any:
    """The columns of a partition in the order of the whole frame."""
    found = list(part.columns)
    if found == columns or not len(part):  # an empty partition may have no columns
        return part
    if len(found) != len(columns) or set(found) != set(columns):
        raise ValueError(
            f"all partitions of a dask data frame must have the columns {columns!r}, got one with "
            f"{found!r}: read the files with the same columns"
        )
    return part[columns]


def _pieces(X: Any, data: Any, name: str) -> list[Any]:
    """`data` cut as X is."""
    n_blocks = X.npartitions
    if data is None or (name == "sample_weight" and isinstance(data, Number)):
        return [data] * n_blocks
    if not np.ndim(data):
        raise ValueError(
            f"{name} must have as many rows as X, got {data!r} without rows: pass an array, or a "
            f"dask collection with the same chunks as X"
        )
    lengths = _lengths(X)
    if not is_collection(data):
        if lengths is None:
            raise ValueError(
                f"{name} must be a dask collection with the same chunks as X, because dask does "
                f"not know the lengths of the chunks of X, got {type(data).__name__}: take both "
                f"from the same data frame, or use X.to_dask_array(lengths=True)"
            )
        _check_length(sum(lengths), np.shape(data)[0], name)
        return [
            _safe_indexing(data, slice(start, stop))
            for start, stop in pairwise(accumulate(lengths, initial=0))
        ]
    check_rows_only(data, name)
    others = _lengths(data)
    if lengths is not None and others is not None:
        _check_length(sum(lengths), sum(others), name)
        if lengths != others:
            data = data.rechunk({0: lengths})
    elif data.npartitions != n_blocks or not _divided_alike(X, data):
        raise ValueError(
            f"{name} must be divided as X is, got {data.npartitions!r} blocks of {name} and "
            f"{n_blocks!r} of X with different or unknown boundaries: take both from the same "
            f"data frame"
        )
    return delayed_blocks(data)


def _lengths(data: Any) -> tuple[int, ...] | None:
    """Numbers of rows of the blocks; None if they are not known."""
    if is_frame(data) or np.isnan(data.chunks[0]).any():
        return None
    return tuple(data.chunks[0])


def _divided_alike(X: Any, data: Any) -> bool:
    """Whether two frames may have the same rows; lengths are compared when blocks are loaded."""
    if not (getattr(X, "known_divisions", False) and getattr(data, "known_divisions", False)):
        return True
    return X.divisions == data.divisions


def _check_length(n_samples: int, length: int, name: str) -> None:
    if length != n_samples:
        raise ValueError(
            f"{name} must have as many rows as X, {n_samples!r}, got {length!r}: take both from "
            f"the same data"
        )
