"""The interval every weight lies in, shared by the two searches."""

from numbers import Real

__all__ = ["WEIGHT_RANGE", "check_range"]

WEIGHT_RANGE = [tuple, list]


def check_range(solver):
    """Refuse a `weight_range` that is not an interval.

    Raises
    ------
    ValueError
        If it is not two finite numbers, the first below the second.
    """
    interval = solver.weight_range
    numbers = len(interval) == 2 and all(isinstance(end, Real) for end in interval)
    if not numbers or not -float("inf") < interval[0] < interval[1] < float("inf"):
        raise ValueError(
            f"weight_range of {type(solver).__name__} must be two finite numbers, the first "
            f"below the second, got {interval!r}"
        )
