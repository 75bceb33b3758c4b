"""Ctrl-C, kept until a solve asks for it."""

import os
import signal
import tempfile
from contextlib import contextmanager
from pathlib import Path
from threading import current_thread, main_thread

__all__ = ["Interrupt", "left_to_the_caller"]


class Interrupt:
    """A context in which Ctrl-C is noted instead of raised, the first time.

    Raised in the middle of joblib's work with processes, a KeyboardInterrupt can hang: workers
    are killed while a thread still writes to them. Noted, it is found between two steps, and
    what has been done is kept. The second Ctrl-C is raised at once.

    Copies in other processes of the same computer know of it by a file. Outside of the main
    thread, where Python hears no signals, and beside a handler of the user's, it notes nothing.

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

    def __init__(self):
        self._noted = False
        # the folder is there where this object listens, copies in other processes have the file
        self._folder = self._file = None

    def __enter__(self):
        if _raises_interrupts():
            self._folder = tempfile.TemporaryDirectory(prefix="skbackprop-")
            self._file = Path(self._folder.name, "interrupted")
            signal.signal(signal.SIGINT, self._note)
        return self

    def __exit__(self, *exception):
        if self._folder is not None:
            if signal.getsignal(signal.SIGINT) == self._note:  # no Ctrl-C, no other handler since
                signal.signal(signal.SIGINT, signal.default_int_handler)
            self._folder.cleanup()
            self._folder = self._file = None

    def __getstate__(self):
        return {"_noted": False, "_folder": None, "_file": self._file}

    @property
    def pressed(self):
        """Whether there was a Ctrl-C since the context was entered."""
        is_copy = self._folder is None and self._file is not None
        return self._noted or (is_copy and os.path.exists(self._file))

    def _note(self, signum, frame):
        self._noted = True
        self._file.touch()
        signal.signal(signal.SIGINT, signal.default_int_handler)


def _raises_interrupts():
    """Whether Ctrl-C would be raised here, by Python's own handler."""
    return (
        current_thread() is main_thread()
        and signal.getsignal(signal.SIGINT) is signal.default_int_handler
    )


@contextmanager
def left_to_the_caller(caller):
    """In a worker process, ignore Ctrl-C: a terminal sends it to the caller as well.

    Parameters
    ----------
    caller : int
        The number of the process that gave the work.
    """
    if os.getpid() == caller or current_thread() is not main_thread():
        yield
        return
    handler = signal.signal(signal.SIGINT, signal.SIG_IGN)
    try:
        yield
    finally:
        signal.signal(signal.SIGINT, handler)
