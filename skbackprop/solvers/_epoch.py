"""One pass of an optimizer over some samples, for `partial_fit`."""

import numpy as np
from numpy.typing import NDArray

from .._execution._result import SolverResult, Status
from ..optimizers import DescentState, Optimizer
from ..optimizers._loop import overflow_allowed
from ._descent import generator
from ._standardised import Standardised

__all__ = ["diverged", "one_epoch"]


def one_epoch(
    scaled: Standardised,
    optimizer: Optimizer,
    w0: NDArray[np.float64] | None,
    before: DescentState | None,
    seed: int,
) -> SolverResult:
    """Use each sample once, and go on from the weights that the last call returned.

    Parameters
    ----------
    scaled : Standardised
        The objective of the samples, in the coordinates of the descent.
    optimizer : Optimizer
        One that supports `partial_fit`.
    w0 : ndarray of shape (n_weights,) or None
        Weights to begin with, in these coordinates; None for random ones.
    before : DescentState or None
        The descent to go on with instead.
    seed : int
        Of the random generator.

    Returns
    -------
    SolverResult
        In the coordinates of the descent; its weights are the last, not the best.
    """
    objective, before = scaled.objective, before or DescentState(best_w=w0)
    draw = generator(seed, before)
    with overflow_allowed():
        # the weights that the last fit returned, and the memory of the step to them
        start = before.best_w
        if start is None:
            start = objective.feature_scaling.initial_weights(draw)
        memory = optimizer.init(start) if before.best_memory is None else before.best_memory
        w, memory = optimizer.epoch(objective, start, memory, draw)
        value = objective.value(w)
    if not (np.isfinite(w).all() and np.isfinite(value)):
        J = objective.value(start)
        lost = DescentState(best_w=start, best_value=J, curve=before.curve)
        return lost.result(Status.DIVERGED, warning=diverged(optimizer, scaled))
    memory = optimizer.adapt(value / objective.total_weight, memory)
    after = DescentState(
        optimizer=type(optimizer),
        w=w,
        value=value,
        memory=memory,
        best_w=w,
        best_value=value,
        best_score=value,
        best_memory=memory,
        start_value=value,
        curve=before.curve_and(value),
        rng_state=dict(draw.bit_generator.state),
        n_evaluations=before.n_evaluations + 2,
    )
    return after.result(Status.EPOCH)


def diverged(optimizer: Optimizer, scaled: Standardised) -> str:
    """What to change after a descent that diverged.

    Parameters
    ----------
    optimizer : Optimizer
    scaled : Standardised
        The objective that it descended on.
    """
    option = optimizer.step_option
    change = f"lower {option} of the optimizer" if option else "try another optimizer"
    return (
        f"GradientDescent with {optimizer!r} diverged and kept the best weights it had "
        f"seen: {scaled.advice}{change}"
    )
