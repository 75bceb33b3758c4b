"""Draws around the best point so far, in a width that follows success.

The adaptive step size random search of Schumer and Steiglitz, IEEE Transactions on Automatic
Control 13 (1968) 270: after a step that finds a better point the next one is wider, else it is
narrower. Here a step has several draws, each of which moves some of the weights and leaves the
others. Once the width has come to nothing it is large again, to leave the minimum found.
"""

import numpy as np

from ._draws import in_layers

__all__ = ["AdaptiveSearch"]

# Hidden layers of a step, and output layers tried on each. Few, since the next step knows more;
# and yet some, since what they share makes them cheaper.
_LAYERS, _SHARED = 4, 4
# Share of the weights that a draw moves.
_MOVED = 0.3
# Widths are standard deviations, in units of the range. With these factors the width stays
# where it is if two of five steps succeed, or 3 % of the draws.
_FIRST, _LEAST, _WIDER, _NARROWER = 0.5, 1e-3, 1.3, 0.85


class AdaptiveSearch:
    """The search, as a stream of steps.

    Parameters
    ----------
    objective : Objective
    n_draws : int
    weight_range : tuple of two floats
    w0 : ndarray of shape (n_weights,) or None
        Where to begin; None begins with uniform draws.
    rng : numpy.random.Generator
    """

    def __init__(self, objective, n_draws, weight_range, w0, rng):
        self._objective, self._left, self._rng = objective, n_draws, rng
        self._low, self._high = weight_range
        self._width, self._best, self._value = _FIRST, None, np.inf
        if w0 is not None:
            self._best = np.clip(w0, self._low, self._high)
            self._value = objective.value(self._best)

    def describe(self):
        """How wide the draws are, in units of the weights."""
        return f"width {self._width * (self._high - self._low):.2g}"

    def __iter__(self):
        """Yield the best point so far, its J and the draws made since, step by step."""
        net = self._objective.network
        n_hidden_weights = net.n_hidden_weights
        while self._left > 0:
            n_draws = min(self._left, _LAYERS * _SHARED)
            self._left -= n_draws
            # all numbers of a step, so that a longer search begins with the draws of this one
            V1 = self._draw(slice(n_hidden_weights), _LAYERS)
            V2 = self._draw(slice(n_hidden_weights, None), _LAYERS * _SHARED)
            self._take(*self._objective.candidates.best_of(*in_layers(net, V1, V2, n_draws)))
            yield self._best, self._value, n_draws

    def _draw(self, part, n):
        """Random values of some of the weights, (n, n_of_them)."""
        shape = n, len(range(*part.indices(self._objective.n_weights)))
        if self._best is None:
            return self._rng.uniform(self._low, self._high, shape)
        moves = self._rng.standard_normal(shape) * (self._rng.random(shape) < _MOVED)
        moves *= self._width * (self._high - self._low)
        return np.clip(self._best[part] + moves, self._low, self._high)

    def _take(self, w, value):
        """Note the best point of a step, and set the width of the next one."""
        first = self._best is None
        better = value < self._value
        if better:
            self._best, self._value = w, value
        if not first:
            self._width = min(_FIRST, self._width * (_WIDER if better else _NARROWER))
            if self._width < _LEAST:
                self._width = _FIRST
