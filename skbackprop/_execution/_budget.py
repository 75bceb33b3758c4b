"""Reasons to stop that every descent and search shares."""

import platform
import time

from ._result import Status

__all__ = ["Budget", "deadline_in"]


def deadline_in(seconds):
    """The time of the monotonic clock in so many seconds; None if that is None."""
    return None if seconds is None else time.monotonic() + seconds


class Budget:
    """Says when a solve has to end, and why.

    Parameters
    ----------
    deadline : float or None
        Time of the monotonic clock, `time.monotonic()`, which no change of the system's time
        moves and which the processes of one machine share. A watch that is sent to another
        machine goes by the time of day there; it is as exact as the two clocks agree.
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
        return cls(deadline_in(max_time), callback)

    def __getstate__(self):
        state = self.__dict__ | {"_machine": platform.node()}
        if self._deadline is not None:
            state["_time_of_day"] = time.time() + (self._deadline - time.monotonic())
        return state

    def __setstate__(self, state):
        machine, time_of_day = state.pop("_machine"), state.pop("_time_of_day", None)
        self.__dict__ |= state
        if time_of_day is not None and machine != platform.node():
            self._deadline = deadline_in(time_of_day - time.time())

    def __call__(self, progress):
        """The reason to stop now, a Status, or None to go on."""
        if self._callback is not None and self._callback(progress):
            return Status.STOPPED
        if self._interrupt is not None and self._interrupt.pressed:
            return Status.INTERRUPTED
        if self._deadline is not None and time.monotonic() >= self._deadline:
            return Status.MAX_TIME
        return None
