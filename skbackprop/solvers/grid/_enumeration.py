"""Complete search of the grid, which evaluates every network once."""

from collections.abc import Iterator
from functools import partial
from itertools import combinations_with_replacement, islice, product
from math import comb

import numpy as np

from ..._execution._parallel import in_order
from ...model._objective import Objective
from .._incumbent import Piece

__all__ = ["enumerate_grid", "n_networks"]

# Number of activations in a piece of work; max_time and the callback are checked after each piece.
_ACTIVATIONS_PER_PIECE = 4_000_000
# Number of output layers that are in memory at the same time.
_OUTPUT_LAYERS_AT_ONCE = 4096


def n_networks(objective: Objective, n_values: int) -> int:
    """Number of cost evaluations for the complete grid, an exact integer.

    Networks that differ only in the order of their hidden units count as one. For a given hidden
    layer, the outputs of a separable cost are independent, and every column of output weights is
    evaluated for all outputs at once.
    """
    net = objective.network
    n_units = n_values ** net.shape1[0]
    return comb(n_units + net.n_hidden - 1, net.n_hidden) * n_values ** _n_free(objective)


def enumerate_grid(objective: Objective, values: np.ndarray, n_jobs: int | None) -> Iterator[Piece]:
    """Search the complete grid.

    Parameters
    ----------
    objective : Objective
    values : ndarray of shape (n_values,)
    n_jobs : int or None

    Yields
    ------
    w, value, n_evaluations
        The best point of each piece of the grid, J there, and the number of evaluations.
    """
    net = objective.network
    units = product(values, repeat=net.shape1[0])
    hidden_layers = combinations_with_replacement(units, net.n_hidden)
    n_targets = objective.n_samples * net.n_outputs
    activations = n_targets * len(values) ** _n_free(objective)
    length = max(1, _ACTIVATIONS_PER_PIECE // activations)
    pieces = iter(lambda: (list(islice(hidden_layers, length)),), ([],))
    yield from in_order(partial(_best_of, objective, values), pieces, n_jobs)


def _n_free(objective: Objective) -> int:
    """Number of output weights to enumerate: those of one column if outputs are independent."""
    rows, columns = objective.network.shape2
    return rows if objective.loss.separable else rows * columns


def _best_of(objective: Objective, values: np.ndarray, hidden_layers: list) -> Piece:
    """Find the best combination of some hidden layers with all output layers."""
    best_w, best, n_evaluations = np.empty(0), np.inf, 0
    for units in hidden_layers:
        V1 = np.array(units).T
        for V2 in _output_layers(objective, values):
            w, value = objective.candidates.best_of(V1[None], V2[None])
            if n_evaluations == 0 or value < best:
                best_w, best = w, value
            n_evaluations += len(V2)
    return best_w, best, n_evaluations


def _output_layers(objective: Objective, values: np.ndarray) -> Iterator[np.ndarray]:
    """Yield all output layers in blocks of shape (n_candidates, rows, n_outputs)."""
    rows, columns = objective.network.shape2
    points = product(values, repeat=_n_free(objective))
    while block := list(islice(points, _OUTPUT_LAYERS_AT_ONCE)):
        V2 = np.array(block).reshape(len(block), rows, -1)
        yield np.broadcast_to(V2, (len(block), rows, columns))
