"""Encoders of y: labels or numbers to targets of the network, and its outputs back.

An encoder is immutable. `fit` learns it from y, `transform` gives the targets and the weights of
the samples, and `inverse` turns outputs of the network into probabilities or numbers.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

import numpy as np
from scipy import sparse
from sklearn.utils import compute_class_weight
from sklearn.utils.multiclass import check_classification_targets, type_of_target

from .._params._intervals import is_interval

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from numpy.typing import ArrayLike, NDArray

    ClassWeight = Mapping[Any, float] | str | None
    Encoded = tuple[NDArray[Any], NDArray[Any] | None]

__all__ = ["ClassEncoder", "RangeEncoder", "TargetEncoder", "check_target_range"]


def check_target_range(target_range: Sequence[float]) -> None:
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


@dataclass(frozen=True, eq=False)
class TargetEncoder(ABC):
    """The base of both encoders.

    Parameters
    ----------
    target_range : tuple of two floats
        The targets of labels 0 and 1, or of the smallest and the largest y.
    """

    target_range: tuple[float, float]

    @abstractmethod
    def transform(self, y: Any, sample_weight: NDArray[Any] | None, name: str = "y") -> Encoded:
        """Targets and weights of samples.

        Parameters
        ----------
        y : ndarray of shape (n_samples,) or (n_samples, n_outputs), or sparse matrix
        sample_weight : ndarray of shape (n_samples,) or None
        name : str
            The user's name of y, for messages.

        Returns
        -------
        Y : ndarray of shape (n_samples, n_outputs)
            Targets within [0, 1].
        sample_weight : ndarray of shape (n_samples,) or None

        Raises
        ------
        ValueError
            If y is not as in the fit.
        """

    @abstractmethod
    def inverse(self, yhat: NDArray[Any]) -> NDArray[Any]:
        """Outputs of the network, (n_samples, n_outputs), in the user's terms."""

    def strata(self, y: Any) -> NDArray[Any] | None:
        """Classes that both parts of a split have to represent; None if there are none."""
        return None

    def check_reach(self, y: Any) -> tuple[TargetEncoder, str]:
        """The encoder to go on with, and a warning if y is beyond the network's outputs."""
        return self, ""

    @property
    def attributes(self) -> dict[str, Any]:
        """What a fitted estimator has of it."""
        return {"_encoder": self}


