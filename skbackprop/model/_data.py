"""The samples as the objective sees them: features, targets and weights."""

from abc import ABC, abstractmethod
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ._moments import weighted_moments

__all__ = ["Data", "Features"]

# The smallest standard deviation of a feature that counts as varying, for each dtype of the
# weights: weights divided by it are still finite.
_LEAST_DEVIATION = {"f": 1e-30, "d": 1e-300}
# If X is smaller than this (in bytes), products are faster with contiguous columns. Measured: the
# products of an evaluation take 0.6 to 1 times as long with AVX-512, and the same time without it.
# A column of ones for the intercepts saves two passes over the hidden units: an evaluation takes
# 0.90 to 0.95 times as long with AVX-512, and 0.94 to 1 times without it.
_SMALL = 2**20


class Features(ABC):
    """What a fit needs to know about the sizes of the features: their means and deviations."""

    @property
    @abstractmethod
    def dtype(self) -> np.dtype:
        """The dtype of X and Y."""

    @abstractmethod
    def _weighted_moments(self) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
        """The moments before the correction for rounding."""

    @cached_property
    def moments(self) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
        """Weighted mean and standard deviation of each feature, (n_features,); computed once.

        If the deviation of a feature is smaller than `rounding` times its mean, that product is
        returned instead, because x W1 and b1 cancel only up to rounding. The deviation is 0 if
        the feature is constant or its deviation is too small to divide by.
        """
        mean, deviation = self._weighted_moments()
        varies = deviation > self.least_deviation
        return mean, np.where(varies, np.maximum(deviation, self.rounding * np.abs(mean)), 0.0)

    @property
    def least_deviation(self) -> float:
        """The smallest standard deviation by which a feature can be divided."""
        return _LEAST_DEVIATION[self.dtype.char]

    @property
    def rounding(self) -> float:
        """Bound on the relative error of sums of products: 2e-12 in float64, 6e-6 in float32."""
        return float(np.finfo(self.dtype).eps ** 0.75)

    @property
    def unit_deviation(self) -> NDArray[np.float64]:
        """Standard deviation of each feature, (n_features,); 1 for constant features.

        For standardised features it is exactly 1: their rounding error is dropped.
        """
        _, deviation = self.moments
        unit = np.where(deviation > 0, deviation, 1.0)
        return np.ones_like(unit) if (np.abs(unit - 1) <= self.negligible).all() else unit

    @property
    def negligible(self) -> float:
        """Means, and deviations minus 1, that are smaller than this are rounding errors."""
        return max(1e-8, 100 * float(np.finfo(self.dtype).eps))


@dataclass(frozen=True, eq=False)
class Data(Features):
    """Features, targets in the range of the sigmoid, and sample weights.

    Parameters
    ----------
    X : ndarray or CSR matrix of shape (n_samples, n_features), float32 or float64
    Y : ndarray of shape (n_samples, n_outputs), of the dtype of `X`
        Targets in [0, 1].
    sample_weight : ndarray of shape (n_samples,), of the dtype of `X`, or None
        Factor of each sample's cost, >= 0.
    """

    X: Any
    Y: NDArray
    sample_weight: NDArray | None = None

    def __post_init__(self) -> None:
        # all arrays of units have this layout; mixing layouts doubles the time
        object.__setattr__(self, "Y", np.asfortranarray(self.Y))
        if self._is_small:
            object.__setattr__(self, "X", np.asfortranarray(self.X))

    @property
    def _is_small(self) -> bool:
        return isinstance(self.X, np.ndarray) and self.X.nbytes <= _SMALL

    @cached_property
    def X1(self) -> NDArray | None:
        """[X, 1] of shape (n_samples, n_features + 1), so that X W1 + b1 is one product.

        None if X is sparse or large.
        """
        if not self._is_small:
            return None
        n_samples, n_features = self.X.shape
        X1 = np.ones((n_samples, n_features + 1), self.dtype, order="F")
        X1[:, :-1] = self.X
        return X1

    @property
    def n_samples(self) -> int:
        """Number of samples."""
        return self.X.shape[0]

    @property
    def dtype(self) -> np.dtype:
        """The dtype of X and Y."""
        return self.X.dtype

    @property
    def total_weight(self) -> float:
        """Sum of the sample weights; the number of samples if there are no weights."""
        if self.sample_weight is None:
            return float(self.n_samples)
        return float(self.sample_weight.sum(dtype=np.float64))

    def _weighted_moments(self) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
        return weighted_moments(self.X, self.sample_weight)

    @property
    def target_span(self) -> NDArray:
        """The largest minus the smallest target of each output, (n_outputs,)."""
        return np.ptp(self.Y, axis=0)

    def take(self, rows: slice | NDArray) -> "Data":
        """The data of some rows, given as a slice or as an array of int or bool."""
        weight = None if self.sample_weight is None else self.sample_weight[rows]
        return Data(self.X[rows], self.Y[rows], weight)

    def weighted(self, rows: slice, *arrays: NDArray) -> tuple[NDArray, ...]:
        """Arrays (..., n_samples, n_outputs) of some rows, multiplied by their sample weights."""
        if self.sample_weight is None:
            return arrays
        weight = self.sample_weight[rows, None]
        return tuple(array * weight for array in arrays)

    def dense_rows(self, rows: slice) -> NDArray[np.float64]:
        """Rows of X as a dense float64 array."""
        X = self.X[rows]
        X = X if isinstance(X, np.ndarray) else X.toarray()
        return X.astype(np.float64, copy=False)
