"""Blocks on the workers of a cluster or in this process, and functions called on each."""

from __future__ import annotations

import sys
from abc import ABC, abstractmethod
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import suppress
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import NDArray
from sklearn import config_context, get_config

from .._execution._interrupt import interrupt_deferred
from .._execution._numpy_settings import numpy_settings
from .._execution._threads import one_blas_thread

__all__ = ["Blocks"]

# Limit of the bytes that an evaluation sends to the caller, with one sum for each block. Above it,
# groups of sums are first added on the workers until few remain, so that neither the memory nor
# the network of the caller limits a cluster.
_BYTES_SENT = 2**25
_MOST_SENT, _ADDED_AT_ONCE = 16, 8


class Blocks(ABC):
    """Blocks of rows that stay where they are.

    A function is called on every block, where the block is, and its result is sent to the caller.
    dask loads lost blocks again.
    """

    @staticmethod
    def load(parts: Sequence[tuple], load: Callable[..., Any], *args: Any) -> Blocks:
        """Load the block ``load(*part, *args)`` of each part.

        The workers load the blocks if this thread has a client of a cluster. Otherwise dask's
        local scheduler loads them into this process.

        Parameters
        ----------
        parts : list of tuples
            The parts that `in_parts` returns.
        load : callable
        *args
            Further arguments.
        """
        from dask import delayed

        later = delayed(load, pure=False, traverse=False)
        blocks = [later(*part, *args) for part in parts]
        client = _client()
        if client is not None:
            _leave_thread_pool()
            return _OnCluster(client, client.compute(blocks))
        from dask import compute

        return _InProcess(compute(*blocks))

    @abstractmethod
    def __len__(self) -> int: ...

    @abstractmethod
    def select(self, numbers: Iterable[int]) -> Blocks:
        """Return some of the blocks."""

    @abstractmethod
    def transform(self, function: Callable[..., Any], *args: Any) -> Blocks:
        """Replace each block by ``function(block, *args)``, without moving it."""

    @abstractmethod
    def map(
        self, function: Callable[..., Any], *args: Any, each: Sequence[Any] | None = None
    ) -> list[Any]:
        """Return ``function(block, *args)`` for each block, in order.

        Parameters
        ----------
        function : callable
        *args
            Arguments that are the same for every block.
        each : list or None
            One more argument, different for each block.
        """

    @abstractmethod
    def sums(
        self, function: Callable[..., Any], *args: Any, size: int = 1
    ) -> list[NDArray[np.float64]]:
        """Sum the arrays that ``function(block, *args)`` returns over the blocks.

        The order of the additions depends only on the number of blocks and on `size`.

        Parameters
        ----------
        function : callable
        *args
            Arguments that are the same for every block.
        size : int, default=1
            Approximate number of values that the function returns.
        """


class _InProcess(Blocks):
    """Blocks in the memory of this process; each evaluation spreads its rows over the cores."""

    def __init__(self, blocks: Iterable[Any]) -> None:
        self._blocks = tuple(blocks)

    def __len__(self) -> int:
        return len(self._blocks)

    def select(self, numbers: Iterable[int]) -> Blocks:
        return _InProcess(self._blocks[number] for number in numbers)

    def transform(self, function: Callable[..., Any], *args: Any) -> Blocks:
        return _InProcess(self._results(function, args))

    def map(
        self, function: Callable[..., Any], *args: Any, each: Sequence[Any] | None = None
    ) -> list[Any]:
        return list(self._results(function, args, each))

    def sums(
        self, function: Callable[..., Any], *args: Any, size: int = 1
    ) -> list[NDArray[np.float64]]:
        return _total(self._results(function, args))

    def _results(
        self, function: Callable[..., Any], args: tuple, each: Sequence[Any] | None = None
    ) -> Iterator[Any]:
        for number, block in enumerate(self._blocks):
            last = () if each is None else (each[number],)
            yield function(block, *args, *last)


