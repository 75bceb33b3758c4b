"""Several starts of a descent, run one after another or in parallel, with the same result."""

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

# Statuses of a start after which no other start begins.
_FINAL = {Status.MAX_TIME, Status.INTERRUPTED}


class Restarts:
    """Run several starts and pass the index of the start to the callback.

    The callback is called in the thread of the start, one call at a time. Workers in other
    processes cannot call it; the callback is then called only at the end of each start.

    If there is no callback and evaluations are small, starts run in processes unless the user
    has chosen a joblib backend, because threads would wait for each other at every operation on a
    small array.

    Parameters
    ----------
    descend : callable
        ``descend(*start, budget) -> SolverResult``.
    deadline : float or None
        The end of the available time on the monotonic clock.
    callback : callable or None
        ``callback(Progress) -> bool``.
    small : bool, default=False
        Whether an evaluation is too small to be shared by threads.
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
        # set by `in_order` at Ctrl-C; if the starts run one after another, they raise it
        self._interrupt = Interrupt()
        # results by the index of the start, added as soon as a start has ended
        self._runs: dict[int, SolverResult] = {}
        # The start after which the callback has stopped the solve. Later starts are discarded:
        # how many of them have begun depends on n_jobs, and the result must not depend on it.
        self._last: int | None = None

    def run(
        self, starts: list[tuple[Any, ...]], n_jobs: int | None = None
    ) -> tuple[list[SolverResult], Status | None]:
        """Run all starts.

        Parameters
        ----------
        starts : list of tuples
            The arguments of `descend` for each start.
        n_jobs : int or None
            Number of workers, as in joblib.

        Returns
        -------
        runs : list of SolverResult
            The results of the starts that were not discarded, in order.
        stop : Status or None
            The reason why the starts were stopped; None if all of them ended by themselves.
        """
        if len(starts) == 1:
            run = self._descend(*starts[0], Budget(self._deadline, self._callback))
            return [run], run.status if run.status in _FINAL else None
        in_turn = effective_n_jobs(n_jobs) == 1
        here = in_turn or shares_memory(self._prefer)
        follow: Callable[..., SolverResult] = self._run_here
        if not here:
            budget = Budget(self._deadline, interrupt=self._interrupt)
            follow = partial(_run_elsewhere, self._descend, budget)
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
            if self._prefer == "threads":  # the user has chosen processes
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

    def _run_here(self, number: int, *start: Any) -> SolverResult:
        """Run one start in this process, where the callback can be called."""
        call = None if self._callback is None else partial(self._call, self._callback, number)
        run = self._descend(*start, Budget(self._deadline, call, self._interrupt))
        self._ended(number, run)
        return run

    def _call(
        self, callback: Callable[[Progress], object], number: int, progress: Progress
    ) -> object:
        """Call the callback with the index of the start; return whether to stop the start."""
        with self._lock:
            return self._discarded(number) or callback(replace(progress, restart=number))

    def _ended(self, number: int, run: SolverResult) -> None:
        with self._lock:
            self._runs[number] = run
            if self._callback is None or self._discarded(number):
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

    def _discarded(self, number: int) -> bool:
        return self._last is not None and number > self._last


def _run_elsewhere(
    descend: Callable[..., SolverResult], budget: Budget, number: int, *start: Any
) -> SolverResult:
    """Run one start in another process, where the callback cannot be called."""
    return descend(*start, budget)
