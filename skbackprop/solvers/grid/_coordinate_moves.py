"""Moves of the coordinate descent, which set some weights in turn to their best grid values."""

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial

import numpy as np

from ...model._blocks import slices
from ...model._objective import Objective

__all__ = ["CoordinateGroup", "coordinate_groups"]

_INPUTS_PER_GROUP = 16
# Smaller relative gains are rounding errors, even in float32.
_ROUNDING = 1e-6


@dataclass(frozen=True, eq=False)
class CoordinateGroup:
    """Coordinates that are searched together, one after another.

    Parameters
    ----------
    move : callable
        ``move(objective, values, w)`` returns improved weights and the decrease of J.
    n_coordinates : int
    """

    move: Callable[[Objective, np.ndarray, np.ndarray], tuple[np.ndarray, float]]
    n_coordinates: int


def coordinate_groups(objective: Objective) -> list[CoordinateGroup]:
    """Divide all coordinates into groups of incoming or of outgoing weights of a hidden unit.

    If the outputs are independent, the weights from one hidden unit to all outputs count as one
    coordinate, because the best value can then be chosen for each output separately.
    """
    net = objective.network
    inputs = [range(s.start, s.stop) for s in slices(net.shape1[0], _INPUTS_PER_GROUP)]
    incoming = [
        CoordinateGroup(partial(_move_incoming, some, unit), len(some))
        for unit in range(net.n_hidden)
        for some in inputs
    ]
    rows, columns = net.shape2
    parts = [slice(None)] if objective.loss.separable else list(slices(columns, 1))
    return incoming + [
        CoordinateGroup(partial(_move_outgoing, j, part), 1) for j in range(rows) for part in parts
    ]


def _move_incoming(
    inputs: range, unit: int, objective: Objective, values: np.ndarray, w: np.ndarray
) -> tuple[np.ndarray, float]:
    """Set some incoming weights of a hidden unit, one after another, to their best values."""
    better, total = w.copy(), 0.0
    column = objective.network.split(better)[0][:, unit]
    J_of = objective.candidates.of_unit(w, unit)
    for i in inputs:
        candidates = np.repeat(column[None], len(values), axis=0)
        candidates[:, i] = values
        best, gain = _best(J_of(candidates)[:, None], values, column[i, None])
        column[i] = best[0]
        total += gain
    return better, total


def _move_outgoing(
    j: int, outputs: slice, objective: Objective, values: np.ndarray, w: np.ndarray
) -> tuple[np.ndarray, float]:
    """Set a row of [W2; b2] to its best values, for each output separately if possible."""
    net = objective.network
    V1, V2 = net.split(w)
    candidates = np.repeat(V2[None], len(values), axis=0)
    candidates[:, j, outputs] = values[:, None]
    (J,) = objective.candidates.output_values(V1[None], candidates[None])
    best, gain = _best(J, values, V2[j, outputs])
    better = w.copy()
    net.split(better)[1][j, outputs] = best
    return better, gain


def _best(J: np.ndarray, values: np.ndarray, current: np.ndarray) -> tuple[np.ndarray, float]:
    """Return the best grid value for each column of J, and the decrease of J.

    A gain within the rounding error of J is ignored; otherwise the search could cycle.
    """
    columns = np.arange(J.shape[1])
    J_current = J[np.abs(values[:, None] - current).argmin(axis=0), columns]
    winners = J.argmin(axis=0)
    gain = J_current - J[winners, columns]
    gain[gain <= _ROUNDING * J_current] = 0
    return np.where(gain, values[winners], current), float(gain.sum())
