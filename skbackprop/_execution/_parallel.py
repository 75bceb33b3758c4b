"""Independent pieces of a search, run serially or in parallel; results are always in order."""

import os
from collections import deque
from collections.abc import Callable, Generator, Iterable, Iterator
from concurrent.futures import BrokenExecutor, CancelledError
from contextlib import ExitStack, contextmanager
from functools import partial
from itertools import islice, starmap
from threading import Lock
from traceback import format_exc
from typing import Any, Literal

import numpy as np
from joblib import effective_n_jobs, wrap_non_picklable_objects
from joblib.parallel import get_active_backend
from sklearn.utils.parallel import Parallel, delayed

from ._interrupt import Interrupt, left_to_the_caller
from ._numpy_settings import numpy_settings
from ._threads import one_blas_thread

__all__ = ["Preference", "in_order", "shares_memory", "workers"]

Preference = Literal["threads", "processes"]

# Number of unfinished pieces that may exist for each worker: enough that joblib, which sends short
# pieces in batches, always has the next ones for a free worker, and few enough for the memory. Some
# backends return the results of all pieces at once; with these, the deadline and the callback are
# checked only then, so the second, smaller number is used.
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
        It may contain large data, which are sent to the workers once; see `workers`.
    pieces : iterable of tuples
    n_jobs : int or None
        As in joblib.
    interrupt, prefer
        As for `workers`.

    Yields
    ------
    object
        The result of `function` for each piece.

    Raises
    ------
    Exception
        The error of the first piece, in order, whose call raised one. Workers first finish the
        pieces that they have started.
    KeyboardInterrupt
        After Ctrl-C. Workers first finish the pieces that they have started, and their results
        are yielded.

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
    """Context of workers that keep a function, for a search that calls it many times.

    Threads are suitable for work on large arrays, during which NumPy releases the interpreter
    lock; work on small arrays needs processes. ``joblib.parallel_config(backend=...)`` overrides
    the preference. The function, with all its data, is sent to worker processes once: joblib
    writes large arrays to shared memory, and dask keeps a copy on each worker.

    Parameters
    ----------
    function : callable
    n_jobs : int or None
        As in joblib.
    interrupt : Interrupt or None
        The interrupt that `function` checks in order to end early; None creates a new one.
    prefer : {"threads", "processes"}, default="threads"
        Kind of workers if the user has not chosen a backend.

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
                # also after an error, because Ctrl-C in a terminal kills idle workers
                if interrupt.pressed:
                    raise KeyboardInterrupt

        yield run


class _Queue:
    """Queue of the pieces between the caller and the workers, in order.

    Pieces are generated in the thread of the caller, some of them ahead of its results. joblib
    fetches them in its own threads as soon as a worker is free. If the queue is empty at such a
    time, joblib's call ends; the caller then starts another call with the next pieces.

    Parameters
    ----------
    pieces : iterator of tuples
    most : int
        Largest number of unfinished pieces.
    interrupt : Interrupt
        After Ctrl-C, no further pieces are generated.
    """

    def __init__(self, pieces: Iterator[tuple], most: int, interrupt: Interrupt) -> None:
        self._pieces, self._most, self._interrupt = pieces, most, interrupt
        self._waiting: deque[tuple] = deque()
        self._under_way: deque[tuple] = deque()
        self._lock, self._n_failures = Lock(), 0

    def refill(self) -> bool:
        """Generate the next pieces; return whether there are pieces to be sent to workers."""
        if self._interrupt.pressed:
            self.clear()
        else:
            missing = self._most - len(self._waiting) - len(self._under_way)
            self._waiting.extend(islice(self._pieces, max(0, missing)))
        return bool(self._waiting)

    def clear(self) -> None:
        """Discard the pieces that have not been sent to workers."""
        with self._lock:
            self._waiting.clear()

    def finish(self) -> None:
        """Record that the first of the pieces sent to workers is finished."""
        self._under_way.popleft()

    def take_back(self) -> None:
        """Put the unfinished pieces back at the head of the queue, and end its iterators."""
        with self._lock:
            self._n_failures += 1
            self._waiting.extendleft(reversed(self._under_way))
            self._under_way.clear()

    def __iter__(self) -> Iterator[tuple]:
        n_failures = self._n_failures
        while True:
            with self._lock:
                # a call of joblib that has failed may still request pieces
                if self._n_failures > n_failures or not self._waiting:
                    return
                piece = self._waiting.popleft()
                self._under_way.append(piece)
            yield piece


class _Team:
    """The workers that joblib has started, which keep the function.

    Parameters
    ----------
    function : callable
    n_jobs : int or None
    prefer : {"threads", "processes"}
    stack : ExitStack
        The workers end when this stack is closed.

    Attributes
    ----------
    most_unfinished : int
        Largest number of unfinished pieces.
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
        """Send the function to all workers of dask once; joblib would send it with each task.

        joblib looks up each argument in `data_futures` before it submits a call.
        """
        # The public alternatives are not sufficient. The backend's option `scatter` hashes the
        # data, and fails in fits that run on a worker (dask/distributed#3703). A future passed as
        # an argument is not resolved if joblib runs the call in this process, which it does when
        # only one worker is left.
        scatter = partial(self._backend.client.scatter, self._function, broadcast=True, hash=False)
        try:
            future = scatter()
        except OSError:  # a worker died during the transfer
            future = scatter()
        self._backend.data_futures[id(self._function)] = future

    def results(self, queue: _Queue) -> Iterator[Any]:
        """Yield results in order, each as soon as it is available if the backend supports that.

        joblib fails if a worker of loky dies, and dask if all workers with the function have died.
        The unfinished pieces are then run again.
        """
        results = self._start(queue)
        try:
            for result in results:
                queue.finish()
                queue.refill()
                yield _value(result)
        except (BrokenExecutor, CancelledError) as error:
            # use a new Parallel: the old one may still receive results of its calls and mistake
            # them for new ones, and it keeps batches of pieces that it has not submitted
            self._begin()
            if isinstance(error, CancelledError):
                self._send()
            yield from self._again(queue)
        except BaseException:
            queue.clear()
            raise
        finally:
            for _ in results:  # joblib warns if results are not consumed
                pass

    def _again(self, queue: _Queue) -> Iterator[Any]:
        """Yield the results of the unfinished pieces after a failure; raise a second failure."""
        queue.take_back()
        for result in list(self._start(queue)):
            queue.finish()
            yield _value(result)

    def _start(self, queue: _Queue) -> Iterable[Any]:
        caller = os.getpid(), np.getbufsize()
        return self._parallel(
            delayed(_call)(*caller, self._function, _by_value(piece)) for piece in queue
        )


