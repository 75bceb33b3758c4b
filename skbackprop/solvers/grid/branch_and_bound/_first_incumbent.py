"""The first incumbent: ends of short descents, rounded and improved one weight at a time."""

from functools import partial

import numpy as np

from ....model._sigmoid import activation
from .._short_descents import STEPS, descend
from ._problem import GridProblem

__all__ = ["good_point"]

# Number of descents, and number of their ends that are improved on the grid.
_STARTS, _SETTLED = 24, 8


def good_point(
    problem: GridProblem, w0: np.ndarray | None, rng: np.random.Generator, max_evals: int
) -> tuple[np.ndarray, float, int]:
    """Find a point that no change of a single weight improves, if the budget allows.

    Parameters
    ----------
    problem : GridProblem
    w0 : ndarray of shape (n_weights,) or None
        The start of one of the descents.
    rng : numpy.random.Generator
    max_evals : int

    Returns
    -------
    point : ndarray of int, shape (n_weights,)
    value : float
    n_evaluations : int
    """
    first, last = problem.values[[0, -1]]
    n_starts = min(_STARTS, max(1, max_evals // 2 // (STEPS + 1)))
    W = rng.uniform(first, last, (n_starts, problem.objective.n_weights))
    if w0 is not None:
        W[0] = np.clip(w0, first, last)
    descents = descend(partial(_gradients, problem), W, first, last)
    W = np.concatenate([W[: int(w0 is not None)], descents])
    points = np.rint((W - first) / problem.step).astype(np.intp)
    J = problem.value(points)
    best = J.argsort(kind="stable")[:_SETTLED]
    spent = n_starts * STEPS + len(points)
    points, J, settling = _settle(problem, points[best], J[best], rng, max_evals - spent)
    return points[J.argmin()], float(J.min()), spent + settling


def _gradients(problem: GridProblem, W: np.ndarray) -> np.ndarray:
    """dJ/dw of many networks by the lecture's equations, with samples along the last axis."""
    objective = problem.objective
    net, X = objective.network, problem.X
    V1, V2 = net.split(W)
    a2 = np.ones((len(W), net.shape2[0], X.shape[1]))
    units = a2[:, : net.n_hidden]
    z2 = V1.swapaxes(1, 2) @ X
    units[:] = activation(z2, out=z2)
    _, sigma3 = problem.cost_and_slope(V2.swapaxes(1, 2) @ a2)
    sigma2 = V2[:, : net.n_hidden] @ sigma3 * units * (1 - units)
    grad = objective.penalty.factors * W
    dJ_dV1, dJ_dV2 = net.split(grad)
    dJ_dV1 += X @ sigma2.swapaxes(1, 2)
    dJ_dV2 += a2 @ sigma3.swapaxes(1, 2)
    return grad


def _settle(
    problem: GridProblem,
    points: np.ndarray,
    J: np.ndarray,
    rng: np.random.Generator,
    max_evals: int,
) -> tuple[np.ndarray, np.ndarray, int]:
    """Set one weight after another to its best grid value until no change lowers J.

    Returns
    -------
    points : ndarray of int, shape (n_points, n_weights)
    J : ndarray of shape (n_points,)
    n_evaluations : int
    """
    rows, n_values, n_weights = np.arange(len(points)), len(problem.values), points.shape[1]
    spent, unmoved = 0, 0
    order = rng.permutation(n_weights)
    while unmoved < n_weights and spent + len(points) * n_values <= max_evals:
        i = order[spent // (len(points) * n_values) % n_weights]
        candidates = np.repeat(points[:, None], n_values, axis=1)
        candidates[:, :, i] = np.arange(n_values)
        values = problem.value(candidates.reshape(-1, n_weights)).reshape(-1, n_values)
        spent += values.size
        best = values.argmin(axis=1)
        # a smaller gain is a rounding error, with which the search could cycle
        better = values[rows, best] < J - 1e-12 * np.abs(J)
        points[better, i], J[better] = best[better], values[rows, best][better]
        unmoved = 0 if better.any() else unmoved + 1
    return points, J, spent
