"""What ``verbose=1`` prints: a compact table, a line an iteration."""

import time

__all__ = ["ProgressTable"]


class ProgressTable:
    """A callback that prints each Progress as a line of a table.

    Lines come at most ten times a second, so that printing never slows a fit.
    """

    _interval = 0.1

    def __init__(self):
        self._start = self._last = None

    def __call__(self, progress):
        now = time.perf_counter()
        if self._start is None:
            self._start = now
            print(f"{'iteration':>10} {'evaluations':>12} {'J':>14} {'seconds':>9}  note")
        elif now - self._last < self._interval:
            return False
        self._last = now
        print(
            f"{progress.n_iter:>10} {progress.n_evaluations:>12} {progress.value:>14.6g} "
            f"{now - self._start:>9.2f}  {progress.note}".rstrip()
        )
        return False
