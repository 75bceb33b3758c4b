"""A network as the cells of a spreadsheet."""

from collections.abc import Sequence

import numpy as np

from ._folded_network import FoldedNetwork
from ._formula_lines import TEXT, Notation, signed_sum
from ._source_text import comment

__all__ = ["spreadsheet"]

# The argument of EXP is limited to this number, because EXP returns an error if it overflows. The
# sigmoid is then at least 1e-304, which differs from 0 only if all outputs of a classifier are so
# small.
_LARGEST = 700
# The maximum length of a formula in Excel.
_LONGEST = 8192


def spreadsheet(network: FoldedNetwork, names: list[str], digits: int) -> str:
    """Return two lines of cells separated by tabs: headings, and a formula for each unit.

    Parameters
    ----------
    network : FoldedNetwork
    names : list of str
        Names of the features.
    digits : int
        Number of significant digits.

    Raises
    ------
    ValueError
        If a formula is too long for a spreadsheet.
    """
    sheet = _Sheet(digits)
    inputs = []
    for name, center in zip(names, network.center, strict=True):
        cell = sheet.add(name, "0")
        inputs.append(f"({cell}-{center:.15g})" if center else cell)
    hidden = [
        sheet.add(f"h{j}", f"={sheet.sigmoid(b, w, inputs)}")
        for j, (b, w) in enumerate(zip(network.b1, network.W1.T, strict=True))
    ]
    units = [sheet.sigmoid(b, w, hidden) for b, w in zip(network.b2, network.W2.T, strict=True)]
    if network.kind == "regression":
        for k, (shift, scale) in enumerate(zip(network.shift, network.scale, strict=True)):
            formula = sheet.sum(shift, np.array([scale]), [units[k]])
            sheet.add("y" if len(units) == 1 else f"y{k}", f"={formula}")
    else:
        _classify(sheet, network, units)
    return sheet.text()


def _classify(sheet: "_Sheet", network: FoldedNetwork, units: list[str]) -> None:
    """Add the probabilities and the labels."""
    if network.is_clipped:
        low, high = network.target_range
        span = f"{high - low:.15g}"
        units = [f"MIN(1,MAX(0,({unit}-{low:.15g})/{span}))" for unit in units]
    labels = [str(label) for label in network.classes or []]
    if network.kind == "multilabel":
        shares = [sheet.add(f"p{k}", f"={unit}") for k, unit in enumerate(units)]
        for k, share in enumerate(shares):
            sheet.add(f"label{k}", f"=IF({share}>0.5,1,0)")
        return
    if network.kind == "binary":
        share = sheet.add("p", f"={units[0]}")
        p = [sheet.add(labels[0], f"=1-{share}"), sheet.add(labels[1], f"={share}")]
    else:
        shares = [sheet.add(f"s{k}", f"={unit}") for k, unit in enumerate(units)]
        total = f"SUM({shares[0]}:{shares[-1]})"
        p = [
            sheet.add(label, f"=IF({total}=0,1/{len(units)},{share}/{total})")
            for label, share in zip(labels, shares, strict=True)
        ]
    # look up the heading of the column with the largest probability
    values, heads = f"{p[0]}:{p[-1]}", f"{_head(p[0])}:{_head(p[-1])}"
    sheet.add("class", f"=INDEX({heads},1,MATCH(MAX({values}),{values},0))")


class _Sheet:
    """Headings in row 1 and formulas in row 2, starting in column A."""

    def __init__(self, digits: int) -> None:
        self._digits = digits
        self._heads: list[str] = []
        self._cells: list[str] = []
        self._notation = Notation(
            **vars(TEXT) | {"number": lambda value, digits: f"{value:.{digits}G}"}
        )

    def add(self, head: str, content: str) -> str:
        """Add a column and return the name of its cell in row 2."""
        if len(content) > _LONGEST:
            raise ValueError(
                f"each formula of a spreadsheet must have at most {_LONGEST} characters, got "
                f"{len(content)!r} for {head!r}: pass a smaller precision, or fit fewer features"
            )
        head = comment(head)
        # an apostrophe keeps a heading from being read as a formula
        self._heads.append(f"'{head}" if head[:1] in {"=", "+", "-", "@"} else head)
        self._cells.append(content)
        return f"{_column(len(self._heads))}2"

    def sum(self, constant: float, weights: np.ndarray, names: Sequence[str]) -> str:
        """Format a constant plus the weighted cells, without blanks."""
        text = signed_sum(constant, weights, names, self._digits, self._notation)
        return text.replace(" ", "")

    def sigmoid(self, constant: float, weights: np.ndarray, names: Sequence[str]) -> str:
        """Format the sigmoid of a sum, f(z) = 1 / (1 + exp(-z))."""
        return f"1/(1+EXP(MIN({_LARGEST},-({self.sum(constant, weights, names)}))))"

    def text(self) -> str:
        return "\n".join(["\t".join(self._heads), "\t".join(self._cells), ""])


def _column(number: int) -> str:
    """Letters of a column with a given number, from 1."""
    letters = ""
    while number:
        number, rest = divmod(number - 1, 26)
        letters = chr(ord("A") + rest) + letters
    return letters


def _head(cell: str) -> str:
    """Reference to the heading of a cell in row 2, with row 1 fixed."""
    return f"{cell[:-1]}$1"
