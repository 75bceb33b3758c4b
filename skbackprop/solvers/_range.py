"""The interval every weight lies in, shared by the two searches."""

import numpy as np

from .._params._intervals import is_interval

__all__ = ["WEIGHT_RANGE", "check_range", "range_remedies"]

WEIGHT_RANGE = [tuple, list]
# Part of the range that counts as its border; a random point is never quite on it.
_BORDER = 0.01
# Share of the weights that have to be there: one of a hundred may be there by chance.
_MANY = 0.1
# What J has to be of that of no weights to be clearly above it.
_ABOVE = 1.1


def check_range(solver):
    """Refuse a `weight_range` that is not an interval.

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


def range_remedies(objective, result, weight_range, finer):
    """What to change of a search whose best point has learned too little.

    A wider range is named only where J falls further outwards from weights at its border, a
    narrower one only where J is above that of no weights at all.

    Parameters
    ----------
    objective : Objective
    result : SolverResult
    weight_range : tuple of two floats
    finer : str
        What makes the search finer.

    Returns
    -------
    list of str
    """
    low, high = weight_range
    at_zero, floor = objective.value(np.zeros(objective.n_weights)), objective.lower_bound
    if result.value - floor > _ABOVE * (at_zero - floor):
        return [f"narrow weight_range={weight_range!r}", finer]
    w, (_, grad) = result.w, objective.value_and_grad(result.w)
    margin = _BORDER * (high - low)
    outwards = ((w <= low + margin) & (grad > 0)) | ((w >= high - margin) & (grad < 0))
    if outwards.mean() < _MANY:
        return []
    reach = (high - low) / 2
    return [
        f"widen weight_range={weight_range!r} to {(float(low - reach), float(high + reach))!r}, "
        f"as {outwards.sum()} of {len(w)} weights are at its border and J falls beyond"
    ]
