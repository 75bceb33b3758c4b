"""The objective, the weights and the names of an estimator.

This is the only file of the folder that reads private attributes of the estimators.
"""

from dataclasses import dataclass
from typing import Any, NamedTuple, TypeAlias

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy import sparse
from sklearn.base import clone, is_classifier
from sklearn.pipeline import Pipeline
from sklearn.utils.validation import check_is_fitted

from .._collections import check_in_memory
from ..estimators._affine_steps import first_with_columns
from ..estimators._auto_alpha import stream_alpha
from ..estimators._base import BaseBackprop
from ..estimators._class_encoder import ClassEncoder
from ..estimators._data import check_samples
from ..estimators._objectives import fitted_input_scale, training_objective
from ..estimators._range_encoder import RangeEncoder
from ..model._objective import Objective

__all__ = [
    "MatrixLike",
    "OutputScale",
    "Problem",
    "feature_names",
    "fitted_problem",
    "layers",
    "new_problem",
    "output_names",
    "output_scale",
    "split",
]

MatrixLike: TypeAlias = ArrayLike | sparse.spmatrix | sparse.csr_array


@dataclass(frozen=True, eq=False)
class Problem:
    """An objective, a weight vector, and the names of the features.

    Parameters
    ----------
    objective : Objective
        In float64 whatever the dtype of X, because displays and differences need the precision.
    w : ndarray of shape (n_weights,), float64
        The weights of the fit, or random weights.
    estimator : BaseBackprop
        It is fitted if `w` are the weights of the fit.
    feature_names : ndarray of shape (n_features,) or None
    """

    objective: Objective
    w: NDArray[np.float64]
    estimator: BaseBackprop
    feature_names: NDArray[Any] | None


class OutputScale(NamedTuple):
    """The map from the outputs of a fitted network to predictions, ``low + span * share``.

    ``share`` is the position of an output in the target range (t0, t1), (yhat - t0) / (t1 - t0).

    Parameters
    ----------
    target_range : tuple of two floats
        The outputs with shares 0 and 1.
    low, span : ndarray of shape (n_outputs,)
        The smallest y, and the largest minus the smallest y; 0 and 1 for a classifier.
    is_clipped : bool
        Whether the share is clipped to [0, 1], as for probabilities.
    is_divided : bool
        Whether the shares are divided by their sum, as for three or more classes.
    """

    target_range: tuple[float, float]
    low: NDArray[np.float64]
    span: NDArray[np.float64]
    is_clipped: bool = False
    is_divided: bool = False


def split(estimator: BaseBackprop | Pipeline) -> tuple[BaseBackprop, Pipeline | None]:
    """Return the network's estimator and the steps before it in a pipeline, or None.

    Raises
    ------
    TypeError
        If it is neither one of the two estimators nor a pipeline that ends in one.
    """
    steps = None
    network = estimator
    if isinstance(estimator, Pipeline):
        network = estimator.steps[-1][1]
        steps = estimator[:-1] if len(estimator.steps) > 1 else None
    if not isinstance(network, BaseBackprop):
        raise TypeError(
            f"estimator must be a BackpropClassifier, a BackpropRegressor or a Pipeline that ends "
            f"in one, got {estimator!r}: for a search, pass its best_estimator_"
        )
    return network, steps


def fitted_problem(
    estimator: BaseBackprop | Pipeline,
    X: MatrixLike,
    y: ArrayLike,
    sample_weight: ArrayLike | None = None,
) -> Problem:
    """Create the cost J of a fitted estimator on these data, with its weights.

    Parameters
    ----------
    estimator : BackpropClassifier, BackpropRegressor, or Pipeline that ends in one
    X : array-like or sparse matrix of shape (n_samples, n_features)
    y : array-like of shape (n_samples,) or (n_samples, n_outputs)
    sample_weight : array-like of shape (n_samples,), default=None

    Returns
    -------
    Problem

    Raises
    ------
    NotFittedError
        If the estimator is not fitted.
    ValueError
        If X or y does not match the fit or is a dask collection, or the network's parameters have
        changed since the fit.
    """
    network, steps = split(estimator)
    check_is_fitted(network)
    check_in_memory(X=X, y=y, sample_weight=sample_weight)
    X = X if steps is None else steps.transform(X)
    samples = check_samples(network, X, y, sample_weight, reset=False)
    samples, encoder = samples.with_weight(), network._encoder
    input_scale = fitted_input_scale(network, samples.X.shape[1])  # J is that of the fit
    objective = training_objective(network, samples, encoder, network.alpha_, input_scale)
    if objective.network != network._network:
        raise ValueError(
            f"estimator must have the network of its fit, {network._network!r}, got "
            f"{objective.network!r}: fit again after a change of n_hidden or fit_intercept"
        )
    (W1, W2), (b1, b2) = network.coefs_, network.intercepts_
    w = objective.network.pack(W1, b1, W2, b2).astype(np.float64)
    return Problem(objective.in_float64(), w, network, feature_names(estimator))


