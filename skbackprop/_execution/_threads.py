"""Threads of this package, and a limit of one BLAS thread while they work.

Both can be used from any thread: a fit in a thread of a web server takes as long as a fit in the
main thread.
"""

import os
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor, wait
from contextlib import contextmanager
from functools import cache
from typing import Any

import numpy as np
from sklearn import config_context, get_config
from sklearn.utils._openmp_helpers import _openmp_effective_n_threads
from threadpoolctl import ThreadpoolController

from ._interrupt import interrupt_deferred

__all__ = ["one_blas_thread", "run_side_by_side", "take_turn"]

# Number of threads in the pool, which all fits of the process share.
_MOST_HELPERS = 16
# Duration of a turn in seconds: long enough for many evaluations of a small problem, and too short
# to be noticed as a pause. A thread waits no longer than this for its turn, which rules out
# deadlocks.
_TURN = 0.02


class _Inside:
    """The threads that are inside `one_blas_thread`, and the limit that they share.

    Most BLAS libraries have one pool of threads, and therefore one limit, for the whole process.
    While several threads are inside, one of them owns this limit: the first to enter sets it, and
    restores the former limit when it leaves, because threadpoolctl 3.8 does not allow this in any
    other thread. If other threads are still inside, the next one that calls `renew` becomes the
    owner. Until then, matrix products may run on several threads, which changes the time and the
    last bits of the results.

    Attributes
    ----------
    threads : set of Thread
        The threads that are inside now.
    """

    def __init__(self) -> None:
        self.threads: set[threading.Thread] = set()
        self._lock, self._turn = threading.Lock(), _Turn()
        self._owner: threading.Thread | None = None
        self._limit: Any = None  # an object of threadpoolctl, which has no annotations

    def join(self, thread: threading.Thread) -> None:
        """Register this thread; the first one sets the limit."""
        self.threads.add(thread)
        self.renew()

    def leave(self, thread: threading.Thread) -> None:
        """Unregister this thread and restore the limit if it owns it, even if `join` failed."""
        with self._lock:
            self.threads.discard(thread)
            if self._owner is thread:
                self.restore()
        self._turn.end()

    def renew(self) -> None:
        """Set the limit of the process if its owner has left."""
        if self._owner is None and self.threads:
            with self._lock:
                if self._owner is None:
                    self._owner = threading.current_thread()
                    self._limit = _limit(per_thread=False).__enter__()

    def restore(self) -> None:
        """Restore the limit from before the owner set its own."""
        limit, self._limit, self._owner = self._limit, None, None
        if limit is not None:
            limit.__exit__(None, None, None)

    def take_turn(self) -> None:
        """Wait for the turn before a small piece of work, if other threads are inside."""
        self.renew()
        if len(self.threads) > 1:
            self._turn.take()


class _Turn:
    """The right to work on small arrays, which only one thread has at a time.

    NumPy releases the interpreter lock in each operation, however short. Threads that work on
    small arrays therefore pass the lock to each other continually: eight fits of a few
    milliseconds each took twice as long in parallel as one after the other.
    """

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._holder: threading.Thread | None = None
        self._end = 0.0

    def take(self) -> None:
        """Wait for the turn, or keep it if this thread has it and its time has not expired."""
        if self._holder is threading.current_thread():
            if time.monotonic() < self._end:
                return
            self.end()
            time.sleep(_TURN / 100)  # otherwise this thread would acquire it again first
        if self._lock.acquire(timeout=_TURN):
            self._holder, self._end = threading.current_thread(), time.monotonic() + _TURN

    def end(self) -> None:
        """Release the turn if this thread has it."""
        if self._holder is threading.current_thread():
            self._holder = None
            self._lock.release()


