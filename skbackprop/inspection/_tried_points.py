"""The points that a search has evaluated, for `CostSurfaceDisplay`."""

from math import isqrt
from numbers import Integral

import numpy as np
from numpy.typing import NDArray
from sklearn.utils import check_random_state

from .._execution._while_solving import while_solving
from ..solvers import Grid, MonteCarlo
from ._plane import Plane
from ._problem import Problem
from ._reporting_objective import reporting_objective

__all__ = ["tried_points"]


def tried_points(problem: Problem, plane: Plane, at_most: int) -> NDArray[np.float64] | None:
    """Return the weights of the points that a search has evaluated, or None if they are unknown.

    For `Grid` these are the grid points in the plane of two weights; the other weights are those
    of the fit. For `MonteCarlo` the search is repeated, which gives the same draws if
    `random_state` is an int and the data are those of the fit.

    Parameters
    ----------
    problem : Problem
    plane : Plane
    at_most : int
        If there are more points, an evenly spaced subset is returned.

    Returns
    -------
    ndarray of shape (n_points, n_weights) or None
    """
    solver = problem.estimator.solver_
    if isinstance(solver, Grid) and plane.kind == "weights":
        values = solver.values()
        values = values[:: -(-len(values) // max(1, isqrt(at_most)))]
        return plane.weights(np.stack(np.meshgrid(values, values), axis=-1).reshape(-1, 2))
    if isinstance(solver, MonteCarlo) and isinstance(problem.estimator.random_state, Integral):
        return _draws(solver, problem, at_most)
    return None


def _draws(solver: MonteCarlo, problem: Problem, at_most: int) -> NDArray[np.float64] | None:
    """Return the draws of a repeated search, or None if its result is not that of the fit."""
    draws: list[NDArray] = []
    step, seen = -(-solver.n_draws // at_most), 0

    def keep_some(V1: NDArray, V2: NDArray) -> None:
        nonlocal seen
        for v1, shared in zip(V1, V2, strict=True):
            chosen = shared[-seen % step :: step]
            draws.extend(np.concatenate([v1.ravel(), v2.ravel()]) for v2 in chosen)
            seen += len(shared)

    reporting = reporting_objective(problem.objective, on_draws=keep_some)
    rng = check_random_state(problem.estimator.random_state)
    with while_solving(problem.objective.n_samples):
        w = solver.solve(reporting, rng=rng, n_jobs=1).w
    same = np.allclose(w, problem.w, rtol=1e-6, atol=1e-6)  # the fit may have stored float32
    return np.array(draws[:at_most]) if same and draws else None
