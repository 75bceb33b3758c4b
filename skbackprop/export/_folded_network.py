"""A whole fitted model as one network: scaling folded into the weights, and the map of y.

Every export that writes formulas or code writes these numbers:

    z2 = (x - center) W1 + b1      a2 = f(z2)      z3 = a2 W2 + b2      a3 = f(z3)

followed by a last line, which depends on what the model predicts.
"""

from dataclasses import dataclass
from typing import Any, Literal, Self

import numpy as np
from numpy.typing import DTypeLike, NDArray
from sklearn.base import BaseEstimator

from ..estimators._affine_steps import affine_model
from ..estimators._classifier import BackpropClassifier
from ._fitted_network import FittedNetwork

__all__ = ["FoldedNetwork"]

# Where the centre of a feature is further than this many times its spread from zero, it is
# subtracted first. Folding it into b1 would lose that factor of the precision, since x W1 and b1
# cancel. Double precision can lose three of its sixteen digits, single precision has none to lose.
_FAR = {"d": 1e3, "f": 1.0}


@dataclass(frozen=True, eq=False)
class FoldedNetwork:
    """The numbers of a whole fitted model, in float64.

    Parameters
    ----------
    kind : {"regression", "binary", "multiclass", "multilabel"}
        What the last line is. With share = (a3 - low) / (high - low), clipped to [0, 1]:
        "regression" y = shift + scale * a3; "binary" 1 - share and share; "multiclass" shares
        divided by their sum, or equal ones if all are 0; "multilabel" the shares themselves.
    center : ndarray of shape (n_features,)
        What is subtracted from each feature; 0 for those that are not far from 0.
    W1, b1, W2, b2 : ndarray
        Of shapes (n_features, n_hidden), (n_hidden,), (n_hidden, n_units), (n_units,).
    scale, shift : ndarray of shape (n_units,)
        Of the last line of a regression.
    target_range : tuple of two floats
        low and high of the last line of a classifier.
    feature_names : list of str or None
    classes : list or None
        The labels of a classifier as objects of Python, or None for a regression.
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
        """Fold a fitted estimator, pipeline or search into one network.

        Parameters
        ----------
        model : estimator
            As for `affine_model`.
        dtype : {float32, float64}
            The type that the numbers will be written in. The centre is rounded to it first, so
            that b1 makes up for that rounding.
        far : float, default=None
            How many times its spread the centre of a feature must be away from zero to be
            subtracted; infinity folds all into b1. None takes what suits `dtype`.
        """
        parts = affine_model(model)
        network = FittedNetwork.of(parts.network)
        W1, W2 = (W.astype(np.float64) for W in (network.W1, network.W2))
        b1 = np.zeros(W1.shape[1]) if network.b1 is None else network.b1.astype(np.float64)
        b2 = np.zeros(W2.shape[1]) if network.b2 is None else network.b2.astype(np.float64)
        far = _FAR[np.dtype(dtype).char] if far is None else far
        with np.errstate(over="ignore"):  # refused below
            center = _center(parts.A, parts.b, far).astype(dtype).astype(np.float64)
        low, high = network.target_range
        span = network.y_span / (high - low)
        with np.errstate(invalid="ignore"):  # of an infinite centre
            b1 = b1 + (center @ parts.A + parts.b) @ W1
        folded = cls(
            _kind(parts.network, network.is_multilabel),
            center,
            parts.A @ W1,
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
        """Number of columns that the model takes."""
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
        """Number of predicted numbers: of y, of classes or of labels."""
        return 2 if self.kind == "binary" else self.n_units

    @property
    def is_centered(self) -> bool:
        """Whether some feature has a centre."""
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


def _center(A: NDArray[np.float64], b: NDArray[np.float64], far: float) -> NDArray[np.float64]:
    """The features at which the network's input is 0, as short numbers; 0 for those not far.

    It is the least c with c A = -b. Behind a scaler, c is the mean and 1 / |A| the spread. Any c
    about as near will do, since b1 takes up the rest, so c is rounded to the digits above the
    spread.
    """
    if not b.any():
        return np.zeros(len(A))
    c = np.linalg.lstsq(A.T, -b, rcond=None)[0]
    slope = np.abs(A).max(axis=1)
    is_far = np.abs(c) * slope > far
    step = np.where(is_far, 10.0 ** np.floor(-np.log10(np.where(is_far, slope, 1))), 1)
    return np.where(is_far, np.round(c / step) * step, 0)


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
