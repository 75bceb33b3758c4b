"""Draws around the best point so far, with a width that adapts to their success.

This is the adaptive step size random search of Schumer and Steiglitz, IEEE Transactions on
Automatic Control 13 (1968) 270: the width grows after a step that finds a better point, and
shrinks otherwise. Here a step has several draws, and each draw changes some of the weights and
keeps the others. When the width has become very small it is reset, so that the search can leave a
local minimum.
"""

from collections.abc import Iterator

import numpy as np

from ...model._objective import Objective
from .._incumbent import Piece
from ._draws import in_layers

__all__ = ["AdaptiveSearch"]

# Number of hidden layers in a step, and of output layers tried with each. With fewer draws per
# step, the search would follow the best point more closely; with more, each draw would take less
# time, because draws share hidden layers.
_LAYERS, _SHARED = 4, 4
# Fraction of the weights that a draw changes.
_MOVED = 0.3
# Widths are standard deviations, in units of the range. With these factors, the width stays
# constant if two of five steps find a better point, which corresponds to 3 % of the draws.
_FIRST, _LEAST, _WIDER, _NARROWER = 0.5, 1e-3, 1.3, 0.85


class AdaptiveSearch:
    """The adaptive search, an iterable of its steps.

    Parameters
    ----------
    objective : Objective
    n_draws : int
    weight_range : tuple of two floats
    w0 : ndarray of shape (n_weights,) or None
        The first point to draw around; if None, the draws of the first step are uniform.
    rng : numpy.random.Generator
    """

    def __init__(
        self,
        objective: Objective,
        n_draws: int,
        weight_range: tuple[float, float],
        w0: np.ndarray | None,
        rng: np.random.Generator,
    ) -> None:
        self._objective, self._left, self._rng = objective, n_draws, rng
        self._low, self._high = weight_range
        self._width, self._value = _FIRST, np.inf
        self._best: np.ndarray | None = None
        if w0 is not None:
            self._best = np.clip(w0, self._low, self._high)
            self._value = objective.value(self._best)

    def describe(self) -> str:
        """The width of the draws, in units of the weights."""
        return f"width {self._width * (self._high - self._low):.2g}"

    def __iter__(self) -> Iterator[Piece]:
        """Yield the best point so far, its J and the number of draws, after each step."""
        net = self._objective.network
        n_hidden_weights = net.n_hidden_weights
        while self._left > 0:
            n_draws = min(self._left, _LAYERS * _SHARED)
            self._left -= n_draws
            # draw all numbers of a step, even if the last step is shorter: a longer search with
            # the same seed then begins with the same draws
            V1 = self._draw(slice(n_hidden_weights), _LAYERS)
            V2 = self._draw(slice(n_hidden_weights, None), _LAYERS * _SHARED)
            self._take(*self._objective.candidates.best_of(*in_layers(net, V1, V2, n_draws)))
            assert self._best is not None  # `_take` has set it
            yield self._best, self._value, n_draws

    def _draw(self, part: slice, n: int) -> np.ndarray:
        """Draw the weights of a part n times, as an array (n, n_weights_of_the_part)."""
        shape = n, len(range(*part.indices(self._objective.n_weights)))
        if self._best is None:
            return self._rng.uniform(self._low, self._high, shape)
        drawn = self._rng.standard_normal(shape)
        drawn *= self._rng.random(shape) < _MOVED
        drawn *= self._width * (self._high - self._low)
        drawn += self._best[part]
        np.maximum(drawn, self._low, out=drawn)  # the two take half the time of np.clip
        return np.minimum(drawn, self._high, out=drawn)

    def _take(self, w: np.ndarray, value: float) -> None:
        """Update the best point and the width after a step."""
        first = self._best is None
        better = value < self._value
        if better:
            self._best, self._value = w, value
        if not first:
            self._width = min(_FIRST, self._width * (_WIDER if better else _NARROWER))
            if self._width < _LEAST:
                self._width = _FIRST
