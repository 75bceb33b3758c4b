"""Independent pieces of a search, run in order or side by side, always reported in order."""

import os
from concurrent.futures import BrokenExecutor, CancelledError
from contextlib import ExitStack, contextmanager
from functools import partial
from itertools import islice, starmap

import numpy as np
from joblib import effective_n_jobs, wrap_non_picklable_objects
from joblib.parallel import get_active_backend
from sklearn.utils.parallel import Parallel, delayed

from ._interrupt import Interrupt, left_to_the_caller
from ._threads import one_blas_thread

__all__ = ["in_order", "shares_memory", "workers"]

# Pieces handed to each worker before the next ones are made: enough to keep all workers busy,
# few enough to notice the clock and the callback. Some backends return the results of all pieces
# at once; with them nothing is noticed before that.
_PIECES_PER_WORKER, _PIECES_AT_ONCE = 16, 4


def in_order(function, pieces, n_jobs, interrupt=None, prefer="threads"):
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
        After Ctrl-C; from workers, once the pieces that they had are done and yielded.

    Examples
    --------
    >>> from skbackprop._execution._parallel import in_order
    >>> list(in_order(pow, [(2, 3), (3, 2)], n_jobs=2))
    [8, 9]
    """
    with workers(function, n_jobs, interrupt, prefer) as run:
        yield from run(pieces)


@contextmanager
def workers(function, n_jobs, interrupt=None, prefer="threads"):
    """Workers that know a function, for a search that asks them again and again.

    Threads suit work on large arrays, for which NumPy releases the interpreter's lock; work on
    small arrays needs processes. ``joblib.parallel_config(backend=...)`` overrules the
    preference. Worker processes get the function, with all that it holds, once: joblib writes
    its large arrays to memory that they share, and dask keeps a copy on each of its workers.

    Parameters
    ----------
    function : callable
    n_jobs : int or None
        As in joblib.
    interrupt : Interrupt or None
        What `function` looks at to end early; made here by default.
    prefer : {"threads", "processes"}, default="threads"
        Kind of workers where the user has not chosen a backend.

    Yields
    ------
    run : callable
        ``run(pieces)`` is `in_order` for this function.

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
    backend, _ = get_active_backend(prefer=prefer)
    options = {"n_jobs": n_jobs, "prefer": prefer}
    wave_length = n_workers * _PIECES_AT_ONCE
    if getattr(backend, "supports_return_generator", False):
        options["return_as"] = "generator"
        wave_length = n_workers * _PIECES_PER_WORKER
    with (
        interrupt or Interrupt() as interrupt,
        ExitStack() as stack,
        _sent_once(function, backend) as send,
    ):
        team = _Team(stack, options)

        def run(pieces):
            pieces, caller = iter(pieces), os.getpid()
            while wave := list(islice(pieces, wave_length)):
                calls = [delayed(_call)(caller, function, _inline(piece)) for piece in wave]
                try:
                    yield from _results(team, calls, send)
                except Exception:
                    if not interrupt.pressed:
                        raise
                # also after an error: a terminal's Ctrl-C kills workers that wait for work
                if interrupt.pressed:
                    raise KeyboardInterrupt

        yield run


class _Team:
    """joblib's Parallel, and another one where its workers have died.

    The old one may still hear of calls that were under way, and would take them for new ones.
    """

    def __init__(self, stack, options):
        self._stack, self._options = stack, options
        self.renew()

    def renew(self):
        self.parallel = self._stack.enter_context(Parallel(**self._options))


def _results(team, calls, send):
    """Results in order, each as soon as it is there, where the backend can do that."""
    results, n_done = team.parallel(calls), 0
    try:
        for n_done, result in enumerate(results, start=1):  # noqa: B007 (used below)
            yield result
    except BrokenExecutor:  # a worker of loky has died
        team.renew()
        yield from list(team.parallel(calls[n_done:]))
    except CancelledError:  # the workers of dask that had the function have all died
        send()
        yield from list(team.parallel(calls[n_done:]))
    finally:
        for _ in results:  # joblib warns of calls that nobody waits for
            pass


@contextmanager
def _sent_once(function, backend):
    """For dask's backend, keep the function on all workers; yields what sends it again.

    The backend looks each argument up among its futures before it submits a call.
    """
    if not hasattr(backend, "data_futures"):
        yield lambda: None
        return

    scatter = partial(backend.client.scatter, function, broadcast=True, hash=False)

    def send():
        try:
            future = scatter()
        except OSError:  # a worker has died in the middle of it
            future = scatter()
        backend.data_futures[id(function)] = future

    send()
    try:
        yield send
    finally:
        del backend.data_futures[id(function)]


def shares_memory(prefer="threads"):
    """Whether the workers of `in_order` are threads of this process."""
    backend, _ = get_active_backend(prefer=prefer)
    return getattr(backend, "supports_sharedmem", False)


def _call(caller, function, arguments):
    """The same sums in a worker as in the calling process."""
    # a cost that overflows is not the lowest
    quiet = np.errstate(over="ignore", invalid="ignore")
    with left_to_the_caller(caller), one_blas_thread(), quiet:
        return function(*arguments())


def _inline(arguments):
    """A callable that returns them, and takes them along when it is pickled, in its bytes.

    Else joblib would write large arrays among them to files, and keep those as long as the
    workers: a long search would fill the disk.
    """
    return wrap_non_picklable_objects(partial(tuple, arguments), keep_wrapper=False)
