"""Several starts of a descent, in turn or side by side, with the same answer."""

from collections.abc import Callable, Iterator
from dataclasses import replace
from functools import partial
from pickle import PicklingError
from threading import Lock
from typing import Any

from joblib import effective_n_jobs

from .._execution._budget import Budget
from .._execution._interrupt import Interrupt
from .._execution._parallel import Preference, in_order, shares_memory
from .._execution._result import Progress, SolverResult, Status

__all__ = ["Restarts"]

# Ends of a start after which no other is begun.
_FINAL = {Status.MAX_TIME, Status.INTERRUPTED}


class Restarts:
    """Runs several starts, and calls the callback with the number of the start.

    The callback is called in the thread of the start, one call at a time. Workers in other
    processes cannot call it: the callback is then called at the end of each start only.

    Without a callback, and if an evaluation is too small for threads to share, starts run in
    processes unless the user has chosen a joblib backend: threads would wait for each other at
    every operation on a small array.

    Parameters
    ----------
    descend : callable
        ``descend(*start, budget) -> SolverResult``.
    deadline : float or None
        Time of the monotonic clock.
    callback : callable or None
        ``callback(Progress) -> bool``.
    small : bool, default=False
        Whether an evaluation is small.
    """

    def __init__(
        self,
        descend: Callable[..., SolverResult],
        deadline: float | None = None,
        callback: Callable[[Progress], object] | None = None,
        small: bool = False,
    ) -> None:
        self._prefer: Preference = "processes" if small and callback is None else "threads"
        self._descend, self._deadline, self._callback = descend, deadline, callback
        self._lock, self._final = Lock(), False
        # `in_order` sets it at Ctrl-C; if the starts run in turn, Ctrl-C is raised in them
        self._interrupt = Interrupt()
        # by the number of the start, each as soon as the start has ended
        self._runs: dict[int, SolverResult] = {}
        # The last start that counts, once the callback has stopped the solve at its end. Later
        # starts are given up: how many of them have begun depends on n_jobs, and the answer must
        # not.
        self._last: int | None = None

    def run(
        self, starts: list[tuple[Any, ...]], n_jobs: int | None = None
    ) -> tuple[list[SolverResult], Status | None]:
        """Follow each start to its end.

        Parameters
        ----------
        starts : list of tuples
            The arguments of `descend` for each start.
        n_jobs : int or None
            Number of workers, as in joblib.

        Returns
        -------
        runs : list of SolverResult
            The results of the starts that count, in order.
        stop : Status or None
            Why not every start ended by itself; None if all of them did.
        """
        if len(starts) == 1:
            run = self._descend(*starts[0], Budget(self._deadline, self._callback))
            return [run], run.status if run.status in _FINAL else None
        in_turn = effective_n_jobs(n_jobs) == 1
        here = in_turn or shares_memory(self._prefer)
        follow: Callable[..., SolverResult] = self._heard
        if not here:
            budget = Budget(self._deadline, interrupt=self._interrupt)
            follow = partial(_unheard, self._descend, budget)
        stop = None
        n_jobs = 1 if in_turn else n_jobs
        results = in_order(follow, self._pieces(starts), n_jobs, self._interrupt, self._prefer)
        try:
            for number, run in enumerate(results):
                if not here:
                    self._ended(number, run)
                if run.status in _FINAL:
                    stop, self._final = run.status, True
        except PicklingError:
            if self._prefer == "threads":  # processes are the choice of the user
                raise
            self._prefer = "threads"
            return self.run(starts, n_jobs)
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

    def _pieces(self, starts: list[tuple[Any, ...]]) -> Iterator[tuple[Any, ...]]:
        for number, start in enumerate(starts):
            if self._final or self._last is not None:
                return
            yield number, *start

    def _heard(self, number: int, *start: Any) -> SolverResult:
        """Follow one start in this process, where the callback can be called."""
        hear = None if self._callback is None else partial(self._hear, self._callback, number)
        run = self._descend(*start, Budget(self._deadline, hear, self._interrupt))
        self._ended(number, run)
        return run

    def _hear(
        self, callback: Callable[[Progress], object], number: int, progress: Progress
    ) -> object:
        """Call the callback with the number of the start; whether to stop the start."""
        with self._lock:
            return self._given_up(number) or callback(replace(progress, restart=number))

    def _ended(self, number: int, run: SolverResult) -> None:
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

    def _given_up(self, number: int) -> bool:
        return self._last is not None and number > self._last


def _unheard(
    descend: Callable[..., SolverResult], budget: Budget, number: int, *start: Any
) -> SolverResult:
    """Follow one start in a process from which the callback cannot be called."""
    return descend(*start, budget)
