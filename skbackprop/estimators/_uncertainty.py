"""Error bars: how far a y is likely to be from its prediction, for ``predict(return_std=True)``.

y_std^2 = s^2 (1 + h): the noise of the targets around the network, which has the same size s
everywhere, and what this noise has made of the weights, with h the leverage of the sample.

s comes from samples that were held out, if the fit has chosen its penalty by them, and else from
the residuals of the training samples, corrected for the effective number of weights.
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

# Mean +- 1.96 standard deviations hold this share of what is normally distributed. s is chosen so
# that they hold the same share of the residuals held out, whatever these are like: with heavy
# tails, their root mean square holds less.
_COVERAGE, _DEVIATIONS = 0.95, 1.959964
# Networks of more weights have no error bars. At this limit they take some third of the time of a
# default fit, and 1.1 MB in a file; the size grows with the square of the number of weights, and
# the time with it or faster, where that of a descent is proportional. Of 30 to 120 weights they
# take 3 to 5 %.
_MOST_WEIGHTS = 750
# Of more samples a random choice serves for the Gauss-Newton matrix: 20 for each weight make
# leverages some 5 % too large, which beside 1 are small for so many samples.
_ROWS_PER_WEIGHT, _FEWEST_ROWS = 20, 2000
# Fewer degrees of freedom say nothing of the noise: the network may reach every target.
_LEAST_FREEDOM = 1.0

UNKNOWN = (
    "return_std=True needs the weights of a finished fit, which has seen all samples at once, "
    "got those of partial_fit, of an unfinished fit or of an older version: call fit"
)


@dataclass(frozen=True, eq=False)
class ErrorBars:
    """Standard deviations of y around its prediction, in units of the target range.

    Parameters
    ----------
    leverage : Leverage
        In standardised coordinates, in which a feature far from 0 is not nearly an intercept.
    noise : ndarray of shape (n_outputs,)
        s of each output; 0 if the output is constant.
    scaling : Standardisation
        The way to these coordinates.
    """

    leverage: Leverage
    noise: NDArray[np.float64]
    scaling: Standardisation

    def std(self, w: NDArray[Any], X: Any) -> NDArray[np.float64]:
        """The standard deviation of each sample and output, (n_samples, n_outputs).

        Parameters
        ----------
        w : ndarray of shape (n_weights,)
        X : ndarray or CSR matrix of shape (n_samples, n_features)
        """
        h = self.leverage(self.scaling.to_scaled(w), self.scaling.transform(X))
        std = self.noise * np.sqrt(1 + h)
        # a leverage may be infinite, and times 0 it would be no number
        return np.where(self.noise > 0, std, 0.0)


def error_bars(
    objective: Objective, w: NDArray[np.float64], chosen: ChosenPenalty | None = None
) -> ErrorBars | str:
    """The error bars of a fit, or the sentence that says why there are none.

    Parameters
    ----------
    objective : Objective
        J of all training samples.
    w : ndarray of shape (n_weights,)
        The weights of the fit.
    chosen : ChosenPenalty or None
        The choice of the penalty of `objective`; None if it was given.
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
            f"{objective.n_weights!r}: lower n_hidden, leave out features, or take intervals by "
            f"conformal prediction, as of MAPIE"
        )
    n_distinct = n_different(objective)
    scaling = Standardisation.of(objective)
    objective, w = objective.standardised(scaling), scaling.to_scaled(w)
    # Weights times a constant change nothing, and neither does a sample that is written down twice
    # with half the weight: a different sample weighs 1 on average.
    scale = n_distinct / objective.total_weight
    try:
        leverage = _leverage(objective, w, scale)
        noise = None if chosen is None else _noise_held_out(chosen, scale)
        if noise is None:
            noise = _noise_of_residuals(objective, w, leverage, n_distinct)
        if not np.isfinite(noise).all():
            raise FloatingPointError("the residuals or their leverages are not finite")
    except FloatingPointError:
        return (
            f"return_std=True needs a Gauss-Newton matrix that is finite and not negative, got "
            f"another one of loss={objective.loss!r}: divide X by a constant, or use "
            f"loss='squared_error'"
        )
    except _NothingLeft as nothing_left:
        return str(nothing_left)
    return ErrorBars(leverage, noise, scaling)


class _NothingLeft(Exception):
    """There are too few samples to learn anything of the noise."""


