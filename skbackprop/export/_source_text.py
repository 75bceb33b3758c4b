"""Numbers, names and lines of generated code."""

import re
from collections.abc import Collection, Sequence

import numpy as np
from numpy.typing import NDArray
from sklearn.base import BaseEstimator

from .._params import Names
from ._folded_network import FoldedNetwork

__all__ = [
    "LIMIT",
    "check_flag",
    "check_name",
    "check_option",
    "comment",
    "description",
    "rows",
    "wrapped",
]

# The largest number whose exponential is finite; for z below minus this number, f is 0.
LIMIT = {"double": "709.782712893384", "float": "88.72283"}
# Largest number of columns of a line of generated code.
_WIDTH = 96


def check_name(name: str, reserved: Collection[str]) -> None:
    """Raise an error if a function name is not valid in the language.

    Parameters
    ----------
    name : str
    reserved : collection of str
        Keywords, and names with another meaning in the code.

    Raises
    ------
    ValueError
        If `name` is not an ASCII identifier that starts with a letter, or if it is reserved.
    """
    valid = isinstance(name, str) and re.fullmatch(r"[A-Za-z][A-Za-z0-9_]*", name)
    if not valid or name in reserved:
        raise ValueError(
            f"name must be a function name of letters, digits and underscores that starts with a "
            f"letter and is not a keyword, a name of the standard library or another name of the "
            f"generated code, got {name!r}: pass for example name='network'"
        )


def check_flag(value: bool, parameter: str) -> None:
    """Raise an error if a value is neither True nor False.

    Raises
    ------
    TypeError
    """
    if not isinstance(value, (bool, np.bool_)):
        raise TypeError(f"{parameter} must be True or False, got {value!r}")


def check_option(value: str, parameter: str, names: Sequence[str]) -> None:
    """Raise an error if a value is none of the names.

    Raises
    ------
    ValueError
    """
    if not isinstance(value, str) or value not in names:
        raise ValueError(f"{parameter} must be {Names(names)}, got {value!r}")


def rows(matrix: NDArray[np.float64], dtype: str = "double") -> list[list[str]]:
    """Format the numbers of each row with the fewest digits that represent them exactly."""
    kind = np.float32 if dtype == "float" else np.float64
    return [[str(number) for number in row] for row in matrix.astype(kind)]


def wrapped(
    words: Sequence[str], *, begin: str, end: str, indent: str = "    ", line_end: str = ""
) -> list[str]:
    """Join words by commas, in lines of at most 96 columns if possible.

    Parameters
    ----------
    words : sequence of str
    begin, end : str
        Text before the first and after the last word, such as "{" and "};".
    indent : str
        Text before each line except the first.
    line_end : str
        Text at the end of each line except the last, such as " ..." in MATLAB.
    """
    lines, line = [], begin
    for number, word in enumerate(words):
        word += end if number == len(words) - 1 else ","
        beyond = len(line) + len(word) + 1 + len(line_end) > _WIDTH
        if number and beyond:
            lines.append(line + line_end)
            line = indent + word
        else:
            line += word if line == begin else f" {word}"
    return [*lines, line]


def comment(text: object) -> str:
    """Convert a name to one line of printable text that does not end a comment."""
    line = "".join(part if part.isprintable() else ascii(part)[1:-1] for part in str(text))
    return line.replace("*/", "* /").replace("/*", "/ *")


def description(model: BaseEstimator, network: FoldedNetwork) -> str:
    """One line that describes the model."""

    def count(number: int, noun: str) -> str:
        return f"{number} {noun}" if number == 1 else f"{number} {noun}s"

    return (
        f"{type(model).__name__} by skbackprop: {count(network.n_features, 'feature')}, "
        f"{count(network.n_hidden, 'hidden unit')}, {count(network.n_units, 'output unit')}."
    )
