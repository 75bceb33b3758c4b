"""Whether an estimator has `partial_fit`."""

from __future__ import annotations

from typing import Any

from .._params import resolve
from ..solvers import SOLVERS

__all__ = ["has_partial_fit"]


def has_partial_fit(estimator: Any) -> bool:
    """Return True if the estimator has `partial_fit`, which needs a first-order optimizer.

    Raises
    ------
    AttributeError
        If the estimator does not have it.
    """
    solver = estimator.solver
    if isinstance(solver, str) and solver in SOLVERS:
        solver = resolve(solver, SOLVERS)
    if getattr(solver, "supports_partial_fit", False):
        return True
    change, parameters = "use fit", estimator.get_params()
    if "solver__optimizer" in parameters:
        change += ", or set_params(solver__optimizer='adam')"
    elif "solver" in parameters:
        change += ", or set_params(solver=GradientDescent('adam'))"
    raise AttributeError(
        f"partial_fit needs solver=GradientDescent with optimizer 'sgd', 'adam' or 'rprop', "
        f"got solver={estimator.solver!r}: {change}"
    )
