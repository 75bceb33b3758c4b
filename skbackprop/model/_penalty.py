"""The penalty on large weights, 1/2 alpha ||W||^2."""

from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from ._network import Network

__all__ = ["Penalty"]


@dataclass(frozen=True)
class Penalty:
    """1/2 alpha ||W||^2, the sum over all weights that are not intercepts.

    Parameters
    ----------
    network : Network
    alpha : float
        Factor, >= 0.

    Examples
    --------
    >>> import numpy as np
    >>> from skbackprop.model import Network, Penalty
    >>> penalty = Penalty(Network(1, 1, 1), alpha=0.5)
    >>> penalty.value(np.array([2.0, 9.0, 4.0, 9.0]))  # W1, b1, W2, b2
    5.0
    """

    network: Network
    alpha: float = 0.0

    @cached_property
    def factors(self) -> NDArray[np.float64]:
        """The factor of each weight, (n_weights,): alpha, and 0 for intercepts."""
        return np.where(self.network.penalised, float(self.alpha), 0.0)

    def value(self, w: NDArray) -> float:
        """The penalty of the weights w, (n_weights,)."""
        return 0.5 * float(self.factors @ (w * w)) if self.alpha else 0.0

    def add_gradient(self, w: NDArray, gradient: NDArray) -> None:
        """Add the derivatives by w, in place."""
        if self.alpha:
            gradient += self.factors * w

    def add_curvature(self, H: NDArray) -> None:
        """Add the second derivatives to a matrix (n_weights, n_weights), in place."""
        if self.alpha:
            H[np.diag_indices_from(H)] += self.factors

    def of_layers(self, V: NDArray) -> NDArray[np.float64]:
        """The penalty of each of many layers [W; b], of shape (..., n_rows, n_columns)."""
        if not self.alpha:
            return np.zeros(V.shape[:-2])
        W = V[..., : V.shape[-2] - self.network.fit_intercept, :]
        return 0.5 * self.alpha * np.einsum("...ij,...ij->...", W, W, dtype=np.float64)