def shares_memory(prefer: Preference = "threads") -> bool:
    """Whether the workers of `in_order` are threads of this process."""
    backend, _ = get_active_backend(prefer=prefer)
    return getattr(backend, "supports_sharedmem", False)


class _Failure:
    """Error of a worker's call, which the worker returns instead of raising it.

    After an error that is raised in a worker, joblib terminates the workers at once. The pool of
    "multiprocessing" then waits forever if another worker was killed while it sent its result.

    Parameters
    ----------
    error : Exception
        The error that is being handled.
    """

    def __init__(self, error: Exception) -> None:
        self.error, self.traceback = error, format_exc()


def _value(result: Any) -> Any:
    """Return the result of a call, or raise its error, whose cause shows the worker's traceback."""
    if not isinstance(result, _Failure):
        return result
    if result.error.__traceback__ is None:  # pickling drops it
        raise result.error from RuntimeError(f"traceback of the worker:\n{result.traceback}")
    raise result.error


def _call(
    caller: int, buffer_size: int, function: Callable[..., Any], arguments: Callable[[], tuple]
) -> Any:
    """Call the function with one BLAS thread, so that a worker's result is bit-identical."""
    with left_to_the_caller(caller), one_blas_thread(), numpy_settings(buffer_size):
        try:
            return function(*arguments())
        except Exception as error:
            return _Failure(error)


def _by_value(arguments: tuple) -> Callable[[], tuple]:
    """Wrap the arguments so that they are pickled by value.

    Otherwise joblib would write large arrays to files and keep these as long as the workers
    exist: a long search would fill the disk.
    """
    return wrap_non_picklable_objects(partial(tuple, arguments), keep_wrapper=False)
