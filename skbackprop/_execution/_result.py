"""Status, Progress and SolverResult: what a solver reports while it works and at its end."""

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
    EARLY_STOPPED = "the validation cost no longer fell; the weights with the lowest were kept"
    MAX_ITER = "max_iter iterations were done before the descent converged to tol"
    PATH_ENDED = "the descent went as far as those whose held-out cost chose alpha"
    EPOCH = "partial_fit made its one pass over the samples it was given"
    DIVERGED = "the cost rose or left the range of numbers; the best weights were kept"
    OPTIMAL = "no point of the grid has a lower cost: searched whole, or proven by branch and bound"
    COORDINATE_MINIMUM = "no change of a single weight to another grid value lowers the cost"
    MAX_EVALS = "max_evals evaluations were spent before the search was complete"
    EXHAUSTED = "the whole budget of the search was spent"
    MAX_TIME = "max_time seconds were over; the best weights were kept"
    STOPPED = "a callback asked to stop; the best weights were kept"
    INTERRUPTED = "interrupted from the keyboard; the best weights were kept"

    def __str__(self) -> str:
        return self.value

    # Files hold the name, since a sentence may be worded better one day. pickle asks the one
    # method, skops the other.

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
        The objective there.
    n_iter : int
        Iterations, draws or sweeps: the unit of `loss_curve`.
    n_evaluations : int
        Number of cost evaluations, each over the whole data.
    status : Status
    loss_curve : ndarray of shape (n_records,)
        The objective after each iteration; the best so far for the searches.
    validation_loss_curve : ndarray of shape (n_records,) or None
        The validation objective at the same points, if there are validation data.
    validation_value : float or None
        The validation objective at `w`.
    lower_bound : float or None
        Grid only: no point of the grid has a smaller objective.
    n_grid_points : int or None
        Grid only: number of points, exact however large.
    warning : str, default=""
        What to change when the solve ended before it was done; shown as a
        ConvergenceWarning where not empty.
    state : object or None
        What the solver needs to go on where it ended, given back to it as `resume`. It can
        be pickled, and a solve does not change it.
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
    """What a solver tells its callback after an iteration, a batch or a sweep.

    Parameters
    ----------
    n_iter, n_evaluations : int
        Iterations and evaluations so far.
    value : float
        The objective now (gradient descent) or the best so far (searches).
    w : ndarray of shape (n_weights,)
        The weights with that objective.
    validation_value : float or None
        The validation objective at `w`, if there are validation data.
    note : str, default=""
        What the solver shows beside J: the gradient, the damping, or a bound.
    previous_w : ndarray of shape (n_weights,) or None
        The weights before the step that led to `w`, where there was one.
    restart : int or None
        Number of the random start, from 0; None if there is one start only. Starts that run side
        by side report in any order, but one at a time.
    status : Status or None
        Of several starts, why this one ended here; None while it goes on.
    alpha : float or None
        The penalty that has been judged, while `alpha="auto"` chooses one; `validation_value` is
        then the cost of the samples that were held out. None in the descent itself.
    so_far : callable or None
        ``so_far() -> SolverResult``, what the solve would return if it were stopped here.
        Call it before the callback returns, since the solver then goes on.
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
        """Length of the step from `previous_w` to `w`, None where there was none."""
        return None if self.previous_w is None else float(np.linalg.norm(self.w - self.previous_w))

    def result(self) -> SolverResult:
        """What the solve would return if it were stopped here.

        Returns
        -------
        SolverResult
        """
        if self.so_far is not None:
            return self.so_far()
        curve, spent = np.array([self.value]), (self.n_iter, self.n_evaluations)
        return SolverResult(self.w, self.value, *spent, Status.STOPPED, curve)
