"""The samples as the objective sees them: features, targets and weights."""

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy import sparse

__all__ = ["Data"]

# Bytes of X up to which products are faster if its columns are contiguous: measured, those of an
# evaluation take 0.6 to 1 times as long with AVX-512, and as long as with rows without it.
_SMALL = 2**20


@dataclass(frozen=True, eq=False)
class Data:
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
        # the layout of every array of units; mixing layouts costs twice the time
        object.__setattr__(self, "Y", np.asfortranarray(self.Y))
        if not sparse.issparse(self.X) and self.X.nbytes <= _SMALL:
            object.__setattr__(self, "X", np.asfortranarray(self.X))

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
        """Sum of the sample weights; the number of samples where there are none."""
        if self.sample_weight is None:
            return float(self.n_samples)
        return float(self.sample_weight.sum(dtype=np.float64))

    def take(self, rows: slice | NDArray) -> "Data":
        """The data of some rows, given as a slice or as an array of int or bool."""
        weight = None if self.sample_weight is None else self.sample_weight[rows]
        return Data(self.X[rows], self.Y[rows], weight)

    def weighted(self, rows: slice, *arrays: NDArray) -> tuple[NDArray, ...]:
        """Arrays (..., n_samples, n_outputs) of some rows, times the weights of their samples."""
        if self.sample_weight is None:
            return arrays
        weight = self.sample_weight[rows, None]
        return tuple(array * weight for array in arrays)

    def dense_rows(self, rows: slice) -> NDArray[np.float64]:
        """Rows of X as a dense float64 array."""
        X = self.X[rows]
        X = X.toarray() if sparse.issparse(X) else X
        return X.astype(np.float64, copy=False)
