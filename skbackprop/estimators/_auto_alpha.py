"""The penalty of a fit: a number from the user or, with alpha="auto", one that the fit chooses.

`_penalty_path.py` compares the penalties; here the samples are prepared for it, and the chosen
penalty is used.
"""

from __future__ import annotations

import time
from copy import copy
from dataclasses import dataclass, replace
from functools import partial
from typing import TYPE_CHECKING, Any

import numpy as np

from .._execution._budget import Budget
from .._execution._result import SolverResult, Status
from ..model._rounding import rounded_mantissas
from ..model._standardisation import fits_in_memory
from ._folds import Fold, folds_of, merged, n_different, sample_groups
from ._penalty_path import penalty_path
from ._solve import solve

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from .._execution._result import Progress
    from ..model import Objective
    from ..solvers import Solver
    from ..solvers._base import Callback

__all__ = ["ChosenPenalty", "choose_penalty", "given_alpha", "kept_path", "stream_alpha"]

# Number of random starts if no sample can be held out: such a fit takes milliseconds, and one
# start in ten does not solve XOR with two hidden units.
_N_STARTS = 5
# Number of samples that choose the penalty of a dask collection, or of other data that are too
# large to copy. About 3,000 of them take part in the folds; the others improve the initial weights.
_FROM_LARGE = 20_000
_MOST_SEED = np.iinfo(np.int32).max
# Attributes that a fit sets in addition to alpha_ if it chose the penalty.
_ATTRIBUTES = ("alphas_", "loss_path_")


def stream_alpha(estimator: Any) -> float:
    """The penalty of `partial_fit`; for "auto", that of an earlier fit, or 0 without one."""
    if not isinstance(estimator.alpha, str):
        return float(estimator.alpha)
    return getattr(estimator, "alpha_", 0.0)


def given_alpha(estimator: Any, solver: Solver) -> float | None:
    """Return the penalty if it is known before the fit; None if the fit has to choose it.

    A warm start keeps the penalty that an earlier fit has chosen.

    Parameters
    ----------
    estimator : BaseBackprop
    solver : Solver
        If it does not support a path of penalties, "auto" means no penalty.
    """
    if not isinstance(estimator.alpha, str):
        return float(estimator.alpha)
    if not solver.supports_penalty_path:
        return 0.0
    return estimator.alpha_ if estimator.warm_start and hasattr(estimator, "alphas_") else None


def kept_path(estimator: Any, solver: Solver) -> dict[str, Any]:
    """Return the path attributes of an earlier fit, if its penalty is kept.

    The result is empty for searches, which do not choose a penalty.
    """
    if not (isinstance(estimator.alpha, str) and solver.supports_penalty_path):
        return {}
    return {name: getattr(estimator, name) for name in _ATTRIBUTES if hasattr(estimator, name)}


@dataclass(frozen=True, eq=False)
class ChosenPenalty:
    """A penalty chosen by the cost of held-out samples.

    Parameters
    ----------
    objective : Objective
        The objective of all training samples, with the chosen penalty.
    w : ndarray of shape (n_weights,)
        The initial weights; if the choice was stopped, the weights to return.
    folds : list of Fold
        The folds by which the penalty was chosen, with this penalty, in the coordinates of the
        descent and with a mean weight of 1; empty if there were too few samples to hold any out.
    weights : list of ndarrays of shape (n_weights,)
        The weights of the network of each fold with this penalty.
    attributes : dict
        The attributes `alphas_` and `loss_path_` of the fitted estimator.
    n_evaluations : int
        Number of evaluations of the cost during the choice.
    seconds : float
        Duration of the choice.
    stop : Status or None
        The reason why the choice, and the fit with it, was stopped; None if it was completed.
    """

    objective: Objective
    w: NDArray[np.float64]
    folds: list[Fold]
    weights: list[NDArray[np.float64]]
    attributes: dict[str, Any]
    n_evaluations: int
    seconds: float
    stop: Status | None

    def solve(self, estimator: Any, solver: Any, **options: Any) -> SolverResult:
        """Minimise J with the chosen penalty.

        The evaluations and the time of the choice are included. The descent is about as long as
        those of the choice, unless the user asks for restarts, a warm start or early stopping.

        Parameters
        ----------
        estimator : BaseBackprop
        solver : Solver
        **options
            Options of ``solver.solve``.
        """
        if self.stop is not None:
            value = self.objective.value(self.w)
            return SolverResult(self.w, value, 0, self.n_evaluations + 1, self.stop, np.empty(0))
        asks_for_more = estimator.warm_start or solver.n_init > 1 or "validation" in options
        leg = solver
        if self.folds and not asks_for_more:
            leg = solver.path_descents().last_leg(self.objective)
        result = solve(estimator, self._rest_of(leg), self.objective, self.w, **options)
        if result.status is Status.MAX_ITER and leg.max_iter < solver.max_iter:
            result = replace(result, status=Status.PATH_ENDED, warning="")
        return replace(result, n_evaluations=result.n_evaluations + self.n_evaluations)

    def _rest_of(self, solver: Any) -> Any:
        """Return the solver with the remaining time."""
        max_time = getattr(solver, "max_time", None)
        if max_time is None:
            return solver
        rest = copy(solver)
        rest.max_time = max(max_time - self.seconds, np.finfo(float).tiny)
        return rest


