"""The whole grid, every network once."""

from functools import partial
from itertools import combinations_with_replacement, islice, product
from math import comb

import numpy as np

from ..._execution._parallel import in_order

__all__ = ["enumerate_grid", "n_networks"]

# Activations in a piece of work between two looks at the clock.
_ACTIVATIONS_PER_PIECE = 4_000_000
# Output layers that exist as arrays at any time.
_OUTPUT_LAYERS_AT_ONCE = 4096


def n_networks(objective, n_values):
    """Cost evaluations that the whole grid takes, an exact integer.

    Networks that differ in the order of their hidden units are one. Given the hidden layer,
    the outputs of a separable cost are independent: all columns are tried for all outputs at
    once.
    """
    net = objective.network
    n_units = n_values ** net.shape1[0]
    return comb(n_units + net.n_hidden - 1, net.n_hidden) * n_values ** _n_free(objective)


def enumerate_grid(objective, values, n_jobs):
    """Search the whole grid.

    Parameters
    ----------
    objective : Objective
    values : ndarray of shape (n_values,)
    n_jobs : int or None

    Yields
    ------
    w, value, n_evaluations
        The best point of each piece of the grid.
    """
    net = objective.network
    units = product(values, repeat=net.shape1[0])
    hidden_layers = combinations_with_replacement(units, net.n_hidden)
    activations = objective.data.Y.size * len(values) ** _n_free(objective)
    length = max(1, _ACTIVATIONS_PER_PIECE // activations)
    pieces = iter(lambda: (list(islice(hidden_layers, length)),), ([],))
    yield from in_order(partial(_best_of, objective, values), pieces, n_jobs)


def _n_free(objective):
    """Number of output weights to enumerate: of one column where outputs are independent."""
    rows, columns = objective.network.shape2
    return rows if objective.loss.separable else rows * columns


def _best_of(objective, values, hidden_layers):
    """The best point over some hidden layers and all output layers."""
    best_w, best, n_evaluations = None, np.inf, 0
    for units in hidden_layers:
        V1 = np.array(units).T
        for V2 in _output_layers(objective, values):
            w, value = objective.candidates.best_of(V1[None], V2[None])
            n_evaluations += len(V2)
            if best_w is None or value < best:
                best_w, best = w, value
    return best_w, best, n_evaluations


def _output_layers(objective, values):
    """All output layers in blocks (n_candidates, rows, n_outputs)."""
    rows, columns = objective.network.shape2
    points = product(values, repeat=_n_free(objective))
    while block := list(islice(points, _OUTPUT_LAYERS_AT_ONCE)):
        V2 = np.array(block).reshape(len(block), rows, -1)
        yield np.broadcast_to(V2, (len(block), rows, columns))
