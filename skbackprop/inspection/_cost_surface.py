"""The lecture's picture: J over two weights, as a surface or as contours."""

from numbers import Integral
from typing import TYPE_CHECKING, Any, Literal, Self

import numpy as np
from numpy.typing import ArrayLike, NDArray
from sklearn.pipeline import Pipeline
from sklearn.utils._optional_dependencies import check_matplotlib_support

from ..estimators._base import BaseBackprop
from ._draw_cost_surface import draw_contours, draw_surface
from ._plane import Plane, limits_around, plane_through, surface
from ._problem import MatrixLike, Problem, fitted_problem
from ._tried_points import tried_points

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.colorbar import Colorbar
    from matplotlib.colors import Colormap
    from matplotlib.figure import Figure, SubFigure

__all__ = ["CostSurfaceDisplay"]


class CostSurfaceDisplay:
    """J over two weights, or over two directions in the space of weights.

    Use `from_estimator` to make one. All other weights are those of the fit.

    Parameters
    ----------
    x, y : ndarray of shape (n_points,)
        Coordinates: the values of the two weights, or steps along the two directions.
    J : ndarray of shape (n_points, n_points)
        The estimator's J, penalty included, a row for each y.
    solution : ndarray of shape (3,)
        Coordinates and J of the fitted weights.
    path : ndarray of shape (n_steps, 3) or None, default=None
        The path of the fit: the coordinates of each step, projected onto the plane, and J at
        the weights of the step.
    points : ndarray of shape (n_points_tried, 3) or None, default=None
        Points that a search has tried, in the same form.
    labels : tuple of two str, default=("weight 1", "weight 2")
        Names of the coordinates.

    Attributes
    ----------
    ax_ : matplotlib Axes
        Axes of the last plot; three-dimensional if it was a surface.
    figure_ : matplotlib Figure
        Figure of the last plot.
    colorbar_ : matplotlib Colorbar
        Of the last plot with contours.

    See Also
    --------
    record_path : Records the path of a fit.

    References
    ----------
    H. Li, Z. Xu, G. Taylor, C. Studer, T. Goldstein, Visualizing the loss landscape of neural
    nets, Advances in Neural Information Processing Systems 31 (2018), arXiv:1712.09913.

    Examples
    --------
    >>> from skbackprop import BackpropClassifier
    >>> from skbackprop.inspection import CostSurfaceDisplay, record_path
    >>> X, y = [[0, 0], [0, 1], [1, 0], [1, 1]], [0, 1, 1, 0]
    >>> model = BackpropClassifier(2, loss="squared_error", alpha=1e-4, random_state=0)
    >>> model, path = record_path(model, X, y)
    >>> display = CostSurfaceDisplay.from_estimator(model, X, y, path=path)
    >>> display.labels, display.J.shape, display.path.shape[1]
    (('W1[0, 0]', 'W2[0, 0]'), (61, 61), 3)
    >>> bool(abs(display.solution[2] - model.loss_) < 1e-12)
    True

    ``display.plot()`` draws the surface and ``display.plot(kind="contour")`` the same from above.
    """

    ax_: "Axes"
    figure_: "Figure | SubFigure"
    colorbar_: "Colorbar"

    def __init__(
        self,
        x: NDArray[np.float64],
        y: NDArray[np.float64],
        J: NDArray[np.float64],
        *,
        solution: NDArray[np.float64],
        path: NDArray[np.float64] | None = None,
        points: NDArray[np.float64] | None = None,
        labels: tuple[str, ...] = ("weight 1", "weight 2"),
    ) -> None:
        self.x = x
        self.y = y
        self.J = J
        self.solution = solution
        self.path = path
        self.points = points
        self.labels = labels

    @classmethod
    def from_estimator(
        cls,
        estimator: BaseBackprop | Pipeline,
        X: MatrixLike,
        y: ArrayLike,
        *,
        sample_weight: ArrayLike | None = None,
        directions: str | ArrayLike | None = None,
        weights: tuple[Any, Any] | None = None,
        path: ArrayLike | None = None,
        points: ArrayLike | Literal["auto"] | None = "auto",
        limits: ArrayLike | None = None,
        n_points: int = 61,
        max_points: int = 500,
        random_state: int | np.random.RandomState | None = 0,
    ) -> Self:
        """Compute the surface of a fitted estimator's J.

        Parameters
        ----------
        estimator : BackpropClassifier, BackpropRegressor, or Pipeline that ends in one
            Fitted.
        X : array-like or sparse matrix of shape (n_samples, n_features)
        y : array-like of shape (n_samples,) or (n_samples, n_outputs)
            J is computed on these data. For the J of the fit, pass the data of the fit.
        sample_weight : array-like of shape (n_samples,), default=None
            As in the fit.
        directions : {"weights", "random", "path"} or array-like of shape (2, n_weights), \
                default=None
            The axes. "weights", and None: two single weights. "random": two random directions
            in which the weights of each unit have the norm of the fitted ones, after Li et al.
            (2018); the fit is at 0. "path": the principal directions of `path`, labelled with
            their shares of its variance about the fit. An array: two directions of your own.
        weights : pair of weights, default=None
            The two weights, if the axes are weights. Each is a name such as "W1[0, 2]" (input,
            unit), "W1[petal length (cm), 2]" or "b2[0]", or a tuple (layer, row, column) with
            layer 1 or 2, where the row after the last one of W is that of the intercepts. None
            takes the first weight of each layer.
        path : array-like of shape (n_steps, n_weights), default=None
            The weights in the course of the fit, from `record_path`.
        points : "auto", None or array-like of shape (n, n_weights), default="auto"
            Points to draw. "auto" takes the points that the solver has tried. For `Grid` these
            are its values of the two weights. For `MonteCarlo` they are the draws, for which
            the search is repeated; they are left out if the repetition does not give the fitted
            weights, because `random_state` is not an int or the data have changed. None draws
            no points.
        limits : pair of pairs of floats, default=None
            The smallest and the largest value of each axis. None makes room for the solution,
            the path and the points.
        n_points : int, default=61
            Points along each axis, >= 2; the surface takes n_points^2 evaluations of J.
        max_points : int, default=500
            The most points to draw, >= 1. If a search has tried more, an evenly spaced subset
            is shown.
        random_state : int, RandomState or None, default=0
            For ``directions="random"``.

        Returns
        -------
        display : CostSurfaceDisplay

        Raises
        ------
        NotFittedError
            If `estimator` is not fitted.
        TypeError
            If `estimator` is another estimator.
        ValueError
            If a parameter is not what is expected.
        """
        problem = fitted_problem(estimator, X, y, sample_weight)
        _check_int("n_points", n_points, 2)
        _check_int("max_points", max_points, 1)
        steps = _as_weights("path", path, problem)
        plane = plane_through(problem, directions, weights, steps, random_state)
        if isinstance(points, str) and points == "auto":
            points = tried_points(problem, plane, max_points)
        tried = _as_weights("points", points, problem)
        shown = [plane.project(W) for W in (steps, tried) if W is not None]
        box = limits_around(plane, problem.w, *shown) if limits is None else _as_limits(limits)
        x, y, J = surface(problem.objective, plane, box, n_points)
        return cls(
            x,
            y,
            J,
            solution=_with_height(problem, plane, problem.w[None])[0],
            path=None if steps is None else _with_height(problem, plane, steps),
            points=None if tried is None else _with_height(problem, plane, tried),
            labels=plane.labels,
        )

    def plot(
        self,
        ax: "Axes | None" = None,
        *,
        kind: Literal["surface", "contour"] = "surface",
        log: bool | Literal["auto"] = "auto",
        cmap: "str | Colormap" = "viridis",
        legend: bool = True,
    ) -> Self:
        """Draw the surface, or contours of it.

        Parameters
        ----------
        ax : matplotlib Axes, default=None
            Three-dimensional for a surface. None makes a figure.
        kind : {"surface", "contour"}, default="surface"
            A surface in three dimensions, or lines of equal J.
        log : bool or "auto", default="auto"
            Whether colours and contours have a logarithmic scale. "auto" means yes if J is
            positive and spans more than a factor of ten.
        cmap : str or matplotlib Colormap, default="viridis"
            Colours of J.
        legend : bool, default=True
            Whether to draw a legend.

        Returns
        -------
        self : CostSurfaceDisplay

        Raises
        ------
        ImportError
            If matplotlib is not installed.
        ValueError
            If `kind` is unknown, `ax` is not three-dimensional for a surface or is
            three-dimensional for contours, or `log` is True and J is not positive.
        """
        check_matplotlib_support("CostSurfaceDisplay.plot")
        draw = {"surface": draw_surface, "contour": draw_contours}.get(kind)
        if draw is None:
            raise ValueError(f"kind must be 'surface' or 'contour', got {kind!r}")
        draw(self, ax, log=log, cmap=cmap, legend=legend)
        return self


