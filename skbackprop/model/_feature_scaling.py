"""Starts and scales of steps that suit features of any size."""

from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from ._data import Features
from ._network import Network

__all__ = ["FeatureScaling"]

# Beyond this many standard units a feature's scale is worth a word: standardised ones of other
# samples, such as a part of them, stay well within.
_FAR = 5.0
# The scales of inputs are kept to numbers that have a reciprocal, also times a layer's fan-in.
_SCALES = 1e-300, 1e300


@dataclass(frozen=True, eq=False)
class FeatureScaling:
    """The start of a descent, and the scales of its steps, for features of any size.

    Parameters
    ----------
    network : Network
    data : Features
        Those of the training data.
    """

    network: Network
    data: Features

    def initial_weights(self, rng: np.random.Generator) -> NDArray[np.float64]:
        """A random start that saturates no unit, whatever the units of the features.

        It is that of `Network.initial_weights` (LeCun and others, 1998) for features that are
        centred and scaled to a standard deviation of 1: what this would do to x is done to W1
        and b1. Without intercepts, nothing can take up the mean, and features are scaled to a
        root mean square of 1.

        Parameters
        ----------
        rng : numpy.random.Generator

        Returns
        -------
        w : ndarray of shape (n_weights,), float64
        """
        w = self.network.initial_weights(rng)
        W1, b1, _, _ = self.network.unpack(w)
        W1 /= self.unit(centred=b1 is not None)[:, None]
        if b1 is not None:
            b1 -= self.data.moments[0] @ W1
        return w

    def unit(self, centred: bool) -> NDArray[np.float64]:
        """What a feature is divided by, so that its root mean square is 1, (n_features,).

        Parameters
        ----------
        centred : bool
            Whether the mean of the feature is subtracted, so that its standard deviation is its
            root mean square. What the rounding of the mean leaves of a large constant is made
            small all the same.
        """
        mean, deviation = self.data.moments
        if centred:
            left = np.maximum(1.0, self.data.rounding * np.abs(mean))
            return np.where(deviation > 0, deviation, left)
        size = self._root_mean_square
        return np.where(size > self.data.least_deviation, size, 1.0)

    @cached_property
    def largest_move(self) -> NDArray[np.float64]:
        """How far z2 and z3 move, at most, for a unit step of each weight, (n_weights,).

        By Cauchy and Schwarz a step p moves z2 by at most sqrt(fan_in) ||rms * p||, with
        rms the root mean square of the inputs. That is the feature's for W1; for W2 it is
        about 1/2, as a2 is in [0, 1]; an intercept's input is 1.
        """
        net = self.network
        scale = np.ones(net.n_weights)
        W1, _, W2, _ = net.unpack(scale)
        rms = self._root_mean_square
        W1[:] = np.where(rms > 0, np.clip(rms, *_SCALES), 1)[:, None]
        W2[:] = 0.5
        for layer, fan_in in zip(net.split(scale), (net.shape1[0], net.shape2[0]), strict=True):
            layer *= np.sqrt(fan_in)
        return scale

    @property
    def is_unscaled(self) -> bool:
        """Whether a feature is far from a mean of 0 and a standard deviation of 1."""
        mean, deviation = self.data.moments
        varies = deviation > 0
        return bool(
            (np.abs(mean) > _FAR).any()
            or (deviation > _FAR).any()
            or (deviation[varies] < 1 / _FAR).any()
        )

    @cached_property
    def _root_mean_square(self) -> NDArray[np.float64]:
        return np.hypot(*self.data.moments)
