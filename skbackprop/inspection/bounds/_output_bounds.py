"""`output_bounds`: the smallest and the largest prediction over a box of inputs, proven."""

import time
import warnings
from dataclasses import dataclass
from numbers import Real

import numpy as np
from numpy.typing import NDArray
from sklearn.base import BaseEstimator
from sklearn.exceptions import ConvergenceWarning
from sklearn.utils import Bunch
from sklearn.utils._param_validation import Interval, validate_params

from ..._execution._budget import Budget, deadline_in
from ...model._sigmoid import sigmoid
from .._whole_model import WholeModel
from ._box import BoxLike, check_box
from ._class_share import ClassShare
from ._minorant import Function
from ._search import Minimum, minimize_over_cube
from ._unit_sum import UnitSum

__all__ = ["output_bounds"]

# Roundings between z3 and the prediction, and of a term of z3 beside those of sums; an exponential
# counts for several.
_OF_PREDICTION, _OF_A_TERM = 16, 32


@validate_params(
    {
        "tol": [Interval(Real, 0, None, closed="neither")],
        "max_time": [Interval(Real, 0, None, closed="left"), None],
    },
    prefer_skip_nested_validation=True,
)
def output_bounds(
    model: BaseEstimator, box: BoxLike, *, tol: float = 1e-4, max_time: float | None = 60.0
) -> Bunch:
    """The smallest and the largest prediction of a fitted model over a box of inputs, proven.

    No prediction for an input in the box is below `lower` or above `upper`, and both are within
    the tolerance of predictions that are attained. This proves that a model never exceeds a limit,
    or finds the input for which it does, and it finds the global optimum of a surrogate.

    Parameters
    ----------
    model : estimator
        A fitted BackpropClassifier or BackpropRegressor, or a Pipeline, TransformedTargetRegressor
        or search around one, as for :func:`input_gradient`.
    box : array-like of shape (n_features, 2), scipy.optimize.Bounds, or dict
        The smallest and the largest value of each feature, in the units of X; equal for a feature
        that is fixed. A dict has a pair for each name of a feature.
    tol : float, default=1e-4
        The largest difference between a proven bound and the prediction attained, > 0: as a share
        of the distance from the smallest to the largest y of the fit for a regressor, and as a
        probability for a classifier.
    max_time : float or None, default=60.0
        Seconds, >= 0, after which the bounds proven so far are returned; None sets no limit. The
        search also ends where its boxes fill ``sklearn.get_config()["working_memory"]``.

    Returns
    -------
    bounds : Bunch
        For a regressor in units of y; for a classifier the probability of the second of two
        classes, of each of more classes, or of each label. With several outputs, or more than two
        classes, the numbers are ndarrays of shape (n_outputs,), and `x_lowest` and `x_highest`
        have the shape (n_outputs, n_features).

        lower, upper : float
            Proven bounds of the prediction.
        lowest, highest : float
            The smallest and the largest prediction found.
        x_lowest, x_highest : ndarray of shape (n_features,)
            Where they are attained.
        gap : float
            The larger one of ``lowest - lower`` and ``upper - highest``.
        converged : bool
            Whether each gap is within the tolerance.
        n_boxes : int
            The number of boxes that the search has bounded.

    Raises
    ------
    NotFittedError
        If the model is not fitted.
    TypeError
        If a step of the model is not one of those that are supported.
    ValueError
        If `box` does not suit the model, a step is not an affine map, or a classifier of three
        or more classes has another `target_range` than (0, 1).

    Warns
    -----
    ConvergenceWarning
        If time or memory ended first. The bounds are valid then, too.

    See Also
    --------
    input_gradient : The derivatives of the prediction.

    Notes
    -----
    Branch and bound over the box, in a reduced space: Schweidtmann and Mitsos, Journal of
    Optimization Theory and Applications 180, 2019. In a part of the box each hidden unit is
    replaced by a tangent of its convex or concave envelope. The sum of these is a plane, whose
    smallest value is at a corner. Parts in which a derivative cannot change its sign shrink to a
    side of the box. The time grows with the number of features that vary, exponentially at worst.

    The bounds are those of the function that the weights define, with a margin for rounding in
    float64. Predictions for X of float32 are rounded more coarsely, to about 1e-6 of their range.

    Examples
    --------
    >>> import numpy as np
    >>> from sklearn.datasets import load_diabetes
    >>> from sklearn.pipeline import make_pipeline
    >>> from sklearn.preprocessing import StandardScaler
    >>> from skbackprop import BackpropRegressor
    >>> from skbackprop.inspection import output_bounds
    >>> X, y = load_diabetes(return_X_y=True)
    >>> model = make_pipeline(StandardScaler(), BackpropRegressor(random_state=0)).fit(X, y)
    >>> box = np.column_stack([X.min(axis=0), X.max(axis=0)])
    >>> bounds = output_bounds(model, box)
    >>> bounds.converged, bool(bounds.upper - bounds.highest <= 1e-4 * np.ptp(y))
    (True, True)
    >>> bool((model.predict(X) <= bounds.upper).all())
    True
    >>> bool(np.isclose(model.predict([bounds.x_highest])[0], bounds.highest))
    True
    """
    whole = WholeModel.of(model)
    low, high = check_box(box, whole.feature_names)
    n_outputs = whole.W2.shape[1]
    if whole.scale.is_divided and tuple(whole.scale.target_range) != (0, 1):
        raise ValueError(
            f"the probabilities of three or more classes can be bounded with "
            f"target_range=(0.0, 1.0) only, got target_range={whole.scale.target_range!r}: fit the "
            f"model with that one"
        )
    problem = _Problem(whole, low, high)
    deadline, ends = deadline_in(max_time), []
    for number in range(2 * n_outputs):
        # each search may use its share of the time that is left
        left = None if deadline is None else max(0.0, deadline - time.monotonic())
        budget = Budget.for_seconds(None if left is None else left / (2 * n_outputs - number))
        ends.append(problem.extreme(number // 2, (1, -1)[number % 2], tol, budget))
    smallest, largest = ends[::2], ends[1::2]
    bounds = _bunch(smallest, largest)
    if not bounds.converged:
        warnings.warn(
            f"the bounds are proven, but further than tol={tol!r} from predictions that are "
            f"attained, by up to {np.max(bounds.gap):.3g}: pass a longer max_time, a larger tol or "
            f"a smaller box",
            ConvergenceWarning,
            stacklevel=3,  # validate_params is in between
        )
    if n_outputs == 1:
        for name in ("lower", "upper", "lowest", "highest", "gap"):
            bounds[name] = float(bounds[name][0])
        bounds.x_lowest, bounds.x_highest = bounds.x_lowest[0], bounds.x_highest[0]
    return bounds


@dataclass(frozen=True, eq=False)
class _Extreme:
    """The smallest or the largest prediction of one output: found, where, and proven."""

    bound: float
    value: float
    x: NDArray[np.float64]
    converged: bool
    n_boxes: int


def _bunch(smallest: list[_Extreme], largest: list[_Extreme]) -> Bunch:
    lower, upper, lowest, highest = (
        np.array([getattr(end, name) for end in ends])
        for name in ("bound", "value")
        for ends in (smallest, largest)
    )
    return Bunch(
        lower=lower,
        upper=upper,
        lowest=lowest,
        highest=highest,
        x_lowest=np.array([end.x for end in smallest]),
        x_highest=np.array([end.x for end in largest]),
        gap=np.maximum(lowest - lower, upper - highest),
        converged=all(end.converged for end in smallest + largest),
        n_boxes=sum(end.n_boxes for end in smallest + largest),
    )


class _Problem:
    """The outputs of a model as functions on the unit cube, whose inputs are those that vary."""

    def __init__(
        self, model: WholeModel, low: NDArray[np.float64], high: NDArray[np.float64]
    ) -> None:
        self._model, self._low, self._high = model, low, high
        varies = low < high
        varies[0] |= not varies.any()  # the cube needs an input
        width = (high - low)[varies]
        self._varies = varies
        self._W = width[:, None] * model.W1[varies]
        self._b = low @ model.W1 + model.b1
        reach = (np.abs(low) + np.abs(high)) @ model.W1_size + model.b1_size
        self._reach = reach + np.abs(self._W).sum(axis=0)
        # the sums over columns, inputs of the network, hidden units and classes
        n_inputs, (n_hidden, n_outputs) = model.network.n_features_in_, model.W2.shape
        self._n_operations = model.n_features + n_inputs + 2 * n_hidden + n_outputs + _OF_A_TERM

    def extreme(self, output: int, direction: int, tol: float, budget: Budget) -> _Extreme:
        """The smallest prediction of an output, or with a direction of -1 the largest."""
        scale = self._model.scale
        low, span = scale.low[output], scale.span[output]
        first, last = scale.target_range
        sign = -direction if span < 0 else direction

        def prediction(log_odds: NDArray[np.float64]) -> NDArray[np.float64]:
            share = (sigmoid(sign * log_odds) - first) / (last - first)
            return low + span * (np.clip(share, 0, 1) if scale.is_clipped else share)

        tolerance = tol * abs(span)
        rounding = _OF_PREDICTION * np.finfo(float).eps * (abs(low) + abs(span) / (last - first))
        found = minimize_over_cube(
            self._function(output, sign),
            lambda log_odds: direction * prediction(log_odds),
            max(0.0, tolerance - 2 * rounding),
            budget,
        )
        value, bound = prediction(np.array([found.value, found.lower_bound])).tolist()
        bound -= direction * rounding
        if scale.is_clipped:
            bound = min(max(bound, 0.0), 1.0)
        converged = abs(value - bound) <= tolerance + 2 * rounding
        return _Extreme(bound, value, self._point(found), converged, found.n_boxes)

    def _function(self, output: int, sign: int) -> Function:
        """``sign`` times the log odds of an output, that is z3, or those of a class of several."""
        W2, b2 = self._model.W2, self._model.b2
        rounding = self._reach, self._n_operations
        if self._model.scale.is_divided:
            return ClassShare(self._W, self._b, W2, b2, *rounding, output, sign)
        return UnitSum.of(self._W, self._b, sign * W2[:, output], sign * b2[output], *rounding)

    def _point(self, found: Minimum) -> NDArray[np.float64]:
        """The point in the user's units."""
        share = np.zeros_like(self._low)
        share[self._varies] = found.x
        x = (1 - share) * self._low + share * self._high  # its ends are those of the box, exactly
        return np.clip(x, self._low, self._high)
