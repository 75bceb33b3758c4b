"""Names of single weights, such as "W1[0, 2]", and their positions in the flat vector w."""

from numbers import Integral
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ..model._network import Network

__all__ = ["blocks", "weight_index", "weight_names"]


def blocks(network: Network) -> dict[str, NDArray[np.intp]]:
    """Positions in w of each part: {"W1": an array (n_features, n_hidden), "b1": ...}."""
    parts = network.unpack(np.arange(network.n_weights))
    names = ("W1", "b1", "W2", "b2")
    return {name: part for name, part in zip(names, parts, strict=True) if part is not None}


def weight_names(network: Network, feature_names: NDArray[Any] | None = None) -> list[str]:
    """Return a name for each element of w.

    Parameters
    ----------
    network : Network
    feature_names : array-like of shape (n_features,) or None
        Used for the rows of W1 in place of their indices.

    Returns
    -------
    list of str, of length n_weights

    Examples
    --------
    >>> from skbackprop.inspection._weight_names import weight_names
    >>> from skbackprop.model import Network
    >>> weight_names(Network(2, 1, 1), ["age", "dose"])
    ['W1[age, 0]', 'W1[dose, 0]', 'b1[0]', 'W2[0, 0]', 'b2[0]']
    """
    names = np.empty(network.n_weights, dtype=object)
    for block, positions in blocks(network).items():
        for index, position in np.ndenumerate(positions):
            labels = [str(i) for i in index]
            if block == "W1" and feature_names is not None:
                labels[0] = str(feature_names[index[0]])
            names[position] = f"{block}[{', '.join(labels)}]"
    return names.tolist()


def weight_index(network: Network, weight: Any, feature_names: NDArray[Any] | None = None) -> int:
    """Return the position of a weight in w.

    Parameters
    ----------
    network : Network
    weight : str or tuple of three ints
        A name, such as "W1[0, 2]", "W1[age, 2]" or "b2[0]"; or the layer, 1 or 2, and the row
        and column of [W; b], whose last row holds the intercepts.
    feature_names : array-like of shape (n_features,) or None
        If the name of a feature is a number, it takes precedence over the index of a row.

    Returns
    -------
    int

    Raises
    ------
    ValueError
        If there is no such weight.

    Examples
    --------
    >>> from skbackprop.inspection._weight_names import weight_index
    >>> from skbackprop.model import Network
    >>> network = Network(2, 3, 1)
    >>> weight_index(network, "W1[1, 0]"), weight_index(network, (1, 1, 0))
    (3, 3)
    >>> weight_index(network, "b1[2]"), weight_index(network, (1, 2, 2))
    (8, 8)
    """
    if isinstance(weight, str):
        for names in (weight_names(network, feature_names), weight_names(network)):
            names = [_plain(name) for name in names]
            if _plain(weight) in names:
                return names.index(_plain(weight))
    elif _is_triple(weight):
        layer, row, column = weight
        first, shape = ((0, network.shape1), (network.n_hidden_weights, network.shape2))[layer - 1]
        if 0 <= row < shape[0] and 0 <= column < shape[1]:
            return first + int(row) * shape[1] + int(column)
    raise ValueError(
        f"weights must name two weights of the network, such as 'W1[0, 0]' or (1, 0, 0), got "
        f"{weight!r}: the network has {_summary(network)}"
    )


def _plain(name: str) -> str:
    return name.replace(" ", "")


def _is_triple(weight: Any) -> bool:
    return (
        isinstance(weight, tuple | list)
        and len(weight) == 3
        and all(isinstance(number, Integral) for number in weight)
        and weight[0] in (1, 2)
    )


def _summary(network: Network) -> str:
    shapes = {name: part.shape for name, part in blocks(network).items()}
    return ", ".join(f"{name} of shape {shape!r}" for name, shape in shapes.items())
