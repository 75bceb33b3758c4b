"""Sparse features with their means subtracted, without becoming dense."""

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

__all__ = ["CentredColumns"]


@dataclass(frozen=True, eq=False)
class CentredColumns:
    """The matrix X - 1 shift with a sparse X, stored as X and shift.

    A product with this matrix is the product with X minus the contribution of the shift.

    Parameters
    ----------
    X : CSR matrix of shape (n_samples, n_features)
    shift : ndarray of shape (n_features,)

    Examples
    --------
    >>> import numpy as np
    >>> from scipy import sparse
    >>> from skbackprop.model._centred import CentredColumns
    >>> X = CentredColumns(sparse.csr_array([[0.0, 1.0], [4.0, 0.0]]), np.array([2.0, 0.5]))
    >>> X.toarray()
    array([[-2. ,  0.5],
           [ 2. , -0.5]])
    >>> (X @ np.array([[1.0], [2.0]])).ravel()
    array([-1.,  1.])
    """

    X: Any
    shift: NDArray[np.float64]

    # makes ndarray @ CentredColumns call __rmatmul__
    __array_ufunc__ = None

    @property
    def shape(self) -> tuple[int, int]:
        """Shape of X."""
        return self.X.shape

    @property
    def dtype(self) -> np.dtype:
        """The dtype of X."""
        return self.X.dtype

    @property
    def nnz(self) -> int:
        """Number of entries of X."""
        return self.X.nnz

    def __getitem__(self, rows: slice | NDArray) -> "CentredColumns":
        return CentredColumns(self.X[rows], self.shift)

    def __matmul__(self, B: NDArray) -> NDArray:
        product = self.X @ B
        product -= self.shift @ B
        return product

    def __rmatmul__(self, B: NDArray) -> NDArray:
        product = (self.X.T @ B.T).T
        product -= B.sum(axis=1)[:, None] * self.shift
        return product

    def toarray(self) -> NDArray[np.float64]:
        """The matrix as a dense array in float64."""
        return self.X.toarray() - self.shift
