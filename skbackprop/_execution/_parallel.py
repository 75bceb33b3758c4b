"""Independent pieces of a search, run in order or side by side, always reported in order."""

import os
from collections import deque
from collections.abc import Callable, Generator, Iterable, Iterator
from concurrent.futures import BrokenExecutor, CancelledError
from contextlib import ExitStack, contextmanager
from functools import partial
from itertools import islice, starmap
from threading import Lock
from typing import Any, Literal

import numpy as np
from joblib import effective_n_jobs, wrap_non_picklable_objects
from joblib.parallel import get_active_backend
from sklearn.utils.parallel import Parallel, delayed

from ._interrupt import Interrupt, left_to_the_caller
from ._threads import one_blas_thread

__all__ = ["Preference", "in_order", "shares_memory", "workers"]

Preference = Literal["threads", "processes"]

# Pieces for each worker that may exist without a result: so many that joblib, which hands out
# batches of short pieces, finds the next ones when a worker is free, and few enough for the
# memory. Some backends return the results of all pieces at once; the clock and the callback are
# noticed no sooner with them.
_PIECES_PER_WORKER, _PIECES_AT_ONCE = 32, 4


def in_order(
    function: Callable[..., Any],
    pieces: Iterable[tuple],
    n_jobs: int | None,
    interrupt: Interrupt | None = None,
    prefer: Preference = "threads",
) -> Generator[Any, None, None]:
    """Yield ``function(*piece)`` for every piece, in the order of the pieces.

    Parameters
    ----------
    function : callable
        It may hold large data, which are sent to the workers once; see `workers`.
    pieces : iterable of tuples
    n_jobs : int or None
        As in joblib.
    interrupt, prefer
        As for `workers`.

    Yields
    ------
    object
        What `function` returned.

    Raises
    ------
    KeyboardInterrupt
        After Ctrl-C. Workers first finish the pieces that they have, and these are yielded.

    Examples
    --------
    >>> from skbackprop._execution._parallel import in_order
    >>> list(in_order(pow, [(2, 3), (3, 2)], n_jobs=2))
    [8, 9]
    """
    with workers(function, n_jobs, interrupt, prefer) as run:
        yield from run(pieces)


@contextmanager
def workers(
    function: Callable[..., Any],
    n_jobs: int | None,
    interrupt: Interrupt | None = None,
    prefer: Preference = "threads",
) -> Iterator[Callable[[Iterable[tuple]], Iterator[Any]]]:
    """Workers that hold a function, for a search that calls it again and again.

    Threads suit work on large arrays, for which NumPy releases the interpreter's lock; work on
    small arrays needs processes. ``joblib.parallel_config(backend=...)`` overrules the
    preference. The function, with all the data that it holds, is sent to worker processes once:
    joblib writes its large arrays to memory that they share, and dask keeps a copy on each of
    its workers.

    Parameters
    ----------
    function : callable
    n_jobs : int or None
        As in joblib.
    interrupt : Interrupt or None
        The one that `function` checks in order to end early; None makes a new one.
    prefer : {"threads", "processes"}, default="threads"
        Kind of workers where the user has not chosen a backend.

    Yields
    ------
    run : callable
        ``run(pieces)`` yields the results of the pieces, as `in_order` does.

    Examples
    --------
    >>> from skbackprop._execution._parallel import workers
    >>> with workers(pow, n_jobs=2) as run:
    ...     list(run([(2, 3)])), list(run([(3, 2)]))
    ([8], [9])
    """
    n_workers = effective_n_jobs(n_jobs)
    if n_workers == 1:
        yield lambda pieces: starmap(function, pieces)
        return
    with interrupt or Interrupt() as interrupt, ExitStack() as stack:
        team = _Team(function, n_jobs, prefer, stack)

        def run(pieces: Iterable[tuple]) -> Iterator[Any]:
            queue = _Queue(iter(pieces), team.most_unfinished, interrupt)
            while queue.refill():
                try:
                    yield from team.results(queue)
                except Exception:
                    if not interrupt.pressed:
                        raise
                # also after an error: a terminal's Ctrl-C kills workers that wait for work
                if interrupt.pressed:
                    raise KeyboardInterrupt

        yield run


