"""Error bars: the standard deviation of y around its prediction, ``predict(return_std=True)``.

y_std^2 = s^2 (1 + h): the variance s^2 of the noise of the targets, which is assumed to be
constant, plus the variance s^2 h due to the uncertainty of the weights, with h the leverage of the
sample.

If the fit has chosen its penalty by held-out samples, s is computed from their residuals; otherwise
it is computed from the residuals of the training samples, corrected for the effective number of
weights.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from ..model._leverage import Leverage
from ..model._standardisation import Standardisation
from ._folds import n_different

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from ..model import Objective
    from ._auto_alpha import ChosenPenalty

__all__ = ["UNKNOWN", "ErrorBars", "error_bars"]

# For a normal distribution, the mean +- 1.96 standard deviations contains 95 %. s is chosen so that
# this interval contains 95 % of the held-out residuals, whatever their distribution is. With heavy
# tails, their root mean square as s would cover a different fraction.
_COVERAGE, _DEVIATIONS = 0.95, 1.959964
# Networks with more weights have no error bars. At this limit, error bars take about a third of the
# time of a default fit, and 1.1 MB in a file. The size grows with the square of the number of
# weights, and the time at least as fast, while the time of a descent is proportional to the number
# of weights. For 30 to 120 weights, error bars take 3 to 5 % of the time.
_MOST_WEIGHTS = 750
# If there are more samples than this, the Gauss-Newton matrix is estimated from a random subset.
# With 10 samples per weight, leverages are about 10 % too large. They are small compared with 1 for
# so many samples: standard deviations of y change by at most 1.5 % among the data, and by at most
# 8 % at three times their distance from the centre.
_ROWS_PER_WEIGHT, _FEWEST_ROWS = 10, 2000
# With fewer degrees of freedom the noise cannot be estimated: the network may fit every target.
_LEAST_FREEDOM = 1.0

UNKNOWN = (
    "return_std=True needs the weights of a finished fit, which has seen all samples at once, "
    "got weights of partial_fit, of an unfinished fit or of an older version: call fit"
)


@dataclass(frozen=True, eq=False)
class ErrorBars:
    """Standard deviations of y around its prediction, in units of the target range.

    Parameters
    ----------
    leverage : Leverage
        In standardised coordinates, in which features are not nearly collinear with the
        intercept.
    noise : ndarray of shape (n_outputs,)
        s of each output; 0 if the output is constant.
    scaling : Standardisation
        The conversion to these coordinates.
    """

    leverage: Leverage
    noise: NDArray[np.float64]
    scaling: Standardisation

    def std(self, w: NDArray[Any], X: Any) -> NDArray[np.float64]:
        """Standard deviation of each sample and output, (n_samples, n_outputs).

        Parameters
        ----------
        w : ndarray of shape (n_weights,)
        X : ndarray or CSR matrix of shape (n_samples, n_features)
        """
        h = self.leverage(self.scaling.to_scaled(w), self.scaling.transform(X))
        std = self.noise * np.sqrt(1 + h)
        # a leverage may be infinite; its product with a noise of 0 would be NaN
        return np.where(self.noise > 0, std, 0.0)


def error_bars(
    objective: Objective, w: NDArray[np.float64], chosen: ChosenPenalty | None = None
) -> ErrorBars | str:
    """Return the error bars of a fit, or the message why there are none.

    Parameters
    ----------
    objective : Objective
        J of all training samples.
    w : ndarray of shape (n_weights,)
        The weights of the fit.
    chosen : ChosenPenalty or None
        The choice of the penalty of `objective`; None if the user gave the penalty.
    """
    if not objective.loss.centred:
        return (
            f"return_std=True needs a loss whose predictions are a centre of y, got "
            f"loss={objective.loss!r}: use loss='huber', or fit the lower and the upper quantile"
        )
    if not objective.loss.has_curvature:
        return (
            f"return_std=True needs a loss with a Gauss-Newton form, got "
            f"loss={objective.loss!r}: use loss='squared_error'"
        )
    if objective.n_weights > _MOST_WEIGHTS:
        return (
            f"return_std=True needs a network of at most {_MOST_WEIGHTS} weights, got "
            f"{objective.n_weights!r}: lower n_hidden, leave out features, or use conformal "
            f"prediction, e.g. with MAPIE"
        )
    n_distinct = n_different(objective)
    scaling = Standardisation.of(objective)
    objective, w = objective.standardised(scaling), scaling.to_scaled(w)
    try:
        leverage = _leverage(objective, w, n_distinct)
        noise = None if chosen is None else _noise_held_out(chosen)
        if noise is None:
            noise = _noise_of_residuals(objective, w, leverage, n_distinct)
        if not np.isfinite(noise).all():
            raise FloatingPointError("the residuals or their leverages are not finite")
    except FloatingPointError:
        return (
            f"return_std=True needs a finite and positive definite Gauss-Newton matrix, got one "
            f"that is not, with loss={objective.loss!r}: divide X by a constant, or use "
            f"loss='squared_error'"
        )
    except _NothingLeft as nothing_left:
        return str(nothing_left)
    return ErrorBars(leverage, noise, scaling)


class _NothingLeft(Exception):
    """Raised if there are too few samples to estimate the noise."""


def _noise_held_out(chosen: ChosenPenalty) -> NDArray[np.float64] | None:
    """Estimate the noise s of each output from held-out residuals; None if there are none.

    The residual of a held-out sample has variance s^2 (1 + h), with h its leverage in the network
    that was trained without it. s is the 0.95-quantile of the absolute residuals divided by
    sqrt(1 + h), in units of the same quantile of a standard normal distribution, 1.96.
    """
    if not chosen.weights:
        return None
    scaled, weight, n_distinct = [], [], 0
    for fold, w in zip(chosen.folds, chosen.weights, strict=True):
        training, held_out = fold.training, fold.held_out
        h = _leverage(training, w, training.n_samples)(w, held_out.data.X)
        scaled.append(np.abs(_residuals(held_out, w)) / np.sqrt(1 + h))
        weight.append(_weights(held_out))
        n_distinct += fold.n_held_out
    every, weights = np.concatenate(scaled), np.concatenate(weight)
    quantiles = [_upper_quantile(column, weights, n_distinct) for column in every.T]
    return np.where(_varies(chosen.objective), np.array(quantiles) / _DEVIATIONS, 0.0)


def _upper_quantile(values: NDArray[Any], weight: NDArray[Any], n_distinct: int) -> float:
    """Weighted upper 0.95-quantile.

    For m values of equal weight it is the k-th smallest, k = ceil(0.95 (m + 1)): a further value
    from the same distribution does not exceed it with a probability of at least 0.95. For fewer
    than 19 values k exceeds m, and the largest value is returned.

    Parameters
    ----------
    values, weight : ndarray of shape (n_samples,)
    n_distinct : int
        m, the number of different samples. A sample of weight 2 is equivalent to the sample twice,
        and counts once in both forms.
    """
    k = min(np.ceil(_COVERAGE * (n_distinct + 1)), n_distinct)
    order = np.argsort(values)
    below = np.cumsum(weight[order], dtype=np.float64)
    # the factor keeps rounding errors from selecting the next value
    wanted = below[-1] * k / n_distinct * (1 - 1e-9)
    return float(values[order][np.searchsorted(below, wanted)])


def _noise_of_residuals(
    objective: Objective, w: NDArray[np.float64], leverage: Leverage, n_distinct: int
) -> NDArray[np.float64]:
    """Estimate the noise s of each output from the residuals of the training samples.

    s^2 = n / (n - gamma) times their mean square, with n the number of different samples, and
    gamma the effective number of weights of the output. For the squared error and one output it
    is 2 E / (n - gamma), E being J without the penalty (MacKay 1992).
    """
    gamma = _effective_weights(objective, w, leverage, n_distinct)
    freedom, varies = n_distinct - gamma, _varies(objective)
    if (freedom[varies] < _LEAST_FREEDOM).any():
        raise _NothingLeft(
            f"return_std=True needs more different samples than the network has effective weights, "
            f"got {n_distinct!r} samples and {gamma[varies].max():.1f} effective weights, so that "
            f"the noise cannot be estimated: pass more samples, raise alpha, or lower n_hidden"
        )
    square = objective.squared_residuals(w) / objective.total_weight
    return np.where(varies, np.sqrt(n_distinct * square / np.where(varies, freedom, 1)), 0.0)


def _effective_weights(
    objective: Objective, w: NDArray[np.float64], leverage: Leverage, n_distinct: int
) -> NDArray[np.float64]:
    """Effective number of weights of each output, (n_outputs,): n times its mean leverage."""
    if objective.network.n_outputs == 1:  # a pass over the samples would give the same
        return np.array([leverage.n_effective])
    rows = _some_rows(objective, _FEWEST_ROWS)  # enough for a mean, whatever the number of weights
    part = objective if rows is None else objective.take(rows)
    h = leverage(w, part.data.X)
    return n_distinct * np.average(h, axis=0, weights=part.data.sample_weight)


def _leverage(objective: Objective, w: NDArray[np.float64], n_distinct: int) -> Leverage:
    # Scale the weights to 1 on average per different sample: the result then does not change if all
    # weights are multiplied by a constant, or a sample is given twice with half the weight.
    scale = n_distinct / objective.total_weight
    enough = max(_FEWEST_ROWS, _ROWS_PER_WEIGHT * objective.n_weights)
    return Leverage.at(objective, w, scale=scale, rows=_some_rows(objective, enough))


def _some_rows(objective: Objective, enough: int) -> NDArray[np.intp] | None:
    """Indices of `enough` random samples; None for all samples, if there are no more."""
    if objective.n_samples <= enough:
        return None if objective.in_memory else np.arange(objective.n_samples)
    return np.random.default_rng(0).choice(objective.n_samples, enough, replace=False)


def _residuals(objective: Objective, w: NDArray[np.float64]) -> NDArray[np.float64]:
    """Targets minus predictions, (n_samples, n_outputs)."""
    yhat = objective.network.forward(w.astype(objective.dtype), objective.data.X)
    return (objective.data.Y - yhat).astype(np.float64)


def _weights(objective: Objective) -> NDArray[np.float64]:
    """Weight of each sample, (n_samples,); ones if there are no weights."""
    weight = objective.data.sample_weight
    return np.ones(objective.n_samples) if weight is None else weight.astype(np.float64)


def _varies(objective: Objective) -> NDArray[np.bool_]:
    """Which outputs are not constant, (n_outputs,)."""
    return objective.data.target_span > 0
