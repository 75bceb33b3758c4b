"""The Gauss-Newton matrix of the cost, computed over blocks of rows."""

from functools import cached_property, partial
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray
from sklearn import get_config

from ._blocks import Scratch, accumulate, even_slices
from ._gauss_newton_forms import Form, Samples, fastest_form
from ._network import Weights, backward
from ._sigmoid import sigmoid_slope

if TYPE_CHECKING:
    from ._objective import Objective

__all__ = ["GaussNewton"]

# Inputs and their products are kept from one matrix to the next if they take no more than this
# number of bytes and this fraction of the working memory.
_KEPT_BYTES, _KEPT_SHARE = 2**25, 0.25


# x (n_inputs, n_samples), and their products if the form needs them
_Inputs = tuple[NDArray, NDArray | None]


class GaussNewton:
    """The Gauss-Newton matrix of the samples' cost; the parts that do not depend on w are kept.

    Let C be the second derivative of the loss with respect to z3, and D the derivatives of z3 with
    respect to the weights. The matrix is D^T C D: the Hessian of the cost without the second
    derivatives of the network. For the squared error and the Hellinger distance it is the
    Gauss-Newton matrix of a sum of squares; for other losses it is the generalised matrix of
    Schraudolph (Neural Computation 14, 2002). It is always computed in float64, because its
    condition number is that of D squared.

    Parameters
    ----------
    objective : Objective
        Its penalty is ignored.
    """

    def __init__(self, objective: "Objective") -> None:
        self._objective = objective
        self._is_first = True

    def __call__(
        self, w: NDArray[np.float64]
    ) -> tuple[float, NDArray[np.float64], NDArray[np.float64]]:
        """The cost, its gradient and its Gauss-Newton matrix.

        Parameters
        ----------
        w : ndarray of shape (n_weights,)

        Returns
        -------
        value : float
        gradient : ndarray of shape (n_weights,)
        H : ndarray of shape (n_weights, n_weights), symmetric up to rounding
        """
        objective, form = self._objective, self._form
        # a single matrix is faster with products that stay in the cache block by block
        kept = None if self._is_first else self._kept
        self._is_first = False
        weights = objective.network.unpack_joined(w, hidden=False)
        W2 = weights.W2[: objective.network.n_hidden]
        value, gradient, *sums = accumulate(
            partial(self._add_block, weights, kept),
            even_slices(objective.n_samples, form.block_length),
            [(), (objective.n_weights,), *form.shapes],
        )
        return float(value), gradient, form.matrix(W2, *sums)

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
        X, Y, V2 = data.dense_rows(rows), data.Y[rows], weights.W2
        a, z3 = objective.feed_forward(weights, X)
        cost, sigma3 = objective.loss.value_and_grad(Y, z3)
        curvature = objective.loss.curvature(Y, z3)
        cost, sigma3, curvature = data.weighted(rows, cost, sigma3, curvature)
        value += cost.sum()
        x, xx = self._inputs(X, scratch) if kept is None else _rows_of(kept, rows)
        samples = Samples(x, xx, a.T, sigmoid_slope(a[:, : net.n_hidden]).T, curvature.T)
        self._form.add(samples, V2[: net.n_hidden], scratch, *sums)
        backward(X, a, V2, sigma3, net.unpack_joined(gradient, hidden=False), scratch)

    def _inputs(self, X: NDArray, scratch: Scratch) -> _Inputs:
        """Inputs of some samples, with the 1 of the intercept, and the products the form needs."""
        net = self._objective.network
        x = scratch.rows("x", net.shape1[0], len(X), np.float64)
        x[: net.n_features], x[net.n_features :] = X.T, 1
        return x, self._form.products(x, scratch)

    @cached_property
    def _form(self) -> Form:
        """The faster of the two forms in which the matrix can be computed."""
        return fastest_form(self._objective.network, self._objective.n_samples)

    @cached_property
    def _kept(self) -> _Inputs | None:
        """The inputs of all samples and their products; None if they are too large to keep."""
        objective = self._objective
        n_bytes = 8 * objective.n_samples * (objective.network.shape1[0] + self._form.n_products)
        affordable = min(_KEPT_BYTES, _KEPT_SHARE * get_config()["working_memory"] * 2**20)
        if n_bytes > affordable:
            return None
        return self._inputs(objective.data.dense_rows(slice(None)), Scratch())


def _rows_of(inputs: _Inputs, rows: slice) -> _Inputs:
    x, xx = inputs
    return x[:, rows], None if xx is None else xx[:, rows]
