"""The affine maps around the network of a fitted pipeline: that before it, and that of y.

Derivatives, bounds and exports of a whole model need the network as a function of the user's
columns. If scalers, PCA and column selections precede the network, this requires only an affine
map.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import Any

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

from ._affine_map import AffineMap
from ._base import BaseBackprop

__all__ = ["AffineModel", "affine_model", "first_with_columns"]


@dataclass(frozen=True, eq=False)
class AffineModel:
    """A fitted network and the affine maps around it.

    Let g(v) be the prediction of the network's estimator for its input v: `predict` of a
    regressor, `predict_proba` of a classifier. The prediction of the model for x is
    ``target_scale * g(before(x)) + target_shift``.

    Parameters
    ----------
    network : BackpropClassifier or BackpropRegressor
        The fitted estimator at the end of the model.
    before : AffineMap
        From the input columns of the model to those of the network.
    first : estimator
        The first step, or the network, that knows the number and the names of the input columns.
        A pipeline itself knows them only from its first step, which may be "passthrough".
    target_scale, target_shift : ndarray of shape (network.n_outputs_,), float64
        Ones and zeros unless there is a TransformedTargetRegressor.
    """

    network: BaseBackprop
    before: AffineMap
    first: BaseEstimator
    target_scale: NDArray[np.float64]
    target_shift: NDArray[np.float64]

    @property
    def feature_names(self) -> list[str] | None:
        """The names of the input columns, if the model was fitted with names."""
        names = getattr(self.first, "feature_names_in_", None)
        return None if names is None else [str(name) for name in names]


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
    >>> difference = parts.network.predict(parts.before(X)) - model.predict(X)
    >>> print(f"{np.abs(difference).max():.6f}")
    0.000000
    """
    check_is_fitted(model)
    if isinstance(model, BaseBackprop):
        n_features, n_outputs = model.n_features_in_, model.n_outputs_
        before = AffineMap.identity(n_features)
        return AffineModel(model, before, model, np.ones(n_outputs), np.zeros(n_outputs))
    if isinstance(model, Pipeline):
        parts = affine_model(model.steps[-1][1])
        steps = [step for _, step in model.steps[:-1]]
        before = _chain(steps, parts.before)
        return replace(parts, before=before, first=first_with_columns(steps, parts.first))
    if isinstance(model, TransformedTargetRegressor):
        parts = affine_model(model.regressor_)
        scale, shift = _inverse_of_target(model.transformer_, len(parts.target_scale))
        shift = scale * parts.target_shift + shift
        return replace(parts, target_scale=scale * parts.target_scale, target_shift=shift)
    if hasattr(model, "best_estimator_"):
        return affine_model(model.best_estimator_)
    raise TypeError(
        f"model must be a BackpropClassifier, a BackpropRegressor, or a Pipeline, a "
        f"TransformedTargetRegressor or a search with refit around one, got {model!r}: pass the "
        f"fitted estimator inside it"
    )


def first_with_columns(steps: Sequence[Any], after: BaseEstimator) -> BaseEstimator:
    """The first of the steps that knows the number of its columns, or what comes after them."""
    for step in steps:
        if isinstance(step, Pipeline):
            step = first_with_columns([inner for _, inner in step.steps], step)
        if hasattr(step, "n_features_in_"):
            return step
    return after


def _chain(steps: Sequence[Any], end: AffineMap) -> AffineMap:
    """Compose the maps of the steps in order, followed by the map `end`."""
    for step in reversed(steps):
        end = _map_of(step, len(end.A)).followed_by(end)
    return end


def _map_of(step: Any, n_outputs: int) -> AffineMap:
    """The map of one step with `n_outputs` outputs."""
    if step is None or isinstance(step, str):  # "passthrough"; "drop" has no outputs
        return AffineMap.identity(n_outputs)
    if isinstance(step, Pipeline):
        return _chain([inner for _, inner in step.steps], AffineMap.identity(n_outputs))
    if isinstance(step, SelectorMixin):
        support = step.get_support()
        return AffineMap.linear(np.eye(len(support))[:, support])
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


def _standard(step: StandardScaler, n: int) -> AffineMap:
    A = np.diag(1 / step.scale_.astype(np.float64)) if step.with_std else np.eye(n)
    return _scaling(step.mean_, A, is_subtracted=step.with_mean)


def _robust(step: RobustScaler, n: int) -> AffineMap:
    A = np.diag(1 / step.scale_.astype(np.float64)) if step.with_scaling else np.eye(n)
    return _scaling(step.center_, A, is_subtracted=step.with_centering)


def _scaling(center: Any, A: NDArray[np.float64], *, is_subtracted: bool) -> AffineMap:
    """The map x -> x A, or (x - center) A; None for a centre that the scaler does not know."""
    if center is None:
        return AffineMap.linear(A)
    return AffineMap.at(center, A, None if is_subtracted else center @ A)


def _min_max(step: MinMaxScaler, n: int) -> AffineMap:
    center = step.data_min_ / 2 + step.data_max_ / 2
    return AffineMap.at(center, np.diag(step.scale_), center * step.scale_ + step.min_)


def _max_abs(step: MaxAbsScaler, n: int) -> AffineMap:
    return AffineMap.linear(np.diag(1 / step.scale_.astype(np.float64)))


def _pca(step: PCA, n: int) -> AffineMap:
    A = step.components_.T.astype(np.float64)
    if step.whiten:
        # PCA.transform uses the same lower limit, to avoid a division by 0
        smallest = np.finfo(step.explained_variance_.dtype).eps
        A = A / np.maximum(np.sqrt(step.explained_variance_), smallest)
    return AffineMap.at(step.mean_, A)


def _function(step: FunctionTransformer, n: int) -> AffineMap:
    if step.func is not None or step.inverse_func is not None:
        raise ValueError(
            f"a FunctionTransformer must have func=None and inverse_func=None, which is the "
            f"identity, got {step!r}: apply it to the data first, and pass the rest of the model"
        )
    return AffineMap.identity(n)


def _columns(step: ColumnTransformer, n: int) -> AffineMap:
    blocks, weights = [], step.transformer_weights or {}
    for name, transformer, _ in step.transformers_:
        outputs = step.output_indices_[name]
        if outputs.stop > outputs.start:
            columns = np.asarray(step._transformer_to_input_indices[name])
            block = _map_of(transformer, outputs.stop - outputs.start)
            blocks.append((columns, outputs, block.times(weights.get(name, 1.0))))
    return AffineMap.side_by_side(blocks, (step.n_features_in_, n))


_STEPS: dict[type, Callable[[Any, int], AffineMap]] = {
    StandardScaler: _standard,
    MinMaxScaler: _min_max,
    MaxAbsScaler: _max_abs,
    RobustScaler: _robust,
    PCA: _pca,
    ColumnTransformer: _columns,
    FunctionTransformer: _function,
}


def _inverse_of_target(
    transformer: Any, n_outputs: int
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Scale and shift of the map back to y, for a transformer that scales each output."""
    forward = _map_of(transformer, n_outputs)
    A, diagonal = forward.A, np.diag(forward.A)
    if A.shape != (n_outputs, n_outputs) or (np.diag(diagonal) != A).any():
        raise ValueError(
            f"the transformer of y must scale each output separately, got {transformer!r}, which "
            f"mixes outputs: use StandardScaler, MinMaxScaler, MaxAbsScaler or RobustScaler"
        )
    return 1 / diagonal, forward.center - forward.b / diagonal
