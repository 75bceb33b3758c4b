"""`output_bounds`: proven bounds of the predictions over a box of inputs."""

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

# Number of roundings between z3 and the prediction, and of a term of z3 in addition to those of
# sums; an exponential counts as several.
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
    """Prove bounds of the predictions of a fitted model over a box of inputs.

    No prediction for an input in the box is below `lower` or above `upper`, and both are within
    the tolerance of predictions that are attained. Use it to prove that a model never exceeds a
    limit, to find an input for which it does, or to find the global optimum of a surrogate model.

    Parameters
    ----------
    model : estimator
        A fitted BackpropClassifier or BackpropRegressor, or a Pipeline, TransformedTargetRegressor
        or search around one, as for :func:`input_gradient`.
    box : array-like of shape (n_features, 2), scipy.optimize.Bounds, or dict
        The smallest and the largest value of each feature, in the units of X; they are equal for
        a fixed feature. A dict maps each feature name to a pair. A column that does not reach the
        network, such as one that a ColumnTransformer drops, needs no entry in a dict, and may be
        NaN in an array.
    tol : float, default=1e-4
        The largest difference between a proven bound and an attained prediction, > 0. For a
        regressor it is relative to the range of y in the fit; for a classifier it is a
        probability.
    max_time : float or None, default=60.0
        Seconds, >= 0, after which the bounds proven so far are returned; None means no limit. The
        search also ends if its boxes fill ``sklearn.get_config()["working_memory"]``.

    Returns
    -------
    bounds : Bunch
        For a regressor in units of y. For a classifier the probability of the second class if
        there are two, of each class if there are more, or of each label. If there are several
        outputs, or more than two classes, the numbers are ndarrays of shape (n_outputs,), and
        `x_lowest` and `x_highest` have shape (n_outputs, n_features).

        lower, upper : float
            Proven bounds of the prediction.
        lowest, highest : float
            The smallest and the largest prediction found.
        x_lowest, x_highest : ndarray of shape (n_features,)
            The inputs at which `lowest` and `highest` are attained; NaN for a column that needs
            no entry and has none.
        gap : float
            The larger of ``lowest - lower`` and ``upper - highest``.
        converged : bool
            Whether both differences are within the tolerance.
        n_boxes : int
            Number of boxes that the search has bounded.

    Raises
    ------
    NotFittedError
        If the model is not fitted.
    TypeError
        If the type of the model or of one of its steps is not supported.
    ValueError
        If `box` does not match the model, if a step is not an affine map, or if a classifier with
        three or more classes has a `target_range` other than (0, 1).

    Warns
    -----
    ConvergenceWarning
        If the search ran out of time or memory. The bounds are valid nevertheless.

    See Also
    --------
    input_gradient : The derivatives of the prediction.

    Notes
    -----
    The method is branch and bound over the box, in a reduced space: Schweidtmann and Mitsos,
    Journal of Optimization Theory and Applications 180, 2019. In each part of the box, each hidden
    unit is replaced by a tangent of its convex or concave envelope. The sum of these is a plane,
    whose smallest value is at a corner. Parts in which a derivative cannot change its sign are
    reduced to a side of the box. The time grows with the number of features that vary, in the
    worst case exponentially.

    The bounds hold for the function that the weights define, with a margin for rounding errors in
    float64. Predictions for float32 X have larger rounding errors, about 1e-6 of their range.

    Examples
    --------
    >>> import numpy as np
    >>> from sklearn.datasets import load_diabetes
    >>> from skbackprop import BackpropRegressor
    >>> from skbackprop.inspection import output_bounds
    >>> X, y = load_diabetes(return_X_y=True)
    >>> model = BackpropRegressor(alpha=1.0, random_state=0).fit(X, y)
    >>> box = np.column_stack([X.min(axis=0), X.max(axis=0)])
    >>> bounds = output_bounds(model, box)
    >>> print(f"all predictions are between {bounds.lower:.0f} and {bounds.upper:.0f}")
    all predictions are between 48 and 301
    >>> print(f"attained: {bounds.lowest:.0f} and {bounds.highest:.0f}; {bounds.converged=}")
    attained: 48 and 301; bounds.converged=True
    >>> print(f"{model.predict([bounds.x_highest])[0]:.0f}")
    301
    """
    whole = WholeModel.of(model)
    low, high = check_box(box, whole.feature_names, whole.in_use)
    n_outputs = whole.W2.shape[1]
    if whole.scale.is_divided and tuple(whole.scale.target_range) != (0, 1):
        raise ValueError(
            f"the probabilities of three or more classes can be bounded only with "
            f"target_range=(0.0, 1.0), got target_range={whole.scale.target_range!r}: fit the "
            f"model with target_range=(0.0, 1.0)"
        )
    problem = _Problem(whole, low, high)
    deadline, ends = deadline_in(max_time), []
    for number in range(2 * n_outputs):
        # divide the remaining time equally among the remaining searches
        left = None if deadline is None else max(0.0, deadline - time.monotonic())
        budget = Budget.for_seconds(None if left is None else left / (2 * n_outputs - number))
        ends.append(problem.extreme(number // 2, (1, -1)[number % 2], tol, budget))
    smallest, largest = ends[::2], ends[1::2]
    bounds = _bunch(smallest, largest)
    if not bounds.converged:
        warnings.warn(
            f"the bounds are proven, but differ by up to {np.max(bounds.gap):.3g} from predictions "
            f"that are attained, which is more than tol={tol!r} allows: pass a longer max_time, a "
            f"larger tol or a smaller box",
            ConvergenceWarning,
            stacklevel=3,  # skips the wrapper of validate_params
        )
    if n_outputs == 1:
        for name in ("lower", "upper", "lowest", "highest", "gap"):
            bounds[name] = float(bounds[name][0])
        bounds.x_lowest, bounds.x_highest = bounds.x_lowest[0], bounds.x_highest[0]
    return bounds


@dataclass(frozen=True, eq=False)
class _Extreme:
    """The smallest or largest prediction of one output: its proven bound, value and input."""

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
    """The outputs of a model as functions on the unit cube of the features that vary."""

    def __init__(
        self, model: WholeModel, low: NDArray[np.float64], high: NDArray[np.float64]
    ) -> None:
        self._model, self._low, self._high = model, low, high
        low, high = (np.where(model.in_use, end, model.center) for end in (low, high))
        varies = low < high
        varies[0] |= not varies.any()  # the cube needs at least one input
        width = (high - low)[varies]
        self._varies = varies
        self._W = width[:, None] * model.W1[varies]
        self._b = (low - model.center) @ model.W1 + model.b1
        reach = (np.abs(low) + np.abs(high)) @ model.W1_size + model.b1_size
        self._reach = reach + np.abs(self._W).sum(axis=0)
        # sums over columns, inputs of the network, hidden units and classes
        n_inputs, (n_hidden, n_outputs) = model.network.n_features_in_, model.W2.shape
        self._n_operations = model.n_features + n_inputs + 2 * n_hidden + n_outputs + _OF_A_TERM

    def extreme(self, output: int, direction: int, tol: float, budget: Budget) -> _Extreme:
        """Find the smallest prediction of an output, or the largest if direction is -1."""
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
        """``sign`` times the log odds of an output, which are z3, or of one of several classes."""
        W2, b2 = self._model.W2, self._model.b2
        rounding = self._reach, self._n_operations
        if self._model.scale.is_divided:
            return ClassShare(self._W, self._b, W2, b2, *rounding, output, sign)
        return UnitSum.of(self._W, self._b, sign * W2[:, output], sign * b2[output], *rounding)

    def _point(self, found: Minimum) -> NDArray[np.float64]:
        """Convert the point to the user's units."""
        share = np.zeros_like(self._low)
        share[self._varies] = found.x
        x = (1 - share) * self._low + share * self._high  # exact at the ends of the box
        return np.clip(x, self._low, self._high)
