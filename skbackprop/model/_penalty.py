"""The penalty on large weights, 1/2 alpha (sum_i v_i ||W1_i||^2 + ||W2||^2)."""

from dataclasses import dataclass, replace
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from ._network import Network

__all__ = ["Penalty"]

# Upper limit of alpha v_i: with it, the penalty of weights up to 1e4 is finite.
_LARGEST_FACTOR = 1e300


@dataclass(frozen=True, eq=False)
class Penalty:
    """1/2 alpha (sum_i v_i ||W1_i||^2 + ||W2||^2). Intercepts are not penalised.

    W1_i are the weights from feature i, and v_i is the square of `input_scale[i]`. If each scale
    is the standard deviation of the feature, the penalty does not depend on the units of the
    features; for standardised features it is 1/2 alpha ||W||^2.

    Parameters
    ----------
    network : Network
    alpha : float
        Factor, >= 0.
    input_scale : ndarray of shape (n_features,) or None
        The scale of each feature, > 0; None for 1.

    Examples
    --------
    >>> import numpy as np
    >>> from skbackprop.model import Network, Penalty
    >>> penalty = Penalty(Network(1, 1, 1), alpha=0.5)
    >>> penalty.value(np.array([2.0, 9.0, 4.0, 9.0]))  # W1, b1, W2, b2
    5.0
    >>> penalty = Penalty(Network(1, 1, 1), alpha=0.5, input_scale=np.array([1000.0]))
    >>> penalty.value(np.array([0.002, 9.0, 4.0, 9.0]))
    5.0
    """

    network: Network
    alpha: float = 0.0
    input_scale: NDArray[np.float64] | None = None

    def __post_init__(self) -> None:
        if self.input_scale is not None and (self.input_scale == 1).all():
            object.__setattr__(self, "input_scale", None)

    def with_alpha(self, alpha: float) -> "Penalty":
        """The penalty with another factor and the same scales."""
        return replace(self, alpha=alpha)

    @cached_property
    def factors(self) -> NDArray[np.float64]:
        """The factor of each weight, (n_weights,): alpha v_i or alpha, and 0 for intercepts."""
        return float(self.alpha) * self._scale * self._scale

    def value(self, w: NDArray) -> float:
        """The penalty of the weights w, (n_weights,)."""
        if not self.alpha:
            return 0.0
        return self._of_scaled(self._scale * w)

    def add_gradient(self, w: NDArray, gradient: NDArray) -> float:
        """Add the derivatives with respect to w to `gradient`, in place; return the penalty."""
        if not self.alpha:
            return 0.0
        scaled = self._scale * w
        gradient += self._steep_scale * scaled
        return self._of_scaled(scaled)

    def add_curvature(self, H: NDArray) -> None:
        """Add the second derivatives to a matrix (n_weights, n_weights), in place."""
        if self.alpha:
            np.einsum("ii->i", H)[...] += self.factors  # a view of the diagonal

    def of_hidden_layers(self, V1: NDArray) -> NDArray[np.float64]:
        """Penalties of many hidden layers [W1; b1], (..., n_features + fit_intercept, units)."""
        W1 = V1[..., : self.network.n_features, :]
        if self.alpha and self._limited_scale is not None:
            W1 = W1 * self._limited_scale[:, None]
        return self._of_matrices(W1)

    def of_output_layers(self, V2: NDArray) -> NDArray[np.float64]:
        """Penalties of many output layers [W2; b2], (..., n_hidden + fit_intercept, outputs)."""
        return self._of_matrices(V2[..., : self.network.n_hidden, :])

    def _of_scaled(self, scaled: NDArray) -> float:
        """1/2 alpha ||scaled||^2; a large scale and a small weight have cancelled before."""
        return 0.5 * self.alpha * float(scaled @ scaled)

    def _of_matrices(self, W: NDArray) -> NDArray[np.float64]:
        if not self.alpha:
            return np.zeros(W.shape[:-2])
        return 0.5 * self.alpha * np.einsum("...ij,...ij->...", W, W, dtype=np.float64)

    @cached_property
    def _scale(self) -> NDArray[np.float64]:
        """Scale of each weight, (n_weights,): its feature's for W1, 1 for W2, 0 for intercepts."""
        scale = self.network.penalised.astype(np.float64)
        if self._limited_scale is not None:
            self.network.unpack(scale).W1[:] = self._limited_scale[:, None]
        return scale

    @cached_property
    def _limited_scale(self) -> NDArray[np.float64] | None:
        if self.input_scale is None or not self.alpha:
            return self.input_scale
        return np.minimum(self.input_scale, max(1.0, (_LARGEST_FACTOR / self.alpha) ** 0.5))

    @cached_property
    def _steep_scale(self) -> NDArray[np.float64]:
        return self.alpha * self._scale
