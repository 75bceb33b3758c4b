"""Checks of the user's data."""

from __future__ import annotations

from contextlib import nullcontext
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
from scipy import sparse
from sklearn.base import BaseEstimator, RegressorMixin
from sklearn.utils import assert_all_finite, check_array, check_consistent_length
from sklearn.utils.validation import _check_sample_weight, column_or_1d, validate_data

from .._collections import check_in_memory, computed
from .._execution._numpy_settings import floating_point_unchecked
from ._numbers import numbers_only

if TYPE_CHECKING:
    from typing import TypeAlias

    from numpy.typing import ArrayLike, DTypeLike, NDArray

    from ..solvers import Solver

    # What users may pass as X.
    MatrixLike: TypeAlias = ArrayLike | sparse.spmatrix | sparse.sparray

__all__ = [
    "Samples",
    "check_features",
    "check_samples",
    "check_supports_validation",
    "check_validation",
    "features_of",
]

# Squares of features and their sums must not overflow: the largest float64 is 1.8e308, the largest
# float32 3.4e38.
_LARGEST = {np.dtype(np.float64): 1e150, np.dtype(np.float32): 1e18}
_DTYPES = [np.float64, np.float32]


@dataclass(frozen=True, eq=False)
class Samples:
    """Features, y and weights of some samples.

    Parameters
    ----------
    X : ndarray or CSR matrix of shape (n_samples, n_features)
    y : ndarray of shape (n_samples,) or (n_samples, n_outputs), or sparse matrix
    weight : ndarray of shape (n_samples,), or None
    rows : ndarray of int of shape (n_samples,), or None
        Indices of these samples among the user's; None means all, in order.
    """

    X: Any
    y: Any
    weight: NDArray[Any] | None = None
    rows: NDArray[np.intp] | None = None

    @classmethod
    def weighted(cls, X: Any, y: Any, weight: Any, name: str = "sample_weight") -> Samples:
        """Create samples after checking the user's weights.

        Parameters
        ----------
        X, y : as for `Samples`
        weight : array-like of shape (n_samples,), or None
        name : str
            Name of the weights in messages.

        Raises
        ------
        ValueError
            If the weights are not numbers >= 0 with a finite positive sum.
        """
        if weight is None:
            return cls(X, y)
        weight = _check_sample_weight(weight, X, dtype=X.dtype, ensure_non_negative=True)
        if weight.max() > np.finfo(weight.dtype).max / len(weight):
            raise ValueError(
                f"{name} must have a finite sum, got a largest weight of "
                f"{float(weight.max())!r}: divide the weights by their largest"
            )
        if not weight.any():
            raise ValueError(
                f"{name} must have at least one positive number, got only zeros: leave it out"
            )
        return cls(X, y, weight)

    @property
    def dtype(self) -> np.dtype[Any]:
        """The dtype of the features."""
        return self.X.dtype

    @property
    def targets(self) -> tuple[Any, NDArray[Any] | None]:
        """What an encoder learns from: y, and the weights."""
        return self.y, self.weight

    def with_weight(self) -> Samples:
        """Return the samples whose weight is not 0."""
        if self.weight is None or self.weight.all():
            return self
        return self.take(np.flatnonzero(self.weight))

    def released(self) -> Samples:
        """The same samples: what callbacks may ask for after the objective has been made."""
        return self

    def take(self, rows: NDArray[np.intp]) -> Samples:
        """Return the samples with the given row indices."""
        weight = None if self.weight is None else self.weight[rows]
        return Samples(
            self.X[rows], self.y[rows], weight, rows if self.rows is None else self.rows[rows]
        )


def check_samples(
    estimator: BaseEstimator, X: Any, y: Any, sample_weight: Any, *, reset: bool = True
) -> Samples:
    """Check the user's samples and convert them to arrays.

    Parameters
    ----------
    estimator : BaseBackprop
        With `reset`, scikit-learn sets the number and the names of the features on it. A fit
        therefore passes a copy of itself and reads them by `features_of` when it is finished.
    X, y, sample_weight : as for `fit`
    reset : bool
        If False, the features are compared with those of the estimator's fit.

    Raises
    ------
    ValueError or TypeError
        If the data are invalid.
    """
    y, sample_weight = computed(y), computed(sample_weight)
    regression = isinstance(estimator, RegressorMixin)
    with floating_point_unchecked(), numbers_only(X, "X"), _numbers_if(regression, y, "y"):
        X, y = validate_data(
            estimator,
            X,
            y,
            reset=reset,
            accept_sparse="csr",
            dtype=_DTYPES,
            multi_output=True,
            y_numeric=regression,
        )
        if regression and not sparse.issparse(y):
            y = y.astype(np.float64, copy=False)
            assert_all_finite(y, input_name="y")  # None among objects has become NaN
    check_size(X, "X")
    return Samples.weighted(X, _check_y(y, regression), sample_weight)


