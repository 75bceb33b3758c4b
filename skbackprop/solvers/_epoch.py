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
    """Use each sample once, starting from the weights that the last call returned.

    Parameters
    ----------
    scaled : Standardised
        The objective of the samples, in the coordinates of the descent.
    optimizer : Optimizer
        An optimizer that supports `partial_fit`.
    w0 : ndarray of shape (n_weights,) or None
        Initial weights in these coordinates; None for random weights.
    before : DescentState or None
        An earlier descent to continue instead.
    seed : int
        Seed of the random generator.

    Returns
    -------
    SolverResult
        In the coordinates of the descent. Its weights are the last ones, not the best ones.
    """
    objective, before = scaled.objective, before or DescentState(best_w=w0)
    draw = generator(seed, before)
    with overflow_allowed():
        # start at the weights that the last fit returned, with the optimizer's memory there
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
    """Return the warning after a descent that diverged, with changes that may help.

    Parameters
    ----------
    optimizer : Optimizer
    scaled : Standardised
        The objective of the descent.

    Returns
    -------
    str
    """
    option = optimizer.step_option
    change = f"lower {option} of the optimizer" if option else "try another optimizer"
    return (
        f"GradientDescent with {optimizer!r} diverged and kept the best weights it had "
        f"seen: {scaled.advice}{change}"
    )
