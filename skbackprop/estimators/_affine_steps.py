"""The affine maps around the network of a fitted pipeline: x A + b before it, and that of y.

Derivatives, bounds and exports of a whole model need the network as a function of the user's
columns. If scalers, PCA and column selections precede the network, this requires only a matrix A
and a shift b.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any, TypeAlias

import numpy as np
from numpy.typing import NDArray
from sklearn.base import BaseEstimator
from sklearn.compose import ColumnTransformer, TransformedTargetRegressor
from sklearn.decomposition import PCA
from sklearn.feature_selection import SelectorMixin
from sklearn.pipeline import Pipeline
from sklearn.preprocessing import (
    FunctionTransformer,
    MaxAbsScaler,
    MinMaxScaler,
    RobustScaler,
    StandardScaler,
)
from sklearn.utils.validation import check_is_fitted

from ._base import BaseBackprop

__all__ = ["AffineModel", "affine_model"]

# A and b of a step that maps x to x A + b.
Affine: TypeAlias = tuple[NDArray[np.float64], NDArray[np.float64]]


@dataclass(frozen=True, eq=False)
class AffineModel:
    """A fitted network and the affine maps around it.

    Let g(v) be the prediction of the network's estimator for its input v: `predict` of a
    regressor, `predict_proba` of a classifier. The prediction of the model for x is
    ``target_scale * g(x @ A + b) + target_shift``.

    Parameters
    ----------
    network : BackpropClassifier or BackpropRegressor
        The fitted estimator at the end of the model.
    A : ndarray of shape (n_features, network.n_features_in_), float64
        n_features is the number of input columns of the model.
    b : ndarray of shape (network.n_features_in_,), float64
    target_scale, target_shift : ndarray of shape (network.n_outputs_,), float64
        Ones and zeros unless there is a TransformedTargetRegressor.
    feature_names : list of str or None
        The names of the n_features columns, if the model was fitted with names.
    """

    network: BaseBackprop
    A: NDArray[np.float64]
    b: NDArray[np.float64]
    target_scale: NDArray[np.float64]
    target_shift: NDArray[np.float64]
    feature_names: list[str] | None = None


def affine_model(model: BaseEstimator) -> AffineModel:
    """Decompose a fitted model into its network and the affine maps around it.

    Parameters
    ----------
    model : estimator
        A fitted BackpropClassifier or BackpropRegressor, or a Pipeline, a
        TransformedTargetRegressor or a search (with ``best_estimator_``) around one, nested in
        any way. The steps of a pipeline may be StandardScaler, MinMaxScaler, MaxAbsScaler,
        RobustScaler, PCA, feature selectors, "passthrough", and ColumnTransformer and Pipeline of
        these. The transformer of y must scale each output separately.

    Returns
    -------
    AffineModel

    Raises
    ------
    NotFittedError
        If the model is not fitted.
    TypeError
        If the type of the model or of one of its steps is not supported.
    ValueError
        If a step is not affine because of its parameters, such as ``clip=True``.

    Examples
    --------
    >>> import numpy as np
    >>> from sklearn.datasets import load_diabetes
    >>> from sklearn.pipeline import make_pipeline
    >>> from sklearn.preprocessing import StandardScaler
    >>> from skbackprop import BackpropRegressor
    >>> from skbackprop.estimators._affine_steps import affine_model
    >>> X, y = load_diabetes(return_X_y=True)
    >>> model = make_pipeline(StandardScaler(), BackpropRegressor(random_state=0)).fit(X, y)
    >>> parts = affine_model(model)
    >>> difference = parts.network.predict(X @ parts.A + parts.b) - model.predict(X)
    >>> print(f"{np.abs(difference).max():.6f}")
    0.000000
    """
    parts = _take_apart(model)
    names = getattr(model, "feature_names_in_", None)
    return replace(parts, feature_names=None if names is None else [str(name) for name in names])


def _take_apart(model: Any) -> AffineModel:
    check_is_fitted(model)
    if isinstance(model, BaseBackprop):
        n_features, n_outputs = model.n_features_in_, model.n_outputs_
        identity = np.eye(n_features), np.zeros(n_features)
        return AffineModel(model, *identity, np.ones(n_outputs), np.zeros(n_outputs))
    if isinstance(model, Pipeline):
        parts = _take_apart(model.steps[-1][1])
        A, b = _chain(model.steps[:-1], (parts.A, parts.b))
        return replace(parts, A=A, b=b)
    if isinstance(model, TransformedTargetRegressor):
        parts = _take_apart(model.regressor_)
        scale, shift = _inverse_of_target(model.transformer_, len(parts.target_scale))
        shift = scale * parts.target_shift + shift
        return replace(parts, target_scale=scale * parts.target_scale, target_shift=shift)
    if hasattr(model, "best_estimator_"):
        return _take_apart(model.best_estimator_)
    raise TypeError(
        f"model must be a BackpropClassifier, a BackpropRegressor, or a Pipeline, a "
        f"TransformedTargetRegressor or a search with refit around one, got {model!r}: pass the "
        f"fitted estimator inside it"
    )


def _chain(steps: list[tuple[str, Any]], end: Affine) -> Affine:
    """Compose the maps of the steps in order, followed by the map `end`."""
    A, b = end
    for _, step in reversed(steps):
        A_step, b_step = _affine(step, len(A))
        A, b = A_step @ A, b_step @ A + b
    return A, b


def _affine(step: Any, n_outputs: int) -> Affine:
    """Return A and b of one step with `n_outputs` outputs."""
    if step is None or isinstance(step, str):  # "passthrough"; "drop" has no outputs
        return np.eye(n_outputs), np.zeros(n_outputs)
    if isinstance(step, Pipeline):
        return _chain(step.steps, (np.eye(n_outputs), np.zeros(n_outputs)))
    if isinstance(step, SelectorMixin):
        support = step.get_support()
        return np.eye(len(support))[:, support], np.zeros(n_outputs)
    # exact type: a subclass may transform differently
    find = _STEPS.get(type(step))
    if find is None:
        raise TypeError(
            f"each step before the network, and the transformer of y, must be affine, that is one "
            f"of {', '.join(kind.__name__ for kind in _STEPS)}, Pipeline or a feature selector, "
            f"got {step!r}: apply it to the data first, and pass the rest of the model"
        )
    if getattr(step, "clip", False):
        raise ValueError(
            f"each step before the network, and the transformer of y, must be affine, got "
            f"{step!r}, which clips: fit with clip=False"
        )
    return find(step, n_outputs)


def _scaling(factor: Any, shift: Any, n: int) -> Affine:
    """The map x * factor + shift for each column; None stands for a factor of 1 or a shift of 0."""
    diagonal = np.ones(n) if factor is None else np.asarray(factor, dtype=np.float64)
    offset = np.zeros(n) if shift is None else np.asarray(shift, dtype=np.float64)
    return np.diag(diagonal), offset


def _standard(step: StandardScaler, n: int) -> Affine:
    factor = 1 / step.scale_.astype(np.float64) if step.with_std else np.ones(n)
    return _scaling(factor, -step.mean_ * factor if step.with_mean else None, n)


def _robust(step: RobustScaler, n: int) -> Affine:
    factor = 1 / step.scale_.astype(np.float64) if step.with_scaling else np.ones(n)
    return _scaling(factor, -step.center_ * factor if step.with_centering else None, n)


def _min_max(step: MinMaxScaler, n: int) -> Affine:
    return _scaling(step.scale_, step.min_, n)


def _max_abs(step: MaxAbsScaler, n: int) -> Affine:
    return _scaling(1 / step.scale_.astype(np.float64), None, n)


def _pca(step: PCA, n: int) -> Affine:
    A = step.components_.T.astype(np.float64)
    if step.whiten:
        # PCA.transform uses the same lower limit, to avoid a division by 0
        smallest = np.finfo(step.explained_variance_.dtype).eps
        A = A / np.maximum(np.sqrt(step.explained_variance_), smallest)
    return A, -step.mean_ @ A


def _function(step: FunctionTransformer, n: int) -> Affine:
    if step.func is not None or step.inverse_func is not None:
        raise ValueError(
            f"a FunctionTransformer must have func=None and inverse_func=None, which is the "
            f"identity, got {step!r}: apply it to the data first, and pass the rest of the model"
        )
    return np.eye(n), np.zeros(n)


def _columns(step: ColumnTransformer, n: int) -> Affine:
    A, b = np.zeros((step.n_features_in_, n)), np.zeros(n)
    weights = step.transformer_weights or {}
    for name, transformer, _ in step.transformers_:
        place = step.output_indices_[name]
        n_outputs = place.stop - place.start
        if n_outputs:
            rows = step._transformer_to_input_indices[name]
            weight = weights.get(name, 1.0)
            block, shift = _affine(transformer, n_outputs)
            # a column that is listed twice is added twice
            np.add.at(A[:, place], rows, weight * block)
            b[place] = weight * shift
    return A, b


_STEPS: dict[type, Callable[[Any, int], Affine]] = {
    StandardScaler: _standard,
    MinMaxScaler: _min_max,
    MaxAbsScaler: _max_abs,
    RobustScaler: _robust,
    PCA: _pca,
    ColumnTransformer: _columns,
    FunctionTransformer: _function,
}


def _inverse_of_target(transformer: Any, n_outputs: int) -> Affine:
    """Scale and shift of the map back to y, for a transformer that maps y to y A + b."""
    A, b = _affine(transformer, n_outputs)
    diagonal = np.diag(A)
    if A.shape != (n_outputs, n_outputs) or (np.diag(diagonal) != A).any():
        raise ValueError(
            f"the transformer of y must scale each output separately, got {transformer!r}, which "
            f"mixes outputs: use StandardScaler, MinMaxScaler, MaxAbsScaler or RobustScaler"
        )
    return 1 / diagonal, -b / diagonal
