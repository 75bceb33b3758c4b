"""Reasons to stop that every descent and search shares."""

import time

from ._result import Status

__all__ = ["Watch"]


class Watch:
    """Says when a solve has to end, and why.

    Parameters
    ----------
    deadline : float or None
        Time of the wall clock, `time.time()`, which other processes share.
    callback : callable or None
        ``callback(Progress) -> bool``.
    interrupt : Interrupt or None
        Where Ctrl-C is noted instead of raised.
    """

    def __init__(self, deadline=None, callback=None, interrupt=None):
        self._deadline = deadline
        self._callback = callback
        self._interrupt = interrupt

    @classmethod
    def for_seconds(cls, max_time, callback=None):
        """A watch that ends `max_time` seconds from now; never, if that is None."""
        return cls(None if max_time is None else time.time() + max_time, callback)

    def __call__(self, progress):
        """The reason to stop now, a Status, or None to go on."""
        if self._callback is not None and self._callback(progress):
            return Status.STOPPED
        if self._interrupt is not None and self._interrupt.pressed:
            return Status.INTERRUPTED
        if self._deadline is not None and time.time() >= self._deadline:
            return Status.MAX_TIME
        return None
