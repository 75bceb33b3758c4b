"""The Gauss-Newton matrix of J, by blocks of rows."""

from functools import partial
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from ._blocks import accumulate, block_length, even_slices
from ._network import Weights, backward, hidden_layer, output_layer
from ._sigmoid import sigmoid_slope

if TYPE_CHECKING:
    from ._objective import Objective

__all__ = ["gauss_newton"]


def gauss_newton(
    objective: "Objective", w: NDArray
) -> tuple[float, NDArray[np.float64], NDArray[np.float64]]:
    """J(w), dJ/dw and the Gauss-Newton matrix.

    With C the curvature of the loss by z3 and D the derivatives of z3 by the weights,
    H = D^T C D + alpha I: the Hessian of J without the curvature of the network itself.
    For the squared error and the Hellinger distance this is the Gauss-Newton matrix of
    a sum of squares, for others the generalised one of Schraudolph (Neural Computation
    14, 2002). Computed in float64 whatever the dtype of X, since its condition number
    is that of D squared.

    Parameters
    ----------
    objective : Objective
    w : ndarray of shape (n_weights,)

    Returns
    -------
    value : float
    gradient : ndarray of shape (n_weights,), float64
    H : ndarray of shape (n_weights, n_weights), float64, symmetric
    """
    net, n_weights = objective.network, objective.n_weights
    w = np.asarray(w, dtype=np.float64)
    length = block_length(8 * (net.n_hidden_weights + net.shape2[0]))
    value, gradient, H = accumulate(
        partial(_add_block, objective, net.unpack(w)),
        even_slices(objective.n_samples, length),
        [(), (n_weights,), (n_weights, n_weights)],
    )
    objective.penalty.add_gradient(w, gradient)
    objective.penalty.add_curvature(H)
    return float(value + objective.penalty.value(w)), gradient, H


def _add_block(
    objective: "Objective",
    weights: Weights,
    rows: slice,
    value: NDArray,
    gradient: NDArray,
    H: NDArray,
) -> None:
    """Add the cost of a block of rows, its gradient and its D^T C D."""
    net, data, scratch = objective.network, objective.data, objective.scratch
    W1, b1, W2, b2 = weights
    X, Y = data.dense_rows(rows), data.Y[rows]
    a2 = hidden_layer(X, W1, b1, scratch.columns("a2", len(X), net.n_hidden, np.float64))
    z3 = output_layer(a2, W2, b2)
    cost, sigma3 = objective.loss.value_and_grad(Y, z3)
    curvature = objective.loss.curvature(Y, z3)
    cost, sigma3, curvature = data.weighted(rows, cost, sigma3, curvature)
    value += cost.sum()

    cut, units = net.n_hidden_weights, net.shape2[0]
    # D has a row for each weight, so that samples lie along memory; an intercept's input is 1
    x, a = (_with_ones(inputs.T, net.fit_intercept) for inputs in (X, a2))
    slope = sigmoid_slope(a2).T
    root = np.sqrt(curvature.T)
    D = scratch.rows("D", cut + units, len(X), np.float64)
    by_hidden = D[:cut].reshape(*net.shape1, len(X))
    for o in range(net.n_outputs):
        # dz3 by W1 is x_i f'(z2_j) w_jo, and by the output's own weights it is a2
        np.multiply(x[:, None], W2[:, o, None] * slope * root[o], out=by_hidden)
        np.multiply(a, root[o], out=D[cut:])
        DCD = D @ D.T
        column = slice(cut + o, None, net.n_outputs)
        H[:cut, :cut] += DCD[:cut, :cut]
        H[column, :cut] += DCD[cut:, :cut]
        H[:cut, column] += DCD[:cut, cut:]
        H[column, column] += DCD[cut:, cut:]
    backward(X, a2, W2, sigma3, net.unpack(gradient), scratch)


def _with_ones(inputs: NDArray, fit_intercept: bool) -> NDArray:
    """Inputs (n_inputs, n_samples), and a last row of ones where there is an intercept."""
    if not fit_intercept:
        return inputs
    return np.vstack([inputs, np.ones(inputs.shape[1])])
