"""The best point so far, and the loop that the searches share."""

from functools import partial

import numpy as np

from .._execution._budget import Budget
from .._execution._result import Progress, SolverResult, Status

__all__ = ["search"]


def search(
    objective,
    pieces,
    *,
    start=None,
    max_time=None,
    callback=None,
    validation=None,
    describe=None,
):
    """Keep the best point of a stream of pieces until it ends or something stops it.

    Parameters
    ----------
    objective : Objective
    pieces : iterable of (w, value, n_evaluations)
        The best point of each piece of the search, in order.
    start : ndarray of shape (n_weights,) or None
        A point known before the search, which the answer may not be worse than.
    max_time : float or None
        Seconds.
    callback : callable or None
    validation : Objective or None
        What is recorded of the best point beside the objective itself.
    describe : callable or None
        ``describe() -> str``, what there is to say of the search beside its best point.

    Returns
    -------
    SolverResult
        Its status is EXHAUSTED unless something stopped the search.
    """
    watch, pieces = Budget.for_seconds(max_time, callback), iter(pieces)
    w, best = start, np.inf if start is None else objective.value(start)
    n_evaluations, curve, status = int(start is not None), [], Status.EXHAUSTED
    validated = validation is not None
    validation_value = validation.value(w) if validated and w is not None else None
    validation_curve = []

    def result(status):
        return SolverResult(
            w=w,
            # J of the point itself: in the search it was summed piece by piece
            value=objective.value(w),
            n_iter=n_evaluations,
            n_evaluations=n_evaluations,
            status=status,
            loss_curve=np.array(curve),
            validation_loss_curve=np.array(validation_curve) if validated else None,
            validation_value=validation_value,
        )

    try:
        for candidate, value, spent in pieces:
            n_evaluations += spent
            if w is None or value < best:
                w, best = candidate, value
                validation_value = validation.value(w) if validated else None
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
            stop = watch(progress)
            if stop:
                status = stop
                break
    except KeyboardInterrupt:
        if w is None:
            raise
        status = Status.INTERRUPTED
    finally:
        if hasattr(pieces, "close"):  # at once, and not when the traceback of an error goes
            pieces.close()
    return result(status)
