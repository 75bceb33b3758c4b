"""The user's X for a model that may use only some of its columns."""

from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy import sparse
from sklearn.base import BaseEstimator
from sklearn.utils import check_array
from sklearn.utils.validation import validate_data

from ..estimators._data import check_features, check_size
from ..estimators._numbers import numbers_only

__all__ = ["features_in_use"]


def features_in_use(first: BaseEstimator, X: Any, in_use: NDArray[np.bool_]) -> Any:
    """Check X, except for columns that are not used; return a float64 array or CSR matrix.

    Parameters
    ----------
    first : estimator
        A fitted estimator with the number and the names of the columns.
    X : array-like, data frame or sparse matrix
        In a data frame the columns are found by their names. Those that are not used may then be
        missing, and there may be others, as for `predict` behind a ColumnTransformer.
    in_use : ndarray of bool, shape (n_features,)

    Returns
    -------
    X : ndarray or CSR matrix of shape (n_samples, n_features)
        With 0 in the columns that are not used.

    Raises
    ------
    ValueError or TypeError
        If X does not match the fit, or if a column in use does not hold numbers.
    """
    if in_use.all():
        return check_features(first, X).astype(np.float64)
    part = _columns(first, X, np.flatnonzero(in_use))
    with numbers_only(part, "X"):
        part = check_array(
            part, accept_sparse="csr", dtype=[np.float64, np.float32], input_name="X"
        )
    check_size(part, "X")
    if sparse.issparse(part):
        place = np.flatnonzero(in_use)[part.indices]
        numbers = part.data.astype(np.float64), place, part.indptr
        return sparse.csr_array(numbers, shape=(part.shape[0], len(in_use)))
    result = np.zeros((len(part), len(in_use)))
    result[:, in_use] = part
    return result


def _columns(first: BaseEstimator, X: Any, indices: NDArray[np.intp]) -> Any:
    """The columns of X with these indices in the fit, not yet checked."""
    names = getattr(first, "feature_names_in_", None)
    if hasattr(X, "columns") and names is not None:
        wanted, columns = names[indices].tolist(), list(X.columns)
        wrong = [name for name in wanted if columns.count(name) != 1]
        if wrong:
            raise ValueError(
                f"X must have each column that the model uses, {wanted!r}, once, got "
                f"{columns!r}: check {wrong!r}"
            )
        return X[wanted]
    if hasattr(X, "columns"):
        validate_data(first, X, reset=False, skip_check_array=True)
        return X.iloc[:, indices] if hasattr(X, "iloc") else X[:, indices.tolist()]
    if sparse.issparse(X):
        X = X.tocsr()
    elif not isinstance(X, np.ndarray):
        X = np.asarray(X, dtype=object)
    if X.ndim != 2:
        check_array(X, dtype=None)  # raises the usual error
    validate_data(first, X, reset=False, skip_check_array=True)
    return X[:, indices]
