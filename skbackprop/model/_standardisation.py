"""The change of coordinates to standardised features, which removes their units."""

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import DTypeLike, NDArray
from scipy import sparse
from sklearn import get_config

from ._blocks import block_length, slices
from ._centred import CentredColumns
from ._data import Data
from ._network import Network
from ._penalty import Penalty

if TYPE_CHECKING:
    from ._objective import Objective

__all__ = ["Standardisation", "fits_in_memory"]

# A copy of X may take this fraction of the working memory. It exceeds the fraction of a block, so
# an X that is larger is always read in several blocks.
_SHARE_OF_MEMORY = 0.25
# Two standardisations are the same if they differ by no more than this, in standard units.
_SAME = 1e-9
# Weights can absorb the standardisation of a feature with little loss of precision if its mean is
# at most so many standard deviations from 0, and if its standard deviation is of moderate size.
# The relative error of the gradient grows with the first number, that of the Gauss-Newton matrix
# with its square: in float64 it is 3e-13 at 100 and 3e-9 at 4,000.
_MOST_MEAN = {"f": 8.0, "d": 100.0}
_MOST_SCALE = {"f": 1e9, "d": 1e100}


@dataclass(frozen=True, eq=False)
class Standardisation:
    """x' = (x - shift) / scale for each feature, and the corresponding change of the weights.

    With W1' = scale W1 and b1' = b1 + shift W1, z2 = x W1 + b1 does not change, so a network has
    the same J in both coordinates. Descents converge faster in the standardised coordinates, in
    which features have mean 0 and standard deviation 1.

    Parameters
    ----------
    network : Network
    shift : ndarray of shape (n_features,)
        Zeros if the network has no intercepts, since only intercepts can absorb a shift.
    scale : ndarray of shape (n_features,), > 0

    Examples
    --------
    >>> import numpy as np
    >>> from skbackprop.model import Network
    >>> from skbackprop.model._standardisation import Standardisation
    >>> network = Network(n_features=1, n_hidden=1, n_outputs=1)
    >>> change = Standardisation(network, shift=np.array([20.0]), scale=np.array([5.0]))
    >>> w = np.array([0.4, -7.0, 2.0, 1.0])  # W1, b1, W2, b2
    >>> change.to_scaled(w)
    array([2., 1., 2., 1.])
    >>> change.from_scaled(change.to_scaled(w))
    array([ 0.4, -7. ,  2. ,  1. ])
    """

    network: Network
    shift: NDArray[np.float64]
    scale: NDArray[np.float64]

    @classmethod
    def of(cls, objective: "Objective") -> "Standardisation":
        """The standardisation of an objective's features: mean 0 and standard deviation 1.

        Without intercepts, the means are kept and the root mean squares become 1. If the features
        are already standardised up to rounding, the result is exactly the identity.

        Parameters
        ----------
        objective : Objective
        """
        full = cls.in_full(objective)
        apart = max(np.abs(full.shift).max(), np.abs(full.scale - 1).max())
        return cls.identity(full.network) if apart <= objective.data.negligible else full

    @classmethod
    def in_full(cls, objective: "Objective") -> "Standardisation":
        """Like `of`, without an exception for features that are nearly standardised."""
        centred = objective.network.fit_intercept
        scale = objective.feature_scaling.unit(centred)
        shift = objective.data.moments[0] if centred else np.zeros_like(scale)
        return cls(objective.network, shift, scale)

    @classmethod
    def identity(cls, network: Network) -> "Standardisation":
        """The standardisation that changes nothing."""
        return cls(network, np.zeros(network.n_features), np.ones(network.n_features))

    @property
    def is_identity(self) -> bool:
        """Whether it changes nothing."""
        return not self.shift.any() and bool((self.scale == 1).all())

    def is_close(self, other: "Standardisation") -> bool:
        """Whether another standardisation is the same up to rounding."""
        apart = np.abs([self.shift - other.shift, self.scale - other.scale]) / self.scale
        return bool(apart.max() <= _SAME)

    def to_scaled(self, w: NDArray[np.float64]) -> NDArray[np.float64]:
        """Convert weights to standardised coordinates, (n_weights,)."""
        if self.is_identity:
            return w
        w = np.array(w, dtype=np.float64)
        W1, b1, _, _ = self.network.unpack(w)
        if b1 is not None:
            b1 += (self.shift[:, None] * W1).sum(axis=0)
        W1 *= self.scale[:, None]
        return w

    def from_scaled(self, w: NDArray[np.float64]) -> NDArray[np.float64]:
        """Convert weights from standardised coordinates to the original ones, (n_weights,)."""
        if self.is_identity:
            return w
        w = np.array(w, dtype=np.float64)
        W1, b1, _, _ = self.network.unpack(w)
        W1 /= self.scale[:, None]
        if b1 is not None:
            b1 -= (self.shift[:, None] * W1).sum(axis=0)
        return w

    def gradient_to_scaled(self, gradient: NDArray[np.float64]) -> NDArray[np.float64]:
        """Convert derivatives with respect to the original weights to standardised coordinates.

        Parameters
        ----------
        gradient : ndarray of shape (..., n_weights)
        """
        if self.is_identity:
            return gradient
        gradient = np.array(gradient, order="C")
        V1, _ = self.network.split(gradient)
        by_W1 = V1[..., : self.network.n_features, :]
        if self.network.fit_intercept:
            by_W1 -= self.shift[:, None] * V1[..., self.network.n_features :, :]
        by_W1 /= self.scale[:, None]
        return gradient

    def parts(self, dtype: np.dtype) -> tuple["Standardisation", "Standardisation"]:
        """Divide it into a part that changes the weights, and a part that changes the features.

        The weights can absorb a feature whose mean is not far from 0. For other features, this
        would lose precision.

        Parameters
        ----------
        dtype : dtype
            Of the samples.

        Returns
        -------
        of_weights, of_features : Standardisation
            One after the other they are equivalent to this one.
        """
        most = _MOST_SCALE[dtype.char]
        near = np.abs(self.shift) <= _MOST_MEAN[dtype.char] * self.scale
        near &= (self.scale <= most) & (self.scale >= 1 / most)
        return self._of_features(near), self._of_features(~near)

    def _of_features(self, some: NDArray[np.bool_]) -> "Standardisation":
        """The standardisation of some features; the others stay as they are."""
        shift, scale = np.where(some, self.shift, 0.0), np.where(some, self.scale, 1.0)
        return Standardisation(self.network, shift, scale)

    def penalty(self, penalty: Penalty) -> Penalty:
        """The same penalty as a function of the weights in standardised coordinates."""
        input_scale = 1.0 if penalty.input_scale is None else penalty.input_scale
        return replace(penalty, input_scale=input_scale / self.scale)

    def data(self, data: Data) -> Data:
        """The data in standardised coordinates."""
        scaled = Data(self.transform(data.X), data.Y, data.sample_weight)
        if "moments" in vars(data):  # convert them, which is exact for 0 and 1
            mean, deviation = data.moments
            vars(scaled)["moments"] = (mean - self.shift) / self.scale, deviation / self.scale
        return scaled

    def transform(self, X: Any) -> Any:
        """X in standardised coordinates, in its dtype, computed in float64.

        Parameters
        ----------
        X : ndarray or CSR matrix of shape (n_samples, n_features)

        Returns
        -------
        ndarray, StandardisedRows, CSR matrix or CentredColumns
            `StandardisedRows` if X is dense and does not fit in memory (`fits_in_memory`).
            Sparse features stay sparse.
        """
        scaled = self._scaled(X)
        return scaled if sparse.issparse(X) or not fits_in_memory(X) else np.asarray(scaled)

    def view(self, X: Any) -> Any:
        """X in standardised coordinates, without a copy of the numbers of a dense X.

        Parameters
        ----------
        X : ndarray or CSR matrix of shape (n_samples, n_features)

        Returns
        -------
        ndarray, StandardisedRows, CSR matrix or CentredColumns
        """
        return X if self.is_identity else self._scaled(X)

    def _scaled(self, X: Any) -> Any:
        if sparse.issparse(X):
            return self._transform_sparse(X)
        return StandardisedRows(X, self.shift, 1 / self.scale)

    def _transform_sparse(self, X: Any) -> Any:
        """Scale the columns of a CSR matrix and centre it; the result shares the indices of X."""
        values, inverse = np.empty_like(X.data), 1 / self.scale
        for part in slices(len(values), block_length(8)):
            values[part] = X.data[part] * inverse[X.indices[part]]
        scaled = type(X)((values, X.indices, X.indptr), shape=X.shape, copy=False)
        return CentredColumns(scaled, self.shift * inverse) if self.shift.any() else scaled


