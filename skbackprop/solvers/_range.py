"""The interval of every weight, `weight_range`, an option of the two searches."""

from typing import Protocol

import numpy as np

from .._execution._result import SolverResult
from .._params._intervals import is_interval
from ..model._objective import Objective

__all__ = ["WEIGHT_RANGE", "check_range", "range_remedies"]

WEIGHT_RANGE = [tuple, list]
# Fraction of the range that counts as its border, because a random point is never exactly at an
# end.
_BORDER = 0.01
# Fraction of the weights that must be at the border: a few may be there by chance.
_MANY = 0.1
# J is clearly above its value at zero weights if it is larger by this factor.
_ABOVE = 1.1


class _HasRange(Protocol):
    weight_range: tuple[float, float]


def check_range(solver: _HasRange) -> None:
    """Raise an error if `weight_range` is not an interval.

    Raises
    ------
    ValueError
        If it is not two finite numbers, the first below the second.
    """
    if not is_interval(solver.weight_range):
        raise ValueError(
            f"weight_range of {type(solver).__name__} must be two finite numbers, the first "
            f"below the second, got {solver.weight_range!r}"
        )


def range_remedies(
    objective: Objective,
    result: SolverResult,
    weight_range: tuple[float, float],
    finer: str,
    penalised: bool,
) -> list[str]:
    """Return changes of a search's options that may help if its best point has learned too little.

    A wider range is suggested only if weights are at its border, J decreases beyond it, and the
    penalty is not the cause. A narrower range is suggested only if J is above its value at zero
    weights.

    Parameters
    ----------
    objective : Objective
    result : SolverResult
    weight_range : tuple of two floats
    finer : str
        The change that makes the search finer, for example "lower step".
    penalised : bool
        Whether the penalty may be the reason why the network has not learned more.

    Returns
    -------
    list of str
    """
    low, high = weight_range
    at_zero, lower_bound = objective.value(np.zeros(objective.n_weights)), objective.lower_bound
    if result.value - lower_bound > _ABOVE * (at_zero - lower_bound):
        return [f"narrow weight_range={weight_range!r}", finer]
    if penalised:
        return []
    w, (_, grad) = result.w, objective.value_and_grad(result.w)
    margin = _BORDER * (high - low)
    outwards = ((w <= low + margin) & (grad > 0)) | ((w >= high - margin) & (grad < 0))
    if outwards.mean() < _MANY:
        return []
    reach = (high - low) / 2
    return [
        f"widen weight_range={weight_range!r} to {(float(low - reach), float(high + reach))!r}, "
        f"because {outwards.sum()} of {len(w)} weights are at its border and J decreases beyond it"
    ]