def check_validation(
    estimator: BaseEstimator, dtype: DTypeLike, X_val: Any, y_val: Any, sample_weight_val: Any
) -> Samples | None:
    """Check the validation samples; return those with positive weight, or None if there are none.

    Parameters
    ----------
    estimator : BaseBackprop
        It has the features of the training data.
    dtype : dtype
        The dtype of the training data.
    X_val, y_val, sample_weight_val : as for `fit`

    Raises
    ------
    ValueError or TypeError
        If the data are invalid.
    """
    given = {"X_val": X_val, "y_val": y_val, "sample_weight_val": sample_weight_val}
    names = [name for name, value in given.items() if value is not None]
    if not names:
        return None
    if names[:2] != ["X_val", "y_val"]:
        raise ValueError(
            f"X_val and y_val must be given together, got only {names!r}: pass both, or none"
        )
    check_in_memory(**given)
    try:
        validate_data(estimator, X_val, reset=False, skip_check_array=True)
    except ValueError as error:
        raise ValueError(str(error).replace("X has", "X_val has")) from None
    with floating_point_unchecked(), numbers_only(X_val, "X_val"):
        X_val = check_array(X_val, accept_sparse="csr", dtype=dtype, input_name="X_val")
    check_size(X_val, "X_val")
    regression = isinstance(estimator, RegressorMixin)
    with _numbers_if(regression, y_val, "y_val"):
        y_val = check_array(
            y_val,
            accept_sparse="csr",
            ensure_2d=False,
            dtype=np.float64 if regression else None,
            input_name="y_val",
        )
    check_consistent_length(X_val, y_val)
    y_val = _check_y(y_val, regression)
    return Samples.weighted(X_val, y_val, sample_weight_val, "sample_weight_val").with_weight()


def check_supports_validation(solver: Solver, got: str) -> None:
    """Raise an error if the solver does not support validation data."""
    if not solver.supports_validation:
        raise ValueError(
            f"solver={solver!r} does not support validation data, got {got}; a user-defined "
            f"solver that does must set the class attribute supports_validation = True"
        )


def check_features(estimator: BaseEstimator, X: Any) -> Any:
    """Check X of a prediction against the estimator's fit and convert it to an array.

    Call it within `floating_point_unchecked`, like the prediction itself.
    """
    if _is_checked(estimator, X):
        return X
    with numbers_only(X, "X"):
        X = validate_data(estimator, X, accept_sparse="csr", dtype=_DTYPES, reset=False)
    check_size(X, "X")
    return X


def _is_checked(estimator: BaseEstimator, X: Any) -> bool:
    """Whether X needs no check by scikit-learn, which dominates the time for a few rows."""
    return (
        type(X) is np.ndarray
        and X.dtype in _LARGEST
        and X.ndim == 2
        and len(X) > 0
        and X.shape[1] == getattr(estimator, "n_features_in_", None)
        and not hasattr(estimator, "feature_names_in_")
        and _is_in_range(X)
    )


def _is_in_range(numbers: NDArray[Any]) -> bool:
    """Whether the numbers are certainly finite and within the limits; False means unknown."""
    flat = numbers.ravel(order="K")
    # in one pass: no number is larger than the square root of the sum of squares
    return bool(np.vdot(flat, flat) <= _LARGEST[numbers.dtype] ** 2)


def check_size(X: Any, name: str) -> None:
    """Raise an error if features are so large that their squares would overflow.

    Parameters
    ----------
    X : ndarray or CSR matrix, float64 or float32
    name : str
        Name of X in messages.

    Raises
    ------
    ValueError
    """
    numbers = X.data if sparse.issparse(X) else X
    if _is_in_range(numbers):
        return
    size = max(numbers.max(initial=0), -numbers.min(initial=0))
    if size > _LARGEST[X.dtype]:
        or_float64 = ", or convert X to float64" if X.dtype == np.float32 else ""
        raise ValueError(
            f"{name} must hold numbers of at most {_LARGEST[X.dtype]:g} in absolute value, as its "
            f"dtype is {X.dtype}, got {float(size):.3g}: divide the features by a constant"
            f"{or_float64}"
        )


def features_of(estimator: BaseEstimator) -> dict[str, Any]:
    """Return scikit-learn's attributes of the features: their number and their names."""
    names = ("n_features_in_", "feature_names_in_")
    return {name: vars(estimator)[name] for name in names if name in vars(estimator)}


def _numbers_if(regression: bool, y: Any, name: str) -> Any:
    return numbers_only(y, name) if regression else nullcontext()


def _check_y(y: Any, regression: bool) -> Any:
    if sparse.issparse(y) and (y.shape[1] == 1 or regression):
        raise TypeError(
            f"y must be dense, or a multilabel indicator of several columns, got a sparse "
            f"matrix of shape {y.shape!r}: use y.toarray()"
        )
    return column_or_1d(y, warn=True) if y.ndim == 2 and y.shape[1] == 1 else y
