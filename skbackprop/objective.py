"""J as a function of one flat weight vector: the cost, its gradient, and many costs at once.

The objective is the only object that sees the data. Solvers, scipy, tests and displays all
go through it. Everything is computed over blocks of rows that stay in the processor's
cache, so memory does not grow with the data.
"""

from dataclasses import dataclass, fields
from functools import cached_property, partial
from typing import Any

import numpy as np
from scipy import sparse

from ._blocks import Scratch, accumulate, block_length, even_slices, slices
from .losses import Loss
from .network import Network, product

__all__ = ["Objective"]

# Up to this size X is kept a second time, with its column of ones.
_SMALL_BYTES = 2**20


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
        V1, V2 = self.network.split(np.asarray(w, dtype=self.X.dtype))
        value, grad = accumulate(
            partial(self._backpropagate, V1, V2), self._row_blocks, [(), (self.n_weights,)]
        )
        if self.alpha:
            value += self._penalty(np.asarray(w)[None])[0]
            grad += self.alpha * np.where(self.network.penalised, w, 0.0)
        return float(value), grad

    def _backpropagate(self, V1, V2, rows, value, grad):
        """The lecture's equations on a block of rows: add its cost and its gradient."""
        net, X1 = self.network, self._widened(rows)
        dJ_dV1, dJ_dV2 = net.split(grad)
        a2 = net.hidden(X1, V1, self._scratch)
        z3 = net.output(a2, V2, self._scratch)

        cost, sigma3 = self._weighted(rows, self.loss.value_and_grad(self.Y[rows], z3))
        value += np.add.reduce(cost, axis=None, dtype=np.float64)
        dJ_dV2 += a2.T @ sigma3

        a2, W2 = a2[:, : net.n_hidden], V2[: net.n_hidden]
        sigma2 = self._scratch.columns("sigma2", *a2.shape, V1.dtype)
        product(sigma3, W2.T, sigma2)
        sigma2 *= a2
        sigma2 *= np.subtract(1, a2, out=a2)  # f'(z2) = a2 (1 - a2)
        dJ_dV1 += X1.T @ sigma2

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
        net, w = self.network, np.asarray(w, dtype=np.float64)
        V1, V2 = net.split(w)
        length = block_length(8 * (net.n_hidden_weights + net.shape2[0]))
        value, grad, H = accumulate(
            partial(self._add_normal_equations, V1, V2),
            even_slices(self.X.shape[0], length),
            [(), (self.n_weights,), (self.n_weights, self.n_weights)],
        )
        if self.alpha:
            value += self._penalty(w[None])[0]
            grad += self.alpha * np.where(net.penalised, w, 0.0)
            H[np.diag_indices_from(H)] += self.alpha * net.penalised
        return float(value), grad, H

    def _add_normal_equations(self, V1, V2, rows, value, grad, H):
        """Add the cost of a block of rows, its gradient and its D^T C D."""
        net, X1, Y = self.network, self._widened_dense(rows), self.Y[rows]
        m, cut, (units, outputs) = len(X1), net.n_hidden_weights, net.shape2
        a2 = net.hidden(X1, V1, self._scratch)
        z3 = net.output(a2, V2, self._scratch)
        cost, sigma3 = self.loss.value_and_grad(Y, z3)
        cost, sigma3, curvature = self._weighted(rows, (cost, sigma3, self.loss.curvature(Y, z3)))
        value += cost.sum()
        slope = a2[:, : net.n_hidden] * (1 - a2[:, : net.n_hidden])  # f'(z2)
        for o in range(outputs):
            # dz3 by V1 is x_i f'(z2_j) w_jo, and by the output's own column of V2 it is a2
            D = self._scratch.rows("D", m, cut + units, np.float64)
            by_V1 = D[:, :cut].reshape(m, *net.shape1)
            np.multiply(X1[:, :, None], (slope * V2[: net.n_hidden, o])[:, None, :], out=by_V1)
            D[:, cut:] = a2
            columns = np.r_[:cut, cut + o : cut + units * outputs : outputs]
            grad[columns] += sigma3[:, o] @ D
            D *= np.sqrt(curvature[:, o, None])
            H[np.ix_(columns, columns)] += D.T @ D

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
            X1, Y = self._widened(rows), self.Y[rows]
            for batch in slices(len(W), block_length(per_sample * X1.shape[0])):
                V1, V2 = net.split(W[batch].astype(dtype, copy=False))
                z3 = self._hidden_of_many(X1, V1) @ V2[:, : net.n_hidden]
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
        candidates, units, outputs = V2.shape
        V2 = V2.astype(dtype, copy=False)
        # the candidates beside each other, (units, candidates * outputs)
        beside = np.ascontiguousarray(V2.transpose(1, 0, 2)).reshape(units, -1)

        J = 0.5 * self.alpha * (V2[:, : net.n_hidden].astype(np.float64) ** 2).sum(axis=1)
        if not self.loss.separable:
            J = J.sum(axis=1, keepdims=True)
        length = block_length((net.n_hidden + 3 * candidates * outputs) * dtype.itemsize)
        for rows in slices(self.X.shape[0], length):
            a2 = net.hidden(self._widened(rows), V1, self._scratch)
            z3 = net.output(a2, beside, self._scratch)
            z3 = z3.T.reshape(candidates, outputs, -1).transpose(2, 0, 1)
            J += self._sum_samples(rows, self.loss.value(self.Y[rows][:, None, :], z3))
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
        V1, V2 = net.split(others)
        outgoing = V2[unit].astype(dtype)
        penalty = 0.5 * self.alpha * float(outgoing @ outgoing)
        V1[: net.n_features, unit] = V2[unit] = 0
        penalty += self._penalty(others[None])[0]
        V1, V2 = net.split(others.astype(dtype))
        rest = np.empty((net.n_outputs, self.X.shape[0]), dtype)
        for rows in self._row_blocks:
            a2 = net.hidden(self._widened(rows), V1, self._scratch)
            rest[:, rows] = net.output(a2, V2, self._scratch).T

        def values(incoming):
            J = np.full(len(incoming), penalty)
            if self.alpha:
                J += 0.5 * self.alpha * (incoming[:, : net.n_features] ** 2).sum(axis=1)
            columns = np.asarray(incoming, dtype=dtype).T
            per_sample = len(incoming) * (1 + 3 * net.n_outputs) * dtype.itemsize
            for rows in slices(self.X.shape[0], block_length(per_sample)):
                a2 = net.hidden(self._widened(rows), columns, self._scratch)[:, : len(incoming)]
                z3 = np.multiply(a2.T[:, None, :], outgoing[:, None])
                z3 += rest[:, rows]
                cost = self.loss.value(self.Y[rows][:, None, :], z3.transpose(2, 0, 1))
                J += self._sum_samples(rows, cost).sum(axis=1)
            return J

        return values

    @cached_property
    def _row_blocks(self):
        """Slices of rows whose activations stay in cache."""
        units = 2 * self.network.n_hidden + self.network.n_features
        return even_slices(self.X.shape[0], block_length(units * self.X.dtype.itemsize))

    def _widened(self, rows):
        """Rows of X with the column of ones, kept where the data are small."""
        if self._small_widened is None:
            return self.network.widen(self.X[rows], self._scratch)
        everything = rows.stop - rows.start == self.X.shape[0]
        return self._small_widened if everything else self._small_widened[rows]

    @cached_property
    def _small_widened(self):
        size = self.X.data.nbytes  # of the entries that are not zero, where X is sparse
        return self.network.widen(self.X, Scratch()) if size <= _SMALL_BYTES else None

    @cached_property
    def _scratch(self):
        return Scratch()

    def __reduce__(self):
        # data and parameters travel to other processes, what is kept for speed does not
        return Objective, tuple(getattr(self, field.name) for field in fields(self))

    def _widened_dense(self, rows):
        return self.network.widen(self._dense_rows(rows), self._scratch)

    def _dense_rows(self, rows):
        """Rows of X as a dense float64 array."""
        X = self.X[rows]
        X = X.toarray() if sparse.issparse(X) else X
        return X.astype(np.float64, copy=False)

    def _hidden_of_many(self, X1, V1):
        """a2 of many hidden layers, (n_candidates, n_samples, n_hidden), without the ones."""
        net, m = self.network, X1.shape[0]
        units = len(V1) * net.n_hidden
        beside = np.ascontiguousarray(V1.transpose(1, 0, 2)).reshape(net.shape1[0], units)
        a2 = net.hidden(X1, beside, self._scratch)[:, :units]
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
        W = np.where(self.network.penalised, W, 0.0)
        return 0.5 * self.alpha * np.einsum("ij,ij->i", W, W)