class _OnCluster(Blocks):
    """Blocks on the workers of a cluster, held by futures.

    If a worker dies, the scheduler lets other workers, or its replacement, load the blocks again
    and repeat the calls.
    """

    def __init__(self, client: Any, futures: Sequence[Any]) -> None:
        self._client, self._futures = client, list(futures)

    def __len__(self) -> int:
        return len(self._futures)

    def select(self, numbers: Iterable[int]) -> Blocks:
        return _OnCluster(self._client, [self._futures[number] for number in numbers])

    def transform(self, function: Callable[..., Any], *args: Any) -> Blocks:
        return _OnCluster(self._client, self._submit(function, args))

    def map(
        self, function: Callable[..., Any], *args: Any, each: Sequence[Any] | None = None
    ) -> list[Any]:
        return self._gather(self._submit(function, args, each))

    def sums(
        self, function: Callable[..., Any], *args: Any, size: int = 1
    ) -> list[NDArray[np.float64]]:
        if 8 * size * len(self) <= _BYTES_SENT:
            return _total(self._results(function, args))
        futures = self._submit(function, args)
        while len(futures) > _MOST_SENT:
            some = range(0, len(futures), _ADDED_AT_ONCE)
            groups = [futures[start : start + _ADDED_AT_ONCE] for start in some]
            parts, futures = futures, self._client.map(_total, groups, pure=False)
            _release(parts)
        return _total(self._gather(futures))

    def _results(self, function: Callable[..., Any], args: tuple) -> list[Any]:
        """Call the function on each block, with one task for all blocks of a thread.

        The scheduler needs a millisecond or more for a task, which adds up for many small blocks.
        """
        groups = self._groups
        asked = [[self._futures[number] for number in group] for group in groups]
        calls = self._client.map(_call_each, asked, pure=False, **_settings(function, args))
        results: list[Any] = [None] * len(self)
        for group, found in zip(groups, self._gather(calls), strict=True):
            for number, result in zip(group, found, strict=True):
                results[number] = result
        return results

    def _gather(self, futures: list[Any]) -> list[Any]:
        """Return the results of futures, and release the futures."""
        try:
            return self._client.gather(futures)
        finally:
            _release(futures)

    @cached_property
    def _groups(self) -> list[list[int]]:
        """The numbers of the blocks that each thread of each worker processes.

        Blocks that dask moves later, for example after a worker has died, stay in their group.
        """
        places = self._client.who_has(self._futures)
        n_threads = self._client.nthreads()
        by_worker: dict[str, list[int]] = {}
        for number, future in enumerate(self._futures):
            worker = next(iter(places.get(future.key) or ()), "")
            by_worker.setdefault(worker, []).append(number)
        groups = []
        for worker, numbers in by_worker.items():
            n_groups = min(len(numbers), n_threads.get(worker, 1))
            groups += [numbers[first::n_groups] for first in range(n_groups)]
        return groups

    def _submit(
        self, function: Callable[..., Any], args: tuple, each: Sequence[Any] | None = None
    ) -> list[Any]:
        # random keys: otherwise dask would merge equal calls, and hash all weights
        last = [()] * len(self) if each is None else [(one,) for one in each]
        settings = _settings(function, args)
        return self._client.map(_call, self._futures, last, pure=False, **settings)


def _release(futures: list[Any]) -> None:
    """Release futures that are no longer needed.

    Otherwise `Future.__del__` would do so, and Python ignores a Ctrl-C in such a method.
    """
    with interrupt_deferred():
        for future in futures:
            future.release()


def _settings(function: Callable[..., Any], args: tuple) -> dict[str, Any]:
    memory = get_config()["working_memory"]
    settings = {"working_memory": memory, "buffer_size": np.getbufsize()}
    return {"function": function, "args": args} | settings


def _call(block: Any, last: tuple, **settings: Any) -> Any:
    """Call the function on a block of a worker."""
    return _call_each([block], [last], **settings)[0]


def _call_each(
    blocks: list[Any],
    last: list[tuple] | None = None,
    *,
    function: Callable[..., Any],
    args: tuple,
    working_memory: float,
    buffer_size: int,
) -> list[Any]:
    """Call the function on some blocks of a worker, with the settings of the caller."""
    last = [()] * len(blocks) if last is None else last
    memory = config_context(working_memory=working_memory)
    with memory, one_blas_thread(), numpy_settings(buffer_size):
        return [function(block, *args, *one) for block, one in zip(blocks, last, strict=True)]


def _total(results: Iterable[Sequence[Any]]) -> list[Any]:
    """The sums of the arrays of some results, from the first result to the last."""
    results = iter(results)
    totals = [np.array(array, dtype=np.float64) for array in next(results)]
    for result in results:
        for total, array in zip(totals, result, strict=True):
            total += array
    return totals


def _leave_thread_pool() -> None:
    """If this is a task of a worker, let the worker start another one in its place.

    The task waits for the tasks of the blocks. If the waiting tasks occupied all threads of the
    workers, those of the blocks would never start.
    """
    from distributed import secede

    # KeyError: the task has left already; the others: this thread runs no task
    with suppress(KeyError, ValueError, AttributeError):
        secede()


def _client() -> Any:
    """The client of the cluster that this thread uses; None if it uses the local scheduler."""
    from dask.base import get_scheduler

    owner = getattr(get_scheduler(), "__self__", None)
    client = getattr(sys.modules.get("distributed"), "Client", ())
    return owner if isinstance(owner, client) else None
