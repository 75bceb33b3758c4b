"""The table that ``verbose=1`` prints, with one line per iteration."""

from __future__ import annotations

import math
import time
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from .._execution._result import Progress

__all__ = ["ProgressTable"]


class ProgressTable:
    """A callback that prints each Progress as a line of a table.

    After the first ten lines, at most ten lines are printed per second, so that printing never
    slows down a fit. The last line of each random start is always printed. Columns without
    values are omitted.
    """

    _first_lines, _interval = 10, 0.1

    def __init__(self) -> None:
        self._start, self._last, self._n_lines = time.perf_counter(), -math.inf, 0
        self._columns: dict[str, _Column] = {}
        self._judges_penalties = False

    def __call__(self, progress: Progress) -> bool:
        now = time.perf_counter()
        if not self._columns or self._judges_penalties != (progress.alpha is not None):
            self._begin(progress)
        often = self._n_lines >= self._first_lines and now - self._last < self._interval
        if often and progress.status is None:
            return False
        self._last = now
        self._n_lines += 1
        cells = [column.cell(progress) for column in self._columns.values()]
        self._print(cells, f"{now - self._start:.2f}", progress.note)
        return False

    def _begin(self, progress: Progress) -> None:
        """Choose the columns for the choice of alpha or for the descent, and print their names."""
        self._judges_penalties, self._n_lines = progress.alpha is not None, 0
        columns = _PATH_COLUMNS if self._judges_penalties else _COLUMNS
        has = [name for name, column in columns.items() if column.of(progress) is not None]
        self._columns = {name: columns[name] for name in has}
        self._print(has, "seconds", "note")

    def _print(self, cells: Iterable[str], seconds: str, note: str) -> None:
        widths = [column.width for column in self._columns.values()]
        line = "".join(f"{cell:>{width}}" for cell, width in zip(cells, widths, strict=True))
        print(f"{line}{seconds:>9}  {note}".rstrip())


@dataclass(frozen=True)
class _Column:
    """A column of the table: the attribute of Progress that it shows, and its format."""

    attribute: str
    width: int
    form: str = "d"

    def of(self, progress: Progress) -> Any:
        return getattr(progress, self.attribute)

    def cell(self, progress: Progress) -> str:
        value = self.of(progress)
        # there is no step at the end of a start
        return "" if value is None else f"{value:{self.form}}"


_COLUMNS = {
    "start": _Column("restart", 6),
    "iteration": _Column("n_iter", 10),
    "evaluations": _Column("n_evaluations", 12),
    "J": _Column("value", 13, ".6g"),
    "validation J": _Column("validation_value", 14, ".6g"),
    "step": _Column("step", 9, ".1e"),
}
# Columns while alpha="auto" compares penalties by the cost of held-out samples.
_PATH_COLUMNS = {
    "alpha": _Column("alpha", 16, ".3g"),
    "evaluations": _COLUMNS["evaluations"],
    "J": _COLUMNS["J"],
    "held-out cost": _Column("validation_value", 15, ".6g"),
}
