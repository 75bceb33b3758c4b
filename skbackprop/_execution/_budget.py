"""Budget: the deadline, the callback and Ctrl-C, each of which can stop a descent or search."""

import platform
import time
from collections.abc import Callable
from typing import Any, Self

from ._interrupt import Interrupt
from ._result import Progress, Status

__all__ = ["Budget", "deadline_in"]


def deadline_in(seconds: float | None) -> float | None:
    """The time on the monotonic clock `seconds` from now; None if `seconds` is None."""
    return None if seconds is None else time.monotonic() + seconds


class Budget:
    """The external reasons to stop a solve.

    Parameters
    ----------
    deadline : float or None
        Time on the monotonic clock, `time.monotonic()`, which does not depend on changes of the
        system time and is the same for all processes of a machine. If a budget is sent to another
        machine, the deadline is converted by the time of day, and is as exact as the two clocks
        agree.
    callback : callable or None
        ``callback(Progress) -> bool``.
    interrupt : Interrupt or None
        The context that defers Ctrl-C.
    """

    def __init__(
        self,
        deadline: float | None = None,
        callback: Callable[[Progress], object] | None = None,
        interrupt: Interrupt | None = None,
    ) -> None:
        self._deadline = deadline
        self._callback = callback
        self._interrupt = interrupt

    @classmethod
    def for_seconds(
        cls, max_time: float | None, callback: Callable[[Progress], object] | None = None
    ) -> Self:
        """Create a budget that ends `max_time` seconds from now, or never if `max_time` is None."""
        return cls(deadline_in(max_time), callback)

    def __getstate__(self) -> dict[str, Any]:
        state = self.__dict__ | {"_machine": platform.node()}
        if self._deadline is not None:
            state["_time_of_day"] = time.time() + (self._deadline - time.monotonic())
        return state

    def __setstate__(self, state: dict[str, Any]) -> None:
        machine, time_of_day = state.pop("_machine"), state.pop("_time_of_day", None)
        self.__dict__ |= state
        if time_of_day is not None and machine != platform.node():
            self._deadline = deadline_in(time_of_day - time.time())

    @property
    def has_callback(self) -> bool:
        """Whether there is a callback; if not, no `Progress` needs to be created."""
        return self._callback is not None

    def without_callback(self) -> "Budget":
        """Return the same budget without the callback."""
        return Budget(self._deadline, interrupt=self._interrupt)

    def __call__(self, progress: Progress | None) -> Status | None:
        """Return the reason to stop now, or None to continue.

        Parameters
        ----------
        progress : Progress or None
            The argument of the callback; None is allowed only if there is no callback.

        Returns
        -------
        Status or None
        """
        if self._callback is not None and progress is not None and self._callback(progress):
            return Status.STOPPED
        if self._interrupt is not None and self._interrupt.pressed:
            return Status.INTERRUPTED
        if self._deadline is not None and time.monotonic() >= self._deadline:
            return Status.MAX_TIME
        return None
