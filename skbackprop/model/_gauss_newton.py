"""The Gauss-Newton matrix of J, by blocks of rows."""

from functools import cached_property, partial
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray
from sklearn import get_config

from ._blocks import Scratch, accumulate, even_slices
from ._gauss_newton_forms import Form, Samples, fastest_form
from ._network import Weights, backward, hidden_layer, output_layer
from ._sigmoid import sigmoid_slope

if TYPE_CHECKING:
    from ._objective import Objective

__all__ = ["GaussNewton"]

# Inputs and their products are kept from one matrix to the next up to so many bytes, and up to
# this part of the working memory.
_KEPT_BYTES, _KEPT_SHARE = 2**25, 0.25


# x (n_inputs, n_samples), and their products if the form needs them
_Inputs = tuple[NDArray, NDArray | None]


class GaussNewton:
    """The Gauss-Newton matrix of an objective, with what does not depend on the weights.

    With C the curvature of the loss by z3 and D the derivatives of z3 by the weights,
    H = D^T C D + alpha I: the Hessian of J without the curvature of the network itself.
    For the squared error and the Hellinger distance this is the Gauss-Newton matrix of
    a sum of squares, for others the generalised one of Schraudolph (Neural Computation
    14, 2002). Computed in float64 whatever the dtype of X, since its condition number
    is that of D squared.

    Parameters
    ----------
    objective : Objective
    """

    def __init__(self, objective: "Objective") -> None:
        self._objective = objective

    def __call__(self, w: NDArray) -> tuple[float, NDArray[np.float64], NDArray[np.float64]]:
        """J(w), dJ/dw and the Gauss-Newton matrix.

        Parameters
        ----------
        w : ndarray of shape (n_weights,)

        Returns
        -------
        value : float
        gradient : ndarray of shape (n_weights,), float64
        H : ndarray of shape (n_weights, n_weights), float64, symmetric up to rounding
        """
        objective, form, kept = self._objective, self._form, self._kept
        w = np.asarray(w, dtype=np.float64)
        weights = objective.network.unpack(w)
        value, gradient, *sums = accumulate(
            partial(self._add_block, weights, kept),
            even_slices(objective.n_samples, form.block_length),
            [(), (objective.n_weights,), *form.shapes],
        )
        H = form.matrix(weights.W2, *sums)
        objective.penalty.add_gradient(w, gradient)
        objective.penalty.add_curvature(H)
        return float(value + objective.penalty.value(w)), gradient, H

    def _add_block(
        self,
        weights: Weights,
        kept: _Inputs | None,
        rows: slice,
        value: NDArray,
        gradient: NDArray,
        *sums: NDArray,
    ) -> None:
        """Add the cost of a block of rows, its gradient, and the sums of the form."""
        objective, data = self._objective, self._objective.data
        net, scratch = objective.network, objective.scratch
        W1, b1, W2, b2 = weights
        X, Y = data.dense_rows(rows), data.Y[rows]
        a = scratch.rows("a", net.shape2[0], len(X), np.float64)
        a[net.n_hidden :] = 1
        a2 = hidden_layer(X, W1, b1, a[: net.n_hidden].T)
        z3 = output_layer(a2, W2, b2)
        cost, sigma3 = objective.loss.value_and_grad(Y, z3)
        curvature = objective.loss.curvature(Y, z3)
        cost, sigma3, curvature = data.weighted(rows, cost, sigma3, curvature)
        value += cost.sum()
        x, xx = self._inputs(X, scratch) if kept is None else _rows_of(kept, rows)
        samples = Samples(x, xx, a, sigmoid_slope(a2).T, curvature.T)
        self._form.add(samples, W2, scratch, *sums)
        backward(X, a2, W2, sigma3, net.unpack(gradient), scratch)

    def _inputs(self, X: NDArray, scratch: Scratch) -> _Inputs:
        """The inputs of some samples with the 1 of an intercept, and the products of the form."""
        net = self._objective.network
        x = scratch.rows("x", net.shape1[0], len(X), np.float64)
        x[: net.n_features], x[net.n_features :] = X.T, 1
        return x, self._form.products(x, scratch)

    @cached_property
    def _form(self) -> Form:
        """How the matrix is computed."""
        return fastest_form(self._objective.network, self._objective.n_samples)

    @cached_property
    def _kept(self) -> _Inputs | None:
        """The inputs of all samples and their products, where they are small."""
        objective = self._objective
        n_bytes = 8 * objective.n_samples * (objective.network.shape1[0] + self._form.n_products)
        affordable = min(_KEPT_BYTES, _KEPT_SHARE * get_config()["working_memory"] * 2**20)
        if n_bytes > affordable:
            return None
        return self._inputs(objective.data.dense_rows(slice(None)), Scratch())


def _rows_of(inputs: _Inputs, rows: slice) -> _Inputs:
    x, xx = inputs
    return x[:, rows], None if xx is None else xx[:, rows]
