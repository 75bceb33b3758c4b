"""The warning of a fit: whether it has learned what can be learned, and changes that may help.

The estimator calls `diagnose` once after the solve, for every solver.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from .._execution._result import SolverResult, Status
from ._neighbours import N_NEIGHBOURS, comparable, explained, neighbours_explain, some_rows

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from ..model._objective import Objective
    from ..solvers import Solver

__all__ = ["Diagnosis", "diagnose"]

# A fit that explains at least this fraction of the variance is not examined.
_GOOD = 0.4
# Fraction of the variance that the neighbours must explain in addition for a warning, for many
# rows; and for few rows, divided by the square root of their number. On noise, the neighbours
# explain 0.3 by chance with 20 rows, and 0.27 with 100 rows.
_CLEARLY, _CHANCE = 0.2, 3.0
# With fewer different rows the neighbours are not informative: XOR has four rows, parity of three
# bits eight.
_FEWEST = 9
_NOTHING = "the network has learned nothing (J is no lower than for a constant prediction)"
# A fit of pure noise with a penalty reduces the J of a constant prediction by a few hundredths; a
# network that the penalty or saturation keeps constant reduces it by about 1e-5.
_LEARNED = 1e-3
# The fraction of the variance that counts as nothing if there is no comparison with neighbours.
_LITTLE = 0.05
# If the mean sample weight is below the first number, alpha is effectively more than ten times
# stronger. This matters if the effective alpha is at least the second number.
_LIGHT, _STRONG = 0.1, 0.1
# If the penalty is more than this fraction of J, it may be the cause; on a plateau it is about
# 1e-5.
_HEAVY = 1e-3
# Output weights whose norm is below this have been driven to zero; random starts are larger.
_VANISHED = 0.1
# Statuses after which no diagnosis is made: the user stopped the fit, or it is not complete.
_UNFINISHED = {Status.STOPPED, Status.INTERRUPTED, Status.EPOCH}
# Statuses whose own warning has priority, because the network may learn more in a longer fit.
_TOO_SOON = {Status.MAX_ITER, Status.MAX_TIME, Status.DIVERGED}


@dataclass(frozen=True)
class Diagnosis:
    """The message about a fit.

    Parameters
    ----------
    message : str
        The reason why the solver stopped and the problems of the fit, in one sentence.
    alarming : bool
        Whether to issue the message as a warning.
    """

    message: str
    alarming: bool


def diagnose(
    objective: Objective, result: SolverResult, solver: Solver, *, alpha_given: bool = True
) -> Diagnosis:
    """Describe why a solver stopped, and whether its fit has learned what can be learned.

    If a fit explains less than 40 % of the variance of its targets, it is compared with
    leave-one-out predictions of the nearest neighbours. If these explain clearly more, there was
    more to learn. If there are too few rows for this comparison, a network that has learned
    almost nothing is reported.

    Parameters
    ----------
    objective : Objective
    result : SolverResult
    solver : Solver
        The solver that was used; its `remedies` are included.
    alpha_given : bool, default=True
        Whether the penalty is a number from the user, which may be the cause.

    Returns
    -------
    Diagnosis
    """
    if result.status is Status.INTERRUPTED:
        return Diagnosis(str(result.status), True)
    said = result.warning or str(result.status)
    if result.status in _UNFINISHED:
        return Diagnosis(said, bool(result.warning))
    finding, sure = _finding(objective, result)
    if not finding:
        return Diagnosis(said, bool(result.warning))
    light = _light_weights(objective) if alpha_given else ""
    if result.warning and result.status in _TOO_SOON and not light:
        return Diagnosis(f"{said}; {finding}", True)
    penalised = alpha_given and _is_penalised(objective, result)
    remedy = f": {light or _remedy(objective, result, solver, penalised)}" if sure else ""
    return Diagnosis(f"{said}; but {finding}{remedy}", bool(result.warning) or sure)


def _finding(objective: Objective, result: SolverResult) -> tuple[str, bool]:
    """Describe what the network has failed to learn ("" if nothing), and whether it is certain."""
    if not objective.loss.centred:  # neighbours and variance do not apply to quantiles
        nothing = _learned_nothing(objective, result.value)
        return f"{_NOTHING}: y may not depend on X" if nothing else "", False
    rows = some_rows(objective.n_samples)
    part = objective.take(rows)
    X, Y = part.data.X, part.data.Y.astype(np.float64)
    weight = np.ones(len(rows))
    if part.data.sample_weight is not None:
        weight = part.data.sample_weight.astype(np.float64)
        weight /= weight.max()  # squares of tiny weights would underflow
    yhat = objective.network.forward(result.w.astype(X.dtype), X)
    learned = explained(Y, yhat, weight)
    if not learned < _GOOD:  # also if it is NaN, for a constant y
        return "", False
    nothing = _learned_nothing(objective, result.value)
    X = comparable(X)
    n_places, _ = _different(X, weight)
    n_rows, telling = _different(np.hstack([X, Y]), weight)
    # few places, each with many samples, such as a hundred copies of XOR
    revisited = n_places < _FEWEST and len(X) >= N_NEIGHBOURS * n_places
    if telling < _FEWEST and not revisited:
        # if y were noise, equal x with different y would show it, but no x occurs twice
        if n_rows > n_places or not (nothing or learned < _LITTLE):
            return "", False
        little = f"the network explains {_percent(learned)} of the variance of y"
        return _NOTHING if nothing else little, True
    telling = len(X) if revisited else telling
    possible = neighbours_explain(X, Y, weight, copies=revisited)
    if possible - max(learned, 0) > max(_CLEARLY, _CHANCE / np.sqrt(telling)):
        return (
            f"the network explains {_percent(learned)} of the variance of y, the "
            f"{N_NEIGHBOURS} nearest neighbours {_percent(possible)}"
        ), True
    if nothing:
        return f"{_NOTHING}, and nearest neighbours hardly do better: y may not depend on X", False
    return "", False


def _percent(share: float) -> str:
    """Format a fraction of the variance; it is rounded down, so that only 1 gives 100 %."""
    return f"{int(100 * max(share, 0))} %"


def _learned_nothing(objective: Objective, value: float) -> bool:
    """Whether J is hardly below that of a constant prediction, although y is not constant."""
    constant, lowest = objective.constant_value, objective.lower_bound
    rounding = np.sqrt(np.finfo(objective.dtype).eps) * objective.total_weight
    return constant - lowest > rounding and value - lowest > (1 - _LEARNED) * (constant - lowest)


def _different(rows: NDArray[Any], weight: NDArray[Any]) -> tuple[int, float]:
    """Return the number of different rows, and their effective number (sum w)^2 / sum w^2.

    w are the summed weights of equal rows. If all w are equal, the numbers are the same.
    """
    # only equal rows have equal random combinations; einsum rounds all rows in the same way
    direction = np.random.default_rng(0).normal(size=rows.shape[1])
    _, number = np.unique(np.einsum("ij,j->i", rows, direction), return_inverse=True)
    together = np.bincount(number.ravel(), weights=weight)
    return len(together), together.sum() ** 2 / (together**2).sum()


def _light_weights(objective: Objective) -> str:
    """Suggest changes if alpha is much too strong compared with the sample weights."""
    alpha, mean_weight = objective.alpha, objective.total_weight / objective.n_samples
    if mean_weight >= _LIGHT or alpha / mean_weight < _STRONG:
        return ""
    return (
        f"alpha={alpha!r} is too strong for sample weights of {mean_weight:.2g} on average: "
        f"multiply the weights so that they average 1, or lower alpha to "
        f"{alpha * mean_weight:.2g}"
    )


def _remedy(objective: Objective, result: SolverResult, solver: Solver, penalised: bool) -> str:
    """Suggest changes, according to the causes that quick checks find."""
    changes = []
    if objective.monotonicity is not None:
        changes.append("check the signs of monotonic_cst")
    if not solver.scale_features and objective.feature_scaling.is_unscaled:
        changes.append("standardise the features of X")
    if penalised and not (changes and solver.supports_partial_fit):
        changes.append(f"lower alpha={objective.alpha!r}")
    changes += solver.remedies(objective, result, penalised)
    if not objective.network.fit_intercept:
        changes.append("set fit_intercept=True")
    return ", or ".join(changes or [f"raise n_hidden={objective.network.n_hidden!r}"])


def _is_penalised(objective: Objective, result: SolverResult) -> bool:
    """Whether the penalty may be the reason why the network has not learned more."""
    if not objective.alpha:
        return False
    w = np.asarray(result.w, dtype=np.float64)
    penalty, W2 = objective.penalty.value(w), objective.network.unpack(w).W2
    above = result.value - objective.lower_bound
    return bool(penalty > _HEAVY * above or np.abs(W2).max() < _VANISHED)
