"""What ``verbose=1`` prints: a compact table, a line an iteration."""

import time

__all__ = ["ProgressTable"]


class ProgressTable:
    """A callback that prints each Progress as a line of a table.

    After the first ten, lines come at most ten times a second, so that printing never slows
    a fit; but each of several starts has its last line. Columns that have nothing to tell
    are left out.
    """

    _first_lines, _interval = 10, 0.1

    def __init__(self):
        self._start, self._last, self._n_lines = time.perf_counter(), None, 0
        self._columns = None

    def __call__(self, progress):
        now = time.perf_counter()
        if self._columns is None:
            self._columns = [name for name in _COLUMNS if _value(progress, name) is not None]
            self._print({name: name for name in self._columns}, "seconds", "note")
        enough = self._n_lines >= self._first_lines and now - self._last < self._interval
        if enough and progress.status is None:
            return False
        self._last = now
        self._n_lines += 1
        cells = {name: _value(progress, name) for name in self._columns}
        self._print(
            {name: _COLUMNS[name][1](cell) for name, cell in cells.items()},
            f"{now - self._start:.2f}",
            progress.note,
        )
        return False

    def _print(self, cells, seconds, note):
        line = "".join(f"{cell:>{_COLUMNS[name][0]}}" for name, cell in cells.items())
        print(f"{line}{seconds:>9}  {note}".rstrip())


def _value(progress, name):
    return getattr(progress, _ATTRIBUTES.get(name, name))


def _number(value):
    return f"{value:.6g}"


def _size(value):
    # the end of a start has no step
    return "" if value is None else f"{value:.1e}"


# The width of a column, and how it is written.
_COLUMNS = {
    "start": (6, str),
    "iteration": (10, str),
    "evaluations": (12, str),
    "J": (14, _number),
    "validation J": (14, _number),
    "step": (9, _size),
}
_ATTRIBUTES = {
    "start": "restart",
    "iteration": "n_iter",
    "evaluations": "n_evaluations",
    "J": "value",
    "validation J": "validation_value",
}