@dataclass(frozen=True, eq=False)
class ClassEncoder(TargetEncoder):
    """Labels to one output unit for two classes, and to a unit each for more classes or labels.

    Parameters
    ----------
    target_range : tuple of two floats
    classes : ndarray of shape (n_classes,)
        Labels, sorted; the column numbers for multilabel y.
    multilabel : bool
    class_factors : ndarray of shape (n_classes,) or None
        Factors of the samples' costs by class.

    Examples
    --------
    >>> import numpy as np
    >>> from skbackprop.estimators._target_encoder import ClassEncoder
    >>> encoder = ClassEncoder.fit(np.array(["no", "yes", "no"]), target_range=(0.1, 0.9))
    >>> encoder.transform(np.array(["yes", "no"]), None)[0].ravel()
    array([0.9, 0.1])
    >>> encoder.inverse(np.array([[0.9]]))
    array([[0., 1.]])
    """

    classes: NDArray[Any]
    multilabel: bool
    class_factors: NDArray[np.float64] | None = None

    @classmethod
    def fit(
        cls,
        y: NDArray[Any],
        sample_weight: NDArray[Any] | None = None,
        *,
        target_range: Sequence[float],
        classes: ArrayLike | None = None,
        class_weight: ClassWeight = None,
    ) -> ClassEncoder:
        """Learn the classes of y, or take those of `classes`, and the factors of their costs.

        Raises
        ------
        ValueError
            If y holds neither labels nor multilabel indicators, or if `class_weight` has no use.
        """
        multilabel = is_multilabel(y)
        if multilabel:
            found = np.arange(y.shape[1])
        else:
            found = np.unique(y if classes is None else np.asarray(classes))
            if len(found) > 0.5 * len(y):
                check_classification_targets(y)  # warns of labels that look like numbers
        low, high = target_range
        return cls((low, high), found, multilabel).weighted(class_weight, y, sample_weight)

    def weighted(
        self,
        class_weight: ClassWeight,
        y: NDArray[Any] | None = None,
        sample_weight: NDArray[Any] | None = None,
    ) -> ClassEncoder:
        """The same encoder with the factors that `class_weight` means; "balanced" needs y."""
        if class_weight is None:
            return replace(self, class_factors=None)
        if self.multilabel:
            raise ValueError(
                f"class_weight must be None for multilabel y, got {class_weight!r}: give "
                f"sample_weight to fit instead"
            )
        if class_weight == "balanced":
            totals = np.bincount(self._codes(y), sample_weight, minlength=len(self.classes))
            # a class without weight cannot be balanced, and no sample uses its factor
            present = totals > 0
            factors = totals.sum() / (present.sum() * np.where(present, totals, 1))
        else:
            factors = compute_class_weight(class_weight, classes=self.classes, y=self.classes)
        if not (np.isfinite(factors).all() and (factors >= 0).all() and factors.any()):
            raise ValueError(
                f"class_weight must be finite numbers >= 0, not all of them 0, got {class_weight!r}"
            )
        return replace(self, class_factors=factors)

    def check_same_classes(self, classes: NDArray[Any], multilabel: bool) -> None:
        """Refuse classes other than those of the previous fit."""
        if multilabel != self.multilabel or not np.array_equal(classes, self.classes):
            raise ValueError(
                f"warm_start and partial_fit need the classes of the previous fit, "
                f"{self.classes!r}, got {classes!r}: keep them, or begin anew with "
                f"warm_start=False"
            )

    def transform(self, y: Any, sample_weight: NDArray[Any] | None, name: str = "y") -> Encoded:
        multilabel = y.ndim == 2
        if multilabel != self.multilabel or (multilabel and y.shape[1] != len(self.classes)):
            raise ValueError(
                f"{name} must be as in the first fit, "
                f"{f'{len(self.classes)} labels' if self.multilabel else 'one label'} a sample, "
                f"got shape {y.shape!r}"
            )
        low, high = self.target_range
        if multilabel:
            indicator = _zeros_and_ones(y, name)
            return low + (high - low) * indicator, sample_weight
        codes = self._codes(y, name)
        indicator = codes[:, None] == np.arange(len(self.classes))
        if len(self.classes) == 2:
            indicator = indicator[:, 1:]
        return low + (high - low) * indicator, self._weigh(codes, sample_weight)

    def inverse(self, yhat: NDArray[Any]) -> NDArray[Any]:
        """Probabilities of the classes, (n_samples, n_classes), or of each label."""
        low, high = self.target_range
        a3 = yhat if (low, high) == (0, 1) else np.clip((yhat - low) / (high - low), 0, 1)
        if self.multilabel:
            return a3
        if len(self.classes) == 1:
            return np.ones_like(a3)
        if len(self.classes) == 2:
            return np.hstack([1 - a3, a3])
        total = a3.sum(axis=1, keepdims=True)
        if not total.all():  # where every output is 0, all classes are equally likely
            a3 = np.where(total > 0, a3, 1)
            total = np.where(total > 0, total, a3.shape[1])
        return a3 / total

    def labels(self, probabilities: NDArray[Any]) -> NDArray[Any]:
        """The most probable label of each sample, or 0 and 1 for each label if multilabel."""
        if self.multilabel:
            return (probabilities > 0.5).astype(int)
        return self.classes[probabilities.argmax(axis=1)]

    def strata(self, y: Any) -> NDArray[Any] | None:
        return None if self.multilabel else y

    @property
    def attributes(self) -> dict[str, Any]:
        return {"_encoder": self, "classes_": self.classes}

    def _codes(self, y: Any, name: str = "y") -> NDArray[np.intp]:
        """The number of each label's class."""
        known = set(self.classes.tolist())
        unknown = [label for label in np.unique(y).tolist() if label not in known]
        if unknown:
            raise ValueError(
                f"{name} must have labels of the classes {self.classes!r}, got {unknown!r}, which "
                f"training has not seen"
            )
        return np.searchsorted(self.classes, y)

    def _weigh(
        self, codes: NDArray[np.intp], sample_weight: NDArray[Any] | None
    ) -> NDArray[Any] | None:
        """The samples' weights times the factors of their classes."""
        if self.class_factors is None:
            return sample_weight
        weight = np.ones(len(codes)) if sample_weight is None else sample_weight
        weight = (weight * self.class_factors[codes]).astype(weight.dtype, copy=False)
        if not weight.any():
            factors = dict(zip(self.classes.tolist(), self.class_factors.tolist(), strict=True))
            raise ValueError(
                f"class_weight must leave some sample with a weight, got {factors!r}, all zero "
                f"for the classes in y"
            )
        return weight


