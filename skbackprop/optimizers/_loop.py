"""The loop that runs every optimizer.

It ends by the criteria of `_stopping.py`, by the budget, if no step lowers J, or if J is not
finite.
"""

import math
from dataclasses import replace
from functools import partial

import numpy as np
from numpy.typing import NDArray

from .._execution._budget import Budget
from .._execution._result import Progress, SolverResult, Status
from ..model import Objective
from ._base import Optimizer, WholeMethod
from ._history import History
from ._state import DescentState, OptimizerState
from ._stopping import StoppingCriteria

__all__ = ["minimize", "overflow_allowed"]

# A context in which numbers may overflow or underflow: the loop checks for non-finite values.
overflow_allowed = partial(np.errstate, all="ignore")


def minimize(
    objective: Objective,
    w0: NDArray[np.float64],
    optimizer: Optimizer,
    criteria: StoppingCriteria,
    budget: Budget,
    *,
    rng: np.random.Generator,
    validation: Objective | None = None,
    resume: DescentState | None = None,
) -> SolverResult:
    """Run a descent from w0, or continue an earlier one, until there is a reason to stop.

    Parameters
    ----------
    objective : Objective
    w0 : ndarray of shape (n_weights,)
        The initial weights. A resumed descent starts at its own last weights instead.
    optimizer : Optimizer
    criteria : StoppingCriteria
        The criteria for this objective: convergence, divergence and early stopping.
    budget : Budget
        The deadline, the callback and Ctrl-C, which are checked after each iteration.
    rng : numpy.random.Generator
        Used by optimizers that draw batches. To continue a descent exactly, its state must be
        ``resume.rng_state``.
    validation : Objective or None
        The cost of validation data, recorded after each iteration.
    resume : DescentState or None
        The ``state`` of the result from which to continue; it is not modified.

    Returns
    -------
    SolverResult
        The best weights seen; its ``state`` resumes the descent.

    Raises
    ------
    KeyboardInterrupt
        If Ctrl-C is pressed before the first evaluation has finished.
    """
    history = History(criteria.stops_early, resume)
    descent = _Descent(objective, optimizer, criteria, budget, rng, validation, history)
    try:
        with overflow_allowed():
            status = descent.run(w0)
    except KeyboardInterrupt:
        if not history.has_weights:
            raise
        status = Status.INTERRUPTED
    status = criteria.final_status(status, history)
    return history.state(optimizer, rng).result(status, validation)


class _Descent:
    """One run of the loop; it modifies only the history."""

    def __init__(
        self,
        objective: Objective,
        optimizer: Optimizer,
        criteria: StoppingCriteria,
        budget: Budget,
        rng: np.random.Generator,
        validation: Objective | None,
        history: History,
    ) -> None:
        self._objective, self._optimizer, self._criteria = objective, optimizer, criteria
        self._budget, self._rng, self._validation = budget, rng, validation
        self._history = history

    def run(self, w0: NDArray[np.float64]) -> Status:
        """Run the descent and return the reason why it stopped."""
        state = self._start(w0)
        stop = state.status or self._criteria.judge(self._history) or self._judge_gradient(state)
        if stop is not None:
            return stop
        if isinstance(self._optimizer, WholeMethod):
            return self._run_whole(self._optimizer, state)
        return self._run_steps(state)

    def _start(self, w0: NDArray[np.float64]) -> OptimizerState:
        history = self._history
        w = w0 if history.w is None else history.w
        state = self._optimizer.start(self._objective, w, history.memory)
        history.n_evaluations += state.n_evaluations
        if not history.has_weights:
            history.begin(state, self._validation_value(state.w))
            self._refer()
        return state

    def _run_steps(self, state: OptimizerState) -> Status:
        while True:
            state = self._optimizer.step(self._objective, state, self._rng)
            stop = self._observe(state)
            if stop is not None:
                return stop
            state = self._differentiated(state)
            stop = self._judge_gradient(state)
            if stop is not None:
                return stop

    def _run_whole(self, optimizer: WholeMethod, state: OptimizerState) -> Status:
        try:
            state = optimizer.run(self._objective, state, self._observe_or_leave)
        except _Stop as stop:
            return stop.status
        self._history.n_evaluations += state.n_evaluations
        return state.status or Status.NO_PROGRESS

    def _observe_or_leave(self, state: OptimizerState) -> None:
        stop = self._observe(state) or self._judge_gradient(state)
        if stop is not None:
            raise _Stop(stop)

    def _observe(self, state: OptimizerState) -> Status | None:
        """Record an iteration; return the reason to stop, or None to continue."""
        history = self._history
        history.n_evaluations += state.n_evaluations
        if state.status is not None:
            return state.status
        if not (math.isfinite(state.value) and np.isfinite(state.w).all()):
            return Status.DIVERGED
        history.append(state, self._validation_value(state.w))
        self._refer()
        progress = self._progress(state) if self._budget.has_callback else None
        return self._budget(progress) or self._criteria.judge(history)

    def _differentiated(self, state: OptimizerState) -> OptimizerState:
        """Return the state with the derivatives that the next step needs."""
        complete = self._optimizer.differentiate(self._objective, state)
        if complete is not state:
            self._history.n_evaluations += complete.n_evaluations
        return complete

    def _judge_gradient(self, state: OptimizerState) -> Status | None:
        grad = self._free(state).grad
        if grad is None:
            return None
        return Status.CONVERGED if self._criteria.gradient_converged(state.value, grad) else None

    def _free(self, state: OptimizerState) -> OptimizerState:
        """The state with the gradient by the weights that no bound holds back."""
        monotonicity = self._objective.monotonicity
        if state.grad is None or monotonicity is None:
            return state
        return replace(state, grad=monotonicity.free_gradient(state.w, state.grad))

    def _validation_value(self, w: NDArray[np.float64]) -> float | None:
        return None if self._validation is None else self._validation.value(w)

    def _refer(self) -> None:
        """Update the reference of early stopping if the validation cost has improved."""
        history, value = self._history, self._history.validation_value
        if value is None or not self._criteria.stops_early:
            return
        if self._criteria.validation_fell(value, history.reference):
            history.reference, history.reference_iter = value, history.n_iter

    def _progress(self, state: OptimizerState) -> Progress:
        history = self._history
        assert history.w is not None
        return Progress(
            history.n_iter,
            history.n_evaluations,
            history.value,
            history.w,
            history.validation_value,
            self._optimizer.note(self._free(state)),
            history.previous_w,
            so_far=self._so_far,
        )

    def _so_far(self) -> SolverResult:
        """The result if the descent stopped now; later iterations do not modify it."""
        state = self._history.state(self._optimizer, self._rng).copy()
        return state.result(Status.STOPPED, self._validation)


class _Stop(Exception):
    """Raised to leave another library's loop; scipy before 1.11 has no other way to stop."""

    def __init__(self, status: Status) -> None:
        super().__init__()
        self.status = status
