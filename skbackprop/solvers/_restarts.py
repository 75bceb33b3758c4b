"""Several starts of a descent, in turn or side by side, with the same answer."""

from dataclasses import replace
from functools import partial
from threading import Lock

from joblib import effective_n_jobs

from .._execution._budget import Budget
from .._execution._interrupt import Interrupt
from .._execution._parallel import in_order, shares_memory
from .._execution._result import Progress, Status

__all__ = ["Restarts"]

# Ends of a start after which no other is begun.
_FINAL = {Status.MAX_TIME, Status.INTERRUPTED}


class Restarts:
    """Runs the starts and lets the callback hear of them.

    The callback is called in the thread of the start, one call at a time. Workers in other
    processes cannot call it: then it hears of the ends of the starts only.

    Where there is no callback and an evaluation is too small for threads to share, starts run
    in processes unless the user has chosen a joblib backend: threads would wait for each other
    at every operation on a small array.

    Parameters
    ----------
    descend : callable
        ``descend(*start, watch) -> SolverResult``.
    deadline : float or None
        Time of the monotonic clock.
    callback : callable or None
        ``callback(Progress) -> bool``.
    small : bool, default=False
        Whether an evaluation is small.
    """

    def __init__(self, descend, deadline=None, callback=None, small=False):
        self._prefer = "processes" if small and callback is None else "threads"
        self._descend, self._deadline, self._callback = descend, deadline, callback
        self._lock, self._final = Lock(), False
        # which in_order listens for; where the starts are run in turn, Ctrl-C is raised in them
        self._interrupt = Interrupt()
        # by number, each as soon as it has ended
        self._runs = {}
        # The last start that counts, once the callback has stopped the solve at its end. Those
        # after it are given up: how many are under way depends on n_jobs, the answer must not.
        self._last = None

    def run(self, starts, n_jobs=None):
        """Follow each start to its end.

        Parameters
        ----------
        starts : list of tuples
        n_jobs : int or None

        Returns
        -------
        runs : list of SolverResult
        stop : Status or None
            Why not all starts were run to their own ends, if so.
        """
        if len(starts) == 1:
            watch = Budget(self._deadline, self._callback)
            run = self._descend(*starts[0], watch)
            return [run], run.status if run.status in _FINAL else None
        in_turn = effective_n_jobs(n_jobs) == 1
        here = in_turn or shares_memory(self._prefer)
        watch = Budget(self._deadline, interrupt=self._interrupt)
        follow = self._heard if here else partial(_unheard, self._descend, watch)
        stop = None
        n_jobs = 1 if in_turn else n_jobs
        results = in_order(follow, self._pieces(starts), n_jobs, self._interrupt, self._prefer)
        try:
            for number, run in enumerate(results):
                if not here:
                    self._ended(number, run)
                if run.status in _FINAL:
                    stop, self._final = run.status, True
        except KeyboardInterrupt:
            if not self._runs:
                raise
            stop = Status.INTERRUPTED
        finally:
            results.close()
        runs = [self._runs[number] for number in sorted(self._runs)]
        if self._last is not None:
            return runs[: self._last + 1], Status.STOPPED
        return runs, stop

    def _pieces(self, starts):
        for number, start in enumerate(starts):
            if self._final or self._last is not None:
                return
            yield number, *start

    def _heard(self, number, *start):
        """One start, of which the callback hears."""
        hear = None if self._callback is None else partial(self._hear, number)
        run = self._descend(*start, Budget(self._deadline, hear, self._interrupt))
        self._ended(number, run)
        return run

    def _hear(self, number, progress):
        with self._lock:
            return self._given_up(number) or self._callback(replace(progress, restart=number))

    def _ended(self, number, run):
        with self._lock:
            self._runs[number] = run
            if self._callback is None or self._given_up(number):
                return
            progress = Progress(
                run.n_iter,
                run.n_evaluations,
                run.value,
                run.w,
                run.validation_value,
                note=run.status.name.lower().replace("_", " "),
                restart=number,
                status=run.status,
                so_far=lambda: run,
            )
            if self._callback(progress):
                self._last = number

    def _given_up(self, number):
        return self._last is not None and number > self._last


def _unheard(descend, watch, number, *start):
    """One start, in a process that the callback cannot be called from."""
    return descend(*start, watch)
