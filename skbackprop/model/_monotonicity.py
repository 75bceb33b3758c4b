"""Monotone features: bounds of the weights for which yhat rises, or falls, with a feature."""

from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from ._network import Network

__all__ = ["Monotonicity"]


@dataclass(frozen=True, eq=False)
class Monotonicity:
    """Signs of weights that make yhat monotone in some features, everywhere.

    With one output,

        d yhat / d x_i = f'(z3) sum_k W2_k f'(z2_k) W1_ik

    and f' > 0. If W2 >= 0, the output therefore rises with feature i if its row of W1 is >= 0, and
    falls if the row is <= 0. With intercepts, W2 >= 0 is no restriction: since f(-z) = 1 - f(z),

        W2_k f(z2_k) = W2_k - W2_k f(-z2_k)

    replaces a hidden unit by its complement, the unit with the opposite signs, and adds W2_k to b2.
    The signs are sufficient but not necessary: some monotone networks do not have them.

    Sources: Archer and Wang, Decision Sciences 24 (1993) 60; Sill, Advances in Neural Information
    Processing Systems 10 (1998) 661.

    Parameters
    ----------
    network : Network
        With one output and with intercepts.
    directions : ndarray of shape (n_features,)
        1 if yhat must not fall when the feature rises, -1 if it must not rise, 0 if it is free.

    Examples
    --------
    >>> import numpy as np
    >>> from skbackprop.model import Network
    >>> from skbackprop.model._monotonicity import Monotonicity
    >>> rising = Monotonicity(Network(n_features=1, n_hidden=1, n_outputs=1), np.array([1]))
    >>> w = np.array([-3.0, 2.0, -5.0, 1.0])  # W1, b1, W2, b2
    >>> rising.turned(w)  # the same function of x, which rises
    array([ 3., -2.,  5., -4.])
    >>> rising.admits(w), rising.admits(rising.turned(w))
    (False, True)
    """

    network: Network
    directions: NDArray[np.int8]

    @cached_property
    def bounds(self) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
        """The smallest and the largest value of each weight, two arrays of shape (n_weights,)."""
        low = np.full(self.network.n_weights, -np.inf)
        high = np.full(self.network.n_weights, np.inf)
        W1_low, _, W2_low, _ = self.network.unpack(low)
        W1_high = self.network.unpack(high).W1
        W2_low[:] = 0
        W1_low[self.directions > 0] = 0
        W1_high[self.directions < 0] = 0
        return low, high

    def admits(self, w: NDArray[np.floating]) -> bool:
        """Whether the weights are within the bounds.

        Parameters
        ----------
        w : ndarray of shape (n_weights,)
        """
        low, high = self.bounds
        return bool(((low <= w) & (w <= high)).all())

    def projected(self, w: NDArray[np.float64]) -> NDArray[np.float64]:
        """The nearest weights within the bounds, (n_weights,)."""
        return np.clip(w, *self.bounds)

    def turned(self, w: NDArray[np.float64]) -> NDArray[np.float64]:
        """The same function with W2 >= 0, (n_weights,): units of negative W2 become complements."""
        w = np.array(w, dtype=np.float64)
        W1, b1, W2, b2 = self.network.unpack(w)
        assert b1 is not None
        assert b2 is not None
        negative = W2[:, 0] < 0
        b2 += W2[negative].sum(axis=0)
        for part in (W1.T, b1, W2):
            part[negative] *= -1
        return w

    def reflected(self, w: NDArray[np.float64]) -> NDArray[np.float64]:
        """Weights within the bounds with the absolute values of `w`, (n_weights,), except b2.

        Units of negative W2 become complements, and weights from monotone features get the required
        sign. A random start thus keeps the sizes of its z2 and z3.
        """
        w = self.turned(w)
        W1 = self.network.unpack(w).W1
        monotone = self.directions != 0
        W1[monotone] = self.directions[monotone, None] * np.abs(W1[monotone])
        return w

    def free_gradient(
        self, w: NDArray[np.float64], grad: NDArray[np.float64]
    ) -> NDArray[np.float64]:
        """The gradient with respect to the weights that can move, (n_weights,).

        It is 0 for a weight at its bound if J falls only beyond the bound. At a minimum within the
        bounds, the whole gradient is 0.
        """
        low, high = self.bounds
        held = ((w <= low) & (grad > 0)) | ((w >= high) & (grad < 0))
        return np.where(held, 0.0, grad)
