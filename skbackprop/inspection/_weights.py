"""Names of single weights, such as "W1[0, 2]", and where they are in the flat vector w."""

from numbers import Integral

import numpy as np

__all__ = ["blocks", "weight_index", "weight_names"]


def blocks(network):
    """The flat positions of each part of w: {"W1": (n_features, n_hidden), "b1": ...}."""
    parts = network.unpack(np.arange(network.n_weights))
    names = ("W1", "b1", "W2", "b2")
    return {name: part for name, part in zip(names, parts, strict=True) if part is not None}


def weight_names(network, feature_names=None):
    """A name for each entry of w.

    Parameters
    ----------
    network : Network
    feature_names : array-like of shape (n_features,) or None
        Used for the rows of W1 instead of their numbers.

    Returns
    -------
    list of str, of length n_weights

    Examples
    --------
    >>> from skbackprop.inspection._weights import weight_names
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


def weight_index(network, weight, feature_names=None):
    """Where a weight is in w.

    Parameters
    ----------
    network : Network
    weight : str or tuple of three ints
        A name, such as "W1[0, 2]", "W1[age, 2]" or "b2[0]"; or the layer, 1 or 2, the row and
        the column of [W; b], of which the row after the last one of W is the intercept's.
    feature_names : array-like of shape (n_features,) or None
        They go before numbers, where a feature has a number for a name.

    Returns
    -------
    int

    Raises
    ------
    ValueError
        If there is no such weight.

    Examples
    --------
    >>> from skbackprop.inspection._weights import weight_index
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
        f"{weight!r}: it has {_summary(network)}"
    )


def _plain(name):
    return name.replace(" ", "")


def _is_triple(weight):
    return (
        isinstance(weight, tuple | list)
        and len(weight) == 3
        and all(isinstance(number, Integral) for number in weight)
        and weight[0] in (1, 2)
    )


def _summary(network):
    shapes = {name: part.shape for name, part in blocks(network).items()}
    return ", ".join(f"{name} of shape {shape!r}" for name, shape in shapes.items())
