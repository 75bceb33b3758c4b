"""Initial weights and step sizes adapted to features of any size."""

from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from ._data import Features
from ._monotonicity import Monotonicity
from ._network import Network

__all__ = ["FeatureScaling"]

# A feature counts as unscaled if its mean exceeds this in absolute value, or if its deviation
# differs from 1 by more than this factor. Features that were standardised on other samples, such
# as all data before a split, stay well within these limits.
_FAR = 5.0
# Scales of inputs are clipped to this interval, so that they have a finite reciprocal even after
# multiplication by the fan-in of a layer.
_SCALES = 1e-300, 1e300


@dataclass(frozen=True, eq=False)
class FeatureScaling:
    """Initial weights of a descent, and the scales of its steps, for features of any size.

    Parameters
    ----------
    network : Network
    data : Features
        Those of the training data.
    monotonicity : Monotonicity or None, default=None
        Bounds within which a random start lies.
    """

    network: Network
    data: Features
    monotonicity: Monotonicity | None = None

    def initial_weights(self, rng: np.random.Generator) -> NDArray[np.float64]:
        """Random initial weights that saturate no unit, whatever the units of the features.

        These are `Network.initial_weights` (LeCun and others, 1998) for features with mean 0 and
        standard deviation 1, with W1 and b1 converted to the original features. Without
        intercepts the mean cannot be absorbed; the weights then suit features scaled to a root
        mean square of 1.

        Parameters
        ----------
        rng : numpy.random.Generator

        Returns
        -------
        w : ndarray of shape (n_weights,), float64
        """
        w = self.network.initial_weights(rng)
        if self.monotonicity is not None:
            w = self.monotonicity.reflected(w)
        W1, b1, _, _ = self.network.unpack(w)
        W1 /= self.unit(centred=b1 is not None)[:, None]
        if b1 is not None:
            b1 -= self.data.moments[0] @ W1
        return w

    def unit(self, centred: bool) -> NDArray[np.float64]:
        """Divisors that give each feature a root mean square of 1, (n_features,).

        Parameters
        ----------
        centred : bool
            Whether the means are subtracted first; the divisor is then the standard deviation.
            For a large constant feature it is at least the rounding error of the mean, so that
            this error stays small after the division.
        """
        mean, deviation = self.data.moments
        if centred:
            left = np.maximum(1.0, self.data.rounding * np.abs(mean))
            return np.where(deviation > 0, deviation, left)
        size = self._root_mean_square
        return np.where(size > self.data.least_deviation, size, 1.0)

    @cached_property
    def largest_move(self) -> NDArray[np.float64]:
        """Largest change of z2 or z3 for a unit step of each weight, (n_weights,).

        By the Cauchy-Schwarz inequality, a step p changes z2 by at most sqrt(fan_in) ||rms * p||,
        where rms is the root mean square of the inputs: that of the feature for W1, about 1/2
        for W2, because a2 is in [0, 1], and 1 for intercepts.
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
        """Whether some feature is far from a mean of 0 or a standard deviation of 1."""
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