def new_problem(
    estimator: BaseBackprop | Pipeline,
    X: MatrixLike,
    y: ArrayLike,
    sample_weight: ArrayLike | None = None,
) -> Problem:
    """Create the cost J that an estimator would minimise on these data, with random weights.

    The estimator is not modified. Parameters and errors are those of `fitted_problem`.
    """
    estimator = clone(estimator)
    network, steps = split(estimator)
    check_in_memory(X=X, y=y, sample_weight=sample_weight)
    X = X if steps is None else steps.fit_transform(X, y)
    network._check_parameters()
    samples = check_samples(network, X, y, sample_weight)
    encoder = network._fit_encoder(samples.y, samples.weight)
    objective = training_objective(
        network, samples.with_weight(), encoder, stream_alpha(network)
    ).in_float64()
    rng = np.random.default_rng(0)  # the same start in every call
    w = objective.feature_scaling.initial_weights(rng)
    return Problem(objective, w, network, feature_names(estimator))


def layers(
    estimator: BaseBackprop | Pipeline,
) -> tuple[list[NDArray[Any]], list[NDArray[Any]] | None]:
    """[W1, W2] and [b1, b2] of a fitted estimator; None in place of [b1, b2] if there are none."""
    network, _ = split(estimator)
    check_is_fitted(network)
    return network.coefs_, network.intercepts_ if network._network.fit_intercept else None


def output_scale(network: BaseBackprop) -> OutputScale:
    """The map from outputs to `predict` of a fitted regressor, or to `predict_proba`.

    A single output is the probability of the second of two classes. A classifier that was trained
    with only one class always predicts it: the span is 0.
    """
    encoder = network._encoder
    if isinstance(encoder, RangeEncoder):
        return OutputScale(encoder.target_range, encoder.low, encoder.span)
    assert isinstance(encoder, ClassEncoder)
    constant, n_outputs = len(encoder.classes) == 1, network.n_outputs_
    low, span = np.full(n_outputs, float(constant)), np.full(n_outputs, float(not constant))
    is_divided = n_outputs > 1 and not encoder.multilabel
    return OutputScale(encoder.target_range, low, span, True, is_divided)


def feature_names(estimator: BaseBackprop | Pipeline) -> NDArray[Any] | None:
    """Names of the network's features in the fit; None if there were none."""
    network, steps = split(estimator)
    names = getattr(network, "feature_names_in_", None)
    if names is not None or steps is None:
        return names
    first = first_with_columns([step for _, step in steps.steps], network)
    if hasattr(first, "feature_names_in_"):
        try:
            names = steps.get_feature_names_out()
        except (AttributeError, ValueError):  # a step does not provide names
            return None
    return names


def output_names(estimator: BaseBackprop | Pipeline) -> list[str]:
    """Names of the output units of a fitted estimator."""
    network, _ = split(estimator)
    if is_classifier(network):
        # a number alone would not be a clear name
        kind = "label " if network._encoder.multilabel else "class "
        prefix = "" if network.classes_.dtype.kind in "OUS" else kind
        classes = [f"{prefix}{label}" for label in network.classes_]
        return classes if len(classes) == network.n_outputs_ else classes[-1:]
    if network.n_outputs_ == 1:
        return ["y"]
    return [f"y[{output}]" for output in range(network.n_outputs_)]