def fits_in_memory(X: Any) -> bool:
    """Whether a copy of X takes no more than a quarter of the working memory.

    The working memory is ``sklearn.get_config()["working_memory"]``.

    Parameters
    ----------
    X : ndarray or CSR matrix
    """
    room = _SHARE_OF_MEMORY * get_config()["working_memory"] * 2**20
    return (X.data.nbytes if sparse.issparse(X) else X.nbytes) <= room


@dataclass(frozen=True, eq=False)
class StandardisedRows:
    """A dense X whose rows are standardised when they are read; `np.asarray` reads all rows.

    Parameters
    ----------
    X : ndarray of shape (n_samples, n_features)
        It may be a memory map.
    shift : ndarray of shape (n_features,)
    factor : ndarray of shape (n_features,)
        1 / scale.

    Examples
    --------
    >>> import numpy as np
    >>> from skbackprop.model._standardisation import StandardisedRows
    >>> X = StandardisedRows(np.array([[10.0], [20.0], [30.0]]), np.array([20.0]), np.array([0.1]))
    >>> X[1:]
    array([[0.],
           [1.]])
    """

    X: NDArray
    shift: NDArray[np.float64]
    factor: NDArray[np.float64]

    @property
    def shape(self) -> tuple[int, ...]:
        """Shape of X."""
        return self.X.shape

    @property
    def dtype(self) -> np.dtype:
        """The dtype of X and of the rows."""
        return self.X.dtype

    def __getitem__(self, rows: slice | NDArray) -> NDArray:
        X = np.subtract(self.X[rows], self.shift, order="C")  # in float64
        X *= self.factor
        return X.astype(self.dtype, copy=False)

    def __matmul__(self, B: NDArray) -> NDArray:
        return np.asarray(self) @ B

    def toarray(self) -> NDArray:
        """All rows as an array."""
        return np.asarray(self)

    def __array__(self, dtype: DTypeLike | None = None, copy: bool | None = None) -> NDArray:
        whole = np.empty(self.shape, self.dtype if dtype is None else dtype)
        for rows in slices(len(whole), block_length(8 * self.shape[1])):
            whole[rows] = self[rows]
        return whole
