"""Draws that share hidden layers."""

__all__ = ["in_layers"]


def in_layers(network, V1, V2, n_draws):
    """The first so many draws, as hidden layers and the output layers of each.

    Where the last hidden layer has fewer draws than the others, one of them is repeated.

    Parameters
    ----------
    network : Network
    V1 : ndarray of shape (n_layers, n_hidden_weights)
    V2 : ndarray of shape (n_draws or more, n_weights - n_hidden_weights)
        As many for each hidden layer. May be written to.
    n_draws : int
        At least 1.

    Returns
    -------
    V1 : ndarray of shape (n_used_layers, *network.shape1)
    V2 : ndarray of shape (n_used_layers, n_shared, *network.shape2)
    """
    shared = len(V2) // len(V1)
    n_layers = -(-n_draws // shared)
    V2 = V2[: n_layers * shared]
    V2[n_draws:] = V2[n_draws - 1]
    return V1[:n_layers].reshape(-1, *network.shape1), V2.reshape(-1, shared, *network.shape2)
