"""The plane that J is drawn over, and J on it: what `CostSurfaceDisplay` computes."""

from dataclasses import dataclass
from math import isqrt
from numbers import Integral

import numpy as np
from sklearn.utils import check_random_state
from sklearn.utils.extmath import svd_flip

from .._execution._threads import one_blas_thread
from ..solvers import Grid, MonteCarlo
from ._record import RecordedObjective
from ._weights import weight_index, weight_names

__all__ = ["DIRECTIONS", "Plane", "drawn_points", "limits_around", "plane_through", "surface"]

DIRECTIONS = ("weights", "random", "path")
# Room between what is to be seen and the border, as a share of the whole.
_MARGIN = 0.15
# A side of the picture, as a share of the other one, at least.
_LEAST_SIDE = 0.25
# Half the side of a picture with nothing but the solution in it, at least: sigmoids bend within
# +-4 or so.
_LEAST_REACH = 3.0


@dataclass(frozen=True, eq=False)
class Plane:
    """Weights that two coordinates stand for: w = origin + c1 d1 + c2 d2.

    Parameters
    ----------
    origin : ndarray of shape (n_weights,)
    directions : ndarray of shape (2, n_weights)
    labels : tuple of two str
        What the coordinates are.
    kind : str
        One of `DIRECTIONS`, or "given".
    """

    origin: np.ndarray
    directions: np.ndarray
    labels: tuple
    kind: str

    def weights(self, points):
        """The weights of points (..., 2) of the plane."""
        return self.origin + points @ self.directions

    def project(self, W):
        """The points of the plane nearest to some weights (..., n_weights)."""
        return (W - self.origin) @ np.linalg.pinv(self.directions)


def plane_through(problem, directions, weights, path, random_state):
    """The plane of two weights or of two directions through the weights of a problem.

    Parameters and errors are those of `CostSurfaceDisplay.from_estimator`.
    """
    if weights is not None and directions is not None and not _is(directions, "weights"):
        raise ValueError(
            f"weights are for directions='weights' only, got weights={weights!r} with "
            f"directions={directions!r}: leave out one of them"
        )
    if directions is None or _is(directions, "weights"):
        return _two_weights(problem, weights)
    if _is(directions, "random"):
        d = _filter_normalised(problem, check_random_state(random_state))
        labels = tuple(f"random direction {i}\n(in norms of each unit)" for i in (1, 2))
        return Plane(problem.w, d, labels, "random")
    if _is(directions, "path"):
        return _along_path(problem, path)
    return _given(problem, directions)


def _is(directions, name):
    return isinstance(directions, str) and directions == name


def _two_weights(problem, weights):
    """The plane of two weights, whose coordinates are the weights themselves."""
    network = problem.objective.network
    weights = ((1, 0, 0), (2, 0, 0)) if weights is None else weights
    if isinstance(weights, str) or not np.iterable(weights) or len(weights) != 2:
        raise ValueError(
            f"weights must be a pair of weights, such as ('W1[0, 0]', 'W2[0, 0]'), got {weights!r}"
        )
    chosen = [weight_index(network, weight, problem.feature_names) for weight in weights]
    if chosen[0] == chosen[1]:
        raise ValueError(f"weights must be two different ones, got {weights!r}")
    origin = problem.w.copy()
    origin[chosen] = 0
    names = weight_names(network, problem.feature_names)
    labels = tuple(names[index] for index in chosen)
    d = np.zeros((2, network.n_weights))
    d[[0, 1], chosen] = 1
    return Plane(origin, d, labels, "weights")


def _filter_normalised(problem, rng):
    """Two random directions, of each unit's incoming weights as long as these are.

    So that a step of 1 changes every unit by as much as it is: Li et al. (2018), section 4.
    Intercepts stay as they are.
    """
    network = problem.objective.network
    d = rng.standard_normal((2, network.n_weights)) * network.penalised
    own_weights = network.split(problem.w * network.penalised)
    for part, own in zip(network.split(d), own_weights, strict=True):
        length = np.linalg.norm(part, axis=-2, keepdims=True)
        part *= np.linalg.norm(own, axis=-2) / length
    return d


