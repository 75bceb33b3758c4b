"""Batched evaluation of J for many candidate weight vectors, used by the searches.

Candidates share work: one matrix product computes many hidden layers, one hidden layer serves
many output layers, and if only one unit changes, the others are computed once. The equations are
those of `_network.py`; arrays of many networks have the samples along their last axis.
"""

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import ArrayLike, DTypeLike, NDArray

from ._blocks import accumulate, block_length, even_slices, rows_of, slices
from ._network import hidden_layer
from ._sigmoid import HAS_FAST_TANH, activation

if TYPE_CHECKING:
    from ._objective import Objective

__all__ = ["Candidates"]

# The float32 error is measured on one hidden layer. On other layers it is assumed to be at most
# this many times larger: the errors are sums of many roundings and differ little between layers.
_SAFETY = 8
# With fewer activations than this, screening in float32 saves no time: computing all of them in
# float64 takes some tenths of a millisecond.
_FEW_ACTIVATIONS = 200_000
# A block is processed in this many parts, so that each part stays in the core's own cache from
# one elementwise pass to the next.
_PARTS = 4


@dataclass(frozen=True, eq=False)
class Candidates:
    """J of many weight vectors at once.

    Parameters
    ----------
    objective : Objective
    """

    objective: "Objective"

    def values(self, W: ArrayLike) -> NDArray[np.float64]:
        """J of many weight vectors.

        Parameters
        ----------
        W : ndarray of shape (n_candidates, n_weights)

        Returns
        -------
        J : ndarray of shape (n_candidates,), float64
        """
        V1, V2 = self.objective.network.split(np.asarray(W))
        J = self.output_values(V1, V2[:, None]).sum(axis=(1, 2))
        return J + self.objective.penalty.of_hidden_layers(V1)

    def output_values(
        self, V1: NDArray, V2: NDArray, dtype: DTypeLike | None = None
    ) -> NDArray[np.float64]:
        """J of many networks for each output; each hidden layer has several output layers.

        For a given hidden layer, a separable cost is a sum over outputs, and each term depends
        only on its own column of [W2; b2]. The best columns of different outputs may therefore
        come from different candidates.

        Parameters
        ----------
        V1 : ndarray of shape (n_layers, n_features + fit_intercept, n_hidden)
            Hidden layers, [W1; b1].
        V2 : ndarray of shape (n_layers, n_candidates, n_hidden + fit_intercept, n_outputs)
            Candidates for [W2; b2], for each hidden layer.
        dtype : dtype, default=None
            Precision of the computation; None for the dtype of the data.

        Returns
        -------
        J : ndarray of shape (n_layers, n_candidates, n_outputs), float64
            Cost and penalty of each output's column, without the penalty of W1;
            (n_layers, n_candidates, 1) where the loss is not separable.
        """
        objective, net = self.objective, self.objective.network
        dtype = np.dtype(objective.dtype if dtype is None else dtype)
        n_layers, candidates, units, outputs = V2.shape
        # stack the columns of all candidates of a layer
        columns = np.ascontiguousarray(V2.swapaxes(2, 3))
        J = objective.penalty.of_output_layers(columns[..., None])
        columns = columns.reshape(n_layers, -1, units)
        if not objective.loss.separable:
            J = J.sum(axis=2, keepdims=True)
        V1, columns = V1.astype(dtype, copy=False), columns.astype(dtype, copy=False)
        layers = _Layers(V1, columns[..., : net.n_hidden], columns[..., net.n_hidden :])
        # for few samples, halving W2 takes longer than the passes over a2 that it saves
        if HAS_FAST_TANH and 2 * candidates * outputs < objective.n_samples:
            layers = layers.of_tanh()
        per_sample = (net.n_hidden + candidates * outputs) * dtype.itemsize
        blocks = even_slices(objective.n_samples, block_length(per_sample))
        (total,) = accumulate(partial(self._add_totals, layers), blocks, [J.shape])
        return J + total

    def _add_totals(self, layers: "_Layers", rows: slice, J: NDArray) -> None:
        """Add the costs of a block of rows to J, in parts that stay in the cache."""
        net, dtype = self.objective.network, layers.V1.dtype
        n_columns = layers.W2.shape[1]
        per_sample = _PARTS * (net.n_hidden + n_columns) * dtype.itemsize
        length = block_length(per_sample)
        for part in slices(rows.stop, length, rows.start):
            n_samples = part.stop - part.start
            for some in slices(len(layers.V1), max(1, length // n_samples)):
                a2 = self._hidden_layers(part, layers.V1[some], layers.f)
                z3 = self.objective.scratch.rows("z3", len(a2) * n_columns, n_samples, dtype)
                z3 = z3.reshape(len(a2), n_columns, n_samples)
                np.matmul(layers.W2[some], a2, out=z3)
                if layers.b2.size:
                    z3 += layers.b2[some]
                total = self._total(part, z3.reshape(-1, net.n_outputs, n_samples))
                J[some] += total.reshape(J[some].shape)

    def best_of(self, V1: NDArray, V2: NDArray) -> tuple[NDArray, float]:
        """Return the network with the lowest J; each hidden layer has several output layers.

        If the data are float64 and there are many candidates, J is first computed in float32, in
        less than half the time. Only the hidden layers that may be the best within the float32
        error are evaluated again in float64.

        Parameters
        ----------
        V1 : ndarray of shape (n_layers, n_features + fit_intercept, n_hidden)
            Hidden layers, [W1; b1].
        V2 : ndarray of shape (n_layers, n_candidates, n_hidden + fit_intercept, n_outputs)
            Candidates for [W2; b2], for each hidden layer. If the loss is separable, the best
            column is chosen for each output independently.

        Returns
        -------
        w : ndarray of shape (n_weights,)
        value : float
            J(w).
        """
        values = self._screened_values if self._is_worth_screening(V2) else self.output_values
        J = values(V1, V2)
        least = self._least(V1, J)
        layer = least.argmin()
        winners = J[layer].argmin(axis=0)
        if self.objective.loss.separable:
            best = V2[layer, winners, :, np.arange(self.objective.network.n_outputs)].T
        else:
            best = V2[layer, winners[0]]
        return np.concatenate([V1[layer].ravel(), best.ravel()]), float(least[layer])

    def _is_worth_screening(self, V2: NDArray) -> bool:
        layers, candidates, _, outputs = V2.shape
        objective = self.objective
        per_sample = layers * (objective.network.n_hidden + candidates * outputs)
        is_float64 = objective.dtype == np.float64
        return layers > 1 and is_float64 and objective.n_samples * per_sample > _FEW_ACTIVATIONS

    def _screened_values(self, V1: NDArray, V2: NDArray) -> NDArray[np.float64]:
        """Like `output_values`, but infinite for hidden layers that float32 rules out.

        The float32 error is measured on the layer with the lowest float32 cost. Layers whose
        cost overflows in float32 are not ruled out.
        """
        with np.errstate(over="ignore", invalid="ignore"):
            rough = self.output_values(V1, V2, np.float32)
            least = self._least(V1, rough)
            first = least.argmin()
            J = np.full(rough.shape, np.inf)
            J[first] = self.output_values(V1[first, None], V2[first, None])[0]
            error = np.abs(J[first] - rough[first]).max(axis=0).sum()
            near = ~(least > least[first] + _SAFETY * error)
        near[first] = False
        if near.any():
            J[near] = self.output_values(V1[near], V2[near])
        return J

    def _least(self, V1: NDArray, J: NDArray) -> NDArray[np.float64]:
        """Lowest J of each hidden layer, (n_layers,), with the best column for each output."""
        return J.min(axis=1).sum(axis=1) + self.objective.penalty.of_hidden_layers(V1)

    def of_unit(self, w: NDArray, unit: int) -> Callable[[NDArray], NDArray[np.float64]]:
        """J as a function of one hidden unit's incoming weights, all else fixed.

        The contribution of the other units to z3 is computed once, for any number of candidates.

        Parameters
        ----------
        w : ndarray of shape (n_weights,)
        unit : int in [0, n_hidden)

        Returns
        -------
        values : callable
            Maps candidates for the unit's column of [W1; b1], an array of shape
            (n_candidates, n_features + fit_intercept), to J of shape (n_candidates,).
        """
        objective, net, dtype = self.objective, self.objective.network, self.objective.dtype
        others = np.array(w, dtype=np.float64)
        V1, V2 = net.split(others)
        outgoing = V2[unit].astype(dtype)
        of_unit = objective.penalty.of_hidden_layers(V1[:, unit, None])
        penalty = objective.penalty.value(others) - of_unit
        V1[:, unit] = V2[unit] = 0
        rest = np.empty((net.n_outputs, objective.n_samples), dtype)
        weights = net.unpack_joined(others.astype(dtype), hidden=False)
        for rows in objective.row_blocks:
            _, z3 = objective.feed_forward(weights, rows_of(objective.data.X, rows))
            rest[:, rows] = z3.T

        def values(incoming: NDArray) -> NDArray[np.float64]:
            columns = np.asarray(incoming, dtype=dtype).T
            J = penalty + objective.penalty.of_hidden_layers(incoming[:, :, None])
            per_sample = _PARTS * len(incoming) * (1 + net.n_outputs) * dtype.itemsize
            for rows in slices(objective.n_samples, block_length(per_sample)):
                (a2,) = self._hidden_layers(rows, columns[None])
                z3 = np.multiply(a2[:, None, :], outgoing[:, None])
                z3 += rest[:, rows]
                J += self._total(rows, z3).sum(axis=1)
            return J

        return values

    def _hidden_layers(
        self, rows: slice, V1: NDArray, f: Callable[..., NDArray] = activation
    ) -> NDArray:
        """a2 of many hidden layers, (n_layers, n_units, n_samples); f is that of the units."""
        n_layers, _, n_units = V1.shape
        objective, W1, b1 = self.objective, V1.transpose(1, 0, 2).reshape(V1.shape[1], -1), None
        # the units of all layers form one wide layer; its inputs may be X or [X, 1]
        if objective.network.fit_intercept and not objective.joins_intercept:
            W1, b1 = W1[:-1], W1[-1]
        X = rows_of(objective.inputs, rows).astype(V1.dtype, copy=False)
        out = objective.scratch.columns("a2", X.shape[0], W1.shape[1], V1.dtype)
        a2 = hidden_layer(X, W1, b1, out, f)
        return a2.T.reshape(n_layers, n_units, -1)

    def _total(self, rows: slice, z3: NDArray) -> NDArray:
        """The cost of some samples, (n_candidates, n_outputs); z3 is overwritten."""
        data = self.objective.data
        weight = None if data.sample_weight is None else data.sample_weight[rows]
        Y = data.Y[rows].astype(z3.dtype, copy=False)
        return self.objective.loss.total(Y.T, z3, weight)


@dataclass(frozen=True)
class _Layers:
    """Weights of many networks with hidden units a2 = f(z2).

    Parameters
    ----------
    V1 : ndarray of shape (n_layers, n_features + fit_intercept, n_hidden)
        Hidden layers, [W1; b1].
    W2 : ndarray of shape (n_layers, n_columns, n_hidden)
        Columns of the output layers of each hidden layer.
    b2 : ndarray of shape (n_layers, n_columns, 1), or (n_layers, n_columns, 0) without intercept
    f : callable
        The function of the hidden units, called as ``f(z2, out=z2)``.
    """

    V1: NDArray
    W2: NDArray
    b2: NDArray
    f: Callable[..., NDArray] = activation

    def of_tanh(self) -> "_Layers":
        """The same networks with units of tanh, three passes less over a2.

        a2 = (1 + tanh(z2 / 2)) / 2, so V1 and W2 are halved, and b2 grows by the sum of W2 / 2.
        """
        W2 = 0.5 * self.W2
        b2 = W2.sum(axis=-1, keepdims=True)
        if self.b2.size:
            b2 += self.b2
        return _Layers(0.5 * self.V1, W2, b2, np.tanh)
