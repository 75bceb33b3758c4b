"""Boxes of grid points: order of the hidden units, choice of the split, list of the points."""

import numpy as np

from ._problem import GridProblem

__all__ = ["box_points", "longest_side", "order_units"]

# A weight that does not influence z3, such as an incoming weight of a unit with v = 0, is split
# last.
_LEAST_SCALE = 1e-9


def order_units(problem: GridProblem, low: np.ndarray, high: np.ndarray) -> None:
    """Reduce the boxes, in place, to points whose hidden units are in lexicographic order.

    J does not change if hidden units are exchanged, so at least one optimal point has this order.
    The order is by outgoing weights, then by incoming weights: if two neighbouring units must
    agree in all weights before a certain one, then the first unit must not have the larger value
    of that weight.
    """
    (c_low, v_low), (c_high, v_high) = problem.split(low), problem.split(high)
    n_hidden = c_low.shape[1]
    if n_hidden == 1:
        return
    lows = np.concatenate([v_low[:, :n_hidden], c_low], axis=2)
    highs = np.concatenate([v_high[:, :n_hidden], c_high], axis=2)
    tied = np.ones((len(low), n_hidden - 1), dtype=bool)
    for key in range(lows.shape[2]):
        first, last = lows[:, :, key], highs[:, :, key]
        for j in range(n_hidden - 1):
            np.maximum(first[:, j + 1], first[:, j], out=first[:, j + 1], where=tied[:, j])
        for j in reversed(range(n_hidden - 1)):
            np.minimum(last[:, j], last[:, j + 1], out=last[:, j], where=tied[:, j])
        tied &= (first[:, :-1] == last[:, 1:]) & (last[:, :-1] == first[:, :-1])
        tied &= first[:, 1:] == last[:, 1:]
        if not tied.any():
            break
    n_outputs = v_low.shape[2]
    v_low[:, :n_hidden], c_low[:] = lows[:, :, :n_outputs], lows[:, :, n_outputs:]
    v_high[:, :n_hidden], c_high[:] = highs[:, :, :n_outputs], highs[:, :, n_outputs:]


def longest_side(problem: GridProblem, low: np.ndarray, high: np.ndarray) -> np.ndarray:
    """Index of the weight in each box whose interval changes z3 the most, (n_boxes,).

    A unit change of v changes z3 by about a = 1/2; of c_i, by |v| |x_i| f', where f' is at most
    1/4 and a little less on average; of the output intercept, by 1.
    """
    largest = np.maximum(np.abs(problem.values[low]), np.abs(problem.values[high]))
    _, v = problem.split(largest)
    scale = np.ones(low.shape)
    incoming, outgoing = problem.split(scale)
    n_hidden = incoming.shape[1]
    incoming[:] = 0.22 * v[:, :n_hidden].max(axis=2, keepdims=True) * problem.rms
    outgoing[:, :n_hidden] = 0.5
    return ((high - low) * np.maximum(scale, _LEAST_SCALE)).argmax(axis=1)


def box_points(low: np.ndarray, high: np.ndarray) -> np.ndarray:
    """All grid points of a box, (n_points, n_weights)."""
    sides = [np.arange(first, last + 1) for first, last in zip(low, high, strict=True)]
    return np.stack([side.ravel() for side in np.meshgrid(*sides, indexing="ij")], axis=1)
