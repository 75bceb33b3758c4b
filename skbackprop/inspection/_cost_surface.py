"""The lecture's picture: J over two weights, as a surface or as contours."""

from numbers import Integral

import numpy as np
from sklearn.utils._optional_dependencies import check_matplotlib_support

from ._draw_surface import draw_contours, draw_surface
from ._problem import fitted_problem
from ._surface import drawn_points, limits_around, plane_through, surface

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
        The path of the fit: coordinates of each step, projected onto the plane, and its own J.
    points : ndarray of shape (n_points_tried, 3) or None, default=None
        Points that a search has tried, likewise.
    labels : tuple of two str, default=("weight 1", "weight 2")
        What the coordinates are.

    Attributes
    ----------
    ax_ : matplotlib Axes
        Of the last plot; three-dimensional if that was a surface.
    figure_ : matplotlib Figure
    colorbar_ : matplotlib Colorbar
        Of the last plot, if that had contours.

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

    def __init__(
        self, x, y, J, *, solution, path=None, points=None, labels=("weight 1", "weight 2")
    ):
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
        estimator,
        X,
        y,
        *,
        sample_weight=None,
        directions=None,
        weights=None,
        path=None,
        points="auto",
        limits=None,
        n_points=61,
        max_points=500,
        random_state=0,
    ):
        """Compute the surface of a fitted estimator's J.

        Parameters
        ----------
        estimator : BackpropClassifier, BackpropRegressor, or Pipeline that ends in one
            Fitted.
        X : array-like or sparse matrix of shape (n_samples, n_features)
        y : array-like of shape (n_samples,) or (n_samples, n_outputs)
            J is that of these data; for the J of the fit, pass those of the fit.
        sample_weight : array-like of shape (n_samples,), default=None
            As in the fit.
        directions : {"weights", "random", "path"} or array-like of shape (2, n_weights), \
                default=None
            What the axes are. "weights", and None: two single weights. "random": two random
            directions in which each unit's weights are as long as those of the fit, after Li
            et al. (2018); 0 is the fit. "path": the principal directions of `path`, with their
            shares of its variance about the fit. An array: two directions of your own.
        weights : pair of weights, default=None
            Which ones, if the axes are weights: each a name such as "W1[0, 2]" (input, unit),
            "W1[petal length (cm), 2]" or "b2[0]", or a tuple (layer, row, column), 1 for the
            first layer, whose last row is the intercept's. None takes the first weight of
            each layer.
        path : array-like of shape (n_steps, n_weights), default=None
            The weights on the way of the fit, from `record_path`.
        points : "auto", None or array-like of shape (n, n_weights), default="auto"
            Points to draw. "auto" takes what the solver has tried: of `Grid` its values of
            the two weights; of `MonteCarlo` the draws, for which the search is repeated. They
            are left out where that does not give the fitted weights, because `random_state`
            is no int or the data are others. None draws none.
        limits : pair of pairs of floats, default=None
            The smallest and the largest value of each axis; None lets the picture hold the
            solution, the path and the points.
        n_points : int, default=61
            Points along each axis, >= 2; it takes n_points^2 evaluations of J.
        max_points : int, default=500
            Of more points tried than that, an even part is shown, >= 1.
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
        path = _as_weights("path", path, problem)
        plane = plane_through(problem, directions, weights, path, random_state)
        if isinstance(points, str) and points == "auto":
            points = drawn_points(problem, plane, max_points)
        points = _as_weights("points", points, problem)
        seen = [plane.project(W) for W in (path, points) if W is not None]
        limits = limits_around(plane, problem.w, *seen) if limits is None else _as_limits(limits)
        x, y, J = surface(problem.objective, plane, limits, n_points)
        solution, path, points = (
            None if W is None else _with_height(problem, plane, W)
            for W in (problem.w[None], path, points)
        )
        return cls(x, y, J, solution=solution[0], path=path, points=points, labels=plane.labels)

    def plot(self, ax=None, *, kind="surface", log="auto", cmap="viridis", legend=True):
        """Draw it.

        Parameters
        ----------
        ax : matplotlib Axes, default=None
            Three-dimensional for a surface. None makes a figure.
        kind : {"surface", "contour"}, default="surface"
        log : bool or "auto", default="auto"
            Whether colours, and the heights of contours, go by equal factors. "auto" does so
            where J is positive and spans more than a factor of ten.
        cmap : str or matplotlib Colormap, default="viridis"
        legend : bool, default=True

        Returns
        -------
        self : CostSurfaceDisplay

        Raises
        ------
        ImportError
            If matplotlib is not installed.
        ValueError
            If `kind` is another one, `ax` is not three-dimensional for a surface or flat for
            contours, or `log` is True and J is not positive.
        """
        check_matplotlib_support("CostSurfaceDisplay.plot")
        draw = {"surface": draw_surface, "contour": draw_contours}.get(kind)
        if draw is None:
            raise ValueError(f"kind must be 'surface' or 'contour', got {kind!r}")
        draw(self, ax, log=log, cmap=cmap, legend=legend)
        return self


def _with_height(problem, plane, W):
    """Coordinates and J of some weights, (n, 3)."""
    return np.column_stack([plane.project(W), problem.objective.values(W)])


def _check_int(name, value, least):
    if not isinstance(value, Integral) or value < least:
        raise ValueError(f"{name} must be an int >= {least}, got {value!r}")


def _as_weights(name, W, problem):
    """W as (n, n_weights)."""
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


def _as_limits(limits):
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
