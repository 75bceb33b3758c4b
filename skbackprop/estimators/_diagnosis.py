"""The warning of a fit: whether it has learned what could be learned, and what to change.

The estimator asks once, after the solve, the same for every solver.
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

# A fit that explains this share of the variance, or more, is not examined.
_GOOD = 0.4
# How much more the neighbours have to explain for a warning, with many rows; and with few, times
# the root of their number: on 20 rows of noise they explain 0.3 by chance, on 100 rows 0.27.
_CLEARLY, _CHANCE = 0.2, 3.0
# Different rows below which the neighbours say nothing: XOR has four, parity of three bits eight.
_FEWEST = 9
_NOTHING = "the network has learned nothing, as J is no lower than that of a constant answer"
# The share of a constant's J that a fit of pure noise takes away with a penalty is a few
# hundredths; that of a network whose penalty or saturation holds it flat is about 1e-5.
_LEARNED = 1e-3
# The share of the variance that counts as nothing where there is nothing to compare with.
_LITTLE = 0.05
# Sample weights that average less make alpha more than ten times stronger, which matters if it
# then weighs as much as the smaller of the two defaults.
_LIGHT, _STRONG = 0.1, 0.1
# The penalty's share of J above which it may be the cause; on a plateau it is about 1e-5.
_HEAVY = 1e-3
# Output weights this small in all have been pushed to zero; random starts are larger.
_VANISHED = 0.1
# Ends that the user asked for, or after which nothing is expected yet.
_UNFINISHED = {Status.STOPPED, Status.INTERRUPTED, Status.EPOCH}
# Ends whose own advice comes first: what was learned until then is not all there is to learn.
_TOO_SOON = {Status.MAX_ITER, Status.MAX_TIME, Status.DIVERGED}


@dataclass(frozen=True)
class Diagnosis:
    """The message about a fit.

    Parameters
    ----------
    message : str
        Why the solver stopped, and what is wrong with the fit, in one sentence.
    alarming : bool
        Whether the message is worth a warning.
    """

    message: str
    alarming: bool


def diagnose(
    objective: Objective, result: SolverResult, solver: Solver, *, alpha_given: bool = True
) -> Diagnosis:
    """Say why a solver stopped, and whether its fit has learned what can be learned.

    A fit that explains less than 40 % of the variance of its targets is compared with the
    nearest neighbours, each row left out. If they explain clearly more, there was more to
    learn. Where there are too few rows for that, a network that has learned next to nothing
    alarms by itself.

    Parameters
    ----------
    objective : Objective
    result : SolverResult
    solver : Solver
        The solver that ran, whose `remedies` are asked for.
    alpha_given : bool, default=True
        Whether the penalty is a number of the user's, which may be the cause.

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
    """What the network has failed to learn, "" if nothing, and whether this is certain."""
    if not objective.loss.centred:  # neighbours and variances say nothing of a quantile
        flat = _is_flat(objective, result.value)
        return f"{_NOTHING}: y may not depend on X" if flat else "", False
    rows = some_rows(objective.n_samples)
    part = objective.take(rows)
    X, Y = part.data.X, part.data.Y.astype(np.float64)
    weight = np.ones(len(rows))
    if part.data.sample_weight is not None:
        weight = part.data.sample_weight.astype(np.float64)
        weight /= weight.max()  # the sum of the smallest numbers squared is 0
    yhat = objective.network.forward(result.w.astype(X.dtype), X)
    learned = explained(Y, yhat, weight)
    if not learned < _GOOD:  # a constant y is learned
        return "", False
    flat = _is_flat(objective, result.value)
    X = comparable(X)
    n_places, _ = _different(X, weight)
    n_rows, telling = _different(np.hstack([X, Y]), weight)
    # few places that are seen again and again, such as XOR a hundred times
    revisited = n_places < _FEWEST and len(X) >= N_NEIGHBOURS * n_places
    if telling < _FEWEST and not revisited:
        # noise would have given the same x another y, had it been seen twice
        if n_rows > n_places or not (flat or learned < _LITTLE):
            return "", False
        little = f"the network explains {_percent(learned)} of the variance of y"
        return _NOTHING if flat else little, True
    telling = len(X) if revisited else telling
    possible = neighbours_explain(X, Y, weight, copies=revisited)
    if possible - max(learned, 0) > max(_CLEARLY, _CHANCE / np.sqrt(telling)):
        return (
            f"the network explains {_percent(learned)} of the variance of y, the "
            f"{N_NEIGHBOURS} nearest neighbours {_percent(possible)}"
        ), True
    if flat:
        return f"{_NOTHING}, and nearest neighbours hardly do better: y may not depend on X", False
    return "", False


def _percent(share: float) -> str:
    """A share of the variance in words; only all of it is 100 %."""
    return f"{int(100 * max(share, 0))} %"


def _is_flat(objective: Objective, value: float) -> bool:
    """Whether J is hardly lower than that of a constant, where there was something to learn."""
    constant, lowest = objective.constant_value, objective.lower_bound
    rounding = np.sqrt(np.finfo(objective.dtype).eps) * objective.total_weight
    return constant - lowest > rounding and value - lowest > (1 - _LEARNED) * (constant - lowest)


def _different(rows: NDArray[Any], weight: NDArray[Any]) -> tuple[int, float]:
    """How many different rows there are, and (sum w)^2 / sum w^2 of their weights together.

    The second is the effective number of rows. With equal weights both are the same.
    """
    # equal rows, and no others, have the same random combination; einsum rounds all rows alike
    direction = np.random.default_rng(0).normal(size=rows.shape[1])
    _, number = np.unique(np.einsum("ij,j->i", rows, direction), return_inverse=True)
    together = np.bincount(number.ravel(), weights=weight)
    return len(together), together.sum() ** 2 / (together**2).sum()


def _light_weights(objective: Objective) -> str:
    """What to change if alpha is much too strong beside the weights of the samples."""
    alpha, mean_weight = objective.alpha, objective.total_weight / objective.n_samples
    if mean_weight >= _LIGHT or alpha / mean_weight < _STRONG:
        return ""
    return (
        f"alpha={alpha!r} counts beside the sum of the sample weights, which are "
        f"{mean_weight:.2g} on average: multiply the weights so that they average 1, or lower "
        f"alpha to {alpha * mean_weight:.2g}"
    )


def _remedy(objective: Objective, result: SolverResult, solver: Solver, penalised: bool) -> str:
    """What to change, by the causes that quick checks suggest."""
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
    """Whether the penalty may keep the network from learning."""
    if not objective.alpha:
        return False
    w = np.asarray(result.w, dtype=np.float64)
    penalty, W2 = objective.penalty.value(w), objective.network.unpack(w).W2
    above = result.value - objective.lower_bound
    return bool(penalty > _HEAVY * above or np.abs(W2).max() < _VANISHED)
