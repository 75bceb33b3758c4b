"""The interval every weight lies in, shared by the two searches."""

from .._params._intervals import is_interval

__all__ = ["WEIGHT_RANGE", "border_note", "check_range"]

WEIGHT_RANGE = [tuple, list]
# Part of the range that counts as its border; a random point is never quite on it.
_BORDER = 0.01


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


def border_note(objective, w, weight_range):
    """What to try where a wider range promises a lower cost; empty where it does not.

    It does where a weight lies on the border of the range and J falls further outwards.

    Parameters
    ----------
    objective : Objective
    w : ndarray of shape (n_weights,)
    weight_range : tuple of two floats

    Returns
    -------
    str
    """
    low, high = weight_range
    _, grad = objective.value_and_grad(w)
    margin = _BORDER * (high - low)
    outwards = ((w <= low + margin) & (grad > 0)) | ((w >= high - margin) & (grad < 0))
    if not outwards.any():
        return ""
    reach = (high - low) / 2
    return (
        f"the cost still falls beyond weight_range={weight_range!r}, where {outwards.sum()} of "
        f"{len(w)} weights have come: try a wider one, such as "
        f"{(float(low - reach), float(high + reach))!r}"
    )
