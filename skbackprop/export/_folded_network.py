"""A whole fitted model as one network, with the scaling merged into the weights.

Every export of formulas or code writes these numbers:

    z2 = (x - center) W1 + b1      a2 = f(z2)      z3 = a2 W2 + b2      a3 = f(z3)

followed by a last line, which depends on the kind of prediction.
"""

from dataclasses import dataclass
from typing import Any, Literal, Self

import numpy as np
from numpy.typing import DTypeLike, NDArray
from sklearn.base import BaseEstimator

from ..estimators._affine_map import AffineMap
from ..estimators._affine_steps import affine_model
from ..estimators._classifier import BackpropClassifier
from ._fitted_network import FittedNetwork

__all__ = ["FoldedNetwork"]

# If the centre of a feature is further from zero than this many times its spread, it is subtracted
# first. Merging it into b1 would reduce the precision by this factor, since x W1 and b1 cancel.
# Double precision can afford to lose three of its sixteen digits; single precision cannot.
_FAR = {"d": 1e3, "f": 1.0}


@dataclass(frozen=True, eq=False)
class FoldedNetwork:
    """The numbers of a whole fitted model, in float64.

    Parameters
    ----------
    kind : {"regression", "binary", "multiclass", "multilabel"}
        Kind of the last line. With share = (a3 - low) / (high - low), clipped to [0, 1]:
        "regression" is y = shift + scale * a3; "binary" is 1 - share and share; "multiclass" are
        the shares divided by their sum, or equal numbers if all are 0; "multilabel" are the
        shares.
    center : ndarray of shape (n_features,)
        Constants subtracted from the features; 0 for features whose centre is not far from 0.
    W1, b1, W2, b2 : ndarray
        Arrays of shapes (n_features, n_hidden), (n_hidden,), (n_hidden, n_units), (n_units,).
    scale, shift : ndarray of shape (n_units,)
        Coefficients of the last line of a regression.
    target_range : tuple of two floats
        low and high in the last line of a classifier.
    feature_names : list of str or None
    classes : list or None
        The labels of a classifier as Python objects, or None for a regression.
    """

    kind: Literal["regression", "binary", "multiclass", "multilabel"]
    center: NDArray[np.float64]
    W1: NDArray[np.float64]
    b1: NDArray[np.float64]
    W2: NDArray[np.float64]
    b2: NDArray[np.float64]
    scale: NDArray[np.float64]
    shift: NDArray[np.float64]
    target_range: tuple[float, float]
    feature_names: list[str] | None
    classes: list[Any] | None

    @classmethod
    def of(
        cls, model: BaseEstimator, *, dtype: DTypeLike = np.float64, far: float | None = None
    ) -> Self:
        """Merge a fitted estimator, pipeline or search into one network.

        Parameters
        ----------
        model : estimator
            As for `affine_model`.
        dtype : {float32, float64}
            The type of the exported numbers. The centre is rounded to this type first, so that b1
            compensates for the rounding.
        far : float, default=None
            The centre of a feature is subtracted if its distance from zero exceeds this many
            times the spread; infinity merges all centres into b1. None selects a value for
            `dtype`.
        """
        parts = affine_model(model)
        network = FittedNetwork.of(parts.network)
        W1, W2 = (W.astype(np.float64) for W in (network.W1, network.W2))
        b1 = np.zeros(W1.shape[1]) if network.b1 is None else network.b1.astype(np.float64)
        b2 = np.zeros(W2.shape[1]) if network.b2 is None else network.b2.astype(np.float64)
        far = _FAR[np.dtype(dtype).char] if far is None else far
        before = parts.before
        with np.errstate(over="ignore"):  # checked below
            center = _rounded_center(before, far).astype(dtype).astype(np.float64)
        low, high = network.target_range
        span = network.y_span / (high - low)
        with np.errstate(invalid="ignore"):  # if a centre is infinite
            b1 = b1 + before.moved_to(center).b @ W1
        folded = cls(
            _kind(parts.network, network.is_multilabel),
            center,
            before.A @ W1,
            b1,
            W2,
            b2,
            scale=parts.target_scale * span,
            shift=parts.target_scale * (network.y_low - low * span) + parts.target_shift,
            target_range=(float(low), float(high)),
            feature_names=parts.feature_names,
            classes=_classes(parts.network),
        )
        folded._check_fits(dtype)
        return folded

    @property
    def n_features(self) -> int:
        """Number of input columns of the model."""
        return self.W1.shape[0]

    @property
    def n_hidden(self) -> int:
        """Number of hidden units."""
        return self.W1.shape[1]

    @property
    def n_units(self) -> int:
        """Number of output units."""
        return self.W2.shape[1]

    @property
    def n_outputs(self) -> int:
        """Number of predicted values: outputs of y, classes or labels."""
        return 2 if self.kind == "binary" else self.n_units

    @property
    def is_centered(self) -> bool:
        """Whether a constant is subtracted from some feature."""
        return bool(self.center.any())

    @property
    def is_clipped(self) -> bool:
        """Whether shares are computed from a3 and clipped; otherwise a3 are the shares."""
        return self.kind != "regression" and self.target_range != (0, 1)

    def _check_fits(self, dtype: DTypeLike) -> None:
        numbers = (self.center, self.W1, self.b1, self.W2, self.b2, self.scale, self.shift)
        with np.errstate(over="ignore"):
            fits = all(np.isfinite(part.astype(dtype)).all() for part in numbers)
        if not fits:
            raise ValueError(
                f"the weights and the map of y must fit the type {np.dtype(dtype).name!r}, got "
                f"larger numbers: scale y, standardise the features, or export in double precision"
            )


def _rounded_center(before: AffineMap, far: float) -> NDArray[np.float64]:
    """The centre of the features that are far from 0, with few digits; 0 for the others.

    1 / |A| is the spread of a feature. The centre need not be exact, because b1 compensates for
    the difference, so it is rounded to the digits above the spread.
    """
    slope = np.abs(before.A).max(axis=1)
    is_far = np.abs(before.center) * slope > far
    exponent = np.floor(-np.log10(np.where(is_far, slope, 1)))
    # a product or a quotient with a whole power of 10 is the number nearest to the decimal one
    power, center = 10.0 ** np.abs(exponent), before.center
    rounded = np.where(
        exponent < 0, np.round(center * power) / power, np.round(center / power) * power
    )
    return np.where(is_far, rounded, 0)


def _kind(
    estimator: BaseEstimator, is_multilabel: bool
) -> Literal["regression", "binary", "multiclass", "multilabel"]:
    if not isinstance(estimator, BackpropClassifier):
        return "regression"
    if is_multilabel:
        return "multilabel"
    return "binary" if len(estimator.classes_) == 2 else "multiclass"


def _classes(estimator: BaseEstimator) -> list[Any] | None:
    return estimator.classes_.tolist() if isinstance(estimator, BackpropClassifier) else None
