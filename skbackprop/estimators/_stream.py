"""One pass over some samples: `partial_fit` of both estimators."""

from __future__ import annotations

import warnings
from copy import copy
from typing import Any, TypeVar

from sklearn.exceptions import ConvergenceWarning
from sklearn.utils import check_random_state

from .._collections import check_in_memory
from .._execution._while_solving import while_solving
from .._params import resolve
from ..solvers import SOLVERS
from ._auto_alpha import kept_path, stream_alpha
from ._data import check_samples, features_of
from ._fitted import check_finite, fitted_attributes
from ._objectives import fitted_input_scale, training_objective
from ._warm_start import starting_point

__all__ = ["fit_batch"]

_ONE_BLOCK = "call fit, or pass one block after the other to partial_fit, each computed"

E = TypeVar("E", bound=Any)


def fit_batch(estimator: E, X: Any, y: Any, sample_weight: Any, target_info: Any) -> E:
    """Make one pass of the optimizer over some samples.

    Parameters
    ----------
    estimator : BaseBackprop
    X, y, sample_weight
        As for `fit`.
    target_info : object
        `classes` of the classifier or `y_range` of the regressor, given in the first call.

    Returns
    -------
    estimator : BaseBackprop
        With the attributes of a fit.
    """
    estimator._check_parameters()
    # typed as Any, because only some solvers have the method `epoch`
    solver: Any = resolve(estimator.solver, SOLVERS)
    # an array would be made of all of its blocks
    check_in_memory(_ONE_BLOCK, X=X, y=y, sample_weight=sample_weight)
    checked, first = copy(estimator), not estimator.__sklearn_is_fitted__()
    samples = check_samples(checked, X, y, sample_weight, reset=first).with_weight()
    encoder = estimator._stream_encoder(samples.y, samples.weight, target_info)
    if tuple(estimator.target_range) != encoder.target_range:
        raise ValueError(
            f"target_range must be the same as in the first call of partial_fit, "
            f"{encoder.target_range!r}, got {estimator.target_range!r}: set it back"
        )
    encoder, beyond = encoder.check_reach(samples.y)
    # scales come from an earlier fit, since a first batch does not determine them
    input_scale = fitted_input_scale(estimator, samples.X.shape[1])
    alpha = stream_alpha(estimator)
    objective = training_objective(checked, samples, encoder, alpha, input_scale)
    w0, state = starting_point(estimator, solver, objective)
    solver = solver.resolve(objective)
    rng = check_random_state(estimator.random_state)
    with while_solving(objective.n_samples):
        result = solver.epoch(objective, w0, rng=rng, resume=state)
    check_finite(result, solver)
    found = fitted_attributes(result, objective, solver)
    kept = kept_path(estimator, solver)
    estimator._fitted = features_of(checked) | encoder.attributes | kept | found
    if beyond:
        warnings.warn(beyond, UserWarning, stacklevel=3)
    if result.warning:
        warnings.warn(estimator.message_, ConvergenceWarning, stacklevel=3)
    return estimator
