"""Labels and numbers to and from what a sigmoid can answer. Pure functions, no state."""

from dataclasses import dataclass

import numpy as np
from sklearn.utils.multiclass import check_classification_targets, type_of_target

from .._params._intervals import is_interval

__all__ = ["TargetScale", "check_target_range", "from_range", "is_multilabel", "to_range"]


def check_target_range(target_range):
    """Refuse a `target_range` that a sigmoid cannot reach.

    Raises
    ------
    ValueError
        If it is not two numbers in [0, 1], the first at least 0.001 below the second.
    """
    within = is_interval(target_range) and target_range[0] >= 0 and target_range[1] <= 1
    if not within or target_range[1] - target_range[0] < 1e-3:
        raise ValueError(
            f"target_range must be two numbers low < high within [0, 1], the range of the "
            f"sigmoid, at least 0.001 apart, got {target_range!r}"
        )


def is_multilabel(y):
    """Whether y is a multilabel indicator, and not one label a sample.

    Raises
    ------
    ValueError
        If it is neither.
    """
    kind = type_of_target(y, input_name="y")
    if kind == "multiclass-multioutput":
        raise ValueError(
            f"y must be one label a sample or a multilabel indicator of 0 and 1, got {kind} "
            f"targets: use sklearn.multioutput.MultiOutputClassifier"
        )
    if kind == "unknown" and y.dtype.kind == "O" and y.size:
        first = y.flat[0]
        raise ValueError(
            f"Unknown label type: y must hold ints or strings, got objects such as {first!r}: "
            f"use y.astype(int) or y.astype(str), or BackpropRegressor for numbers"
        )
    if kind not in {"binary", "multiclass", "multilabel-indicator"}:
        check_classification_targets(y)  # raises
    return kind == "multilabel-indicator"


def to_range(indicator, target_range):
    """0 and 1 to the ends of `target_range`, linearly in between."""
    low, high = target_range
    return low + (high - low) * indicator


def from_range(yhat, target_range):
    """The ends of `target_range` to 0 and 1, and what lies beyond them clipped."""
    low, high = target_range
    if low == 0 and high == 1:
        return yhat
    return np.clip((yhat - low) / (high - low), 0, 1)


@dataclass(frozen=True, eq=False)
class TargetScale:
    """The affine map of a regressor's y into the target range, for each output by itself.

    Parameters
    ----------
    low, span : ndarray of shape (n_outputs,)
        Smallest y of each output and how far the largest is from it; 0 for a constant.
    target_range : tuple of two floats

    Examples
    --------
    >>> import numpy as np
    >>> from skbackprop.estimators._targets import TargetScale
    >>> scale = TargetScale.of(np.array([[1.0], [3.0]]), (0.1, 0.9))
    >>> scale.forward(np.array([[1.0], [3.0]])).ravel()
    array([0.1, 0.9])
    >>> scale.backward(np.array([[0.5]])).ravel()
    array([2.])
    """

    low: np.ndarray
    span: np.ndarray
    target_range: tuple

    @classmethod
    def of(cls, y, target_range):
        """The map that takes the extremes of y, (n_samples, n_outputs), to the range's ends."""
        low, high = y.min(axis=0), y.max(axis=0)
        with np.errstate(over="ignore", invalid="ignore"):
            scale = cls(low, high - low, tuple(target_range))
            answers = scale.backward(np.array([[0.0], [1.0]]))
        if not np.isfinite(answers).all():
            raise ValueError(
                f"y must leave room below the largest number for what the network can answer, got "
                f"values from {float(low.min())!r} to {float(high.max())!r}: divide y by a constant"
            )
        return scale

    @property
    def high(self):
        """The largest y of each output."""
        return self.low + self.span

    def forward(self, y):
        """Y to targets; a constant output goes to the middle of the range."""
        constant = self.span == 0
        share = (y - self.low) / np.where(constant, 1, self.span)
        return to_range(np.where(constant, 0.5, share), self.target_range)

    def backward(self, yhat):
        """Network outputs back to the units of y."""
        low, high = self.target_range
        return self.low + self.span * ((yhat - low) / (high - low))
