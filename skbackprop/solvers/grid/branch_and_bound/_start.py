"""A good grid point to begin with: short descents, rounded, then one weight at a time.

The proof runs the descents side by side and settles the best of them on the grid. The cyclic
search, whose networks and data may be large, runs them one after the other and settles them itself.
"""

from functools import partial

import numpy as np

from ....model import sigmoid

__all__ = ["STEPS", "descend", "good_point"]

# Descents side by side, their steps, and how many of them are settled on the grid.
_STARTS, STEPS, _SETTLED = 24, 60, 8
# Step sizes relative to the range, and their factors: Riedmiller and Braun (1993).
_FIRST, _SMALLEST, _LARGEST = 0.05, 1e-3, 0.5
_FASTER, _SLOWER = 1.2, 0.5


def good_point(problem, w0, rng, max_evals):
    """A point that no change of a single weight improves, if the budget allows.

    Parameters
    ----------
    problem : GridProblem
    w0 : ndarray of shape (n_weights,) or None
        Where one of the descents begins.
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


def descend(gradients, W, first, last):
    """Rprop from one or many starts at once, kept within the range.

    Parameters
    ----------
    gradients : callable
        From weights (n_starts, n_weights) to dJ/dw of the same shape.
    W : ndarray of shape (n_starts, n_weights)
        Where to begin.
    first, last : float
        The range of a weight.

    Returns
    -------
    W : ndarray of shape (n_starts, n_weights)
        After `STEPS` steps.
    """
    size, before = np.full(W.shape, _FIRST * (last - first)), np.zeros(W.shape)
    for _ in range(STEPS):
        sign = np.sign(gradients(W))
        turn = sign * before
        size *= np.where(turn > 0, _FASTER, np.where(turn < 0, _SLOWER, 1))
        np.clip(size, _SMALLEST * (last - first), _LARGEST * (last - first), out=size)
        before = np.where(turn < 0, 0, sign)
        W = np.clip(W - np.sign(before) * size, first, last)
    return W


def _gradients(problem, W):
    """dJ/dw of many networks, by the lecture's equations, samples along the last axis."""
    objective = problem.objective
    net, X = objective.network, problem.X
    V1, V2 = net.split(W)
    a2 = np.ones((len(W), net.shape2[0], X.shape[1]))
    units = a2[:, : net.n_hidden]
    units[:] = sigmoid(V1.swapaxes(1, 2) @ X)
    _, sigma3 = problem.cost_and_slope(V2.swapaxes(1, 2) @ a2)
    sigma2 = V2[:, : net.n_hidden] @ sigma3 * units * (1 - units)
    grad = objective.alpha * net.penalised * W
    dJ_dV1, dJ_dV2 = net.split(grad)
    dJ_dV1 += X @ sigma2.swapaxes(1, 2)
    dJ_dV2 += a2 @ sigma3.swapaxes(1, 2)
    return grad


def _settle(problem, points, J, rng, max_evals):
    """Set one weight after another to its best grid value, until none is left to improve."""
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
        # less is rounding, and the search could go round in circles
        better = values[rows, best] < J - 1e-12 * np.abs(J)
        points[better, i], J[better] = best[better], values[rows, best][better]
        unmoved = 0 if better.any() else unmoved + 1
    return points, J, spent
