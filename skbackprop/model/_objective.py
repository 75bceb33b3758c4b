"""J as a function of one flat weight vector: the cost, its gradient, and many costs at once.

The objective is the only object that sees the data. Solvers, scipy, tests and displays all
go through it. What the searches need beyond this, the costs of many candidates at once, is in
`_candidates.py`, and what follows from the size of the features in `_scales.py`. Everything is
computed over blocks of rows that stay in the processor's cache, so memory does not grow with
the data.
"""

from dataclasses import dataclass, fields
from functools import cached_property, partial
from typing import Any

import numpy as np
from scipy import sparse
from scipy.special import logit

from ..losses._losses import Loss
from ._batched import ManyCandidates
from ._blocks import Scratch, accumulate, block_length, even_slices
from ._feature_scaling import InputScales
from ._network import Network, numbers_per_row, product, transposed_product

__all__ = ["Objective"]

# Up to this size X is kept a second time, with its column of ones.
_SMALL_BYTES = 2**20
# A z3 whose sigmoid is 0 or 1 to the last bit of float64.
_MOST_Z3 = 40.0


@dataclass(frozen=True, eq=False)
class Objective(ManyCandidates, InputScales):
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
    >>> from skbackprop.model import Network
    >>> from skbackprop.model import Objective
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

    @property
    def lower_bound(self):
        """A bound that J cannot fall below: what the targets cost at least."""
        (cost,) = self._weighted(slice(None), (self.loss.lower_bound(self.Y),))
        return float(cost.sum(dtype=np.float64))

    @property
    def constant_value(self):
        """What the same answer for all samples costs: the mean of the targets.

        For "squared_error" and the losses that are Bregman divergences it is the best such
        answer, for the others close to it (Banerjee, Guo and Wang, IEEE Transactions on
        Information Theory 51, 2005).
        """
        z3 = np.broadcast_to(self.constant_z3.astype(self.Y.dtype), self.Y.shape)
        (cost,) = self._weighted(slice(None), (self.loss.value(self.Y, z3),))
        return float(cost.sum(dtype=np.float64))

    @property
    def constant_z3(self):
        """The z3 of that answer, (n_outputs,)."""
        mean = np.average(self.Y, axis=0, weights=self.sample_weight)
        return np.clip(logit(mean), -_MOST_Z3, _MOST_Z3)

    @property
    def is_one_block(self):
        """Whether an evaluation is a single block of rows, which threads cannot share."""
        return len(self._row_blocks) == 1

    def holds(self, w):
        """Whether weights are numbers in the dtype of X too; those of float64 always are.

        Parameters
        ----------
        w : ndarray of shape (n_weights,)

        Returns
        -------
        bool
        """
        if self.X.dtype == w.dtype:
            return True
        return bool(np.abs(w).max() <= np.finfo(self.X.dtype).max)

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
        """J(w), infinite where a weight is beyond the numbers of the dtype of X.

        Parameters
        ----------
        w : ndarray of shape (n_weights,)

        Returns
        -------
        float
        """
        w = np.asarray(w)
        if not self.holds(w):
            return np.inf
        V1, V2 = self.network.split(w.astype(self.X.dtype, copy=False))
        (value,) = accumulate(partial(self._add_cost, V1, V2), self._row_blocks, [()])
        return float(value + self._penalty(w))

    def _add_cost(self, V1, V2, rows, value):
        """The feed-forward path on a block of rows: add its cost."""
        a2 = self.network.hidden(self._widened(rows), V1, self._scratch, self._largest_inputs)
        z3 = self.network.output(a2, V2, self._scratch)
        (cost,) = self._weighted(rows, (self.loss.value(self.Y[rows], z3),))
        value += np.add.reduce(cost, axis=None, dtype=np.float64)

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
        w = np.asarray(w)
        if not self.holds(w):
            return np.inf, np.full(self.n_weights, np.nan)
        V1, V2 = self.network.split(w.astype(self.X.dtype, copy=False))
        shapes = [(), (self.n_weights,)]
        value, grad = accumulate(partial(self._backpropagate, V1, V2), self._row_blocks, shapes)
        if np.isnan(value):  # partial sums have overflowed in both directions
            add = partial(self._backpropagate, V1, V2, largest=self._largest_inputs)
            value, grad = accumulate(add, self._row_blocks, shapes)
        if self.alpha:
            grad += self._shrinkage * w
        return float(value + self._penalty(w)), grad

    def _backpropagate(self, V1, V2, rows, value, grad, largest=None):
        """The lecture's equations on a block of rows: add its cost and its gradient."""
        X1 = self._widened(rows)
        a2 = self.network.hidden(X1, V1, self._scratch, largest)
        z3 = self.network.output(a2, V2, self._scratch)
        cost, sigma3 = self._weighted(rows, self.loss.value_and_grad(self.Y[rows], z3))
        value += np.add.reduce(cost, axis=None, dtype=np.float64)
        self._add_gradient(X1, a2, V2, sigma3, grad)

    def _add_gradient(self, X1, a2, V2, sigma3, grad):
        """The way back through the network; a2 is used up."""
        n_hidden = self.network.n_hidden
        dJ_dV1, dJ_dV2 = self.network.split(grad)
        dJ_dV2 += a2.T @ sigma3

        a2, W2 = a2[:, :n_hidden], V2[:n_hidden]
        sigma2 = self._scratch.columns("sigma2", *a2.shape, V2.dtype)
        product(sigma3, W2.T, sigma2)
        sigma2 *= a2
        sigma2 *= np.subtract(1, a2, out=a2)  # f'(z2) = a2 (1 - a2)
        dJ_dV1 += transposed_product(X1, sigma2)  # X^T sigma2

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
            grad += self._shrinkage * w
            H[np.diag_indices_from(H)] += self._shrinkage
        return float(value + self._penalty(w)), grad, H

    def _add_normal_equations(self, V1, V2, rows, value, grad, H):
        """Add the cost of a block of rows, its gradient and its D^T C D."""
        net, X1, Y = self.network, self._widened_dense(rows), self.Y[rows]
        m, cut, (units, outputs) = len(X1), net.n_hidden_weights, net.shape2
        a2 = net.hidden(X1, V1, self._scratch)
        z3 = net.output(a2, V2, self._scratch)
        cost, sigma3 = self.loss.value_and_grad(Y, z3)
        cost, sigma3, curvature = self._weighted(rows, (cost, sigma3, self.loss.curvature(Y, z3)))
        value += cost.sum()

        # the factors of D, a row each: samples along memory, as in D, which is transposed too
        x, a, root = X1.T, a2.T, np.sqrt(curvature.T)
        slope = a[: net.n_hidden] * (1 - a[: net.n_hidden])  # f'(z2)
        D = self._scratch.rows("D", cut + units, m, np.float64)
        by_V1 = D[:cut].reshape(*net.shape1, m)
        for o in range(outputs):
            # dz3 by V1 is x_i f'(z2_j) w_jo, and by the output's own column of V2 it is a2
            np.multiply(x[:, None], V2[: net.n_hidden, o, None] * slope * root[o], out=by_V1)
            np.multiply(a, root[o], out=D[cut:])
            DCD = D @ D.T
            column = slice(cut + o, None, outputs)
            H[:cut, :cut] += DCD[:cut, :cut]
            H[column, :cut] += DCD[cut:, :cut]
            H[:cut, column] += DCD[:cut, cut:]
            H[column, column] += DCD[cut:, cut:]
        self._add_gradient(X1, a2, V2, sigma3, grad)

    @cached_property
    def _largest_inputs(self):
        """The largest input behind each row of V1, where sums over the inputs may overflow.

        None where they do not, with weights up to the root of the largest number.
        """
        X = self.X.data if sparse.issparse(self.X) else self.X
        largest = max(X.max(initial=0), -X.min(initial=0))
        if largest < np.sqrt(np.finfo(X.dtype).max) / self.X.shape[1]:
            return None
        return self.network.largest_inputs(self.X)

    @cached_property
    def _row_blocks(self):
        """Slices of rows whose activations stay in cache."""
        units = 2 * self.network.n_hidden + numbers_per_row(self.X)
        return even_slices(self.X.shape[0], block_length(units * self.X.dtype.itemsize))

    def _widened(self, rows):
        """Rows of X with the column of ones, kept where the data are small."""
        if self._small_widened is None:
            return self.network.widen(self.X[rows], self._scratch)
        everything = rows.stop - rows.start == self.X.shape[0]
        return self._small_widened if everything else self._small_widened[rows]

    @cached_property
    def _small_widened(self):
        if self.X.data.nbytes > _SMALL_BYTES:  # of a sparse X, the entries that are not zero
            return None
        X1 = self.network.widen(self.X, Scratch())
        return X1 if sparse.issparse(X1) else np.asfortranarray(X1)

    @cached_property
    def _scratch(self):
        return Scratch()

    def __reduce__(self):
        # data and parameters travel to other processes, what is kept for speed does not
        return Objective, tuple(getattr(self, field.name) for field in fields(self))

    def _widened_dense(self, rows):
        return self.network.widen(self._dense_rows(rows), self._scratch)

    def dense_inputs(self):
        """X as a dense float64 array."""
        return self._dense_rows(slice(None))

    def _dense_rows(self, rows):
        """Rows of X as a dense float64 array."""
        X = self.X[rows]
        X = X.toarray() if sparse.issparse(X) else X
        return X.astype(np.float64, copy=False)

    def _weighted(self, rows, arrays):
        """The arrays (..., n_samples, n_outputs) times the weights of their samples."""
        if self.sample_weight is None:
            return arrays
        weight = self.sample_weight[rows, None]
        return tuple(array * weight for array in arrays)

    @cached_property
    def _shrinkage(self):
        """The penalty's factor of each weight: alpha, and 0 for intercepts."""
        return self.alpha * self.network.penalised

    def _penalty(self, W):
        """1/2 alpha ||W||^2 over the last axis of W, intercepts left out."""
        if not self.alpha:
            return np.zeros(np.shape(W)[:-1])
        return 0.5 * np.einsum("...i,...i->...", self._shrinkage * W, W)
