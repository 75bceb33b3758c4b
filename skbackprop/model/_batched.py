"""The costs of many candidates at once: what the searches need of the objective.

Candidates share what they can: one matrix product for many hidden layers, one hidden layer
for many output layers, and all units but one where a single unit changes.
"""

from functools import partial

import numpy as np

from ._blocks import accumulate, block_length, even_slices, slices

__all__ = ["ManyCandidates"]

# How many times the error that float32 shows in one hidden layer it may have in another. Its
# errors are sums of many roundings, which differ little from layer to layer.
_SAFETY = 8
# Activations that are as soon computed in float64 at once, in some tenths of a millisecond.
_FEW_ACTIVATIONS = 200_000
# Part of a block that stays in a core's own cache from one elementwise pass to the next.
_PARTS = 4


class ManyCandidates:
    """Mixin of the objective."""

    def values(self, W):
        """J of many weight vectors.

        Parameters
        ----------
        W : ndarray of shape (n_candidates, n_weights)

        Returns
        -------
        J : ndarray of shape (n_candidates,), float64
        """
        V1, V2 = self.network.split(np.asarray(W))
        return self.output_values(V1, V2[:, None]).sum(axis=(1, 2)) + self._penalty_of(V1)

    def output_values(self, V1, V2, dtype=None):
        """J of many networks, some output layers for each hidden layer, by outputs.

        Given the hidden layer, a separable cost is a sum over outputs, each depending on
        its own column of [W2; b2] alone: the best column of each output may be taken from
        another candidate.

        Parameters
        ----------
        V1 : ndarray of shape (n_layers, n_features + fit_intercept, n_hidden)
            Hidden layers, [W1; b1].
        V2 : ndarray of shape (n_layers, n_candidates, n_hidden + fit_intercept, n_outputs)
            For each of them candidates for [W2; b2].
        dtype : dtype, default=None
            Precision of the computation, None for that of the data.

        Returns
        -------
        J : ndarray of shape (n_layers, n_candidates, n_outputs), float64
            Cost and penalty of each output's column, without the penalty of W1;
            (n_layers, n_candidates, 1) where the loss is not separable.
        """
        net, dtype = self.network, np.dtype(self.X.dtype if dtype is None else dtype)
        layers, candidates, units, outputs = V2.shape
        # the columns of a layer's candidates, one under the other
        columns = np.ascontiguousarray(V2.swapaxes(2, 3))
        J = self._penalty_of(columns[..., None])
        columns = columns.reshape(layers, -1, units)
        if not self.loss.separable:
            J = J.sum(axis=2, keepdims=True)
        V1, columns = V1.astype(dtype, copy=False), columns.astype(dtype, copy=False)
        per_sample = (net.n_hidden + candidates * outputs) * dtype.itemsize
        blocks = even_slices(self.X.shape[0], block_length(per_sample))
        (total,) = accumulate(partial(self._add_totals, V1, columns), blocks, [J.shape])
        return J + total

    def _add_totals(self, V1, columns, rows, J):
        """Add the costs of a block of rows, in parts that stay in the cache."""
        net, dtype = self.network, V1.dtype
        n_columns = columns.shape[1]
        per_sample = _PARTS * (net.n_hidden + n_columns) * dtype.itemsize
        for part in slices(rows.stop, block_length(per_sample), rows.start):
            X1 = self._widened(part).astype(dtype, copy=False)
            n_samples = X1.shape[0]
            for some in slices(len(V1), block_length(per_sample * n_samples)):
                a2 = self._hidden_of_many(X1, V1[some])
                z3 = self._scratch.rows("z3", len(a2) * n_columns, n_samples, dtype)
                z3 = z3.reshape(len(a2), n_columns, n_samples)
                np.matmul(columns[some, :, : net.n_hidden], a2, out=z3)
                if net.fit_intercept:
                    z3 += columns[some, :, net.n_hidden :]
                total = self._total(part, z3.reshape(-1, net.n_outputs, n_samples))
                J[some] += total.reshape(J[some].shape)

    def best_of(self, V1, V2):
        """The best of many networks, some output layers for each hidden layer.

        With float64 data, float32 finds the hidden layers that may be the best, at less than
        half the price, and what the best one is worth is computed in float64.

        Parameters
        ----------
        V1 : ndarray of shape (n_layers, n_features + fit_intercept, n_hidden)
            Hidden layers, [W1; b1].
        V2 : ndarray of shape (n_layers, n_candidates, n_hidden + fit_intercept, n_outputs)
            For each of them candidates for [W2; b2]; each output takes its own best column
            where the loss is separable.

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
        if self.loss.separable:
            best = V2[layer, winners, :, np.arange(self.network.n_outputs)].T
        else:
            best = V2[layer, winners[0]]
        return np.concatenate([V1[layer].ravel(), best.ravel()]), float(least[layer])

    def _is_worth_screening(self, V2):
        layers, candidates, _, outputs = V2.shape
        activations = self.X.shape[0] * layers * (self.network.n_hidden + candidates * outputs)
        return layers > 1 and activations > _FEW_ACTIVATIONS and self.X.dtype == np.float64

    def _screened_values(self, V1, V2):
        """As `output_values`, infinite for hidden layers that float32 rules out.

        How far float32 is to be trusted is seen in the layer that it finds to be the best.
        Where it overflows, it rules out nothing.
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

    def _least(self, V1, J):
        """The least J of each hidden layer, (n_layers,), each output's column for itself."""
        return J.min(axis=1).sum(axis=1) + self._penalty_of(V1)

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
        penalty += self._penalty(others)
        V1, V2 = net.split(others.astype(dtype))
        rest = np.empty((net.n_outputs, self.X.shape[0]), dtype)
        for rows in self._row_blocks:
            a2 = net.hidden(self._widened(rows), V1, self._scratch, self._largest_inputs)
            rest[:, rows] = net.output(a2, V2, self._scratch).T

        def values(incoming):
            J = np.full(len(incoming), penalty)
            if self.alpha:
                J += 0.5 * self.alpha * (incoming[:, : net.n_features] ** 2).sum(axis=1)
            columns = np.asarray(incoming, dtype=dtype).T
            per_sample = _PARTS * len(incoming) * (1 + net.n_outputs) * dtype.itemsize
            for rows in slices(self.X.shape[0], block_length(per_sample)):
                X1 = self._widened(rows)
                a2 = net.hidden(X1, columns, self._scratch, self._largest_inputs)
                a2 = a2[:, : len(incoming)]
                z3 = np.multiply(a2.T[:, None, :], outgoing[:, None])
                z3 += rest[:, rows]
                J += self._total(rows, z3).sum(axis=1)
            return J

        return values

    def _hidden_of_many(self, X1, V1):
        """a2 of many hidden layers, (n_layers, n_hidden, n_samples), without the ones."""
        net = self.network
        units = len(V1) * net.n_hidden
        beside = V1.transpose(1, 0, 2).reshape(net.shape1[0], units)
        a2 = net.hidden(X1, beside, self._scratch, self._largest_inputs)[:, :units]
        return a2.T.reshape(len(V1), net.n_hidden, -1)

    def _penalty_of(self, V):
        """The penalty of layers [W; b], of shape (..., n_rows, n_columns)."""
        if not self.alpha:
            return np.zeros(V.shape[:-2])
        W = V[..., : V.shape[-2] - self.network.fit_intercept, :].astype(np.float64, copy=False)
        return 0.5 * self.alpha * np.einsum("...ij,...ij->...", W, W)

    def _total(self, rows, z3):
        """The cost of some samples, (n_candidates, n_outputs); z3 is used up."""
        weight = None if self.sample_weight is None else self.sample_weight[rows]
        Y = self.Y[rows].astype(z3.dtype, copy=False)
        return self.loss.total(Y.T, z3, weight)
