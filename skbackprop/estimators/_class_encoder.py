"""The encoder of labels: they become 0 and 1, or the two ends of the target range."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

import numpy as np
from scipy import sparse
from scipy.special import logit
from sklearn.utils import compute_class_weight
from sklearn.utils.multiclass import check_classification_targets, type_of_target

from ._target_encoder import TargetEncoder

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from numpy.typing import ArrayLike, NDArray

    from ._target_encoder import Encoded

    ClassWeight = Mapping[Any, float] | str | None

__all__ = ["ClassEncoder", "is_multilabel"]


@dataclass(frozen=True, eq=False)
class ClassEncoder(TargetEncoder):
    """Encode two classes in one output unit, and more classes or labels in one unit each.

    Parameters
    ----------
    target_range : tuple of two floats
    classes : ndarray of shape (n_classes,)
        Labels, sorted; for multilabel y, the column indices.
    multilabel : bool
    class_factors : ndarray of shape (n_classes,) or None
        Factors of the samples' costs for each class.

    Examples
    --------
    >>> import numpy as np
    >>> from skbackprop.estimators._class_encoder import ClassEncoder
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
        """Determine the classes, from `classes` or else from y, and the factors of their costs.

        Raises
        ------
        ValueError
            If y contains neither labels nor multilabel indicators, or if `class_weight` is
            invalid.
        """
        multilabel = is_multilabel(y)
        if multilabel:
            found = np.arange(y.shape[1])
        else:
            found = np.unique(y if classes is None else np.asarray(classes))
            if len(found) > 0.5 * len(y):
                check_classification_targets(y)  # warns if labels look like numbers
        low, high = target_range
        return cls((low, high), found, multilabel).weighted(class_weight, y, sample_weight)

    @classmethod
    def of_stream(
        cls,
        previous: ClassEncoder | None,
        y: NDArray[Any],
        sample_weight: NDArray[Any] | None,
        *,
        target_range: Sequence[float],
        classes: Any,
        class_weight: ClassWeight,
    ) -> ClassEncoder:
        """Return the encoder of `partial_fit`: a new one in the first call, then `previous`.

        Raises
        ------
        ValueError
            If `classes` are missing in the first call or change later, or if `class_weight` needs
            all samples.
        """
        if class_weight == "balanced":
            raise ValueError(
                "class_weight must be a dict or None for partial_fit, which does not have all "
                "samples, got 'balanced': pass the factors of the classes as a dict"
            )
        listed = classes is not None and np.ndim(classes) == 1 and np.size(classes) > 0
        if not listed and (classes is not None or (previous is None and y.ndim == 1)):
            raise ValueError(
                f"classes must list all labels to expect in the first call of partial_fit, got "
                f"{classes!r}: pass classes=np.unique(all_y)"
            )
        if previous is None:
            options: Any = {"classes": classes, "class_weight": class_weight}
            return cls.fit(y, sample_weight, target_range=target_range, **options)
        if listed and not previous.multilabel:
            previous.check_same_classes(np.unique(classes), False)
        return previous.weighted(class_weight)

    def weighted(
        self,
        class_weight: ClassWeight,
        y: NDArray[Any] | None = None,
        sample_weight: NDArray[Any] | None = None,
    ) -> ClassEncoder:
        """Return the encoder with the factors given by `class_weight`; "balanced" needs y."""
        if class_weight is None:
            return replace(self, class_factors=None)
        if self.multilabel:
            raise ValueError(
                f"class_weight must be None for multilabel y, got {class_weight!r}: pass "
                f"sample_weight to fit instead"
            )
        if class_weight == "balanced":
            totals = np.bincount(self._codes(y), sample_weight, minlength=len(self.classes))
            # a class without weight cannot be balanced, and no sample needs its factor
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
        """Raise an error if the classes are not those of the previous fit."""
        if multilabel != self.multilabel or not np.array_equal(classes, self.classes):
            raise ValueError(
                f"warm_start and partial_fit need the classes of the previous fit, "
                f"{self.classes!r}, got {classes!r}: keep them, or start again with "
                f"warm_start=False"
            )

    def transform(self, y: Any, sample_weight: NDArray[Any] | None, name: str = "y") -> Encoded:
        multilabel = y.ndim == 2
        if multilabel != self.multilabel or (multilabel and y.shape[1] != len(self.classes)):
            raise ValueError(
                f"{name} must be as in the first fit, "
                f"{f'{len(self.classes)} labels' if self.multilabel else 'one label'} per sample, "
                f"got shape {y.shape!r}"
            )
        low, high = self.target_range
        if multilabel:
            indicator = _dense_indicator(y, name)
            return low + (high - low) * indicator, sample_weight
        codes = self._codes(y, name)
        indicator = codes[:, None] == np.arange(len(self.classes))
        if len(self.classes) == 2:
            indicator = indicator[:, 1:]
        return low + (high - low) * indicator, self._weigh(codes, sample_weight)

    def inverse(self, yhat: NDArray[Any]) -> NDArray[Any]:
        """Probabilities of the classes, (n_samples, n_classes), or of the labels if multilabel."""
        low, high = self.target_range
        a3 = yhat if (low, high) == (0, 1) else np.clip((yhat - low) / (high - low), 0, 1)
        if self.multilabel:
            return a3
        if len(self.classes) == 1:
            return np.ones_like(a3)
        if len(self.classes) == 2:
            return np.hstack([1 - a3, a3])
        total = a3.sum(axis=1, keepdims=True)
        if not total.all():  # if every output is 0, all classes are equally likely
            a3 = np.where(total > 0, a3, 1)
            total = np.where(total > 0, total, a3.shape[1])
        return a3 / total

    def labels(self, probabilities: NDArray[Any]) -> NDArray[Any]:
        """Most probable label of each sample; if multilabel, 0 or 1 for each label."""
        if self.multilabel:
            return (probabilities > 0.5).astype(int)
        return self.classes[probabilities.argmax(axis=1)]

    @property
    def middle_z3(self) -> float:
        """The z3 of the midpoint between the targets of labels 0 and 1."""
        return float(logit(sum(self.target_range) / 2))

    def strata(self, y: Any) -> NDArray[Any] | None:
        return None if self.multilabel else y

    @property
    def attributes(self) -> dict[str, Any]:
        return {"_encoder": self, "classes_": self.classes}

    def _codes(self, y: Any, name: str = "y") -> NDArray[np.intp]:
        """Index of the class of each label."""
        known = set(self.classes.tolist())
        unknown = [label for label in np.unique(y).tolist() if label not in known]
        if unknown:
            raise ValueError(
                f"{name} must have labels of the classes {self.classes!r}, got {unknown!r}, which "
                f"did not occur in training"
            )
        return np.searchsorted(self.classes, y)

    def _weigh(
        self, codes: NDArray[np.intp], sample_weight: NDArray[Any] | None
    ) -> NDArray[Any] | None:
        """Sample weights multiplied by the factors of the classes."""
        if self.class_factors is None:
            return sample_weight
        weight = np.ones(len(codes)) if sample_weight is None else sample_weight
        return (weight * self.class_factors[codes]).astype(weight.dtype, copy=False)

    def check_weight(self, sample_weight: NDArray[Any] | None) -> None:
        if self.class_factors is not None and sample_weight is not None and not sample_weight.any():
            factors = dict(zip(self.classes.tolist(), self.class_factors.tolist(), strict=True))
            raise ValueError(
                f"class_weight must leave some sample with a positive weight, got {factors!r}, "
                f"which is zero for all classes in y"
            )


def is_multilabel(y: Any) -> bool:
    """Whether y is a multilabel indicator instead of one label per sample.

    Raises
    ------
    ValueError
        If y is neither.
    """
    kind = type_of_target(y, input_name="y")
    if kind == "multiclass-multioutput":
        raise ValueError(
            f"y must be one label per sample or a multilabel indicator of 0 and 1, got {kind} "
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


def _dense_indicator(y: Any, name: str) -> NDArray[Any]:
    """Check a multilabel indicator and return it as a dense array."""
    indicator = y.toarray() if sparse.issparse(y) else y
    if not ((indicator == 0) | (indicator == 1)).all():
        raise ValueError(
            f"{name} must be a multilabel indicator of 0 and 1, got {np.unique(indicator)!r}"
        )
    return indicator
