"""Conversion of a solver's result to the fitted attributes of an estimator."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

if TYPE_CHECKING:
    from .._execution._result import SolverResult
    from ..model._objective import Objective
    from ..solvers import Solver

__all__ = ["assign", "check_finite", "fitted_attributes"]

# Attributes that only some fits set, keyed by their names in the solver's result.
_OPTIONAL = {
    "n_grid_points": "n_grid_points_",
    "lower_bound": "loss_lower_bound_",
    "validation_loss_curve": "validation_loss_curve_",
}
# Attributes that a fit sets only if it chose the penalty.
_OF_PATH = {"alphas_", "loss_path_"}
# Attributes that a fit sets only with validation data.
_OF_VALIDATION = {"best_iter_", "best_validation_loss_"}
_OF_SOME_FITS = _OF_PATH | _OF_VALIDATION | {"_error_bars", "feature_names_in_"}


def check_finite(result: SolverResult, solver: Solver) -> None:
    """Raise an error if a result is not finite, which a user-defined solver may return."""
    if not (np.isfinite(result.w).all() and np.isfinite(result.value)):
        raise ValueError(
            f"{solver!r} must return weights with a finite cost, got J={result.value!r}: "
            f"standardise the features of X, or divide X by a constant"
        )


def fitted_attributes(result: SolverResult, objective: Objective, solver: Solver) -> dict[str, Any]:
    """Return the fitted attributes of a result by name.

    Parameters
    ----------
    result : SolverResult
    objective : Objective
    solver : Solver
        The solver that was used.
    """
    network, monotonicity = objective.network, objective.monotonicity
    W1, b1, W2, b2 = network.unpack(result.w.astype(objective.dtype))
    if b1 is None:
        b1, b2 = np.zeros(W1.shape[1], W1.dtype), np.zeros(W2.shape[1], W2.dtype)
    optional = {attribute: getattr(result, name) for name, attribute in _OPTIONAL.items()}
    return {
        "_network": network,
        "_solver_state": (type(solver), result.state),
        "_input_scale": objective.penalty.input_scale,
        "_directions": None if monotonicity is None else monotonicity.directions,
        "n_outputs_": network.n_outputs,
        "alpha_": objective.alpha,
        "coefs_": [W1, W2],
        "intercepts_": [b1, b2],
        "loss_": result.value,
        "loss_curve_": result.loss_curve,
        "n_iter_": result.n_iter,
        "n_evaluations_": result.n_evaluations,
        "solver_": solver,
        "status_": result.status,
        "message_": result.warning or str(result.status),
        **{name: value for name, value in optional.items() if value is not None},
        **_best_validation(result),
    }


def _best_validation(result: SolverResult) -> dict[str, Any]:
    """Iteration and value of the lowest validation cost, if there are validation data."""
    curve = result.validation_loss_curve
    if curve is None:
        return {}
    if not len(curve):  # converged before the first step
        return {"best_iter_": 0, "best_validation_loss_": result.validation_value}
    best = int(np.argmin(curve))
    return {"best_iter_": best + 1, "best_validation_loss_": float(curve[best])}


def assign(estimator: object, attributes: dict[str, Any]) -> None:
    """Set the fitted attributes of an estimator, and delete those of earlier fits.

    Parameters
    ----------
    estimator : BaseBackprop
    attributes : dict
        The attributes to set. Other fitted attributes are deleted, since they belong to an
        earlier fit.
    """
    vars(estimator).update(attributes)
    for name in {*_OPTIONAL.values(), *_OF_SOME_FITS} - attributes.keys():
        vars(estimator).pop(name, None)
