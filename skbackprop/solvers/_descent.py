"""One descent from one start: its random generator, its initial weights, and its loop."""

import numpy as np
from numpy.typing import NDArray

from .._execution._budget import Budget
from .._execution._result import SolverResult
from ..model import Objective
from ..optimizers import DescentState, Optimizer, StoppingCriteria, minimize
from ..optimizers._loop import overflow_allowed

__all__ = ["descend", "first_weights", "generator"]


def descend(
    objective: Objective,
    optimizer: Optimizer,
    criteria: StoppingCriteria,
    validation: Objective | None,
    seed: int,
    w0: NDArray[np.float64] | None,
    resume: DescentState | None,
    budget: Budget,
) -> SolverResult:
    """Run one descent until it stops.

    Parameters
    ----------
    objective : Objective
    optimizer : Optimizer
    criteria : StoppingCriteria
    validation : Objective or None
    seed : int
        Seed of the random generator of this start.
    w0 : ndarray of shape (n_weights,) or None
        Initial weights; None for random weights.
    resume : DescentState or None
        An earlier descent to continue instead.
    budget : Budget

    Returns
    -------
    SolverResult
    """
    rng = generator(seed, resume)
    if w0 is None:
        with overflow_allowed():
            w0 = first_weights(objective, rng)
    return minimize(
        objective, w0, optimizer, criteria, budget, rng=rng, validation=validation, resume=resume
    )


def generator(seed: int, state: DescentState | None) -> np.random.Generator:
    """Create the random generator of a start, or restore that of an earlier descent.

    Parameters
    ----------
    seed : int
    state : DescentState or None

    Returns
    -------
    rng : numpy.random.Generator
    """
    rng = np.random.default_rng(seed)
    if state is not None and state.rng_state is not None:
        rng.bit_generator.state = state.rng_state
    return rng


def first_weights(objective: Objective, rng: np.random.Generator) -> NDArray[np.float64]:
    """Return random weights, or for constant targets weights that predict the constant.

    For constant targets, W1 is 0 if it is penalised or if there are no intercepts, and random
    otherwise.

    Parameters
    ----------
    objective : Objective
    rng : numpy.random.Generator

    Returns
    -------
    w : ndarray of shape (n_weights,), float64
    """
    w = objective.feature_scaling.initial_weights(rng)
    if objective.data.target_span.any():
        return w
    W1, _, W2, b2 = objective.network.unpack(w)
    z3 = objective.constant_z3
    if b2 is None:  # a2 is 1/2 if W1 is 0
        W2[:] = 2 * z3 / len(W2)
    else:
        W2[:], b2[:] = 0, z3
    if objective.alpha or W2.any():
        W1[:] = 0
    return w