def _with_height(problem: Problem, plane: Plane, W: NDArray) -> NDArray[np.float64]:
    """Coordinates and J of weights (n, n_weights), as (n, 3)."""
    return np.column_stack([plane.project(W), problem.objective.values(W)])


def _check_int(name: str, value: Any, least: int) -> None:
    if not isinstance(value, Integral) or value < least:
        raise ValueError(f"{name} must be an int >= {least}, got {value!r}")


def _as_weights(name: str, W: Any, problem: Problem) -> NDArray[np.float64] | None:
    """W as an array (n, n_weights)."""
    if W is None:
        return None
    n_weights = problem.objective.n_weights
    array = np.asarray(W, dtype=object if isinstance(W, str) else np.float64)
    if array.ndim == 2 and not np.isfinite(array.astype(np.float64)).all():
        raise ValueError(f"{name} must be finite, got weights that are not")
    if array.ndim != 2 or array.shape[1] != n_weights or not len(array):
        got = repr(W) if isinstance(W, str) else f"an array of shape {array.shape!r}"
        raise ValueError(
            f"{name} must have shape (n, n_weights), with the {n_weights} weights of this "
            f"network, got {got}"
        )
    return array


def _as_limits(limits: Any) -> NDArray[np.float64]:
    try:
        array = np.array(limits, dtype=np.float64)
    except (TypeError, ValueError):
        array = np.empty(0)
    finite = array.shape == (2, 2) and np.isfinite(array).all()
    if not (finite and (array[:, 0] < array[:, 1]).all()):
        raise ValueError(
            f"limits must be two pairs of numbers (low, high), low < high, one for each axis, got "
            f"{limits!r}"
        )
    return array
