"""Independent pieces of a search, run in order or side by side, always reported in order."""

from itertools import islice

from joblib import effective_n_jobs
from joblib.parallel import get_active_backend
from sklearn.utils.parallel import Parallel, delayed

from .._blocks import one_blas_thread

__all__ = ["in_order", "shares_memory"]

# Pieces handed to each worker before the results are looked at: enough to hide the start of
# the workers, few enough to notice the clock and the callback.
_PIECES_PER_WORKER = 4


def in_order(function, pieces, n_jobs):
    """Yield ``function(*piece)`` for every piece, in the order of the pieces.

    Threads are preferred, since the work is NumPy's, which releases the interpreter's
    lock; ``joblib.parallel_config(backend=...)`` overrules this.

    Parameters
    ----------
    function : callable
    pieces : iterable of tuples
    n_jobs : int or None
        As in joblib.

    Yields
    ------
    object
        What `function` returned.

    Examples
    --------
    >>> from skbackprop.solvers._parallel import in_order
    >>> list(in_order(pow, [(2, 3), (3, 2)], n_jobs=2))
    [8, 9]
    """
    workers = effective_n_jobs(n_jobs)
    if workers == 1:
        yield from (function(*piece) for piece in pieces)
        return
    pieces = iter(pieces)
    while wave := list(islice(pieces, workers * _PIECES_PER_WORKER)):
        yield from Parallel(n_jobs=n_jobs, prefer="threads")(
            delayed(_on_one_blas_thread)(function, piece) for piece in wave
        )


def shares_memory():
    """Whether the workers of `in_order` are threads of this process."""
    backend, _ = get_active_backend(prefer="threads")
    return getattr(backend, "supports_sharedmem", False)


def _on_one_blas_thread(function, piece):
    """The same sums in a worker as in the calling process."""
    with one_blas_thread():
        return function(*piece)
