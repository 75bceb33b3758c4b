"""Pairs of numbers that are intervals."""

from numbers import Real

__all__ = ["is_interval"]


def is_interval(ends):
    """Whether this is two finite numbers, the first below the second, and so their distance.

    Examples
    --------
    >>> from skbackprop._params._intervals import is_interval
    >>> is_interval((-1, 1)), is_interval((1, 1)), is_interval((0, float("inf")))
    (True, False, False)
    """
    numbers = len(ends) == 2 and all(isinstance(end, Real) for end in ends)
    return numbers and ends[0] < ends[1] and float(ends[1]) - float(ends[0]) < float("inf")
