"""What an estimator minimises, and what its parts are called: looks inside it for the displays."""

from dataclasses import dataclass, replace

import numpy as np
from sklearn.base import clone, is_classifier
from sklearn.pipeline import Pipeline
from sklearn.utils.validation import check_is_fitted

from ..estimators._base import BaseBackprop
from ..estimators._data import check_samples
from ..estimators._objectives import training_objective
from ..model._objective import Objective

__all__ = [
    "Problem",
    "feature_names",
    "fitted_problem",
    "layers",
    "new_problem",
    "output_names",
    "split",
]


@dataclass(frozen=True, eq=False)
class Problem:
    """An objective, weights to look at it from, and the features' names.

    Parameters
    ----------
    objective : Objective
        In float64, whatever X is: pictures and differences want all digits.
    w : ndarray of shape (n_weights,), float64
    estimator : BaseBackprop
        Fitted, if `w` is.
    feature_names : ndarray of shape (n_features,) or None
    """

    objective: Objective
    w: np.ndarray
    estimator: BaseBackprop
    feature_names: np.ndarray | None


def split(estimator):
    """The network's estimator and the steps of the pipeline before it, None without any.

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


def fitted_problem(estimator, X, y, sample_weight=None):
    """The cost J that a fitted estimator has on these data, at its weights.

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
        If X or y is not as in the fit, or the network's parameters have changed since.
    """
    network, steps = split(estimator)
    check_is_fitted(network)
    X = X if steps is None else steps.transform(X)
    samples = check_samples(network, X, y, sample_weight, reset=False)
    objective = training_objective(network, samples.with_weight(), network._encoder)
    if objective.network != network._network:
        raise ValueError(
            f"estimator must have the network of its fit, {network._network!r}, got "
            f"{objective.network!r}: fit again after a change of n_hidden or fit_intercept"
        )
    w = network._flat_weights(np.float64)
    return Problem(_in_float64(objective), w, network, feature_names(estimator))


def new_problem(estimator, X, y, sample_weight=None):
    """The cost J that an estimator would minimise on these data, at a random start.

    The estimator itself is left alone. Parameters and errors are those of `fitted_problem`.
    """
    estimator = clone(estimator)
    network, steps = split(estimator)
    X = X if steps is None else steps.fit_transform(X, y)
    network._check_parameters()
    samples = check_samples(network, X, y, sample_weight)
    encoder = network._fit_encoder(samples.y, samples.weight)
    objective = _in_float64(training_objective(network, samples.with_weight(), encoder))
    w = objective.initial_weights(np.random.default_rng(0))  # the same in every call
    return Problem(objective, w, network, feature_names(estimator))


def _in_float64(objective):
    weight = objective.sample_weight
    return replace(
        objective,
        X=objective.X.astype(np.float64),
        Y=objective.Y.astype(np.float64),
        sample_weight=None if weight is None else weight.astype(np.float64),
    )


def layers(estimator):
    """[W1, W2] and [b1, b2] of a fitted estimator; None for the latter without intercept."""
    network, _ = split(estimator)
    check_is_fitted(network)
    return network.coefs_, network.intercepts_ if network._network.fit_intercept else None


def feature_names(estimator):
    """The names that the network's features had in the fit; None if they had none."""
    network, steps = split(estimator)
    names = getattr(network, "feature_names_in_", None)
    if names is None and steps is not None and hasattr(steps, "feature_names_in_"):
        try:
            names = steps.get_feature_names_out()
        except (AttributeError, ValueError):  # of a step that cannot tell
            return None
    return names


def output_names(estimator):
    """What each output unit of a fitted estimator stands for, a list of str."""
    network, _ = split(estimator)
    if is_classifier(network):
        # numbers alone would not say what they are
        of_what = "label " if network._encoder.multilabel else "class "
        of_what = "" if network.classes_.dtype.kind in "OUS" else of_what
        classes = [f"{of_what}{label}" for label in network.classes_]
        return classes if len(classes) == network.n_outputs_ else classes[-1:]
    if network.n_outputs_ == 1:
        return ["y"]
    return [f"y[{output}]" for output in range(network.n_outputs_)]
