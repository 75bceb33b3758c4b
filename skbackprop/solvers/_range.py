"""The interval every weight lies in, shared by the two searches."""

from .._intervals import is_interval

__all__ = ["WEIGHT_RANGE", "check_range"]

WEIGHT_RANGE = [tuple, list]


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
