"""The costs of many candidates at once: what the searches need of the objective.

Candidates share what they can: one matrix product for many hidden layers, one hidden layer
for many output layers, and all units but one where a single unit changes.
"""

import numpy as np

from ._blocks import block_length, slices

__all__ = ["ManyCandidates"]


class ManyCandidates:
    """Mixin of the objective."""

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
        value = float(J.min(axis=0).sum() + self._penalty(hidden_only))
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
        penalty += self._penalty(others)
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

    def _hidden_of_many(self, X1, V1):
        """a2 of many hidden layers, (n_candidates, n_samples, n_hidden), without the ones."""
        net, m = self.network, X1.shape[0]
        units = len(V1) * net.n_hidden
        beside = np.ascontiguousarray(V1.transpose(1, 0, 2)).reshape(net.shape1[0], units)
        a2 = net.hidden(X1, beside, self._scratch)[:, :units]
        return a2.T.reshape(len(V1), net.n_hidden, m).transpose(0, 2, 1)

    def _sum_samples(self, rows, cost):
        """The cost (n_samples, n_candidates, n_outputs) summed over samples, in float64."""
        if self.sample_weight is not None:
            cost = cost * self.sample_weight[rows, None, None]
        return cost.sum(axis=0, dtype=np.float64)