def _noise_held_out(chosen: ChosenPenalty, scale: float) -> NDArray[np.float64] | None:
    """The noise s of each output from residuals held out; None if there are none.

    A residual of a sample held out has the variance s^2 (1 + h), with h its leverage in the
    network that has not seen it. s is the share 0.95 of the residuals divided by sqrt(1 + h), in
    deviations of a normal distribution.
    """
    if not chosen.weights:
        return None
    scaled, weight, n_distinct, alpha = [], [], 0, chosen.objective.alpha
    for fold, w in zip(chosen.folds, chosen.weights, strict=True):
        held_out = fold.held_out
        h = _leverage(fold.training.with_alpha(alpha), w, scale)(w, held_out.data.X)
        scaled.append(np.abs(_residuals(held_out, w)) / np.sqrt(1 + h))
        weight.append(_weights(held_out))
        n_distinct += n_different(held_out)
    every, weights = np.concatenate(scaled), np.concatenate(weight)
    quantiles = [_upper_quantile(column, weights, n_distinct) for column in every.T]
    return np.where(_varies(chosen.objective), np.array(quantiles) / _DEVIATIONS, 0.0)


def _upper_quantile(values: NDArray[Any], weight: NDArray[Any], n_distinct: int) -> float:
    """The value that a share of 0.95 of the weight does not exceed.

    Of m values of equal weight it is the k-th smallest, k = ceil(0.95 (m + 1)): one more value of
    the same kind does not exceed it with a probability of at least 0.95. For fewer than 19 values
    there is none, and the largest has to do.

    Parameters
    ----------
    values, weight : ndarray of shape (n_samples,)
    n_distinct : int
        m, the number of different samples. A sample of weight 2 is the sample twice, and counts
        once in either form.
    """
    k = min(np.ceil(_COVERAGE * (n_distinct + 1)), n_distinct)
    order = np.argsort(values)
    below = np.cumsum(weight[order], dtype=np.float64)
    # what is missing of k / m by rounding does not make it the next value
    wanted = below[-1] * k / n_distinct * (1 - 1e-9)
    return float(values[order][np.searchsorted(below, wanted)])


def _noise_of_residuals(
    objective: Objective, w: NDArray[np.float64], leverage: Leverage, n_distinct: int
) -> NDArray[np.float64]:
    """The noise s of each output from the residuals of the training samples.

    s^2 = n / (n - gamma) times their mean square, with n the number of different samples, and
    gamma = trace(G (G + P)^-1), the effective number of weights, which is n times the mean
    leverage. For the squared error and one output it is 2 E / (n - gamma), E being J without
    the penalty (MacKay 1992).
    """
    rows = _some_rows(objective)
    part = objective if rows is None else objective.take(rows)
    h = leverage(w, part.data.X)
    gamma = n_distinct * np.average(h, axis=0, weights=part.data.sample_weight)
    freedom, varies = n_distinct - gamma, _varies(objective)
    if (freedom[varies] < _LEAST_FREEDOM).any():
        raise _NothingLeft(
            f"return_std=True needs more different samples than the network has effective weights, "
            f"got {n_distinct!r} samples and {gamma[varies].max():.1f} effective weights, whose "
            f"residuals say nothing of the noise: give more samples, raise alpha, or lower n_hidden"
        )
    square = objective.squared_residuals(w) / objective.total_weight
    return np.where(varies, np.sqrt(n_distinct * square / np.where(varies, freedom, 1)), 0.0)


def _leverage(objective: Objective, w: NDArray[np.float64], scale: float) -> Leverage:
    return Leverage.at(objective, w, scale=scale, rows=_some_rows(objective))


def _some_rows(objective: Objective) -> NDArray[np.intp] | None:
    """The numbers of enough samples for the Gauss-Newton matrix; None for all of them."""
    enough = max(_FEWEST_ROWS, _ROWS_PER_WEIGHT * objective.n_weights)
    if objective.n_samples <= enough:
        return None if objective.in_memory else np.arange(objective.n_samples)
    return np.random.default_rng(0).choice(objective.n_samples, enough, replace=False)


def _residuals(objective: Objective, w: NDArray[np.float64]) -> NDArray[np.float64]:
    """Targets less predictions, (n_samples, n_outputs)."""
    yhat = objective.network.forward(w.astype(objective.dtype), objective.data.X)
    return (objective.data.Y - yhat).astype(np.float64)


def _weights(objective: Objective) -> NDArray[np.float64]:
    """The weight of each sample, (n_samples,); ones where there are none."""
    weight = objective.data.sample_weight
    return np.ones(objective.n_samples) if weight is None else weight.astype(np.float64)


def _varies(objective: Objective) -> NDArray[np.bool_]:
    """Which outputs are not constant, (n_outputs,)."""
    return objective.data.target_span > 0
