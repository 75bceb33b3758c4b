"""Work cut into blocks that stay in the processor's cache and in the memory budget.

Blocks are handed to threads by this package and not by BLAS: the elementwise functions
between the matrix products then run side by side too, small products do not wait for
threads, and sums do not depend on how many threads there are, since blocks depend on the
problem alone and are added up in order.
"""

import os
from collections import deque
from concurrent.futures import ThreadPoolExecutor
from functools import cache
from itertools import islice

from sklearn import get_config
from sklearn.utils._openmp_helpers import _openmp_effective_n_threads
from threadpoolctl import ThreadpoolController

__all__ = ["block_length", "map_in_order", "one_blas_thread", "slices"]

# Bytes of one block of activations. Between a core's second-level cache and the shared
# third: measured, blocks of 1 to 4 MiB are within 5 % of each other, smaller ones lose to
# the overhead of calls and larger ones to memory traffic.
_BLOCK_BYTES = 2**20
# Results that may wait for their turn to be added up, for each thread.
_AHEAD = 2


def block_length(bytes_each):
    """How many items of `bytes_each` make a block, at least one.

    Never more than ``sklearn.get_config()["working_memory"]`` holds.
    """
    budget = min(_BLOCK_BYTES, int(get_config()["working_memory"] * 2**20))
    return max(1, budget // max(1, bytes_each))


def slices(n, length):
    """Slices of at most `length` that cover range(n), in order."""
    return (slice(start, min(start + length, n)) for start in range(0, n, length))


def map_in_order(function, pieces):
    """Yield ``function(piece)`` of each piece in order, computed on all allowed cores.

    Parameters
    ----------
    function : callable
        Spends its time in NumPy, which lets other threads run.
    pieces : list

    Yields
    ------
    object
        What `function` returned.
    """
    n_threads = 1 if len(pieces) == 1 else _openmp_effective_n_threads()
    if n_threads == 1:
        yield from map(function, pieces)
        return
    pieces, pool = iter(pieces), _pool(n_threads)
    waiting = deque(pool.submit(function, p) for p in islice(pieces, _AHEAD * n_threads))
    while waiting:
        result = waiting.popleft().result()
        waiting.extend(pool.submit(function, piece) for piece in islice(pieces, 1))
        yield result


def one_blas_thread():
    """A context in which the matrix products of this process run on one thread each."""
    return _controller().limit(limits=1, user_api="blas")


@cache
def _pool(n_threads):
    return ThreadPoolExecutor(n_threads, thread_name_prefix="skbackprop")


@cache
def _controller():
    return ThreadpoolController()


if hasattr(os, "register_at_fork"):
    # threads do not survive a fork
    os.register_at_fork(after_in_child=_pool.cache_clear)
