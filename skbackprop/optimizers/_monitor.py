"""What happens after an iteration, the same for every optimizer."""

import numpy as np

from .._result import Progress, SolverResult, Status

__all__ = ["Monitor"]

# Relative changes of J below this are rounding, float32's included.
_ROUNDING = 1e-6
# Ends that nobody asked for.
_ON_ITS_OWN = {Status.MAX_ITER, Status.CONVERGED}


class Monitor:
    """Keeps the best weights and the curve of a descent, and says when to stop.

    Parameters
    ----------
    max_iter : int
        Iterations after which to stop.
    tol : float
        Converged when what J is above `floor` fell by less than this share of itself per
        iteration, on average over the last `window`.
    window : int
    floor : float
        What J costs at least.
    watch : callable
        ``watch(Progress) -> Status or None``, the clock and the callback.
    """

    def __init__(self, max_iter, tol, window, floor, watch):
        self._max_iter = max_iter
        self._tol, self._window, self._floor = tol, window, floor
        self._watch = watch
        self._curve, self._best = [], []
        self._w, self._value, self._start_value = None, np.inf, np.inf
        self.n_evaluations = 0

    @property
    def started(self):
        """Whether there are weights to return."""
        return self._w is not None

    def start(self, w, value):
        """Take note of the weights before the first step."""
        self._start_value = value
        self._keep_if_better(w, value)

    def __call__(self, w, value, note=""):
        """Take note of an iteration.

        Parameters
        ----------
        w : ndarray of shape (n_weights,)
        value : float
            J at w.
        note : str
            Shown in verbose output.

        Returns
        -------
        Status or None
            The reason to stop now, if there is one.
        """
        self._curve.append(value)
        self._keep_if_better(w, value)
        n_iter = len(self._curve)
        stop = self._watch(Progress(n_iter, self.n_evaluations, value, w, note))
        if stop is None and self._stalled():
            stop = Status.CONVERGED
        if stop is None and n_iter >= self._max_iter:
            stop = Status.MAX_ITER
        return stop

    def _stalled(self):
        """Whether the best J has all but stopped to fall."""
        self._best.append(self._value)
        if len(self._best) <= self._window:
            return False
        fall = self._best[-1 - self._window] - self._value
        return fall < self._window * self._tol * (self._value - self._floor)

    def result(self, status):
        """The outcome, with the best weights seen.

        A descent that only rose from its start has diverged, however long it went on.
        """
        rose = self._curve and self._curve[-1] > self._start_value * (1 + _ROUNDING)
        if rose and self._value >= self._start_value and status in _ON_ITS_OWN:
            status = Status.DIVERGED
        if not np.isfinite(self._value):
            status = Status.DIVERGED
        return SolverResult(
            w=self._w,
            value=self._value,
            n_iter=len(self._curve),
            n_evaluations=self.n_evaluations,
            status=status,
            loss_curve=np.array(self._curve),
        )

    def _keep_if_better(self, w, value):
        if self._w is None or value < self._value:
            self._w, self._value = np.array(w, dtype=np.float64), value
