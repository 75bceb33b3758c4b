"""Pairs of numbers that are intervals."""

from collections.abc import Sequence
from numbers import Real
from typing import Any

__all__ = ["is_interval"]


def is_interval(ends: Sequence[Any]) -> bool:
    """Whether these are two numbers with a finite distance, the first below the second.

    Examples
    --------
    >>> from skbackprop._params._intervals import is_interval
    >>> is_interval((-1, 1)), is_interval((1, 1)), is_interval((0, float("inf")))
    (True, False, False)
    """
    numbers = len(ends) == 2 and all(isinstance(end, Real) for end in ends)
    return numbers and ends[0] < ends[1] and float(ends[1]) - float(ends[0]) < float("inf")
