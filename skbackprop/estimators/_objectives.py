"""The objectives of a fit: J of the training data, and the cost of the validation data."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from .._params import resolve
from ..losses import LOSSES
from ..model._network import Network
from ..model._objective import Objective
from ._collection_samples import CollectionSamples, collection_objective
from ._monotonic_cst import monotonicity_of

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from ._data import Samples
    from ._target_encoder import TargetEncoder

__all__ = ["fitted_input_scale", "training_objective", "validation_objective"]


def training_objective(
    estimator: Any,
    samples: Samples | CollectionSamples,
    encoder: TargetEncoder,
    alpha: float,
    input_scale: NDArray[np.float64] | None = None,
) -> Objective:
    """J of samples, with the estimator's network, loss and bounds, and a penalty.

    `input_scale` is the scale of each feature in the penalty; None uses the scales in the samples.

    Raises
    ------
    ValueError
        If y is not as in the fit of the encoder, if the loss cannot take its targets, or if the
        network or the solver cannot obey `monotonic_cst`.
    """
    if isinstance(samples, CollectionSamples):
        return collection_objective(estimator, samples, encoder, alpha)
    Y, weight = encoder.transform(samples.y, samples.weight)
    encoder.check_weight(weight)
    Y = np.asarray(Y, dtype=samples.X.dtype)
    loss = encoder.loss_in_units(resolve(estimator.loss, LOSSES))
    loss.check_targets(Y, estimator.target_range)
    loss = loss.for_targets(Y, weight)
    shape = samples.X.shape[1], estimator.n_hidden, Y.shape[1]
    network = Network(*shape, estimator.fit_intercept)
    monotonicity = monotonicity_of(estimator, network)
    data = samples.X, Y, weight
    return Objective.from_arrays(network, loss, *data, alpha, input_scale, monotonicity)


def fitted_input_scale(estimator: Any, n_features: int) -> NDArray[np.float64]:
    """Scale of each feature in the penalty of the last fit; ones before the first fit."""
    input_scale = getattr(estimator, "_input_scale", None)
    return np.ones(n_features) if input_scale is None else input_scale


def validation_objective(
    objective: Objective, samples: Samples, encoder: TargetEncoder, name: str
) -> Objective:
    """Create the cost of the validation data, without the penalty, in units of J.

    It is scaled to the total weight of the training data, so that both can be plotted together.
    `name` is the name of its y in messages.
    """
    Y, weight = encoder.transform(samples.y, samples.weight, name)
    encoder.check_weight(weight)
    weight = np.ones(len(Y)) if weight is None else weight.astype(np.float64)
    weight = weight / weight.max()  # the reciprocal of a tiny weight would overflow
    weight *= objective.total_weight / weight.sum()
    dtype = samples.X.dtype
    Y = np.clip(Y, objective.loss.least_target, 1).astype(dtype, copy=False)
    validation = objective.with_data(X=samples.X, Y=Y, sample_weight=weight.astype(dtype))
    return validation.with_alpha(0.0)
