"""The formula of a network as lines of plain text or LaTeX."""

import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from ._folded_network import FoldedNetwork
from ._source_text import comment

__all__ = ["LATEX", "TEXT", "Notation", "formula_lines", "signed_sum"]

# Number of terms of a sum in one line of LaTeX.
_TERMS = 5
# Characters that must be escaped in LaTeX.
_SPECIAL = {letter: f"\\{letter}" for letter in "#$%&_{}"} | {
    "\\": r"\textbackslash{}",
    "^": r"\textasciicircum{}",
    "~": r"\textasciitilde{}",
}


@dataclass(frozen=True)
class Notation:
    """Notation of numbers, names and operations.

    Parameters
    ----------
    times, begin, end, clip : str
        The sign between a factor and a name, the brackets around the argument of f, and the name
        of the function that clips.
    line_break : str
        Text at a line break between the terms of a long sum; with "" there are no line breaks.
    number : callable
        Formats a number with a given number of significant digits.
    feature : callable
        Formats the name of a feature, given the other names of the formula.
    indexed : callable
        Formats a letter with an index, such as the name of a hidden unit.
    ratio : callable
        Formats a numerator and a denominator.
    """

    times: str
    begin: str
    end: str
    clip: str
    line_break: str
    number: Callable[[float, int], str]
    feature: Callable[[str, set[str]], str]
    indexed: Callable[[str, int], str]
    ratio: Callable[[str, str], str]


def _text_ratio(above: str, below: str) -> str:
    return "/".join(f"({part})" if " " in part else part for part in (above, below))


def _text_of_feature(name: str, others: set[str]) -> str:
    """The name, in brackets if it is more than one word or is already used."""
    is_plain = re.fullmatch(r"[^\W\d]\w*", name) and name not in others
    return name if is_plain else f"[{comment(name)}]"


def _latex_number(value: float, digits: int) -> str:
    mantissa, _, exponent = f"{value:.{digits}g}".partition("e")
    return rf"{mantissa} \cdot 10^{{{int(exponent)}}}" if exponent else mantissa


def _latex_of_feature(name: str, others: set[str]) -> str:
    """The name in upright letters, to distinguish it from the symbols of the formula."""
    if re.fullmatch(r"x\d+", name):
        return f"x_{{{name[1:]}}}"
    return "\\text{" + "".join(_SPECIAL.get(letter, letter) for letter in comment(name)) + "}"


TEXT = Notation(
    times="*",
    begin="f(",
    end=")",
    clip="clip",
    line_break="",
    number=lambda value, digits: f"{value:.{digits}g}",
    feature=_text_of_feature,
    indexed=lambda letter, index: f"{letter}{index}",
    ratio=_text_ratio,
)
LATEX = Notation(
    times=r" \, ",
    begin=r"f\bigl(",
    end=r"\bigr)",
    clip=r"\operatorname{clip}",
    line_break=" \\\\\n  & \\qquad ",
    number=_latex_number,
    feature=_latex_of_feature,
    indexed=lambda letter, index: f"{letter}_{{{index}}}",
    ratio=lambda above, below: rf"\frac{{{above}}}{{{below}}}",
)


def signed_sum(
    constant: float,
    weights: NDArray[np.float64],
    names: Iterable[str],
    digits: int,
    notation: Notation = TEXT,
) -> str:
    """Format a constant plus the weighted names; names with weight 0 are omitted."""
    pairs = [(weight, name) for weight, name in zip(weights, names, strict=True) if weight]
    parts = [notation.number(constant, digits)] if constant or not pairs else []
    for number, (weight, name) in enumerate(pairs):
        sign = "-" if weight < 0 else "+"
        term = f"{notation.number(abs(weight), digits)}{notation.times}{name}"
        if not parts:
            parts.append(term if weight > 0 else f"-{term}")
            continue
        broken = notation.line_break and number % _TERMS == 0 and number
        parts.append(f"{notation.line_break if broken else ' '}{sign} {term}")
    return "".join(parts)


def formula_lines(
    network: FoldedNetwork, names: list[str], digits: int, notation: Notation
) -> list[tuple[str, str]]:
    """Return pairs of a name and its formula, the hidden units first.

    Parameters
    ----------
    network : FoldedNetwork
    names : list of str
        Names of the features.
    digits : int
        Number of significant digits.
    notation : Notation
    """
    others = {"f", "exp", "clip", "min", "max", "y"}
    others |= {f"{letter}{k}" for letter in "yasp" for k in range(network.n_outputs)}
    others |= {f"h{j}" for j in range(network.n_hidden)}
    inputs = []
    for word, center in zip(names, network.center, strict=True):
        name = notation.feature(word, others)
        # the centre has few digits, and b1 was computed for its exact value, so write all digits
        shift = f"{'-' if center > 0 else '+'} {notation.number(abs(center), 15)}"
        inputs.append(f"({name} {shift})" if center else name)
    hidden = [notation.indexed("h", j) for j in range(network.n_hidden)]

    def unit(constant: float, weights: NDArray[np.float64], sources: list[str]) -> str:
        argument = signed_sum(constant, weights, sources, digits, notation)
        return f"{notation.begin}{argument}{notation.end}"

    lines = [
        (name, unit(b, w, inputs))
        for name, b, w in zip(hidden, network.b1, network.W1.T, strict=True)
    ]
    units = [unit(b, w, hidden) for b, w in zip(network.b2, network.W2.T, strict=True)]
    return lines + _last_lines(network, units, digits, notation)


def _last_lines(
    network: FoldedNetwork, units: list[str], digits: int, notation: Notation
) -> list[tuple[str, str]]:
    """The lines after the output units."""
    if network.kind == "regression":
        left = [notation.indexed("y", k) for k in range(len(units))] if len(units) > 1 else ["y"]
        numbers = zip(network.shift, network.scale, units, strict=True)
        return [
            (y, signed_sum(shift, np.array([scale]), [unit], digits, notation))
            for y, (shift, scale, unit) in zip(left, numbers, strict=True)
        ]
    lines: list[tuple[str, str]] = []
    if network.is_clipped:
        low, high = network.target_range
        a3 = [notation.indexed("a", k) for k in range(len(units))]
        lines += zip(a3, units, strict=True)
        less, span = (notation.number(number, 15) for number in (low, high - low))
        units = [f"{notation.clip}({notation.ratio(f'{a} - {less}', span)})" for a in a3]
    p = [notation.indexed("p", k) for k in range(network.n_outputs)]
    if network.kind == "binary":
        return [*lines, (p[1], units[0]), (p[0], f"1 - {p[1]}")]
    if network.kind == "multilabel":
        return [*lines, *zip(p, units, strict=True)]
    shares = [notation.indexed("s", k) for k in range(len(units))]
    total = " + ".join(shares)
    ratios = [notation.ratio(share, total) for share in shares]
    return [*lines, *zip(shares, units, strict=True), *zip(p, ratios, strict=True)]