@contextmanager
def one_blas_thread() -> Iterator[_Inside]:
    """Context in which each matrix product of this process runs on one thread.

    It can be nested, and entered by any number of threads. MKL, and OpenBLAS with OpenMP, have a
    separate limit for each calling thread; for these libraries each thread sets its own limit.

    Examples
    --------
    >>> from skbackprop._execution._threads import one_blas_thread
    >>> with one_blas_thread() as outer, one_blas_thread() as inner:
    ...     inner is outer  # a nested context is the same one
    True
    """
    inside, thread = _inside, threading.current_thread()
    if thread in inside.threads:
        yield inside
        return
    try:
        with interrupt_deferred():  # threadpoolctl loses the former limit if it is interrupted
            inside.join(thread)
        with _limit(per_thread=True):
            yield inside
    finally:
        with interrupt_deferred():
            inside.leave(thread)


def take_turn() -> None:
    """Wait for the turn before a small piece of work, if other fits of this process are running.

    It does nothing if only one thread is working, or outside `one_blas_thread`.
    """
    _inside.take_turn()


def run_side_by_side(work: Callable[[threading.Event], object], most: int) -> None:
    """Call a function in this thread and, at the same time, in threads of the pool.

    The calls divide the work among themselves. The number of calls is the number of cores that
    this thread may use (limited by ``threadpoolctl.threadpool_limits`` and ``OMP_NUM_THREADS``),
    minus the number of cores that other fits of this process use. All calls have ended when this
    function returns or raises.

    Parameters
    ----------
    work : callable
        ``work(stop)``, which should return early if ``stop.is_set()``: another call has failed.
        It is called with the caller's settings of scikit-learn and NumPy.
    most : int
        Largest number of calls, >= 1.

    Raises
    ------
    Exception
        The exception of the call in this thread if there is one, otherwise that of another call.
    """
    stop, config = threading.Event(), get_config()
    errors, buffer_size = np.geterr(), np.getbufsize()

    def attempt() -> None:
        try:
            work(stop)
        except BaseException:
            stop.set()
            raise

    def help_out() -> None:  # settings are separate for each thread
        with config_context(**config), np.errstate(**errors), one_blas_thread():
            np.setbufsize(buffer_size)  # NumPy 2 restores it too, with the settings for errors
            attempt()

    with one_blas_thread() as inside:
        inside.renew()
        n_idle = _openmp_effective_n_threads() - len(inside.threads)
        helpers = _submit(help_out, min(most - 1, n_idle))
        try:
            attempt()  # the caller works too, so that its core is not idle
        finally:
            # helpers that are still queued behind the work of other fits are no longer needed
            under_way = [helper for helper in helpers if not helper.cancel()]
            wait(under_way)
    for helper in under_way:
        helper.result()


def _submit(work: Callable[[], None], n_helpers: int) -> list[Future[None]]:
    """Submit `work` to `n_helpers` threads of the pool.

    Returns [] while the interpreter shuts down; the caller then does all the work.
    """
    try:
        return [_pool().submit(work) for _ in range(n_helpers)]
    except RuntimeError:
        return []


def _limit(per_thread: bool) -> Any:
    """Limit to one thread the BLAS libraries with a limit per thread, or those per process."""
    return _blas_libraries(per_thread).limit(limits=1, user_api="blas")


@cache
def _blas_libraries(per_thread: bool) -> ThreadpoolController:
    controller = ThreadpoolController()
    paths = [
        library.filepath
        for library in controller.select(user_api="blas").lib_controllers
        if _has_limit_per_thread(library) == per_thread
    ]
    return controller.select(filepath=paths)


def _has_limit_per_thread(library: Any) -> bool:
    return library.internal_api == "mkl" or getattr(library, "threading_layer", "") == "openmp"


@cache
def _pool() -> ThreadPoolExecutor:
    return ThreadPoolExecutor(_MOST_HELPERS, thread_name_prefix="skbackprop")


_inside = _Inside()


def _start_anew() -> None:
    """Reset the state in a forked process, which has only one of the parent's threads."""
    global _inside
    _pool.cache_clear()
    _inside.restore()
    _inside = _Inside()


if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_start_anew)
