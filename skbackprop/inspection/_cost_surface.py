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

    Create it with `from_estimator`. All other weights are those of the fit.

    Parameters
    ----------
    x, y : ndarray of shape (n_points,)
        Coordinates: the values of the two weights, or steps along the two directions.
    J : ndarray of shape (n_points, n_points)
        The estimator's J, including the penalty, with one row for each y.
    solution : ndarray of shape (3,)
        Coordinates and J of the fitted weights.
    path : ndarray of shape (n_steps, 3) or None, default=None
        The path of the fit: for each step the coordinates of the weights, projected onto the
        plane, and J at the weights.
    points : ndarray of shape (n_points_tried, 3) or None, default=None
        Points that a search has evaluated, in the same form.
    labels : tuple of two str, default=("weight 1", "weight 2")
        Names of the coordinates.

    Attributes
    ----------
    ax_ : matplotlib Axes
        Axes of the last plot; three-dimensional if it was a surface.
    figure_ : matplotlib Figure
        Figure of the last plot.
    colorbar_ : matplotlib Colorbar
        Colour bar of the last contour plot.

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
    >>> print(f"J of the fit {model.loss_:.4f}, of the display {display.solution[2]:.4f}")
    J of the fit 0.0099, of the display 0.0099

    ``display.plot()`` draws a surface and ``display.plot(kind="contour")`` draws contours.
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
            It must be fitted.
        X : array-like or sparse matrix of shape (n_samples, n_features)
        y : array-like of shape (n_samples,) or (n_samples, n_outputs)
            J is computed on these data. To display the J of the fit, pass the data of the fit.
        sample_weight : array-like of shape (n_samples,), default=None
            Factors of the samples' costs, as for `fit`.
        directions : {"weights", "random", "path"} or array-like of shape (2, n_weights), \
                default=None
            The axes. "weights" or None: two single weights. "random": two random directions in
            which the weights of each unit have the norm of the fitted weights, after Li et al.
            (2018); the fit is at 0. "path": the principal directions of `path`, labelled with the
            fraction of its variance about the fit. An array: your own two directions.
        weights : pair of weights, default=None
            The two weights, if the axes are weights. Each is a name such as "W1[0, 2]" (input,
            unit), "W1[petal length (cm), 2]" or "b2[0]", or a tuple (layer, row, column) with
            layer 1 or 2, where the row after the last row of W holds the intercepts. None selects
            the first weight of each layer.
        path : array-like of shape (n_steps, n_weights), default=None
            The weights during the fit, from `record_path`.
        points : "auto", None or array-like of shape (n, n_weights), default="auto"
            Points to draw. "auto" draws the points that the solver has evaluated. For `Grid`
            these are its values of the two weights. For `MonteCarlo` they are the draws, for
            which the search is repeated; they are omitted if the repetition does not give the
            fitted weights, because `random_state` is not an int or the data have changed. None
            draws no points.
        limits : pair of pairs of floats, default=None
            The smallest and the largest value of each axis. With None, the limits include the
            solution, the path and the points.
        n_points : int, default=61
            Number of points along each axis, >= 2; the surface needs n_points^2 evaluations of J.
        max_points : int, default=500
            Largest number of points to draw, >= 1. If a search has evaluated more, an evenly
            spaced subset is shown.
        random_state : int, RandomState or None, default=0
            Source of the random directions of ``directions="random"``.

        Returns
        -------
        display : CostSurfaceDisplay

        Raises
        ------
        NotFittedError
            If `estimator` is not fitted.
        TypeError
            If the type of `estimator` is not supported.
        ValueError
            If a parameter is invalid.
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
        """Draw the surface or its contours.

        Parameters
        ----------
        ax : matplotlib Axes, default=None
            Axes to draw on, three-dimensional for a surface. None creates a figure.
        kind : {"surface", "contour"}, default="surface"
            A surface in three dimensions, or lines of equal J.
        log : bool or "auto", default="auto"
            Whether colours and contours have a logarithmic scale. "auto" means True if J is
            positive and spans more than a factor of ten.
        cmap : str or matplotlib Colormap, default="viridis"
            Colour map of J.
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
    """Coordinates and J of the weights W (n, n_weights), as an array (n, 3)."""
    return np.column_stack([plane.project(W), problem.objective.values(W)])


def _check_int(name: str, value: Any, least: int) -> None:
    if not isinstance(value, Integral) or value < least:
        raise ValueError(f"{name} must be an int >= {least}, got {value!r}")


def _as_weights(name: str, W: Any, problem: Problem) -> NDArray[np.float64] | None:
    """Check W and return it as an array (n, n_weights)."""
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
