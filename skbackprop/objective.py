"""J as a function of one flat weight vector: the cost, its gradient, and many costs at once.

The objective is the only object that sees the data. Solvers, scipy, tests and displays all
go through it. Everything is computed over blocks of rows that stay in the processor's
cache, so memory does not grow with the data.
"""

from dataclasses import dataclass
from typing import Any

import numpy as np
from scipy import sparse

from ._blocks import block_length, map_in_order, slices
from .losses import Loss
from .network import Network, product, sample_major

__all__ = ["Objective"]


@dataclass(frozen=True, eq=False)
class Objective:
    """J(w) = sum of the cost over samples and outputs + 1/2 alpha ||W||^2.

    Parameters
    ----------
    network : Network
    loss : Loss
    X : ndarray or CSR matrix of shape (n_samples, n_features), float32 or float64
    Y : ndarray of shape (n_samples, n_outputs), of the dtype of `X`
        Targets in the range of the sigmoid, [0, 1].
    sample_weight : ndarray of shape (n_samples,), of the dtype of `X`, or None
        Each sample's cost is multiplied by its weight.
    alpha : float, default=0.0
        Penalty, >= 0. Intercepts are not penalised.

    Examples
    --------
    >>> import numpy as np
    >>> from skbackprop.losses import SquaredError
    >>> from skbackprop.network import Network
    >>> from skbackprop.objective import Objective
    >>> X = np.array([[0.0, 0.0], [0.0, 1.0], [1.0, 0.0], [1.0, 1.0]])
    >>> Y = np.array([[0.0], [1.0], [1.0], [0.0]])
    >>> xor = Objective(Network(2, 2, 1), SquaredError(), X, Y)
    >>> xor.value(np.zeros(9))
    0.5
    """

    network: Network
    loss: Loss
    X: Any
    Y: np.ndarray
    sample_weight: np.ndarray | None = None
    alpha: float = 0.0

    def __post_init__(self):
        # the layout of every array of units here; mixing layouts costs twice the time
        object.__setattr__(self, "Y", np.asfortranarray(self.Y))

    @property
    def n_weights(self):
        """Number of weights, the length of w."""
        return self.network.n_weights

    @property
    def total_weight(self):
        """Sum of the sample weights; the number of samples where there are none."""
        if self.sample_weight is None:
            return float(self.X.shape[0])
        return float(self.sample_weight.sum(dtype=np.float64))

    def take(self, rows):
        """The objective of some of the rows.

        Parameters
        ----------
        rows : slice, or ndarray of int or bool

        Returns
        -------
        Objective
        """
        weight = None if self.sample_weight is None else self.sample_weight[rows]
        return Objective(self.network, self.loss, self.X[rows], self.Y[rows], weight, self.alpha)

    def value(self, w):
        """J(w).

        Parameters
        ----------
        w : ndarray of shape (n_weights,)

        Returns
        -------
        float
        """
        return float(self.values(np.asarray(w)[None])[0])

    def value_and_grad(self, w):
        """J(w) and dJ/dw, by the equations of backpropagation.

        Parameters
        ----------
        w : ndarray of shape (n_weights,)

        Returns
        -------
        value : float
        grad : ndarray of shape (n_weights,), float64
        """
        net, dtype = self.network, self.X.dtype
        weights = net.unpack(np.asarray(w, dtype=dtype))
        length = block_length(2 * net.n_hidden * dtype.itemsize)
        blocks = list(slices(self.X.shape[0], length))
        value, grad = float(self._penalty(np.asarray(w)[None])[0]), np.zeros(self.n_weights)
        for cost, part in map_in_order(lambda rows: self._backpropagate(rows, *weights), blocks):
            value += cost
            grad += part
        if self.alpha:
            grad += self.alpha * np.where(net.penalised(), w, 0.0)
        return value, grad

    def _backpropagate(self, rows, W1, b1, W2, b2):
        """The cost of some rows and its gradient, the lecture's equations on a block."""
        net, X = self.network, self.X[rows]
        m, dtype = X.shape[0], X.dtype
        a2 = net.hidden(X, W1, b1, sample_major(m, net.n_hidden, dtype))
        z3 = net.output(a2, W2, b2, sample_major(m, net.n_outputs, dtype))

        cost, sigma3 = self._weighted(rows, self.loss.value_and_grad(self.Y[rows], z3))
        dJ_dW2 = a2.T @ sigma3

        sigma2 = product(sigma3, W2.T, sample_major(m, net.n_hidden, dtype))
        sigma2 *= a2
        sigma2 *= np.subtract(1, a2, out=a2)  # f'(z2) = a2 (1 - a2)
        dJ_dW1 = X.T @ sigma2

        # with intercepts, the products with the columns of ones
        dJ_db1, dJ_db2 = sigma2.sum(axis=0), sigma3.sum(axis=0)
        return float(cost.sum(dtype=np.float64)), net.pack(dJ_dW1, dJ_db1, dJ_dW2, dJ_db2)

    def input_scale(self):
        """How far z2 and z3 move, at most, for a unit step of each weight.

        By Cauchy and Schwarz a step p moves z2 by at most sqrt(fan_in) ||rms * p||, with
        rms the root mean square of the inputs. That is the feature's for W1; for W2 it is
        about 1/2, as a2 is in [0, 1]; an intercept's input is 1.

        Returns
        -------
        scale : ndarray of shape (n_weights,), > 0
        """
        net = self.network
        squares = np.zeros(net.n_features)
        for rows in slices(self.X.shape[0], block_length(8 * net.n_features)):
            X = self._dense_rows(rows)
            weight = 1.0 if self.sample_weight is None else self.sample_weight[rows, None]
            squares += (weight * X * X).sum(axis=0)
        rms = np.sqrt(squares / self.total_weight)
        scale = np.ones(net.n_weights)
        W1, _, W2, _ = net.unpack(scale)
        W1[:] = np.where(rms > 0, rms, 1)[:, None]
        W2[:] = 0.5
        for layer, fan_in in zip(net.split(scale), (net.shape1[0], net.shape2[0]), strict=True):
            layer *= np.sqrt(fan_in)
        return scale

    def gauss_newton(self, w):
        """J(w), dJ/dw and the Gauss-Newton matrix, by blocks of rows.

        With C the curvature of the loss by z3 and D the derivatives of z3 by the weights,
        H = D^T C D + alpha I: the Hessian of J without the curvature of the network itself.
        For the squared error and the Hellinger distance this is the Gauss-Newton matrix of
        a sum of squares, for others the generalised one of Schraudolph (Neural Computation
        14, 2002). Computed in float64 whatever the dtype of X, since its condition number
        is that of D squared.

        Parameters
        ----------
        w : ndarray of shape (n_weights,)

        Returns
        -------
        value : float
        grad : ndarray of shape (n_weights,), float64
        H : ndarray of shape (n_weights, n_weights), float64, symmetric
        """
        net = self.network
        w = np.asarray(w, dtype=np.float64)
        weights = net.unpack(w)
        length = block_length(8 * (net.n_hidden_weights + net.shape2[0]))
        blocks = list(slices(self.X.shape[0], length))
        value, grad = float(self._penalty(w[None])[0]), np.zeros(self.n_weights)
        H = np.zeros((self.n_weights, self.n_weights))
        for cost, part, parts in map_in_order(
            lambda rows: self._normal_parts(rows, *weights), blocks
        ):
            value += cost
            grad += part
            for where, square in parts:
                H[where] += square
        if self.alpha:
            penalised = net.penalised()
            grad += self.alpha * np.where(penalised, w, 0.0)
            H[np.diag_indices_from(H)] += self.alpha * penalised
        return value, grad, H

    def _normal_parts(self, rows, W1, b1, W2, b2):
        """Cost, gradient and, for each output, where D^T C D of some rows goes in H."""
        net, X, Y = self.network, self._dense_rows(rows), self.Y[rows]
        m, cut, (units, outputs) = len(X), net.n_hidden_weights, net.shape2
        widened = np.ones((m, net.shape1[0]))
        widened[:, : net.n_features] = X
        a2 = np.ones((m, units))
        a2[:, : net.n_hidden] = net.hidden(X, W1, b1)
        z3 = net.output(a2[:, : net.n_hidden], W2, b2)
        cost, sigma3 = self.loss.value_and_grad(Y, z3)
        cost, sigma3, curvature = self._weighted(rows, (cost, sigma3, self.loss.curvature(Y, z3)))
        slope = a2[:, : net.n_hidden] * (1 - a2[:, : net.n_hidden])  # f'(z2)

        grad, squares = np.zeros(self.n_weights), []
        for o in range(outputs):
            # dz3 by [W1; b1] is x_i f'(z2_j) w_jo, by the output's column of [W2; b2] it is a2
            D = np.empty((m, cut + units))
            by_hidden = D[:, :cut].reshape(m, *net.shape1)
            np.multiply(widened[:, :, None], (slope * W2[:, o])[:, None, :], out=by_hidden)
            D[:, cut:] = a2
            columns = np.r_[:cut, cut + o : cut + units * outputs : outputs]
            grad[columns] += sigma3[:, o] @ D
            D *= np.sqrt(curvature[:, o, None])
            squares.append((np.ix_(columns, columns), D.T @ D))
        return float(cost.sum()), grad, squares

    def values(self, W):
        """J of many weight vectors.

        The hidden layers of a block of candidates are one matrix product.

        Parameters
        ----------
        W : ndarray of shape (n_candidates, n_weights)

        Returns
        -------
        J : ndarray of shape (n_candidates,), float64
        """
        net, dtype, n_samples = self.network, self.X.dtype, self.X.shape[0]
        W = np.asarray(W)
        J = self._penalty(W)
        per_sample = (net.n_hidden + 3 * net.n_outputs) * dtype.itemsize
        row_length = min(n_samples, block_length(per_sample))
        for rows in slices(n_samples, row_length):
            X, Y = self.X[rows], self.Y[rows]
            m = rows.stop - rows.start
            for batch in slices(len(W), block_length(per_sample * m)):
                V1, V2 = net.split(W[batch].astype(dtype, copy=False))
                a2 = self._hidden_of_many(X, V1)
                z3 = a2 @ V2[:, : net.n_hidden]
                if net.fit_intercept:
                    z3 += V2[:, -1:]
                (cost,) = self._weighted(rows, (self.loss.value(Y, z3),))
                J[batch] += cost.sum(axis=(1, 2), dtype=np.float64)
        return J

    def output_values(self, w1, V2):
        """J of many output layers that share one hidden layer, for each output by itself.

        Given the hidden layer, a separable cost is a sum over outputs, each depending on
        its own column of [W2; b2] alone: the best column of each output may be taken from
        another candidate.

        Parameters
        ----------
        w1 : ndarray of shape (n_hidden_weights,)
            The flat [W1; b1].
        V2 : ndarray of shape (n_candidates, n_hidden + fit_intercept, n_outputs)
            Candidates for [W2; b2].

        Returns
        -------
        J : ndarray of shape (n_candidates, n_outputs), float64
            Cost and penalty of each output's column, without the penalty of W1;
            (n_candidates, 1) where the loss is not separable.
        """
        net, dtype = self.network, self.X.dtype
        V1 = w1.reshape(net.shape1).astype(dtype, copy=False)
        W1, b1 = (V1[:-1], V1[-1]) if net.fit_intercept else (V1, None)
        candidates, units, outputs = V2.shape
        # [W2; b2] of all candidates beside each other: (units, candidates * outputs)
        V2 = V2.astype(dtype, copy=False)
        beside = np.ascontiguousarray(V2.transpose(1, 0, 2)).reshape(units, -1)
        W2, b2 = (beside[:-1], beside[-1]) if net.fit_intercept else (beside, None)

        J = 0.5 * self.alpha * (V2[:, : net.n_hidden].astype(np.float64) ** 2).sum(axis=1)
        if not self.loss.separable:
            J = J.sum(axis=1, keepdims=True)
        length = block_length((net.n_hidden + 3 * candidates * outputs) * dtype.itemsize)
        for rows in slices(self.X.shape[0], length):
            m = rows.stop - rows.start
            a2 = net.hidden(self.X[rows], W1, b1, sample_major(m, net.n_hidden, dtype))
            z3 = net.output(a2, W2, b2, sample_major(m, candidates * outputs, dtype))
            z3 = z3.T.reshape(candidates, outputs, m).transpose(2, 0, 1)
            cost = self.loss.value(self.Y[rows][:, None, :], z3)
            J += self._sum_samples(rows, cost)
        return J

    def best_output(self, w1, V2):
        """The best network with this hidden layer and output columns from the candidates.

        Parameters
        ----------
        w1 : ndarray of shape (n_hidden_weights,)
            The flat [W1; b1].
        V2 : ndarray of shape (n_candidates, n_hidden + fit_intercept, n_outputs)
            Candidates for [W2; b2]; each output takes its own best column where the loss
            is separable.

        Returns
        -------
        w : ndarray of shape (n_weights,)
        value : float
            J(w).
        """
        J = self.output_values(w1, V2)
        winners = J.argmin(axis=0)
        if self.loss.separable:
            best = V2[winners, :, np.arange(self.network.n_outputs)].T
        else:
            best = V2[winners[0]]
        hidden_only = np.concatenate([w1, np.zeros(best.size)])
        value = float(J.min(axis=0).sum() + self._penalty(hidden_only[None])[0])
        return np.concatenate([w1, best.ravel()]), value

    def of_unit(self, w, unit):
        """J as a function of one hidden unit's incoming weights, all else fixed.

        What the other units add to z3 is computed once, for any number of candidates.

        Parameters
        ----------
        w : ndarray of shape (n_weights,)
        unit : int in [0, n_hidden)

        Returns
        -------
        values : callable
            From candidates for the unit's column of [W1; b1], an array of shape
            (n_candidates, n_features + fit_intercept), to J of shape (n_candidates,).
        """
        net, dtype = self.network, self.X.dtype
        others = np.array(w, dtype=np.float64)
        W1, b1, W2, b2 = net.unpack(others.astype(dtype))
        outgoing = W2[unit].copy()
        W2[unit] = 0
        rest = sample_major(self.X.shape[0], net.n_outputs, dtype)
        for rows in slices(self.X.shape[0], block_length(net.n_hidden * dtype.itemsize)):
            m = rows.stop - rows.start
            a2 = net.hidden(self.X[rows], W1, b1, sample_major(m, net.n_hidden, dtype))
            net.output(a2, W2, b2, rest[rows])
        net.unpack(others)[0][:, unit] = 0
        penalty = self._penalty(others[None])[0]

        def values(incoming):
            C = np.asarray(incoming, dtype=dtype).T
            weights, intercepts = (C[:-1], C[-1]) if net.fit_intercept else (C, None)
            J = np.full(len(incoming), penalty)
            if self.alpha:
                J += 0.5 * self.alpha * (incoming[:, : net.n_features] ** 2).sum(axis=1)
            per_sample = len(incoming) * (1 + 3 * net.n_outputs) * dtype.itemsize
            for rows in slices(self.X.shape[0], block_length(per_sample)):
                m = rows.stop - rows.start
                a2 = net.hidden(
                    self.X[rows], weights, intercepts, sample_major(m, len(incoming), dtype)
                )
                z3 = np.multiply(a2.T[:, None, :], outgoing[:, None])
                z3 += rest[rows].T
                cost = self.loss.value(self.Y[rows][:, None, :], z3.transpose(2, 0, 1))
                J += self._sum_samples(rows, cost).sum(axis=1)
            return J

        return values

    def _dense_rows(self, rows):
        """Rows of X as a dense float64 array."""
        X = self.X[rows]
        X = X.toarray() if sparse.issparse(X) else X
        return X.astype(np.float64, copy=False)

    def _hidden_of_many(self, X, V1):
        """a2 of many hidden layers, (n_candidates, n_samples, n_hidden)."""
        net, m = self.network, X.shape[0]
        units = len(V1) * net.n_hidden
        beside = np.ascontiguousarray(V1.transpose(1, 0, 2)).reshape(net.shape1[0], units)
        W1, b1 = (beside[:-1], beside[-1]) if net.fit_intercept else (beside, None)
        a2 = net.hidden(X, W1, b1, sample_major(m, units, X.dtype))
        return a2.T.reshape(len(V1), net.n_hidden, m).transpose(0, 2, 1)

    def _weighted(self, rows, arrays):
        """The arrays (..., n_samples, n_outputs) times the weights of their samples."""
        if self.sample_weight is None:
            return arrays
        weight = self.sample_weight[rows, None]
        return tuple(array * weight for array in arrays)

    def _sum_samples(self, rows, cost):
        """The cost (n_samples, n_candidates, n_outputs) summed over samples, in float64."""
        if self.sample_weight is not None:
            cost = cost * self.sample_weight[rows, None, None]
        return cost.sum(axis=0, dtype=np.float64)

    def _penalty(self, W):
        """1/2 alpha ||W||^2 of each row of W, of shape (n_candidates,), intercepts left out."""
        if not self.alpha:
            return np.zeros(len(W))
        W = np.where(self.network.penalised(), W, 0.0)
        return 0.5 * self.alpha * np.einsum("ij,ij->i", W, W)
