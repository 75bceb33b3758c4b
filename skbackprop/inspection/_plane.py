"""The plane over which J is drawn, its limits, and J on the plane."""

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray
from sklearn.utils import check_random_state
from sklearn.utils.extmath import svd_flip

from ..model._objective import Objective
from ._problem import Problem
from ._weight_names import weight_index, weight_names

__all__ = ["DIRECTIONS", "Plane", "limits_around", "plane_through", "surface"]

DIRECTIONS = ("weights", "random", "path")
# Margin around the contents of the picture, as a fraction of their extent.
_MARGIN = 0.15
# The shorter side of the picture is at least this fraction of the longer side.
_LEAST_SIDE = 0.25
# If the picture contains only the solution, half of its side is at least this: sigmoids are curved
# between about -4 and 4.
_LEAST_REACH = 3.0


@dataclass(frozen=True, eq=False)
class Plane:
    """A plane in the space of weights: w = origin + c1 d1 + c2 d2.

    Parameters
    ----------
    origin : ndarray of shape (n_weights,)
    directions : ndarray of shape (2, n_weights)
    labels : tuple of two str
        Names of the coordinates.
    kind : str
        One of `DIRECTIONS`, or "given".
    """

    origin: NDArray[np.float64]
    directions: NDArray[np.float64]
    labels: tuple[str, ...]
    kind: str

    def weights(self, points: NDArray) -> NDArray[np.float64]:
        """Weights of points (..., 2) of the plane."""
        return self.origin + points @ self.directions

    def project(self, W: NDArray) -> NDArray[np.float64]:
        """Points of the plane nearest to weights (..., n_weights)."""
        return (W - self.origin) @ np.linalg.pinv(self.directions)


def plane_through(
    problem: Problem,
    directions: str | ArrayLike | None,
    weights: Any,
    path: NDArray[np.float64] | None,
    random_state: int | np.random.RandomState | None,
) -> Plane:
    """Create the plane of two weights or directions through the weights of a problem.

    Parameters and errors are those of `CostSurfaceDisplay.from_estimator`.
    """
    if weights is not None and directions is not None and not _is(directions, "weights"):
        raise ValueError(
            f"weights are allowed only with directions='weights', got weights={weights!r} with "
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


def _is(directions: str | ArrayLike, name: str) -> bool:
    return isinstance(directions, str) and directions == name


def _two_weights(problem: Problem, weights: Any) -> Plane:
    """The plane of two weights, whose coordinates are the weights themselves."""
    network = problem.objective.network
    weights = ((1, 0, 0), (2, 0, 0)) if weights is None else weights
    pair = list(weights) if np.iterable(weights) and not isinstance(weights, str) else []
    if len(pair) != 2:
        raise ValueError(
            f"weights must be a pair of weights, such as ('W1[0, 0]', 'W2[0, 0]'), got {weights!r}"
        )
    chosen = [weight_index(network, weight, problem.feature_names) for weight in pair]
    if chosen[0] == chosen[1]:
        raise ValueError(f"weights must be two different weights, got {weights!r}")
    origin = problem.w.copy()
    origin[chosen] = 0
    names = weight_names(network, problem.feature_names)
    labels = tuple(names[index] for index in chosen)
    d = np.zeros((2, network.n_weights))
    d[[0, 1], chosen] = 1
    return Plane(origin, d, labels, "weights")


def _filter_normalised(problem: Problem, rng: np.random.RandomState) -> NDArray[np.float64]:
    """Two random directions with the norm of the fitted incoming weights for each unit.

    A step of 1 thus changes every unit in proportion to its weights: Li et al. (2018), section 4.
    Intercepts do not change.
    """
    network = problem.objective.network
    d = rng.standard_normal((2, network.n_weights)) * network.penalised
    own_weights = network.split(problem.w * network.penalised)
    for part, own in zip(network.split(d), own_weights, strict=True):
        length = np.linalg.norm(part, axis=-2, keepdims=True)
        part *= np.linalg.norm(own, axis=-2) / length
    return d


def _along_path(problem: Problem, path: NDArray[np.float64] | None) -> Plane:
    """The plane of the two principal directions of the path, through its end."""
    if path is None:
        raise ValueError(
            "directions='path' needs the path of the fit, got path=None: pass the path that "
            "record_path returns"
        )
    u, lengths, d = np.linalg.svd(path - problem.w, full_matrices=False)
    _, d = svd_flip(u, d, u_based_decision=False)
    if len(d) < 2 or not lengths[1] > 1e-10 * lengths[0]:
        raise ValueError(
            f"path must extend in at least two directions, got a path of shape {path.shape!r} "
            f"along a line: use directions='random'"
        )
    share = lengths[:2] ** 2 / (lengths**2).sum()
    labels = tuple(f"path direction {number} ({part:.0%})" for number, part in enumerate(share, 1))
    return Plane(problem.w, d[:2], labels, "path")


def _given(problem: Problem, directions: str | ArrayLike) -> Plane:
    """The plane of two directions from the user."""
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


def limits_around(plane: Plane, w: NDArray, *seen: NDArray) -> NDArray[np.float64]:
    """Limits of both coordinates, (2, 2), that include the fit and all points.

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
    if plane.kind in ("random", "given"):  # include a step of 1 in each direction
        points = np.concatenate([points, centre - np.ones((1, 2)), centre + np.ones((1, 2))])
    low, high = points.min(axis=0), points.max(axis=0)
    if not (high - low).any():
        reach = np.maximum(np.abs(centre), _LEAST_REACH)
        return np.column_stack([centre - reach, centre + reach])
    side = np.maximum(high - low, _LEAST_SIDE * (high - low).max())
    middle, half = (low + high) / 2, (0.5 + _MARGIN) * side
    return np.column_stack([middle - half, middle + half])


def surface(
    objective: Objective, plane: Plane, limits: NDArray, n_points: int
) -> tuple[NDArray[np.float64], NDArray[np.float64], NDArray[np.float64]]:
    """Compute J on a rectangular grid of points of the plane.

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
        One row for each y, as matplotlib expects.
    """
    x, y = (np.linspace(low, high, n_points) for low, high in limits)
    points = np.stack(np.meshgrid(x, y), axis=-1)
    rows = [
        objective.values(plane.weights(row)) for row in points
    ]  # one row at a time limits the memory
    return x, y, np.array(rows)
