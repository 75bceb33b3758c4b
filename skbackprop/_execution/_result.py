"""Status, Progress and SolverResult: the reports of a solver during a solve and at its end."""

from collections.abc import Callable
from dataclasses import dataclass
from enum import Enum
from typing import Any

import numpy as np
from numpy.typing import NDArray

__all__ = ["Progress", "SolverResult", "Status"]


class Status(Enum):
    """Why a solver stopped; the value is the sentence shown to the user."""

    CONVERGED = "converged: the cost, its fall per iteration, or its gradient is within tol"
    NO_PROGRESS = "no step lowers the cost any more at the precision of the data"
    EARLY_STOPPED = "the validation cost no longer fell; the weights with the lowest one were kept"
    MAX_ITER = "max_iter iterations were done before the descent converged to tol"
    PATH_ENDED = "the network was trained about as long as the networks compared to choose alpha"
    EPOCH = "partial_fit made one pass over the samples it was given"
    DIVERGED = "the cost rose or was no longer finite; the best weights were kept"
    OPTIMAL = "no point of the grid has a lower cost: proven by complete search or branch and bound"
    COORDINATE_MINIMUM = "no change of a single weight to another grid value lowers the cost"
    MAX_EVALS = "max_evals evaluations were spent before the search was complete"
    EXHAUSTED = "the whole budget of the search was spent"
    MAX_TIME = "max_time seconds have passed; the best weights were kept"
    STOPPED = "a callback asked to stop; the best weights were kept"
    INTERRUPTED = "interrupted from the keyboard; the best weights were kept"

    def __str__(self) -> str:
        return self.value

    # Files contain the name instead of the value, because the sentences may be reworded. pickle
    # calls one of these methods, skops the other.

    def __reduce__(self) -> tuple[type["Status"], tuple[str]]:
        return type(self), (self.name,)

    def __reduce_ex__(self, protocol: object) -> tuple[type["Status"], tuple[str]]:
        return self.__reduce__()

    @classmethod
    def _missing_(cls, name: object) -> "Status | None":
        return cls.__members__.get(name) if isinstance(name, str) else None


@dataclass(frozen=True, eq=False)
class SolverResult:
    """The outcome of a solve.

    Parameters
    ----------
    w : ndarray of shape (n_weights,)
        The best weights seen.
    value : float
        The objective at `w`.
    n_iter : int
        Number of iterations (gradient descent) or of evaluations (searches).
    n_evaluations : int
        Number of cost evaluations, each on all samples.
    status : Status
    loss_curve : ndarray of shape (n_records,)
        The objective after each iteration of gradient descent; for the searches, the best
        objective after each piece of the search.
    validation_loss_curve : ndarray of shape (n_records,) or None
        The validation objective at the same points, if there are validation data.
    validation_value : float or None
        The validation objective at `w`.
    lower_bound : float or None
        Grid only: no point of the grid has a lower objective.
    n_grid_points : int or None
        Grid only: number of points, an exact integer.
    warning : str, default=""
        If the solve ended early, a description with changes that may help. It is issued as a
        ConvergenceWarning if it is not empty.
    state : object or None
        Everything that the solver needs to continue from its end; it is passed as `resume`. It
        can be pickled, and a solve does not modify it.
    """

    w: NDArray[np.float64]
    value: float
    n_iter: int
    n_evaluations: int
    status: Status
    loss_curve: NDArray[np.float64]
    validation_loss_curve: NDArray[np.float64] | None = None
    validation_value: float | None = None
    lower_bound: float | None = None
    n_grid_points: int | None = None
    warning: str = ""
    state: Any = None


@dataclass(frozen=True, eq=False)
class Progress:
    """The argument of a callback: the state of a solve after an iteration, batch or sweep.

    Parameters
    ----------
    n_iter, n_evaluations : int
        Number of iterations and of evaluations so far.
    value : float
        The current objective (gradient descent) or the best so far (searches).
    w : ndarray of shape (n_weights,)
        The weights with this objective.
    validation_value : float or None
        The validation objective at `w`, if there are validation data.
    note : str, default=""
        What verbose output shows in addition to J: the gradient, the damping, or a bound.
    previous_w : ndarray of shape (n_weights,) or None
        The weights before the step that led to `w`, if there was a step.
    restart : int or None
        Index of the random start, from 0; None if there is only one start. Starts that run in
        parallel report in any order, but one at a time.
    status : Status or None
        If there are several starts, the reason why this one has ended; None while it continues.
    alpha : float or None
        While `alpha="auto"` chooses a penalty, the penalty that has just been evaluated;
        `validation_value` is then the cost of the held-out samples. None in the descent itself.
    so_far : callable or None
        ``so_far() -> SolverResult`` returns the result that the solve would have if it stopped
        now. Call it before the callback returns, because the solver then continues.
    """

    n_iter: int
    n_evaluations: int
    value: float
    w: NDArray[np.float64]
    validation_value: float | None = None
    note: str = ""
    previous_w: NDArray[np.float64] | None = None
    restart: int | None = None
    status: Status | None = None
    alpha: float | None = None
    so_far: Callable[[], SolverResult] | None = None

    @property
    def step(self) -> float | None:
        """Length of the step from `previous_w` to `w`; None if there was no step."""
        return None if self.previous_w is None else float(np.linalg.norm(self.w - self.previous_w))

    def result(self) -> SolverResult:
        """Return the result that the solve would have if it stopped now.

        Returns
        -------
        SolverResult
        """
        if self.so_far is not None:
            return self.so_far()
        curve, spent = np.array([self.value]), (self.n_iter, self.n_evaluations)
        return SolverResult(self.w, self.value, *spent, Status.STOPPED, curve)
