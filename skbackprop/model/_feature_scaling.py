"""What follows from the size of the features: where to begin, and how long a step is."""

from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from ._data import Data
from ._moments import weighted_moments
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
    data : Data
    """

    network: Network
    data: Data

    def initial_weights(self, rng: np.random.Generator) -> NDArray[np.float64]:
        """A random start that saturates no unit, whatever the units of the features.

        It is that of `Network.initial_weights` (LeCun and others, 1998) for features that are
        centred and scaled down to a standard deviation of 1: what this would do to x is
        done to W1 and b1. Smaller features are not scaled up, since the penalty would suppress
        their large weights.

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
        if b1 is None:  # nothing can take up the mean
            W1 /= np.maximum(self._root_mean_square, 1)[:, None]
        else:
            # x W1 and the mean's share of b1 cancel; their rounding must not remain
            deviation = np.maximum(deviation, 1e-12 * np.abs(mean))
            W1 /= np.maximum(deviation, 1)[:, None]
            b1 -= mean @ W1
        return w

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

    @cached_property
    def feature_scale(self) -> NDArray[np.float64]:
        """The root mean square of the input behind each weight, or 1 if that is less."""
        scale = np.ones(self.network.n_weights)
        W1, *_ = self.network.unpack(scale)
        W1[:] = np.maximum(self._root_mean_square, 1)[:, None]
        return scale

    @property
    def is_unscaled(self) -> bool:
        """Whether a feature is far from a mean of 0 and a standard deviation of 1."""
        mean, deviation = self._moments
        varies = deviation > 0
        return bool(
            (np.abs(mean) > _FAR).any()
            or (deviation > _FAR).any()
            or (deviation[varies] < 1 / _FAR).any()
        )

    @cached_property
    def _root_mean_square(self) -> NDArray[np.float64]:
        return np.hypot(*self._moments)

    @cached_property
    def _moments(self) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
        """Weighted mean and standard deviation of each feature, (n_features,)."""
        return weighted_moments(self.data.X, self.data.sample_weight)
