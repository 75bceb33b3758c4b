"""Groups of draws that share a hidden layer and differ in their output layers."""

import numpy as np

from ...model import Network

__all__ = ["in_layers"]


def in_layers(
    network: Network, V1: np.ndarray, V2: np.ndarray, n_draws: int
) -> tuple[np.ndarray, np.ndarray]:
    """Group the first `n_draws` draws by hidden layer, as `Candidates.best_of` expects them.

    If the last hidden layer has fewer draws than the others, its last draw is repeated.

    Parameters
    ----------
    network : Network
    V1 : ndarray of shape (n_layers, n_hidden_weights)
    V2 : ndarray of shape (n_draws or more, n_weights - n_hidden_weights)
        Output layers, the same number for each hidden layer. The function may modify the array.
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
