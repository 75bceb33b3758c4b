"""Means and standard deviations of features of any size, without overflow or underflow."""

from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy import sparse
from sklearn.utils.sparsefuncs import min_max_axis

from ._blocks import block_length, slices
from ._centred import CentredColumns

__all__ = ["largest_values", "merged_moments", "weighted_moments"]

# Powers of two up to this exponent have a reciprocal that is a normal number.
_MOST_EXPONENT = 1022


def largest_values(X: Any) -> NDArray[np.float64]:
    """The largest absolute value of each feature, (n_features,)."""
    if sparse.issparse(X):
        least, most = min_max_axis(X, axis=0)
        return np.maximum(-least, most).astype(np.float64)
    largest = np.zeros(X.shape[1])
    for rows in slices(X.shape[0], block_length(8 * X.shape[1])):
        np.maximum(largest, np.abs(X[rows]).max(axis=0), out=largest)
    return largest


def weighted_moments(
    X: Any, weight: NDArray | None = None
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Weighted mean and standard deviation of each feature, both finite for every finite X.

    Each feature is divided by a power of two near its largest value, which is exact and keeps
    its squares at an ordinary size. The weights are divided by the largest weight.

    Parameters
    ----------
    X : ndarray, CSR matrix or CentredColumns of shape (n_samples, n_features)
        Finite numbers.
    weight : ndarray of shape (n_samples,) or None
        Weights with a positive, finite sum; None for equal weights.

    Returns
    -------
    mean, deviation : ndarray of shape (n_features,), float64
        The deviation is 0 if it does not exceed the rounding error of the mean.

    Examples
    --------
    >>> import numpy as np
    >>> from skbackprop.model._moments import weighted_moments
    >>> mean, deviation = weighted_moments(np.array([[1e300, 5.0], [3e300, 5.0]]))
    >>> mean.tolist(), deviation.tolist()
    ([2e+300, 5.0], [1e+300, 0.0])
    """
    if isinstance(X, CentredColumns):
        mean, deviation = weighted_moments(X.X, weight)
        return mean - X.shift, deviation
    share = np.ones(X.shape[0])
    if weight is not None:
        share = weight / weight.max(keepdims=True).astype(np.float64)
    largest = largest_values(X)
    size = _power_of_two(largest)
    moments = _sparse_moments if sparse.issparse(X) else _dense_moments
    mean, variance = moments(X, share, 1 / size)
    return _of_this_size(mean, np.sqrt(variance), largest, size)


def merged_moments(
    totals: NDArray, means: NDArray, deviations: NDArray, largest: NDArray
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """The moments of all samples from those of their parts, as of `weighted_moments`.

    With W_b the share of part b in the weight, m_b its mean and s_b its deviation, the mean is
    m = sum_b W_b m_b, and the variance sum_b W_b (s_b^2 + (m_b - m)^2). No squares of sums are
    subtracted, so nothing cancels: Chan, Golub and LeVeque, The American Statistician 37 (1983)
    242.

    Parameters
    ----------
    totals : ndarray of shape (n_parts,)
        Sum of the weights of each part, with a positive, finite sum.
    means, deviations, largest : ndarray of shape (n_parts, n_features)
        The moments of each part, and its largest absolute values.

    Returns
    -------
    mean, deviation : ndarray of shape (n_features,), float64

    Examples
    --------
    >>> import numpy as np
    >>> from skbackprop.model._moments import merged_moments
    >>> totals, means = np.array([1.0, 3.0]), np.array([[8.0], [0.0]])
    >>> mean, deviation = merged_moments(totals, means, np.zeros((2, 1)), means)
    >>> mean.tolist(), deviation.round(3).tolist()  # of 8, 0, 0 and 0
    ([2.0], [3.464])
    """
    share = totals / totals.sum()
    most = largest.max(axis=0)
    size = _power_of_two(most)
    m, s = means / size, deviations / size
    mean = share @ m
    deviation = np.sqrt(share @ (s * s + (m - mean) ** 2))
    return _of_this_size(mean, deviation, most, size)


def _power_of_two(largest: NDArray) -> NDArray[np.float64]:
    """A power of two near each of the largest values, whose reciprocal is a normal number too."""
    return 2.0 ** np.clip(np.frexp(largest)[1], -_MOST_EXPONENT, _MOST_EXPONENT)


def _of_this_size(
    mean: NDArray, deviation: NDArray, largest: NDArray, size: NDArray
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Moments times `size`; the deviation of a constant feature, a rounding error, becomes 0."""
    rounding = 10 * np.finfo(np.float64).eps * (largest / size)
    deviation = np.where(deviation <= rounding, 0.0, deviation)
    with np.errstate(over="ignore"):
        mean, deviation = mean * size, deviation * size
    return np.clip(mean, -largest, largest), np.minimum(deviation, largest)


def _dense_moments(X: NDArray, share: NDArray, unit: NDArray) -> tuple[NDArray, NDArray]:
    """Mean and variance of X * unit."""
    blocks = list(slices(X.shape[0], block_length(8 * X.shape[1])))
    mean, variance = np.zeros((2, X.shape[1]))
    # always in C order and without BLAS, so that the sums depend neither on the memory layout of
    # X nor on the number of threads
    for rows in blocks:
        mean += np.einsum("i,ij->j", share[rows], np.multiply(X[rows], unit, order="C"))
    mean /= share.sum()
    for rows in blocks:  # two passes, because mean(x^2) - mean(x)^2 would cancel
        distance = np.multiply(X[rows], unit, order="C")
        distance -= mean
        distance *= distance
        variance += np.einsum("i,ij->j", share[rows], distance)
    return mean, variance / share.sum()


def _sparse_moments(X: Any, share: NDArray, unit: NDArray) -> tuple[NDArray, NDArray]:
    """Mean and variance of X * unit, zeros included."""
    n_features, total = X.shape[1], share.sum()
    blocks = list(slices(X.shape[0], block_length(32 * X.nnz // X.shape[0])))
    mean, variance, present = np.zeros((3, n_features))

    def entries(rows: slice) -> tuple[NDArray, NDArray, NDArray]:
        part = X[rows]
        columns = part.indices
        return columns, part.data * unit[columns], np.repeat(share[rows], np.diff(part.indptr))

    for rows in blocks:
        columns, values, weights = entries(rows)
        mean += np.bincount(columns, weights * values, n_features)
    mean /= total
    for rows in blocks:
        columns, values, weights = entries(rows)
        variance += np.bincount(columns, weights * (values - mean[columns]) ** 2, n_features)
        present += np.bincount(columns, weights, n_features)
    absent = np.maximum(total - present, 0)  # the zeros
    return mean, (variance + absent * mean**2) / total
