"""Weights to begin with: those of the last fit, or from elsewhere."""

import numpy as np

__all__ = ["flat_weights"]


def flat_weights(estimator, network):
    """The estimator's `coefs_` and `intercepts_` as the network's flat vector.

    Parameters
    ----------
    estimator : object
        With `coefs_`, the two arrays W1 and W2, and `intercepts_`, the two arrays b1 and b2.
        Users may have set them by hand.
    network : Network

    Returns
    -------
    w : ndarray of shape (n_weights,), float64

    Raises
    ------
    ValueError
        If their shapes are not the network's, or if they hold what is no finite number.

    Examples
    --------
    >>> from types import SimpleNamespace
    >>> from skbackprop.estimators._start import flat_weights
    >>> from skbackprop.model import Network
    >>> weights = SimpleNamespace(coefs_=[[[1.0]], [[2.0]]], intercepts_=[[3.0], [4.0]])
    >>> flat_weights(weights, Network(n_features=1, n_hidden=1, n_outputs=1))
    array([1., 3., 2., 4.])
    """
    n_features, n_hidden, n_outputs = network.n_features, network.n_hidden, network.n_outputs
    shapes = [(n_features, n_hidden), (n_hidden, n_outputs)]
    W1, W2 = _parts("coefs_", estimator.coefs_, shapes)
    if not network.fit_intercept:
        return network.pack(W1, None, W2, None)
    shapes = [(n_hidden,), (n_outputs,)]
    b1, b2 = _parts("intercepts_", getattr(estimator, "intercepts_", None), shapes)
    return network.pack(W1, b1, W2, b2)


def _parts(name, value, shapes):
    """The two arrays of an attribute, in float64."""
    try:
        parts = [np.asarray(part, dtype=np.float64) for part in value]
    except (TypeError, ValueError):
        parts = []
    if [part.shape for part in parts] != shapes:
        got = f"shapes {[part.shape for part in parts]!r}" if parts else repr(value)
        raise ValueError(
            f"{name} must be two arrays of shapes {shapes[0]!r} and {shapes[1]!r} to begin with, "
            f"got {got}: set coefs_ and intercepts_ to weights of this network, or delete both"
        )
    if not all(np.isfinite(part).all() for part in parts):
        raise ValueError(
            f"{name} must hold finite numbers to begin with, got {value!r}: set coefs_ and "
            f"intercepts_ to finite weights, or delete both"
        )
    return parts
