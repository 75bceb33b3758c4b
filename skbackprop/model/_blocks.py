"""Blocks of rows that fit into the processor's cache and the memory budget.

This package, not BLAS, distributes the blocks over threads. The elementwise functions between
the matrix products then run in parallel too, and small products do not wait for threads. The
division into blocks depends only on the problem and blocks are added up in order, so the sums do
not depend on the number of threads.
"""

import threading
from collections.abc import Callable, Iterator, Sequence
from itertools import count
from math import prod
from typing import Any

import numpy as np
from numpy.typing import DTypeLike, NDArray
from sklearn import get_config

from .._execution._threads import run_side_by_side, take_turn

__all__ = ["Scratch", "accumulate", "block_length", "even_slices", "rows_of", "slices"]

# Bytes of one block of activations and inputs, which takes some milliseconds. Measured with two
# threads: smaller blocks take up to four times as long, because threads wait for the interpreter;
# larger ones do not stay in the cache.
_BLOCK_BYTES = 2**22
# Number of arrays of a block's size that may exist at the same time, over all threads.
_ARRAYS_AT_ONCE = 8
# Allocating an array with fewer elements than this costs no more than reusing one.
_SMALL = 2**12
# Partial sums that exist at the same time: at most this many, and at most this many bytes if they
# are large.
_MOST_SUMS = 16
_BYTES_OF_SUMS = 2**26


def block_length(bytes_each: int) -> int:
    """Number of items of `bytes_each` bytes in a block, at least one.

    Several such blocks together stay within ``sklearn.get_config()["working_memory"]``.
    """
    budget = min(_BLOCK_BYTES, int(get_config()["working_memory"] * 2**20 / _ARRAYS_AT_ONCE))
    return max(1, budget // max(1, bytes_each))


def slices(n: int, length: int, first: int = 0) -> Iterator[slice]:
    """Slices of at most `length` that cover range(first, n), in order."""
    return (slice(start, min(start + length, n)) for start in range(first, n, length))


def even_slices(n: int, length: int) -> list[slice]:
    """Like `slices`: either one slice, or a multiple of four nearly equal ones for threads."""
    n_slices = -(-n // length)
    if n_slices > 1:
        length = -(-n // (-(-n_slices // 4) * 4))
    return list(slices(n, length))


def rows_of(X: Any, rows: slice) -> Any:
    """Rows of X. Returns X itself for all rows, because slicing a sparse matrix copies it."""
    return X if rows.stop - rows.start == X.shape[0] else X[rows]


class Scratch(threading.local):
    """Arrays for intermediate results, reused from block to block and call to call.

    Each thread has its own arrays. Requesting new megabytes from the system takes longer than
    the computation itself, above all with several threads: an evaluation that takes 6 ms with
    reused arrays took 11 ms with new ones.

    Examples
    --------
    >>> import numpy as np
    >>> from skbackprop.model._blocks import Scratch
    >>> scratch = Scratch()
    >>> a = scratch.columns("a", 5000, 2, np.float64)
    >>> a.shape, a.flags.f_contiguous
    ((5000, 2), True)
    >>> np.shares_memory(a, scratch.columns("a", 3000, 3, np.float64))
    True
    """

    def __init__(self) -> None:
        self._buffers: dict[str, NDArray] = {}
        self._ones = np.ones(0)

    def ones(self, n: int, dtype: DTypeLike) -> NDArray:
        """An array (n,) of ones, which must not be modified."""
        if len(self._ones) < n or self._ones.dtype != dtype:
            self._ones = np.ones(n, dtype)
        return self._ones[:n]

    def columns(self, name: str, n_samples: int, n_units: int, dtype: DTypeLike) -> NDArray:
        """An uninitialised (n_samples, n_units) array with contiguous columns.

        Adding an intercept to a column, or summing a column, then reads memory sequentially.
        This matters because networks have few units and many samples.
        """
        return self.rows(name, n_units, n_samples, dtype).T

    def rows(self, name: str, n_samples: int, n_units: int, dtype: DTypeLike) -> NDArray:
        """An uninitialised (n_samples, n_units) array with contiguous rows."""
        size = n_samples * n_units
        if size < _SMALL:
            return np.empty((n_samples, n_units), dtype)
        buffer = self._buffers.get(name)
        if buffer is None or buffer.size < size or buffer.dtype != dtype:
            buffer = self._buffers[name] = np.empty(size, dtype)
        return buffer[:size].reshape(n_samples, n_units)


def accumulate(
    add: Callable, blocks: list[slice], shapes: Sequence[tuple[int, ...]]
) -> list[NDArray[np.float64]]:
    """Compute sums over blocks on all allowed cores.

    The groups in which blocks are summed depend only on the problem, and the sums of the groups
    are added up in order. The result therefore does not depend on the number of threads.

    Parameters
    ----------
    add : callable
        ``add(block, *sums)`` adds the contribution of a block to the sums, in place. It should
        spend its time in NumPy, which releases the interpreter lock.
    blocks : list
    shapes : list of tuples
        Shapes of the sums.

    Returns
    -------
    sums : list of ndarrays of these shapes, float64
    """
    if len(blocks) == 1:
        take_turn()
        sums = [np.zeros(shape) for shape in shapes]
        add(blocks[0], *sums)
        return sums
    affordable = _BYTES_OF_SUMS // (8 * sum(map(prod, shapes)))
    n_groups = min(len(blocks), _MOST_SUMS, max(2, affordable))
    groups = _groups(blocks, n_groups)
    group_sums = [[np.zeros(shape) for shape in shapes] for _ in groups]
    numbers = count()

    def add_groups(stop: threading.Event) -> None:
        for number in numbers:
            if number >= n_groups:
                return
            for block in groups[number]:
                if stop.is_set():
                    return
                add(block, *group_sums[number])

    run_side_by_side(add_groups, n_groups)
    totals = group_sums[0]
    for group in group_sums[1:]:
        for total, part in zip(totals, group, strict=True):
            total += part
    return totals


def _groups(blocks: list[slice], n_groups: int) -> list[list[slice]]:
    """Consecutive blocks in groups, the larger ones first, so that threads end together."""
    size, n_larger = divmod(len(blocks), n_groups)
    ends = [(i + 1) * size + min(i + 1, n_larger) for i in range(n_groups)]
    return [blocks[start:end] for start, end in zip([0, *ends], ends, strict=False)]
