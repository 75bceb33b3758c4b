"""Warm starts: the weights of the last fit, or weights set by hand, as initial weights."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from ..model._standardisation import Standardisation
from ..optimizers import DescentState

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from ..model import Objective
    from ..model._monotonicity import Monotonicity
    from ..model._network import Network
    from ..solvers import Solver

__all__ = ["flat_weights", "starting_point"]


def starting_point(
    estimator: Any, solver: Solver, objective: Objective
) -> tuple[NDArray[np.float64] | None, Any]:
    """Return the weights of the previous fit, and its state if the solver has the same class.

    Before the first fit, the weights are `coefs_` and `intercepts_` if these were set by hand,
    and otherwise None. Weights that violate `monotonic_cst` are replaced by the nearest ones that
    satisfy it, after negative hidden units have been replaced by their complements. If the
    constraints have changed, only the coordinates of the state are kept.

    Parameters
    ----------
    estimator : BaseBackprop
    solver : Solver
        The solver that will continue.
    objective : Objective
        J of the network to be fitted.

    Returns
    -------
    w0 : ndarray of shape (n_weights,), float64, or None
    state : object or None

    Raises
    ------
    ValueError
        If the network differs from that of the previous fit, or the weights do not match it.
    """
    state, network = None, objective.network
    if estimator.__sklearn_is_fitted__():
        if network != estimator._network:
            raise ValueError(
                f"warm_start and partial_fit need the network of the previous fit, "
                f"{estimator._network!r}, got {network!r}: keep n_hidden, fit_intercept, the "
                f"features and the outputs, or start again with warm_start=False"
            )
        kind, left = estimator._solver_state
        state = left if kind is type(solver) and solver.supports_state else None
    elif not hasattr(estimator, "coefs_"):
        return None, None
    w, monotonicity = flat_weights(estimator, network), objective.monotonicity
    if not _same_directions(getattr(estimator, "_directions", None), monotonicity):
        # the optimizer's memory belongs to other bounds; the coordinates remain the same
        state = DescentState(scaling=state.scaling) if isinstance(state, DescentState) else None
    if monotonicity is None or monotonicity.admits(w):
        return w, state
    return _within_bounds(w, objective, state), state


def _same_directions(
    directions: NDArray[np.int8] | None, monotonicity: Monotonicity | None
) -> bool:
    """Whether the last fit had the same constraints."""
    if directions is None or monotonicity is None:
        return directions is None and monotonicity is None
    return np.array_equal(directions, monotonicity.directions)


def _within_bounds(
    w: NDArray[np.float64], objective: Objective, state: DescentState | None
) -> NDArray[np.float64]:
    """The nearest weights within the bounds, in the coordinates of the descent.

    In the user's coordinates b1 would keep what makes up for the means of the features.
    """
    monotonicity = objective.monotonicity
    assert monotonicity is not None
    before = None if state is None else state.scaling
    scaling = Standardisation.of(objective) if before is None else before
    return scaling.from_scaled(monotonicity.projected(scaling.to_scaled(monotonicity.turned(w))))


def flat_weights(estimator: Any, network: Network) -> NDArray[np.float64]:
    """Convert an estimator's `coefs_` and `intercepts_` to the network's flat weight vector.

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
        If their shapes do not match the network, or if they contain non-finite numbers.

    Examples
    --------
    >>> from types import SimpleNamespace
    >>> from skbackprop.estimators._warm_start import flat_weights
    >>> from skbackprop.model import Network
    >>> weights = SimpleNamespace(coefs_=[[[1.0]], [[2.0]]], intercepts_=[[3.0], [4.0]])
    >>> flat_weights(weights, Network(n_features=1, n_hidden=1, n_outputs=1))
    array([1., 3., 2., 4.])
    """
    n_features, n_hidden, n_outputs = network.n_features, network.n_hidden, network.n_outputs
    matrices = _parts("coefs_", estimator.coefs_, [(n_features, n_hidden), (n_hidden, n_outputs)])
    vectors: list[NDArray[np.float64]] | tuple[None, None] = (None, None)
    if network.fit_intercept:
        given = getattr(estimator, "intercepts_", None)
        vectors = _parts("intercepts_", given, [(n_hidden,), (n_outputs,)])
    return network.pack(matrices[0], vectors[0], matrices[1], vectors[1])


def _parts(name: str, value: Any, shapes: list[tuple[int, ...]]) -> list[NDArray[np.float64]]:
    """Check the two arrays of an attribute and return them in float64."""
    try:
        parts = [np.asarray(part, dtype=np.float64) for part in value]
    except (TypeError, ValueError):
        parts = []
    if [part.shape for part in parts] != shapes:
        got = f"shapes {[part.shape for part in parts]!r}" if parts else repr(value)
        raise ValueError(
            f"{name} must be two arrays of shapes {shapes[0]!r} and {shapes[1]!r} as initial "
            f"weights, got {got}: set coefs_ and intercepts_ to weights of this network, or "
            f"delete both"
        )
    if not all(np.isfinite(part).all() for part in parts):
        raise ValueError(
            f"{name} must hold finite numbers as initial weights, got {value!r}: set coefs_ "
            f"and intercepts_ to finite weights, or delete both"
        )
    return parts
