"""The variance that nearest neighbours explain: a fast estimate of what can be learned.

Each sample is predicted from its nearest neighbours without itself. On pure noise this is worse
than predicting the mean, so a positive explained fraction shows that there is something to learn.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy import sparse

__all__ = ["N_NEIGHBOURS", "comparable", "explained", "neighbours_explain", "some_rows"]

N_NEIGHBOURS = 5
# Largest numbers of rows that are searched for neighbours, of rows that are predicted, and of
# columns that are compared. This takes a few milliseconds for data of any size; 250 rows suffice to
# distinguish fractions that differ by 0.2.
_MOST_ROWS, _MOST_PREDICTED, _MOST_COLUMNS = 1_000, 250, 4_000
# Smaller squared distances, relative to the squared lengths, are rounding errors: the rows are
# equal.
_ROUNDING = 1e-10


def some_rows(n_samples: int) -> NDArray[np.intp]:
    """Return the row indices of at most 1,000 samples, in a random order that is always the same.

    Parameters
    ----------
    n_samples : int

    Returns
    -------
    rows : ndarray of int
    """
    # in random order even if all rows are used: ties between distances are then broken randomly
    return np.random.default_rng(0).choice(n_samples, min(n_samples, _MOST_ROWS), replace=False)


def explained(Y: NDArray[Any], prediction: NDArray[Any], weight: NDArray[Any]) -> float:
    """Fraction of the variance of Y, summed over outputs, that a prediction explains.

    Parameters
    ----------
    Y, prediction : ndarray of shape (n_samples, n_outputs)
    weight : ndarray of shape (n_samples,)

    Returns
    -------
    float
        At most 1, and negative for a prediction worse than the mean; NaN if Y is constant.
    """
    mean = np.average(Y, axis=0, weights=weight)
    total = float(weight @ ((Y - mean) ** 2).sum(axis=1))
    left = float(weight @ ((Y - prediction) ** 2).sum(axis=1))
    return 1 - left / total if total > 0 else np.nan


def neighbours_explain(
    X: NDArray[np.float64], Y: NDArray[Any], weight: NDArray[Any], copies: bool = False
) -> float:
    """Fraction of the variance of Y that the five nearest neighbours explain, leaving one out.

    Parameters
    ----------
    X : ndarray of shape (n_samples, n_features)
        The result of `comparable`.
    Y : ndarray of shape (n_samples, n_outputs)
    weight : ndarray of shape (n_samples,)
    copies : bool
        Whether a row with the same x and y counts as a neighbour. By default it does not, since a
        repeated sample contains no new information.

    Returns
    -------
    float
        See `explained`.
    """
    some = slice(0, _MOST_PREDICTED)
    square = np.einsum("ij,ij->i", X, X)
    distance = square[some, None] + square - 2 * X[some] @ X.T
    np.fill_diagonal(distance, np.inf)
    if not copies:
        near, other = np.nonzero(distance <= _ROUNDING * (1 + square[some, None]))
        same = (Y[near] == Y[other]).all(axis=1)
        distance[near[same], other[same]] = np.inf
    n_neighbours = min(N_NEIGHBOURS, len(X))
    nearest = np.argpartition(distance, n_neighbours - 1, axis=1)[:, :n_neighbours]
    votes = weight[nearest] * np.isfinite(np.take_along_axis(distance, nearest, axis=1))
    total = votes.sum(axis=1, keepdims=True)
    voted = np.einsum("ij,ijk->ik", votes, Y[nearest]) / np.where(total > 0, total, 1)
    prediction = np.where(total > 0, voted, np.average(Y, axis=0, weights=weight))
    return explained(Y[some], prediction, weight[some])


def comparable(X: Any) -> NDArray[np.float64]:
    """Scale the features so that distances are meaningful.

    Parameters
    ----------
    X : ndarray or CSR matrix of shape (n_samples, n_features)

    Returns
    -------
    ndarray of shape (n_samples, n_columns), float64
        At most 4,000 features, each with mean 0 and standard deviation 1, or constant.
    """
    if X.shape[1] > _MOST_COLUMNS:
        X = X[:, np.random.default_rng(0).choice(X.shape[1], _MOST_COLUMNS, replace=False)]
    X = (X.toarray() if sparse.issparse(X) else X).astype(np.float64)
    largest = np.abs(X).max(axis=0)
    X /= np.where(largest > 0, largest, 1)  # prevents overflow of squares
    X -= X.mean(axis=0)
    deviation = X.std(axis=0)
    varies = deviation > 1e-12  # less is the rounding error of the mean of a constant
    return X * np.where(varies, 1 / np.where(varies, deviation, 1), 0)
