"""Short gradient descents, whose ends are the starts of a proof or a coordinate descent.

The proof runs its descents in one batch. The coordinate descent, whose networks and data may be
large, runs them one after the other.
"""

from collections.abc import Callable

import numpy as np

from ...model._objective import Objective
from .._incumbent import Piece

__all__ = ["STEPS", "descend", "descend_to_grid", "nearest_grid_point"]

STEPS = 60
# Step sizes relative to the range, and the factors of Riedmiller and Braun (1993).
_FIRST, _SMALLEST, _LARGEST = 0.05, 1e-3, 0.5
_FASTER, _SLOWER = 1.2, 0.5


def descend(
    gradients: Callable[[np.ndarray], np.ndarray], W: np.ndarray, first: float, last: float
) -> np.ndarray:
    """Run Rprop from one or many starts at once, with weights kept within the range.

    Parameters
    ----------
    gradients : callable
        Maps weights (n_starts, n_weights) to dJ/dw of the same shape.
    W : ndarray of shape (n_starts, n_weights)
        The starts.
    first, last : float
        First and last value of a weight.

    Returns
    -------
    W : ndarray of shape (n_starts, n_weights)
        The weights after `STEPS` steps.
    """
    size, before = np.full(W.shape, _FIRST * (last - first)), np.zeros(W.shape)
    for _ in range(STEPS):
        sign = np.sign(gradients(W))
        turn = sign * before
        size *= np.where(turn > 0, _FASTER, np.where(turn < 0, _SLOWER, 1))
        np.clip(size, _SMALLEST * (last - first), _LARGEST * (last - first), out=size)
        before = np.where(turn < 0, 0, sign)
        W = np.clip(W - np.sign(before) * size, first, last)
    return W


def descend_to_grid(objective: Objective, values: np.ndarray, start: np.ndarray) -> Piece:
    """Run one short descent and round its end to the grid.

    Parameters
    ----------
    objective : Objective
    values : ndarray of shape (n_values,)
        Grid values of a weight.
    start : ndarray of shape (n_weights,)

    Returns
    -------
    w : ndarray of shape (n_weights,)
    value : float
        J(w).
    n_evaluations : int
    """

    def gradients(W: np.ndarray) -> np.ndarray:
        return objective.value_and_grad(W[0])[1][None]

    w = nearest_grid_point(values, descend(gradients, start[None], values[0], values[-1])[0])
    return w, objective.value(w), STEPS + 1


def nearest_grid_point(values: np.ndarray, w: np.ndarray) -> np.ndarray:
    """The grid point nearest to w, (n_weights,)."""
    return values[np.abs(values - w[:, None]).argmin(axis=1)]
