"""Threads of this package, and the one thread that BLAS gets meanwhile.

Both may be used from any thread: a fit in a web worker runs as one in the main thread does.
"""

import os
import threading
import time
from concurrent.futures import ThreadPoolExecutor, wait
from functools import cache

import numpy as np
from sklearn import config_context, get_config
from sklearn.utils._openmp_helpers import _openmp_effective_n_threads
from threadpoolctl import ThreadpoolController

__all__ = ["one_blas_thread", "run_side_by_side", "take_turn"]

# Threads of the pool, which all fits of the process share.
_MOST_HELPERS = 16
# Seconds for which one thread has its turn: many evaluations of a small problem, and yet a pause
# that nobody notices. A thread waits no longer than this for its turn, so nothing can lock up.
_TURN = 0.02


class _OneBlasThread:
    """A context in which the matrix products of this process run on one thread each.

    Most BLAS libraries have one pool of threads, and so one limit, for the whole process. While
    several threads are inside, one of them owns this limit: the first to enter sets it, and sets
    it back when it leaves (threadpoolctl 3.8 lets no other thread do that). If others are still
    inside, the next of them to call `renew` becomes the owner. Until then their products may
    run on several threads, which changes the time and the last bits of the results.

    MKL and OpenBLAS with OpenMP have a limit for each calling thread; each thread sets its own.

    Attributes
    ----------
    n_inside : int
        Threads that are inside now.
    """

    def __init__(self):
        self.n_inside = 0
        self._lock, self._owner, self._limit = threading.Lock(), None, None
        self._here, self._turn = threading.local(), _Turn()

    def __enter__(self):
        self._here.depth = getattr(self._here, "depth", 0) + 1
        if self._here.depth > 1:
            return self
        self._here.limit = _limited(per_thread=True)
        with self._lock:
            self.n_inside += 1
        self.renew()
        return self

    def __exit__(self, *exception):
        self._here.depth -= 1
        if self._here.depth > 0:
            return
        self._turn.end()
        with self._lock:
            self.n_inside -= 1
            if self._owner is threading.current_thread():
                self._limit.__exit__(*exception)
                self._owner = None
        self._here.limit.__exit__(*exception)

    def renew(self):
        """Set the limit of the process if the thread that had set it has left."""
        if self._owner is None and self.n_inside:
            with self._lock:
                if self._owner is None:
                    self._limit = _limited(per_thread=False)
                    self._owner = threading.current_thread()

    def take_turn(self):
        """Before a small piece of work: wait for the turn, if others are inside."""
        self.renew()
        if self.n_inside > 1:
            self._turn.take()


class _Turn:
    """The right to work on small arrays, which one thread has at a time.

    NumPy lets go of the interpreter's lock in each operation, however short. Threads that work
    on small arrays hand the lock to each other all the time: eight fits of some milliseconds
    took twice as long side by side as in turn.
    """

    def __init__(self):
        self._lock, self._holder, self._end = threading.Lock(), None, 0.0

    def take(self):
        """Wait for the turn, or keep it if this thread has it and its time is not over."""
        if self._holder is threading.current_thread():
            if time.monotonic() < self._end:
                return
            self.end()
            time.sleep(_TURN / 100)  # else this thread would be the first to take it again
        if self._lock.acquire(timeout=_TURN):
            self._holder, self._end = threading.current_thread(), time.monotonic() + _TURN

    def end(self):
        """Let another thread have the turn, if this one has it."""
        if self._holder is threading.current_thread():
            self._holder = None
            self._lock.release()


def one_blas_thread():
    """A context in which the matrix products of this process run on one thread each.

    It can be nested, and entered by any number of threads.

    Examples
    --------
    >>> from skbackprop._execution._threads import one_blas_thread
    >>> with one_blas_thread() as limit:
    ...     limit.n_inside >= 1
    True
    """
    return _one_blas_thread


def take_turn():
    """Wait, before a small piece of work, while other fits of this process do theirs.

    It does nothing where one thread is at work only, and outside of `one_blas_thread`.
    """
    _one_blas_thread.take_turn()


def run_side_by_side(work, most):
    """Call a function in this thread and, at the same time, in threads of the pool.

    The calls share their work out among themselves. They are as many as there are cores that
    this thread may use (``threadpoolctl.threadpool_limits`` and ``OMP_NUM_THREADS`` limit
    them), less those that other fits of this process keep busy. All calls have ended when this
    function returns or raises.

    Parameters
    ----------
    work : callable
        ``work(stop)``; it returns early once ``stop.is_set()``, which another call's failure
        does. It is called under the caller's settings of scikit-learn and NumPy.
    most : int
        Calls at most, >= 1.

    Raises
    ------
    Exception
        What the call in this thread raised, else what another one raised.
    """
    stop, config, errors = threading.Event(), get_config(), np.geterr()

    def attempt():
        try:
            work(stop)
        except BaseException:
            stop.set()
            raise

    def help_out():  # each thread has settings of its own
        with config_context(**config), np.errstate(**errors), one_blas_thread():
            attempt()

    with one_blas_thread() as limit:
        limit.renew()
        n_idle = _openmp_effective_n_threads() - limit.n_inside
        helpers = _submit(help_out, min(most - 1, n_idle))
        try:
            attempt()  # the caller works too: a sleeping one would leave its core idle
        finally:
            # those behind the work of other fits have not begun, and are not needed any more
            under_way = [helper for helper in helpers if not helper.cancel()]
            wait(under_way)
    for helper in under_way:
        helper.result()


def _submit(work, n_helpers):
    """Helpers at work; none while the interpreter shuts down, when the caller does it all."""
    try:
        return [_pool().submit(work) for _ in range(n_helpers)]
    except RuntimeError:
        return []


def _limited(per_thread):
    """The libraries with a limit for each thread, or for the process, set to one thread."""
    libraries = _blas_libraries(per_thread)
    return libraries.limit(limits=1, user_api="blas").__enter__()


@cache
def _blas_libraries(per_thread):
    controller = ThreadpoolController()
    paths = [
        library.filepath
        for library in controller.select(user_api="blas").lib_controllers
        if _has_limit_per_thread(library) == per_thread
    ]
    return controller.select(filepath=paths)


def _has_limit_per_thread(library):
    return library.internal_api == "mkl" or getattr(library, "threading_layer", "") == "openmp"


@cache
def _pool():
    return ThreadPoolExecutor(_MOST_HELPERS, thread_name_prefix="skbackprop")


_one_blas_thread = _OneBlasThread()


def _start_anew():
    """In a forked process there are no threads but the one that forked."""
    global _one_blas_thread
    _pool.cache_clear()
    _one_blas_thread = _OneBlasThread()


if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_start_anew)
