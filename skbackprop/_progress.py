"""What ``verbose=1`` prints: a compact table, a line an iteration."""

import time

__all__ = ["ProgressTable"]


class ProgressTable:
    """A callback that prints each Progress as a line of a table.

    After the first ten, lines come at most ten times a second, so that printing never slows
    a fit.
    """

    _first_lines, _interval = 10, 0.1

    def __init__(self):
        self._start, self._last, self._n_lines = None, None, 0

    def __call__(self, progress):
        now = time.perf_counter()
        if self._start is None:
            self._start = now
            columns = f"{'iteration':>10} {'evaluations':>12} {'J':>14}"
            validation = "" if progress.validation_value is None else f" {'validation J':>14}"
            print(f"{columns}{validation} {'seconds':>9}  note")
        elif self._n_lines >= self._first_lines and now - self._last < self._interval:
            return False
        self._last = now
        self._n_lines += 1
        values = [progress.value, progress.validation_value]
        columns = "".join(f" {value:>14.6g}" for value in values if value is not None)
        print(
            f"{progress.n_iter:>10} {progress.n_evaluations:>12}{columns} "
            f"{now - self._start:>9.2f}  {progress.note}".rstrip()
        )
        return False