@dataclass(frozen=True, eq=False)
class RangeEncoder(TargetEncoder):
    """The affine map of numbers into the target range, for each output by itself.

    Parameters
    ----------
    target_range : tuple of two floats
    low, span : ndarray of shape (n_outputs,)
        Smallest y of each output, and the distance of the largest from it; 0 for a constant.
    one_dimensional : bool
        Whether y had the shape (n_samples,).
    has_warned : bool, default=False
        Whether the user knows of y beyond what the network can answer.

    Examples
    --------
    >>> import numpy as np
    >>> from skbackprop.estimators._target_encoder import RangeEncoder
    >>> y = np.array([1.0, 3.0])
    >>> encoder = RangeEncoder.fit(y, target_range=(0.1, 0.9))
    >>> encoder.transform(y, None)[0].ravel()
    array([0.1, 0.9])
    >>> encoder.inverse(np.array([[0.5]]))
    array([2.])
    """

    low: NDArray[np.float64]
    span: NDArray[np.float64]
    one_dimensional: bool
    has_warned: bool = False

    @classmethod
    def fit(
        cls,
        y: NDArray[Any],
        sample_weight: NDArray[Any] | None = None,
        *,
        target_range: Sequence[float],
        y_range: Any = None,
    ) -> RangeEncoder:
        """Learn the extremes of the y that weigh something, or take those of `y_range`.

        Raises
        ------
        ValueError
            If what the network could answer would be beyond the largest number.
        """
        one_dimensional, y = y.ndim == 1, as_columns(y)
        if y_range is not None:
            y = check_y_range(y_range, y.shape[1])
        elif sample_weight is not None:
            y = y[sample_weight > 0]
        smallest, largest = y.min(axis=0), y.max(axis=0)
        low, high = target_range
        with np.errstate(over="ignore", invalid="ignore"):
            encoder = cls((low, high), smallest, largest - smallest, one_dimensional)
            extremes = encoder.reach
        if not np.isfinite(extremes).all():
            raise ValueError(
                f"y must leave room below the largest number for what the network can answer, got "
                f"values from {float(smallest.min())!r} to {float(largest.max())!r}: divide y by a "
                f"constant"
            )
        return encoder

    @property
    def high(self) -> NDArray[np.float64]:
        """The largest y of each output, (n_outputs,)."""
        return self.low + self.span

    @property
    def reach(self) -> NDArray[np.float64]:
        """The smallest and the largest y that the network can answer, (2, n_outputs)."""
        return self._to_y(np.array([[0.0], [1.0]]))

    def transform(self, y: Any, sample_weight: NDArray[Any] | None, name: str = "y") -> Encoded:
        y = as_columns(y)
        if y.shape[1] != len(self.low):
            raise ValueError(
                f"{name} must have as many outputs as in the first fit, "
                f"{len(self.low)!r}, got {y.shape[1]!r}"
            )
        constant = self.span == 0
        share = (y - self.low) / np.where(constant, 1, self.span)
        low, high = self.target_range
        # a constant output goes to the middle of the range
        Y = low + (high - low) * np.where(constant, 0.5, share)
        return np.clip(Y, 0, 1), sample_weight

    def inverse(self, yhat: NDArray[Any]) -> NDArray[Any]:
        """Numbers in the units of y, of the dtype of `yhat` if that holds numbers as large."""
        y = self._to_y(yhat)
        if y.dtype != yhat.dtype and np.abs(y).max(initial=0) < np.finfo(yhat.dtype).max:
            y = y.astype(yhat.dtype)
        return y.ravel() if self.one_dimensional else y

    def check_reach(self, y: Any) -> tuple[RangeEncoder, str]:
        y, (low, high) = as_columns(y), self.reach
        beyond = y.shape[1] == len(low) and ((y < low).any() or (y > high).any())
        if not beyond or self.has_warned:  # once is enough in a stream of data
            return self, ""
        return replace(self, has_warned=True), (
            f"y has values from {float(y.min())!r} to {float(y.max())!r}, beyond what the "
            f"network can answer since the first call of partial_fit: begin anew, and pass "
            f"y_range to that call"
        )

    def _to_y(self, yhat: NDArray[Any]) -> NDArray[Any]:
        low, high = self.target_range
        return self.low + self.span * ((yhat - low) / (high - low))


def is_multilabel(y: Any) -> bool:
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
    return bool(kind == "multilabel-indicator")


def as_columns(y: NDArray[Any]) -> NDArray[np.float64]:
    """Y as (n_samples, n_outputs), float64."""
    return y.reshape(len(y), -1).astype(np.float64, copy=False)


def check_y_range(y_range: Any, n_outputs: int) -> NDArray[np.float64]:
    """`y_range` as (2, n_outputs): the smallest and the largest y of each output."""
    try:
        low, high = y_range
        extremes = np.array([np.broadcast_to(end, n_outputs) for end in (low, high)], dtype=float)
    except (TypeError, ValueError):
        extremes = np.full((2, n_outputs), np.nan)
    with np.errstate(over="ignore", invalid="ignore"):
        span = extremes[1] - extremes[0]
    if not (np.isfinite(span).all() and (span > 0).all()):
        raise ValueError(
            f"y_range must be the smallest and the largest y to come, two numbers low < high or "
            f"two lists of {n_outputs} for the outputs, got {y_range!r}"
        )
    return extremes


def _zeros_and_ones(y: Any, name: str) -> NDArray[Any]:
    """A multilabel indicator as a dense array, checked."""
    indicator = y.toarray() if sparse.issparse(y) else y
    if not ((indicator == 0) | (indicator == 1)).all():
        raise ValueError(
            f"{name} must be a multilabel indicator of 0 and 1, got {np.unique(indicator)!r}"
        )
    return indicator