def _along_path(problem, path):
    """The plane of the two principal directions of the path, through its end."""
    if path is None:
        raise ValueError(
            "directions='path' needs the path of the fit, got path=None: pass that of record_path"
        )
    u, lengths, d = np.linalg.svd(path - problem.w, full_matrices=False)
    _, d = svd_flip(u, d, u_based_decision=False)
    if len(d) < 2 or not lengths[1] > 1e-10 * lengths[0]:
        raise ValueError(
            f"path must have at least two directions, got one of shape {path.shape!r} along a "
            f"line: use directions='random'"
        )
    share = lengths[:2] ** 2 / (lengths**2).sum()
    labels = tuple(f"path direction {number} ({part:.0%})" for number, part in enumerate(share, 1))
    return Plane(problem.w, d[:2], labels, "path")


def _given(problem, directions):
    """The plane of two directions of the user's own."""
    n_weights = problem.objective.n_weights
    try:
        d = np.array(directions, dtype=np.float64)
    except (TypeError, ValueError):
        d = np.empty(0)
    if d.shape != (2, n_weights) or not np.isfinite(d).all() or np.linalg.matrix_rank(d) < 2:
        raise ValueError(
            f"directions must be one of {DIRECTIONS!r}, or two independent directions as an array "
            f"of shape (2, n_weights), here (2, {n_weights}), got {directions!r}"
        )
    return Plane(problem.w, d, ("direction 1", "direction 2"), "given")


def limits_around(plane, w, *seen):
    """Limits of both coordinates, (2, 2), such that all that is to be seen is in the picture.

    Parameters
    ----------
    plane : Plane
    w : ndarray of shape (n_weights,)
        The weights of the fit.
    *seen : ndarray of shape (n_points, 2)
        Points of the plane.
    """
    centre = plane.project(w)
    points = np.concatenate([*seen, centre[None]])
    if plane.kind in ("random", "given"):  # a step of 1 each way has a meaning there
        points = np.concatenate([points, centre - np.ones((1, 2)), centre + np.ones((1, 2))])
    low, high = points.min(axis=0), points.max(axis=0)
    if not (high - low).any():
        reach = np.maximum(np.abs(centre), _LEAST_REACH)
        return np.column_stack([centre - reach, centre + reach])
    side = np.maximum(high - low, _LEAST_SIDE * (high - low).max())
    middle, half = (low + high) / 2, (0.5 + _MARGIN) * side
    return np.column_stack([middle - half, middle + half])


def surface(objective, plane, limits, n_points):
    """J over a square grid of the plane.

    Parameters
    ----------
    objective : Objective
    plane : Plane
    limits : ndarray of shape (2, 2)
        The smallest and the largest value of each coordinate.
    n_points : int

    Returns
    -------
    x, y : ndarray of shape (n_points,)
    J : ndarray of shape (n_points, n_points)
        A row for each y, as matplotlib has it.
    """
    x, y = (np.linspace(low, high, n_points) for low, high in limits)
    points = np.stack(np.meshgrid(x, y), axis=-1)
    rows = [objective.values(plane.weights(row)) for row in points]  # a row at a time: memory
    return x, y, np.array(rows)


def drawn_points(problem, plane, at_most):
    """The points that a search has tried, as weights, or None if they are not known.

    Those of the grid are its lattice in the plane of two weights, where the other weights
    are those of the fit. Those of Monte Carlo are drawn once more, which gives the same if
    `random_state` is a number and the data are those of the fit.

    Parameters
    ----------
    problem : Problem
    plane : Plane
    at_most : int
        Of more draws, an even part is taken.

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


def _draws(solver, problem, at_most):
    """The draws of a repeated search, None if it does not lead to the weights of the fit."""
    step, seen, draws = -(-solver.n_draws // at_most), 0, []

    def take_note(V1, V2):
        nonlocal seen
        for v1, shared in zip(V1, V2, strict=True):
            chosen = shared[-seen % step :: step]
            draws.extend(np.concatenate([v1.ravel(), v2.ravel()]) for v2 in chosen)
            seen += len(shared)

    listened = RecordedObjective.of(problem.objective, on_draws=take_note)
    rng = check_random_state(problem.estimator.random_state)
    with one_blas_thread():
        w = solver.solve(listened, rng=rng, n_jobs=1).w
    same = np.allclose(w, problem.w, rtol=1e-6, atol=1e-6)  # the fit may have kept float32
    return np.array(draws[:at_most]) if same and draws else None
