"""The leverage of a sample: how far the fitted weights leave the prediction there open."""

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

# Relative size of the ridge. Beside what data and penalty say of a weight it does not count, and
# 1 / _RIDGE is far from 1 / eps, where a matrix has no Cholesky factor in float64.
_RIDGE = 1e-9


@dataclass(frozen=True, eq=False)
class Leverage:
    """h(x) = g^T (G + P)^-1 g, of every sample and output.

    g holds the derivatives of z3 by the weights, times the root of the curvature of the loss by
    z3; for the squared error these are the derivatives of the prediction. G is the sum of
    g g^T over the training samples and outputs, times the weights of the samples: the
    Gauss-Newton matrix. P holds the second derivatives of the penalty.

    If targets have noise of variance s^2 around the network, s^2 h is the variance of the
    prediction that comes from it, to first order (MacKay, Neural Computation 4, 1992, 448). Of
    a training sample, its weight times h is the share of its own noise that the fit follows, and
    the sum over all of them is the effective number of weights.

    Parameters
    ----------
    inverse : ndarray of shape (n_weights (n_weights + 1) / 2,), float32
        The inverse of the lower Cholesky factor of G + P and a ridge, in variables that make its
        diagonal 1, column after column. It is the smallest thing that serves. Its entries are at
        most 1 / sqrt(1e-9), so what float32 leaves out of h is far below 1.
    unit : ndarray of shape (n_weights,)
        The weights are `unit` times these variables.
    network : Network
    loss : Loss

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

    @classmethod
    def at(
        cls,
        objective: Objective,
        w: NDArray,
        *,
        scale: float = 1.0,
        rows: NDArray | None = None,
    ) -> Self:
        """The leverage around the weights w of a fit.

        A ridge is added to G + P, since a weight that neither the data nor a penalty determine
        (that of a saturated unit, of a feature that is constant, of one of two equal units) would
        leave the matrix singular. Relative to the mean diagonal it bounds what such a weight can
        add, and relative to a weight's own diagonal it lets the factorisation succeed.

        Parameters
        ----------
        objective : Objective
            J of the training samples, with its penalty; its loss has a curvature.
        w : ndarray of shape (n_weights,)
        scale : float
            A constant by which all sample weights, and the penalty with them, are multiplied.
        rows : ndarray of int or None
            The numbers of some samples, from which G is estimated; None for all of them.

        Raises
        ------
        FloatingPointError
            If the matrix is not finite, or not positive definite: for features near the largest
            numbers, or for a loss whose curvature is negative.
        """
        part = objective if rows is None else objective.take(rows)
        share = part.total_weight / objective.total_weight
        _, _, H = part.with_alpha(share * objective.alpha).gauss_newton(w)
        H *= scale / share
        diagonal = H.diagonal().copy()
        # in units of the inputs behind the weights, diagonals may be compared
        move = objective.feature_scaling.largest_move
        ridge = _RIDGE * (diagonal + np.mean(diagonal / move / move) * move * move)
        # with a unit diagonal, the units of the features do not make it ill-conditioned
        unit = 1 / np.sqrt(diagonal + np.where(ridge > 0, ridge, 1))
        H *= unit
        H *= unit[:, None]
        H[np.diag_indices_from(H)] = 1
        factor, bad = dpotrf(H, lower=1, overwrite_a=1)
        if bad or not np.isfinite(unit).all():
            raise FloatingPointError("the Gauss-Newton matrix is not finite or not positive")
        inverse, _ = dtrtri(factor, lower=1, overwrite_c=1)
        packed, _ = dtrttp(inverse, uplo="L")
        return cls(packed.astype(np.float32), unit, objective.network, objective.loss)

    def __call__(self, w: NDArray, X: Any) -> NDArray[np.float64]:
        """The leverage of some samples, (n_samples, n_outputs), computed in float64.

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
            # sparse features, also those that are standardised, have this method
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
    """The derivatives of z3 of output o by the weights.

    By W1 they are x_i f'(z2_j) w_jo, by the output's own column of W2 they are a2, and by the
    other columns 0. The input of an intercept is 1.

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
