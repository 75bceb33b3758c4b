"""The objective, the weights and the names of an estimator.

This is the only file of the room that reads private attributes of the estimators.
"""

from dataclasses import dataclass
from typing import Any, NamedTuple, TypeAlias

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy import sparse
from sklearn.base import clone, is_classifier
from sklearn.pipeline import Pipeline
from sklearn.utils.validation import check_is_fitted

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
        In float64 whatever X is, since pictures and differences need all digits.
    w : ndarray of shape (n_weights,), float64
        The weights of the fit, or a random start.
    estimator : BaseBackprop
        Fitted, if `w` are the weights of the fit.
    feature_names : ndarray of shape (n_features,) or None
    """

    objective: Objective
    w: NDArray[np.float64]
    estimator: BaseBackprop
    feature_names: NDArray[Any] | None


class OutputScale(NamedTuple):
    """What the outputs of a fitted network mean: ``low + span * share``.

    The share of an output in the target range (t0, t1) is (yhat - t0) / (t1 - t0).

    Parameters
    ----------
    target_range : tuple of two floats
        The outputs that stand for 0 and 1.
    low, span : ndarray of shape (n_outputs,)
        The smallest y and the distance to the largest one; 0 and 1 for a classifier.
    is_clipped : bool
        Whether the share is clipped to [0, 1], as probabilities are.
    is_divided : bool
        Whether the shares are divided by their sum: one label of three or more.
    """

    target_range: tuple[float, float]
    low: NDArray[np.float64]
    span: NDArray[np.float64]
    is_clipped: bool = False
    is_divided: bool = False


def split(estimator: BaseBackprop | Pipeline) -> tuple[BaseBackprop, Pipeline | None]:
    """Return the network's estimator and the steps before it in the pipeline, None without any.

    Raises
    ------
    TypeError
        If it is neither of the two estimators, nor a pipeline that ends in one.
    """
    steps = None
    network = estimator
    if isinstance(estimator, Pipeline):
        network = estimator.steps[-1][1]
        steps = estimator[:-1] if len(estimator.steps) > 1 else None
    if not isinstance(network, BaseBackprop):
        raise TypeError(
            f"estimator must be a BackpropClassifier, a BackpropRegressor or a Pipeline that ends "
            f"in one, got {estimator!r}: of a search, pass its best_estimator_"
        )
    return network, steps


def fitted_problem(
    estimator: BaseBackprop | Pipeline,
    X: MatrixLike,
    y: ArrayLike,
    sample_weight: ArrayLike | None = None,
) -> Problem:
    """The cost J of a fitted estimator on these data, and its weights.

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
        If it is not fitted.
    ValueError
        If X or y does not match the fit, or the network's parameters have changed since.
    """
    network, steps = split(estimator)
    check_is_fitted(network)
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
    """The cost J that an estimator would minimise on these data, and a random start.

    The estimator itself is not changed. Parameters and errors are those of `fitted_problem`.
    """
    estimator = clone(estimator)
    network, steps = split(estimator)
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
    """[W1, W2] and [b1, b2] of a fitted estimator; None for the latter without intercepts."""
    network, _ = split(estimator)
    check_is_fitted(network)
    return network.coefs_, network.intercepts_ if network._network.fit_intercept else None


def output_scale(network: BaseBackprop) -> OutputScale:
    """How `predict` of a fitted regressor, or `predict_proba`, reads the outputs of the network.

    A single output stands for the second class of two. A classifier that has seen one class only
    is certain of it: a span of 0.
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
    """The names that the network's features had in the fit; None if they had none."""
    network, steps = split(estimator)
    names = getattr(network, "feature_names_in_", None)
    if names is None and steps is not None and hasattr(steps, "feature_names_in_"):
        try:
            names = steps.get_feature_names_out()
        except (AttributeError, ValueError):  # a step does not name its output
            return None
    return names


def output_names(estimator: BaseBackprop | Pipeline) -> list[str]:
    """What each output unit of a fitted estimator stands for."""
    network, _ = split(estimator)
    if is_classifier(network):
        # a number alone would not say what it stands for
        kind = "label " if network._encoder.multilabel else "class "
        prefix = "" if network.classes_.dtype.kind in "OUS" else kind
        classes = [f"{prefix}{label}" for label in network.classes_]
        return classes if len(classes) == network.n_outputs_ else classes[-1:]
    if network.n_outputs_ == 1:
        return ["y"]
    return [f"y[{output}]" for output in range(network.n_outputs_)]
