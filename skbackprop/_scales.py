"""What follows from the size of the features: where to begin, and how long a step is."""

from functools import cached_property

import numpy as np
from scipy import sparse
from sklearn.utils.sparsefuncs import mean_variance_axis

from ._blocks import block_length, slices

__all__ = ["InputScales"]


class InputScales:
    """Mixin of the objective: how large the inputs behind the weights are, and what suits them."""

    def initial_weights(self, rng):
        """A random start that saturates no unit, whatever the units of the features.

        That of `Network.initial_weights` (LeCun and others, 1998), for features that are
        centred and scaled down to a standard deviation of 1: what this would do to x is
        done to W1 and b1. Smaller features are not scaled up, as the penalty would weigh
        upon their large weights.

        Parameters
        ----------
        rng : numpy.random.Generator

        Returns
        -------
        w : ndarray of shape (n_weights,), float64
        """
        w = self.network.initial_weights(rng)
        W1, b1, _, _ = self.network.unpack(w)
        mean, deviation = self._moments
        if b1 is None:  # there is nothing to take up the mean
            W1 /= np.maximum(np.hypot(mean, deviation), 1)[:, None]
        else:
            # x W1 and the mean's share of b1 cancel: let not their rounding remain
            deviation = np.maximum(deviation, 1e-12 * np.abs(mean))
            W1 /= np.maximum(deviation, 1)[:, None]
            b1 -= mean @ W1
        return w

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
        scale = np.ones(net.n_weights)
        W1, _, W2, _ = net.unpack(scale)
        rms = np.hypot(*self._moments)
        W1[:] = np.where(rms > 0, rms, 1)[:, None]
        W2[:] = 0.5
        for layer, fan_in in zip(net.split(scale), (net.shape1[0], net.shape2[0]), strict=True):
            layer *= np.sqrt(fan_in)
        return scale

    def feature_scale(self):
        """How much larger than 1 the input behind each weight is: its root mean square, or 1.

        Returns
        -------
        scale : ndarray of shape (n_weights,), >= 1
        """
        scale = np.ones(self.n_weights)
        W1, *_ = self.network.unpack(scale)
        W1[:] = np.maximum(np.hypot(*self._moments), 1)[:, None]
        return scale

    @property
    def is_unscaled(self):
        """Whether a feature is far from a mean of 0 and a standard deviation of 1."""
        mean, deviation = self._moments
        varies = deviation > 0
        return bool(
            (np.abs(mean) > _FAR).any()
            or (deviation > _FAR).any()
            or (deviation[varies] < 1 / _FAR).any()
        )

    @cached_property
    def _moments(self):
        """Weighted mean and standard deviation of each feature, (n_features,) in float64."""
        if sparse.issparse(self.X):
            mean, variance = mean_variance_axis(self.X, axis=0, weights=self.sample_weight)
            return mean.astype(np.float64), np.sqrt(variance, dtype=np.float64)
        mean, square, largest = np.zeros((3, self.network.n_features))
        blocks = list(slices(self.X.shape[0], block_length(8 * self.network.n_features)))
        with np.errstate(over="ignore", under="ignore", invalid="ignore"):
            for rows in blocks:
                X = np.ascontiguousarray(self._dense_rows(rows))
                mean += self._weights_of(rows) @ X
                np.maximum(largest, np.abs(X).max(axis=0), out=largest)
            mean /= self.total_weight
            for rows in blocks:  # a second pass: squares less the squared mean would cancel
                distance = np.ascontiguousarray(self._dense_rows(rows)) - mean
                square += self._weights_of(rows) @ distance**2
        deviation = np.sqrt(square / self.total_weight)
        finite = np.isfinite(deviation)  # squares of more than 1e154 are not
        # what is left of a constant feature is the rounding of its mean
        deviation[deviation <= 10 * np.finfo(np.float64).eps * largest] = 0
        return np.where(finite, mean, 0.0), np.where(finite, deviation, largest)

    def _weights_of(self, rows):
        """Weights of some samples, ones where there are none."""
        if self.sample_weight is None:
            return np.ones(rows.stop - rows.start)
        return self.sample_weight[rows]


# Beyond this many standard units a feature's scale is worth a word: standardised ones of other
# samples, such as a part of them, stay well within.
_FAR = 5.0
