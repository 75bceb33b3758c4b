"""Numbers, names and lines of generated code."""

import re
from collections.abc import Sequence

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

# The largest z whose exponential is finite: below -z, f is 0.
LIMIT = {"double": "709.782712893384", "float": "88.72283"}
# Columns of a line of generated code.
_WIDTH = 96


def check_name(name: str, keywords: str) -> None:
    """Refuse a function's name that the language does not take.

    Parameters
    ----------
    name : str
    keywords : str
        Names that are taken, with blanks between them.

    Raises
    ------
    ValueError
        If `name` is no ASCII identifier that starts with a letter, or a keyword.
    """
    valid = isinstance(name, str) and re.fullmatch(r"[A-Za-z][A-Za-z0-9_]*", name)
    if not valid or name in keywords.split():
        raise ValueError(
            f"name must be a name of a function, letters, digits and underscores that start with a "
            f"letter, and no keyword or name of the generated code, got {name!r}: pass for example "
            f"name='network'"
        )


def check_flag(value: bool, parameter: str) -> None:
    """Refuse what is neither True nor False.

    Raises
    ------
    TypeError
    """
    if not isinstance(value, (bool, np.bool_)):
        raise TypeError(f"{parameter} must be True or False, got {value!r}")


def check_option(value: str, parameter: str, names: Sequence[str]) -> None:
    """Refuse what is none of the names.

    Raises
    ------
    ValueError
    """
    if not isinstance(value, str) or value not in names:
        raise ValueError(f"{parameter} must be {Names(names)}, got {value!r}")


def rows(matrix: NDArray[np.float64], dtype: str = "double") -> list[list[str]]:
    """The numbers of each row as text, with the fewest digits that give them exactly."""
    kind = np.float32 if dtype == "float" else np.float64
    return [[str(number) for number in row] for row in matrix.astype(kind)]


def wrapped(
    words: Sequence[str], *, begin: str, end: str, indent: str = "    ", go_on: str = ""
) -> list[str]:
    """Words with commas between them, in lines of at most 96 columns if they allow it.

    Parameters
    ----------
    words : sequence of str
    begin, end : str
        Around all words, such as "{" and "};".
    indent : str
        Before each line but the first.
    go_on : str
        At the end of each line but the last, such as " ..." in MATLAB.
    """
    lines, line = [], begin
    for number, word in enumerate(words):
        word += end if number == len(words) - 1 else ","
        beyond = len(line) + len(word) + 1 + len(go_on) > _WIDTH
        if number and beyond:
            lines.append(line + go_on)
            line = indent + word
        else:
            line += word if line == begin else f" {word}"
    return [*lines, line]


def comment(text: object) -> str:
    """A name in one line of printable text, which ends no comment."""
    line = "".join(part if part.isprintable() else ascii(part)[1:-1] for part in str(text))
    return line.replace("*/", "* /").replace("/*", "/ *")


def description(model: BaseEstimator, network: FoldedNetwork) -> str:
    """One line on what the code is."""

    def count(number: int, noun: str) -> str:
        return f"{number} {noun}" if number == 1 else f"{number} {noun}s"

    return (
        f"{type(model).__name__} by skbackprop: {count(network.n_features, 'feature')}, "
        f"{count(network.n_hidden, 'hidden unit')}, {count(network.n_units, 'output unit')}."
    )