class _Queue:
    """Pieces on their way to the workers, in order.

    Pieces are made in the thread of the caller, some ahead of the results that it has taken.
    joblib takes them in threads of its own, as soon as a worker is free. If there is none at such
    a time, joblib's call ends; the caller then begins another with what has been made since.

    Parameters
    ----------
    pieces : iterator of tuples
    most : int
        Number of pieces that may exist without a result.
    interrupt : Interrupt
        After Ctrl-C there are no further pieces.
    """

    def __init__(self, pieces: Iterator[tuple], most: int, interrupt: Interrupt) -> None:
        self._pieces, self._most, self._interrupt = pieces, most, interrupt
        self._waiting: deque[tuple] = deque()
        self._under_way: deque[tuple] = deque()
        self._lock, self._n_failures = Lock(), 0

    def refill(self) -> bool:
        """Make the next pieces; whether there are pieces that no worker has been given."""
        if self._interrupt.pressed:
            self.clear()
        else:
            missing = self._most - len(self._waiting) - len(self._under_way)
            self._waiting.extend(islice(self._pieces, max(0, missing)))
        return bool(self._waiting)

    def clear(self) -> None:
        """Forget the pieces that no worker has been given."""
        with self._lock:
            self._waiting.clear()

    def finish(self) -> None:
        """Note that there is a result of the first piece under way."""
        self._under_way.popleft()

    def take_back(self) -> None:
        """Put the pieces without a result at the head of the queue, and end its iterators."""
        with self._lock:
            self._n_failures += 1
            self._waiting.extendleft(reversed(self._under_way))
            self._under_way.clear()

    def __iter__(self) -> Iterator[tuple]:
        n_failures = self._n_failures
        while True:
            with self._lock:
                # a call of joblib that has failed may still ask
                if self._n_failures > n_failures or not self._waiting:
                    return
                piece = self._waiting.popleft()
                self._under_way.append(piece)
            yield piece


class _Team:
    """Workers that joblib has started and that hold the function.

    Parameters
    ----------
    function : callable
    n_jobs : int or None
    prefer : {"threads", "processes"}
    stack : ExitStack
        Its end is the end of the workers.

    Attributes
    ----------
    most_unfinished : int
        Number of pieces that may exist without a result.
    """

    def __init__(
        self,
        function: Callable[..., Any],
        n_jobs: int | None,
        prefer: Preference,
        stack: ExitStack,
    ) -> None:
        self._function, self._stack = function, stack
        self._backend, _ = get_active_backend(prefer=prefer)
        self._options: dict[str, Any] = {"n_jobs": n_jobs, "prefer": prefer}
        self.most_unfinished = effective_n_jobs(n_jobs) * _PIECES_AT_ONCE
        if getattr(self._backend, "supports_return_generator", False):  # not in joblib 1.2
            self._options["return_as"] = "generator"
            self.most_unfinished = effective_n_jobs(n_jobs) * _PIECES_PER_WORKER
        self._begin()
        if hasattr(self._backend, "data_futures"):
            self._send()
            stack.callback(self._backend.data_futures.pop, id(function))

    def _begin(self) -> None:
        """Start the workers."""
        self._parallel = self._stack.enter_context(Parallel(**self._options))

    def _send(self) -> None:
        """Send the function to all workers of dask; joblib itself sends it with each task.

        joblib looks each argument up in `data_futures` before it submits a call.
        """
        # Public ways do less. The backend's option `scatter` hashes the data, and fails in fits
        # that run on a worker (dask/distributed#3703). A future as an argument stays one where
        # joblib works in this process, as it does when a single worker is left.
        scatter = partial(self._backend.client.scatter, self._function, broadcast=True, hash=False)
        try:
            future = scatter()
        except OSError:  # a worker has died in the middle of it
            future = scatter()
        self._backend.data_futures[id(self._function)] = future

    def results(self, queue: _Queue) -> Iterator[Any]:
        """Results in order, each as soon as it is there, where the backend can do that.

        joblib gives up when a worker of loky dies, and dask when all workers that had the
        function have died. The pieces without a result are then done again.
        """
        results = self._start(queue)
        try:
            for result in results:
                queue.finish()
                queue.refill()
                yield result
        except (BrokenExecutor, CancelledError) as error:
            # the old Parallel may still hear of its calls, and would take them for new ones; it
            # also keeps batches of pieces that it has not submitted
            self._begin()
            if isinstance(error, CancelledError):
                self._send()
            yield from self._again(queue)
        except BaseException:
            queue.clear()
            raise
        finally:
            for _ in results:  # joblib warns of calls that nobody waits for
                pass

    def _again(self, queue: _Queue) -> Iterator[Any]:
        """Results of the pieces that have none after a failure; another one is raised."""
        queue.take_back()
        for result in list(self._start(queue)):
            queue.finish()
            yield result

    def _start(self, queue: _Queue) -> Iterable[Any]:
        caller = os.getpid()
        return self._parallel(
            delayed(_call)(caller, self._function, _by_value(piece)) for piece in queue
        )


def shares_memory(prefer: Preference = "threads") -> bool:
    """Whether the workers of `in_order` are threads of this process."""
    backend, _ = get_active_backend(prefer=prefer)
    return getattr(backend, "supports_sharedmem", False)


def _call(caller: int, function: Callable[..., Any], arguments: Callable[[], tuple]) -> Any:
    """Call the function with one BLAS thread, so that a worker computes the same bits."""
    # a candidate whose cost overflows loses, and needs no warning
    quiet = np.errstate(over="ignore", under="ignore", invalid="ignore")
    with left_to_the_caller(caller), one_blas_thread(), quiet:
        return function(*arguments())


def _by_value(arguments: tuple) -> Callable[[], tuple]:
    """Wrap the arguments so that they are pickled by value.

    Otherwise joblib would write large arrays among them to files and keep those as long as the
    workers live: a long search would fill the disk.
    """
    return wrap_non_picklable_objects(partial(tuple, arguments), keep_wrapper=False)
