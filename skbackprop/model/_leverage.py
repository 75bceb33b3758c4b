"""The leverage of a sample: the variance of its prediction due to uncertain weights."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Self

import numpy as np
from scipy.linalg.blas import dtrmm
from scipy.linalg.lapack import dpotrf, dtpttr, dtrtri, dtrttp

from ._blocks import block_length, slices
from ._network import Network, Weights, hidden_layer, output_layer
from ._sigmoid import sigmoid, sigmoid_slope

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from ..losses import Loss
    from ._objective import Objective

__all__ = ["Leverage", "output_derivatives"]

# Relative size of the ridge. It is negligible compared with the information that data and penalty
# hold about a weight, and 1 / _RIDGE is far below 1 / eps, the condition number beyond which a
# Cholesky factorisation fails in float64.
_RIDGE = 1e-9


@dataclass(frozen=True, eq=False)
class Leverage:
    """h(x) = g^T (G + P)^-1 g for every sample and output.

    g holds the derivatives of z3 with respect to the weights, times the square root of the second
    derivative of the loss with respect to z3; for the squared error, g is the gradient of the
    prediction. G is the Gauss-Newton matrix: the sum of g g^T over the training samples and
    outputs, weighted by the sample weights. P holds the second derivatives of the penalty.

    If the targets are the network's output plus noise of variance s^2, then s^2 h is, to first
    order, the variance of the prediction that this noise causes (MacKay, Neural Computation 4,
    1992, 448). For a training sample, h times its weight is the fraction of its noise that the
    fit reproduces; the sum over all training samples is the effective number of weights.

    Parameters
    ----------
    inverse : ndarray of shape (n_weights (n_weights + 1) / 2,), float32
        Inverse of the lower Cholesky factor of G + P plus a ridge, for weights rescaled so that
        the diagonal of the matrix is 1; packed column by column, to take little memory. Its
        entries are at most 1 / sqrt(1e-9), so the rounding error of h in float32 is far below 1.
    unit : ndarray of shape (n_weights,)
        Factors from the rescaled weights to the weights.
    network : Network
    loss : Loss
    n_effective : float
        trace(G (G + P)^-1), the effective number of weights: the sum of h times weight over the
        training samples and outputs.

    Examples
    --------
    >>> import numpy as np
    >>> from skbackprop.losses import SquaredError
    >>> from skbackprop.model import Network, Objective
    >>> from skbackprop.model._leverage import Leverage
    >>> X, w = np.linspace(-1, 1, 20)[:, None], np.array([4.0, 0.0, 2.0, -1.0])
    >>> J = Objective.from_arrays(Network(1, 1, 1), SquaredError(), X, np.full((20, 1), 0.5))
    >>> h = Leverage.at(J, w)(w, X)
    >>> print(f"{h.sum():.3f}")  # without a penalty, each of the four weights counts as one
    4.000
    """

    inverse: NDArray[np.float32]
    unit: NDArray[np.float64]
    network: Network
    loss: Loss
    n_effective: float

    @classmethod
    def at(
        cls,
        objective: Objective,
        w: NDArray,
        *,
        scale: float = 1.0,
        rows: NDArray | None = None,
    ) -> Self:
        """Compute the leverage at the weights w of a fit.

        A ridge is added to G + P, because the matrix is singular if neither the data nor a
        penalty determine a weight: that of a saturated unit, of a constant feature, or of one of
        two equal units. The part of the ridge proportional to the mean diagonal bounds the
        contribution of such a weight; the part proportional to the weight's own diagonal makes
        the factorisation succeed.

        Parameters
        ----------
        objective : Objective
            J of the training samples, with its penalty. The loss must have `curvature`.
        w : ndarray of shape (n_weights,)
        scale : float
            Factor by which all sample weights and the penalty are multiplied, > 0.
        rows : ndarray of int or None
            Indices of the samples from which G is estimated; None for all samples.

        Raises
        ------
        FloatingPointError
            If the matrix is not finite or not positive definite. Reasons are features near the
            largest representable number, or a loss with negative curvature.
        """
        part = objective if rows is None else objective.take(rows)
        share = part.total_weight / objective.total_weight
        _, _, H = part.with_alpha(share * objective.alpha).gauss_newton(w)
        H *= scale / share
        diagonal = H.diagonal().copy()
        # scaled by the size of the weights' inputs, the diagonal entries are comparable
        move = objective.feature_scaling.largest_move
        ridge = _RIDGE * (diagonal + np.mean(diagonal / move / move) * move * move)
        # with a unit diagonal, the units of the features do not affect the condition number
        ridge[ridge <= 0] = 1
        unit = 1 / np.sqrt(diagonal + ridge)
        H *= unit
        H *= unit[:, None]
        H[np.diag_indices_from(H)] = 1
        factor, bad = dpotrf(H, lower=1, overwrite_a=1)
        if bad or not np.isfinite(unit).all():
            raise FloatingPointError("the Gauss-Newton matrix is not finite or not positive")
        inverse, _ = dtrtri(factor, lower=1, overwrite_c=1)
        # the trace of G (G + P)^-1 is that of 1 - P (G + P)^-1, and P is diagonal
        P = (scale * objective.penalty.factors + ridge) * unit * unit
        n_effective = objective.n_weights - float(P @ np.einsum("ij,ij->j", inverse, inverse))
        packed, _ = dtrttp(inverse, uplo="L")
        packed = packed.astype(np.float32)
        return cls(packed, unit, objective.network, objective.loss, n_effective)

    def __call__(self, w: NDArray, X: Any) -> NDArray[np.float64]:
        """Leverage of some samples, (n_samples, n_outputs), computed in float64.

        Parameters
        ----------
        w : ndarray of shape (n_weights,)
        X : ndarray, CSR matrix or CentredColumns of shape (n_samples, n_features)
        """
        net = self.network
        weights = net.unpack(np.asarray(w, dtype=np.float64))
        inverse, _ = dtpttr(net.n_weights, self.inverse.astype(np.float64), uplo="L")
        h = np.empty((X.shape[0], net.n_outputs))
        for rows in slices(X.shape[0], block_length(2 * 8 * net.n_weights)):
            # sparse matrices and CentredColumns have `toarray`
            some = X[rows].toarray() if hasattr(X, "toarray") else X[rows]
            some = some.astype(np.float64, copy=False)
            a2 = hidden_layer(some, weights.W1, weights.b1)
            z3 = output_layer(a2, weights.W2, weights.b2)
            root = np.sqrt(self.loss.curvature(sigmoid(z3), z3))
            for o in range(net.n_outputs):
                g = output_derivatives(net, weights, some, a2, o)
                g *= root[:, o, None]
                g *= self.unit
                shares = dtrmm(1.0, inverse, g.T, lower=1, overwrite_b=1)
                np.einsum("ij,ij->j", shares, shares, out=h[rows, o])
        return h


def output_derivatives(
    network: Network, weights: Weights, X: NDArray, a2: NDArray, o: int
) -> NDArray[np.float64]:
    """Derivatives of z3 of output o with respect to the weights.

    They are x_i f'(z2_j) w_jo for W1_ij, a2 for the output's own column of W2, and 0 for the
    other columns. The input of an intercept is 1.

    Parameters
    ----------
    network : Network
    weights : Weights
    X : ndarray of shape (n_samples, n_features)
    a2 : ndarray of shape (n_samples, n_hidden)
    o : int in [0, n_outputs)

    Returns
    -------
    ndarray of shape (n_samples, n_weights)
    """
    derivatives = np.zeros((len(X), network.n_weights))
    by_hidden, by_output = network.split(derivatives)
    by_z2 = sigmoid_slope(a2) * weights.W2[:, o]
    np.multiply(X[:, :, None], by_z2[:, None], out=by_hidden[:, : network.n_features])
    by_output[:, : network.n_hidden, o] = a2
    if network.fit_intercept:
        by_hidden[:, -1] = by_z2
        by_output[:, -1, o] = 1
    return derivatives