def choose_penalty(
    solver: Any,
    objective: Objective,
    w0: NDArray[np.float64] | None,
    stratify: bool,
    options: dict[str, Any],
) -> ChosenPenalty:
    """Choose the penalty by validation data if there are any, otherwise by folds of the samples.

    Parameters
    ----------
    solver : Solver
        A solver whose `supports_penalty_path` is True.
    objective : Objective
        The objective without a penalty. For large data, 20,000 random samples choose the penalty.
    w0 : ndarray of shape (n_weights,) or None
        Initial weights; None for random weights.
    stratify : bool
        Whether the targets are classes, which should be represented in all folds.
    options : dict
        Options of ``solver.solve``: `rng`, `validation`, and `callback`, which is called after
        each penalty.

    Returns
    -------
    ChosenPenalty
    """
    begun, max_time = time.monotonic(), getattr(solver, "max_time", None)
    rng = options["rng"]
    whole = merged(objective)
    objective, unit = _with_mean_weight_1(_some_of(whole, rng))
    groups = sample_groups(objective, by_target=not stratify)
    descents = solver.path_descents()
    validation = options.get("validation")
    descent = descents.standardised(objective, validation)
    variance = _variance(descent.objective)
    folds = []
    if validation is not None:
        folds = [Fold(descent.objective, descent.validation, n_different(validation))]
    elif variance:
        folds = folds_of(descent.objective, groups, stratify, rng)
    scale = (variance or 1.0) * objective.total_weight / (groups.max() + 1)
    penalised = descent.objective.with_alpha(scale)
    n_starts = _N_STARTS if variance and not folds else 1
    starts = [descents.initial_weights(penalised, rng) for _ in range(n_starts)]
    if w0 is not None:
        starts[0] = descent.start(w0)
    callback = options["callback"]
    if callback is not None and unit != 1:
        callback = partial(_in_the_units_of_j, callback, unit, validation is None)
    path = penalty_path(
        descents,
        descent.objective,
        folds,
        starts,
        scale=scale,
        rng=np.random.default_rng(rng.randint(_MOST_SEED)),
        budget=Budget.for_seconds(max_time, descent.callback(callback)),
    )
    attributes = {"alphas_": unit * path.alphas, "loss_path_": path.losses}
    return ChosenPenalty(
        whole.with_alpha(unit * path.alpha),
        descent.scaling.from_scaled(path.w),
        [replace(fold, training=fold.training.with_alpha(path.alpha)) for fold in folds],
        path.weights,
        attributes,
        path.n_evaluations,
        time.monotonic() - begun,
        path.stop,
    )


def _some_of(objective: Objective, rng: np.random.RandomState) -> Objective:
    """Return the objective itself, or that of some random samples if the data are large."""
    if objective.in_memory and fits_in_memory(objective.data.X):
        return objective
    if objective.n_samples > _FROM_LARGE:
        generator = np.random.default_rng(rng.randint(_MOST_SEED))
        rows = generator.choice(objective.n_samples, _FROM_LARGE, replace=False)
        return merged(objective.take(rows))
    if objective.in_memory:
        return objective
    return merged(objective.take(np.arange(objective.n_samples)))


def _with_mean_weight_1(objective: Objective) -> tuple[Objective, float]:
    """Divide J by the mean weight, so that the choice depends on no factor of all weights.

    Returns
    -------
    objective : Objective
        Without weights if all of them are equal.
    unit : float
        The mean weight.
    """
    weight = objective.data.sample_weight
    if weight is None:
        return objective, 1.0
    unit = objective.total_weight / objective.n_samples
    relative = rounded_mantissas(weight.astype(np.float64) / unit).astype(objective.dtype)
    return objective.with_data(sample_weight=None if (relative == 1).all() else relative), unit


def _in_the_units_of_j(
    callback: Callback, unit: float, is_held_out: bool, progress: Progress
) -> bool | None:
    """Call the callback with costs and penalty multiplied by the mean weight of the samples."""
    alpha, cost = progress.alpha, progress.validation_value
    return callback(
        replace(
            progress,
            value=unit * progress.value,
            alpha=None if alpha is None else unit * alpha,
            validation_value=unit * cost if is_held_out and cost is not None else cost,
        )
    )


def _variance(objective: Objective) -> float:
    """Twice the mean cost of a constant prediction, minus that of a perfect fit.

    For the squared error it is the variance of the targets, summed over the outputs.
    """
    above = objective.constant_value - objective.lower_bound
    return 2 * above / objective.total_weight
