"""The record of a running descent, which is the only object that the loop modifies."""

import math
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from ._state import DescentState, OptimizerState

__all__ = ["History"]


class History:
    """The weights and curves of a running descent, which may continue an earlier one.

    Parameters
    ----------
    stops_early : bool
        Whether the best weights are those with the lowest validation cost instead of the lowest
        J.
    resume : DescentState or None
        The state from which to continue; it is not modified.

    Attributes
    ----------
    start_value : float
        J before the first step.
    curve, validation_curve : list of float
        J and the validation cost after each iteration.
    lowest : list of float
        The lowest J up to each iteration.
    w : ndarray of shape (n_weights,) or None
        The weights of the last iteration; None before the first evaluation.
    value : float
        J at `w`.
    memory : object
        The optimizer's memory after the last iteration.
    previous_w : ndarray of shape (n_weights,) or None
        The weights before the last step.
    best_w, best_value, best_score : ndarray or None, float, float
        The best weights, J at these weights, and the cost by which they were chosen.
    validation_value : float or None
        The validation cost of the last weights, if there are validation data.
    reference, reference_iter : float and int
        The last validation cost that counted as an improvement, and its iteration.
    n_evaluations : int
        Number of evaluations on all samples.
    """

    def __init__(self, stops_early: bool, resume: DescentState | None = None) -> None:
        # copy, because a user-defined optimizer may modify its memory in place
        before = DescentState() if resume is None else resume.copy()
        self.memory, self._best_memory = before.memory, before.best_memory
        self._stops_early, self._n_starts = stops_early, before.n_starts
        self._n_before = len(before.curve)
        self.w, self.value = before.w, before.value
        self.best_w, self.best_value = before.best_w, before.best_value
        self.best_score = before.best_score
        self.start_value = before.start_value
        self.curve: list[float] = before.curve.tolist()
        self.validation_curve: list[float] = before.validation_curve.tolist()
        self.lowest: list[float] = before.lowest.tolist()
        self.reference, self.reference_iter = before.reference, before.reference_iter
        self.n_evaluations = before.n_evaluations
        self.previous_w: NDArray[np.float64] | None = None
        self.validation_value: float | None = None

    @property
    def has_weights(self) -> bool:
        """Whether there are weights to return."""
        return self.best_w is not None

    @property
    def n_iter(self) -> int:
        """Number of iterations so far, including those of earlier runs."""
        return len(self.curve)

    @property
    def n_new(self) -> int:
        """Number of iterations of this run."""
        return len(self.curve) - self._n_before

    @property
    def lowest_value(self) -> float:
        """The lowest J so far."""
        return self.lowest[-1] if self.lowest else self.start_value

    def begin(self, state: OptimizerState, validation_value: float | None) -> None:
        """Record the weights before the first step.

        Parameters
        ----------
        state : OptimizerState
        validation_value : float or None
            The validation cost there, if there are validation data.
        """
        self.start_value = state.value
        # before the first step, there is no memory to resume from
        self._keep(replace(state, memory=None), validation_value)

    def append(self, state: OptimizerState, validation_value: float | None) -> None:
        """Record an iteration.

        Parameters
        ----------
        state : OptimizerState
        validation_value : float or None
            The validation cost there, if there are validation data.
        """
        self.previous_w = self.w
        self.curve.append(state.value)
        self.lowest.append(min(state.value, self.lowest_value))
        if validation_value is not None:
            self.validation_curve.append(validation_value)
        self._keep(state, validation_value)

    def _keep(self, state: OptimizerState, validation_value: float | None) -> None:
        """Store the weights as the last ones, and also as the best ones if they are."""
        self.w, self.value = np.array(state.w, dtype=np.float64), state.value
        self.memory, self.validation_value = state.memory, validation_value
        score = self.value
        if self._stops_early:
            assert validation_value is not None
            score = validation_value
        if not (math.isfinite(score) and math.isfinite(self.value)):
            score = np.inf
        if self.best_w is None or score < self.best_score:
            self.best_w, self.best_value, self.best_score = self.w, self.value, score
            self._best_memory = state.memory

    def state(self, optimizer: object, rng: np.random.Generator) -> DescentState:
        """Return the state from which to continue later; its memories are not copied.

        Parameters
        ----------
        optimizer : Optimizer
        rng : numpy.random.Generator
            The random generator of the descent.

        Returns
        -------
        DescentState
        """
        return DescentState(
            optimizer=type(optimizer),
            w=self.w,
            value=self.value,
            memory=self.memory,
            best_w=self.best_w,
            best_value=self.best_value,
            best_score=self.best_score,
            best_memory=self._best_memory,
            start_value=self.start_value,
            curve=np.array(self.curve),
            validation_curve=np.array(self.validation_curve),
            lowest=np.array(self.lowest),
            reference=self.reference,
            reference_iter=self.reference_iter,
            stops_early=self._stops_early,
            rng_state=dict(rng.bit_generator.state),
            n_starts=self._n_starts,
            n_evaluations=self.n_evaluations,
        )
