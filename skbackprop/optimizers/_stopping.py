"""When a descent stops: the only place where this is decided."""

import math
from dataclasses import dataclass
from typing import Self

import numpy as np
from numpy.typing import NDArray

from .._execution._result import Status
from ..model import Objective
from ._history import History

__all__ = ["StoppingCriteria"]

# Relative changes of J below this are rounding, float32's included.
_ROUNDING = 1e-6
# J has left the plateau of a constant answer when this share of that answer's cost is gone. Until
# then its fall is averaged over so many iterations at least: plateaus are long.
_LEFT_PLATEAU, _PLATEAU_WINDOW = 0.1, 100
# Statuses that `final_status` turns into DIVERGED if J only rose.
_MAY_HAVE_DIVERGED = {Status.MAX_ITER, Status.CONVERGED, Status.EARLY_STOPPED}


@dataclass(frozen=True, eq=False)
class StoppingCriteria:
    """The stopping criteria of a descent, for one objective.

    With r = J - `lower_bound`, the descent has converged if

    - r is at most `negligible`, or
    - the largest component of the gradient, in units of the move of z2 and z3, is at most
      `tol` r, or
    - r falls by less than `tol` r per iteration, averaged over the last `window` iterations, or
      over at least 100 while J is above `plateau`.

    Parameters
    ----------
    max_iter : int
        Iterations after which a run of the loop stops, >= 1.
    tol : float
        Relative tolerance, >= 0.
    window : int
        Iterations over which the fall of J is averaged, >= 1.
    n_iter_no_change : int or None
        Early stopping: stop when the validation cost, above its lower bound, has not fallen by
        the share `tol` of itself for so many iterations. None does not stop early.
    lower_bound : float
        The cost of a perfect fit, which J cannot fall below.
    negligible : float
        r that leaves nothing to learn: `tol` squared for each sample.
    plateau : float
        Above this J is close to that of a constant answer, or higher.
    input_scale : ndarray of shape (n_weights,)
        How far a unit step of each weight moves z2 or z3 at most.
    validation_lower_bound : float, default=0.0
        The cost of a perfect fit of the validation data.
    """

    max_iter: int
    tol: float
    window: int
    n_iter_no_change: int | None
    lower_bound: float
    negligible: float
    plateau: float
    input_scale: NDArray[np.float64]
    validation_lower_bound: float = 0.0

    @classmethod
    def of(
        cls,
        objective: Objective,
        *,
        max_iter: int,
        tol: float,
        window: int,
        n_iter_no_change: int | None = None,
        validation: Objective | None = None,
    ) -> Self:
        """The criteria for an objective, and for that of validation data if there are any.

        Parameters
        ----------
        objective : Objective
        max_iter, tol, window, n_iter_no_change
            As for the class.
        validation : Objective or None

        Returns
        -------
        StoppingCriteria
        """
        lower_bound, constant = objective.lower_bound, objective.constant_value
        return cls(
            max_iter,
            tol,
            window,
            n_iter_no_change,
            lower_bound,
            negligible=tol**2 * objective.total_weight,
            plateau=constant - _LEFT_PLATEAU * (constant - lower_bound),
            input_scale=objective.feature_scaling.largest_move,
            validation_lower_bound=0.0 if validation is None else validation.lower_bound,
        )

    @property
    def stops_early(self) -> bool:
        """Whether the weights with the lowest validation cost are sought, and not with lowest J."""
        return self.n_iter_no_change is not None

    def judge(self, history: History) -> Status | None:
        """The reason to stop after an iteration, or before the first one; None to go on.

        Parameters
        ----------
        history : History

        Returns
        -------
        Status or None
        """
        if self._validation_cost_levelled_off(history):
            return Status.EARLY_STOPPED
        if history.lowest_value - self.lower_bound <= self.negligible or self._levelled_off(
            history
        ):
            return Status.CONVERGED
        return Status.MAX_ITER if history.n_new >= self.max_iter else None

    def gradient_converged(self, value: float, grad: NDArray[np.float64]) -> bool:
        """Whether the gradient is small enough, or J negligible.

        Neither the number of samples nor the scale of their costs or features matters: the
        gradient is taken by the move of z2 and z3, and compared with J.

        Parameters
        ----------
        value : float
            J.
        grad : ndarray of shape (n_weights,)
            Its gradient.

        Returns
        -------
        bool
        """
        excess = value - self.lower_bound
        slope = np.abs(grad / self.input_scale).max()
        return bool(excess <= self.negligible or slope <= self.tol * excess)

    def validation_fell(self, validation_value: float, reference: float) -> bool:
        """Whether a validation cost is so far below the reference that it counts as a fall.

        Parameters
        ----------
        validation_value : float
        reference : float
            The last validation cost that counted as a fall.

        Returns
        -------
        bool
        """
        excess = validation_value - self.validation_lower_bound
        return excess < (reference - self.validation_lower_bound) * (1 - self.tol)

    def final_status(self, status: Status, history: History) -> Status:
        """DIVERGED if J only rose from its start or never was a number, else `status`.

        Parameters
        ----------
        status : Status
            Why the loop ended.
        history : History

        Returns
        -------
        Status
        """
        curve, start = history.curve, history.start_value
        rose = curve and curve[-1] > start * (1 + _ROUNDING) and min(curve) >= start
        if (rose and status in _MAY_HAVE_DIVERGED) or not math.isfinite(history.best_value):
            return Status.DIVERGED
        return status

    def _validation_cost_levelled_off(self, history: History) -> bool:
        if self.n_iter_no_change is None:
            return False
        return history.n_iter - history.reference_iter >= self.n_iter_no_change

    def _levelled_off(self, history: History) -> bool:
        """Whether J has all but stopped falling."""
        lowest = history.lowest_value
        window = max(self.window, _PLATEAU_WINDOW) if lowest > self.plateau else self.window
        if len(history.lowest) <= window:
            return False
        fall = history.lowest[-1 - window] - lowest
        return fall < window * self.tol * (lowest - self.lower_bound)
