"""Ctrl-C while several workers share a solve: it waits until the solve checks for it.

A solve on one worker needs no `Interrupt`: its loop catches KeyboardInterrupt, in
`optimizers/_loop.py` and `solvers/_incumbent.py`.
"""

import os
import signal
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from threading import current_thread, main_thread
from types import FrameType

__all__ = ["Interrupt", "interrupt_deferred", "left_to_the_caller"]


class Interrupt:
    """Context manager that defers the first Ctrl-C.

    The first SIGINT sets `pressed`; the second raises KeyboardInterrupt immediately. The deferral
    has two reasons. A KeyboardInterrupt raised while joblib uses processes can hang, because
    joblib kills the workers while one of its threads still writes to them. And if the solve
    checks `pressed` between two steps, it can keep the finished work.

    A copy in another process of the same machine detects the Ctrl-C by a file. Only the main
    thread receives signals, so the context does nothing in other threads. It also does nothing if
    the user has installed a handler for SIGINT.

    Examples
    --------
    >>> import signal
    >>> from skbackprop._execution._interrupt import Interrupt
    >>> with Interrupt() as interrupt:
    ...     before = interrupt.pressed
    ...     signal.raise_signal(signal.SIGINT)
    ...     before, interrupt.pressed
    (False, True)
    """

    # Without the file, workers would finish all the pieces that they have been given. With 64
    # starts of half a second on two processes, a solve ended 8.8 s after Ctrl-C instead of 0.4 s.
    # The file takes 0.2 ms per solve, and checking it takes 2 microseconds.

    def __init__(self) -> None:
        self._pressed = False
        self._folder: tempfile.TemporaryDirectory[str] | None = None

    def __enter__(self) -> "Interrupt":
        if _raises_interrupts():
            self._folder = tempfile.TemporaryDirectory(prefix="skbackprop-")
            signal.signal(signal.SIGINT, self._defer)
        return self

    def __exit__(self, *exception: object) -> None:
        if self._folder is not None:
            # the handler is a different one after a Ctrl-C, or if other code has replaced it
            if signal.getsignal(signal.SIGINT) == self._defer:
                signal.signal(signal.SIGINT, signal.default_int_handler)
            self._folder.cleanup()
            self._folder = None

    def __reduce__(self) -> tuple[type["_RemoteInterrupt"], tuple[Path | None]]:
        return _RemoteInterrupt, (self._file,)

    @property
    def pressed(self) -> bool:
        """Whether Ctrl-C was pressed since the context was entered."""
        return self._pressed

    @property
    def _file(self) -> Path | None:
        """The file that exists after Ctrl-C was pressed; None outside the context."""
        return None if self._folder is None else Path(self._folder.name, "interrupted")

    def _defer(self, signum: int, frame: FrameType | None) -> None:
        self._pressed = True
        if self._file is not None:
            self._file.touch()
        signal.signal(signal.SIGINT, signal.default_int_handler)


class _RemoteInterrupt:
    """The copy of an `Interrupt` in another process.

    Parameters
    ----------
    file : Path or None
        The file that exists after Ctrl-C was pressed; None if the original defers nothing.
    """

    def __init__(self, file: Path | None) -> None:
        self._file = file

    @property
    def pressed(self) -> bool:
        return self._file is not None and os.path.exists(self._file)


@contextmanager
def interrupt_deferred() -> Iterator[None]:
    """Context that Ctrl-C does not interrupt: KeyboardInterrupt is raised at its end."""
    if not _raises_interrupts():
        yield
        return
    pressed = []
    signal.signal(signal.SIGINT, lambda signum, frame: pressed.append(signum))
    try:
        yield
    finally:
        signal.signal(signal.SIGINT, signal.default_int_handler)
        if pressed:
            raise KeyboardInterrupt


def _raises_interrupts() -> bool:
    """Whether Ctrl-C would raise KeyboardInterrupt in this thread, by Python's own handler."""
    return (
        current_thread() is main_thread()
        and signal.getsignal(signal.SIGINT) is signal.default_int_handler
    )


@contextmanager
def left_to_the_caller(caller: int) -> Iterator[None]:
    """In a worker process, ignore Ctrl-C, because a terminal sends it to the caller as well.

    Parameters
    ----------
    caller : int
        Process id of the caller.
    """
    if os.getpid() == caller or current_thread() is not main_thread():
        yield
        return
    handler = signal.signal(signal.SIGINT, signal.SIG_IGN)
    try:
        yield
    finally:
        signal.signal(signal.SIGINT, handler)
