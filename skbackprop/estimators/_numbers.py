"""Error messages for values that are not numbers, with suggestions."""

from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager, nullcontext
from datetime import date, datetime, timedelta
from typing import Any

import numpy as np
from scipy import sparse

__all__ = ["numbers_only"]

# Prefixes of the names of date types in NumPy, pandas, polars and Arrow.
_DATES = "datetime", "timestamp", "date", "period"
_DURATIONS = "timedelta", "duration", "time"
_ADVICE = {
    "a date": "convert dates to numbers, such as the year or the days since a first date",
    "a duration": "divide durations by a unit, such as np.timedelta64(1, 'D')",
    "X": "encode it, for instance with sklearn.preprocessing.OneHotEncoder, or leave it out",
    "y": "for labels use BackpropClassifier, otherwise convert y to numbers",
}


def numbers_only(data: Any, name: str) -> AbstractContextManager[None]:
    """Context of a conversion to numbers; its errors name the value that is not a number.

    Dates raise an error, although NumPy would convert them to numbers in an arbitrary unit.

    Parameters
    ----------
    data : array-like, data frame or sparse matrix
    name : {"X", "y", "X_val", "y_val"}
        Name of the data in messages.

    Raises
    ------
    ValueError or TypeError
        If `data` contains dates, durations, complex numbers or other values that are not real
        numbers.

    Examples
    --------
    >>> from skbackprop.estimators._numbers import numbers_only
    >>> with numbers_only(["1", "a"], "y"):
    ...     float("a")
    Traceback (most recent call last):
        ...
    ValueError: y must hold numbers, got 'a' (could not convert string to float: 'a'): for labels \
use BackpropClassifier, otherwise convert y to numbers
    """
    if isinstance(data, np.ndarray) and data.dtype.kind == "f":
        return nullcontext()  # all of them are numbers
    return _numbers_only(data, name)


@contextmanager
def _numbers_only(data: Any, name: str) -> Iterator[None]:
    if isinstance(data, list | tuple):
        data = _array_or_list(data)
    for column, dtype in _types(data):
        kind = _kind(str(dtype).lower())
        if kind:
            raise ValueError(
                f"{name} must hold numbers, got {dtype}{_where(column)}: {_ADVICE[kind]}"
            )
        if getattr(dtype, "kind", "") == "c":
            raise ValueError(
                f"Complex data not supported: {name} must hold real numbers, got "
                f"{dtype}{_where(column)}: use the real and the imaginary part"
            )
    try:
        yield
    except (TypeError, ValueError) as error:
        found = _first_non_number(data)
        if found is None:
            raise
        column, value = found
        kind = _kind_of_value(value) or name[0]
        raise (TypeError if isinstance(error, TypeError) else ValueError)(
            f"{name} must hold numbers, got {value!r}{_where(column)} ({error}): {_ADVICE[kind]}"
        ) from error


def _array_or_list(data: Any) -> Any:
    try:
        return np.asarray(data)
    except ValueError:  # rows of different lengths: scikit-learn has a better message
        return data


def _types(data: Any) -> list[tuple[Any, Any]]:
    """Names of the columns (None if there are none) and their types."""
    if hasattr(data, "columns") and hasattr(data, "dtypes"):
        return list(zip(data.columns, data.dtypes, strict=True))
    return [(None, data.dtype)] if hasattr(data, "dtype") else []


def _kind(dtype: str) -> str:
    if dtype.startswith(_DATES):
        return "a date"
    return "a duration" if dtype.startswith(_DURATIONS) else ""


def _kind_of_value(value: object) -> str:
    if isinstance(value, timedelta):
        return "a duration"
    return "a date" if isinstance(value, date | datetime) else _kind(type(value).__name__.lower())


def _where(column: object) -> str:
    return "" if column is None else f" in column {column!r}"


def _first_non_number(data: Any) -> tuple[Any, Any] | None:
    """Return the column and value of the first entry that is not a number, or None."""
    if sparse.issparse(data):
        return None
    if hasattr(data, "columns"):
        columns = [
            (name, np.asarray(data[name], dtype=object))
            for name, dtype in _types(data)
            if getattr(dtype, "kind", "O") in "OUS"
        ]
    else:
        array = np.asarray(data)
        columns = [(None, array.ravel())] if array.dtype.kind in "OUS" else []
    for name, values in columns:
        for value in values.tolist():
            try:
                float(value)
            except (TypeError, ValueError):
                if value is not None:  # None is NaN: scikit-learn has a better message
                    return name, value
    return None
