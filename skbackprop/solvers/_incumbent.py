"""The loop that the searches share; it keeps the incumbent, the best point so far."""

from collections.abc import Callable, Iterable
from functools import partial

import numpy as np

from .._execution._budget import Budget
from .._execution._result import Progress, SolverResult, Status
from ..model._objective import Objective
from ._base import Callback

__all__ = ["Piece", "search"]

# The best point of one piece of a search, its J, and the number of evaluations of the piece.
Piece = tuple[np.ndarray, float, int]


def search(
    objective: Objective,
    pieces: Iterable[Piece],
    *,
    start: np.ndarray | None = None,
    max_time: float | None = None,
    callback: Callback | None = None,
    validation: Objective | None = None,
    describe: Callable[[], str] | None = None,
) -> SolverResult:
    """Keep the best point of a stream of pieces until the stream ends or the search is stopped.

    Parameters
    ----------
    objective : Objective
    pieces : iterable of (w, value, n_evaluations)
        For each piece of the search, in order: its best point, J there, and the number of
        evaluations.
    start : ndarray of shape (n_weights,) or None
        The first incumbent; the result is never worse.
    max_time : float or None
        Seconds after which the search ends.
    callback : callable or None
        As for `Solver.solve`.
    validation : Objective or None
        The validation objective, recorded for each incumbent.
    describe : callable or None
        ``describe() -> str`` gives the note of the next `Progress`.

    Returns
    -------
    SolverResult
        Its status is EXHAUSTED unless something stopped the search.
    """
    budget, pieces = Budget.for_seconds(max_time, callback), iter(pieces)
    w, best = start, np.inf if start is None else objective.value(start)
    n_evaluations, status = int(start is not None), Status.EXHAUSTED
    validation_value = None if validation is None or w is None else validation.value(w)
    curve: list[float] = []
    validation_curve: list[float | None] = []

    def result(status: Status) -> SolverResult:
        assert w is not None  # a search has at least one piece, or is interrupted before it
        return SolverResult(
            w=w,
            # evaluated again, because `best` was summed in a different order
            value=objective.value(w),
            n_iter=n_evaluations,
            n_evaluations=n_evaluations,
            status=status,
            loss_curve=np.array(curve),
            validation_loss_curve=None if validation is None else np.array(validation_curve),
            validation_value=validation_value,
        )

    try:
        for candidate, value, spent in pieces:
            n_evaluations += spent
            if w is None or value < best:
                w, best = candidate, value
                validation_value = None if validation is None else validation.value(w)
            curve.append(best)
            validation_curve.append(validation_value)
            note = describe() if describe else ""
            progress = Progress(
                n_evaluations,
                n_evaluations,
                best,
                w,
                validation_value,
                note,
                so_far=partial(result, Status.STOPPED),
            )
            if stop := budget(progress):
                status = stop
                break
    except KeyboardInterrupt:
        if w is None:
            raise
        status = Status.INTERRUPTED
    finally:
        # end the workers now; the traceback of an error would keep the generator alive
        if hasattr(pieces, "close"):
            pieces.close()
    return result(status)
