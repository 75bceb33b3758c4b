"""The stopping criteria of a descent."""

import math
from dataclasses import dataclass
from typing import Self

import numpy as np
from numpy.typing import NDArray

from .._execution._result import Status
from ..model import Objective
from ._history import History

__all__ = ["StoppingCriteria"]

# Smaller relative changes of J are rounding errors, even in float32.
_ROUNDING = 1e-6
# J has left the plateau of a constant prediction when it is below the cost of that prediction by
# this fraction. Until then, its decrease is averaged over at least this many iterations, because
# plateaus are long. Within bounds there are plateaus at any J.
_LEFT_PLATEAU, _PLATEAU_WINDOW = 0.1, 100
# Statuses that `final_status` turns into DIVERGED if J only rose.
_MAY_HAVE_DIVERGED = {Status.MAX_ITER, Status.CONVERGED, Status.EARLY_STOPPED}


@dataclass(frozen=True, eq=False)
class StoppingCriteria:
    """The stopping criteria of a descent, for one objective.

    With r = J - `lower_bound`, the descent has converged if

    - r is at most `negligible`, or
    - the largest component of the gradient, per unit change of z2 or z3, is at most `tol` r, or
    - r falls by less than `tol` r per iteration, averaged over the last `window` iterations (over
      at least 100 while J is above `plateau`).

    Parameters
    ----------
    max_iter : int
        Number of iterations after which a run of the loop stops, >= 1.
    tol : float
        Relative tolerance, >= 0.
    window : int
        Number of iterations over which the decrease of J is averaged, >= 1.
    n_iter_no_change : int or None
        Early stopping: stop if, for this many iterations, the validation cost minus its lower
        bound has not fallen by the fraction `tol`. None disables early stopping.
    lower_bound : float
        The cost of a perfect fit, which is a lower bound of J.
    total_weight : float
        The sum of the sample weights.
    plateau : float
        If J is above this, it is close to or above the cost of a constant prediction.
    largest_move : ndarray of shape (n_weights,)
        Largest change of z2 or z3 for a unit step of each weight.
    validation_lower_bound : float, default=0.0
        The cost of a perfect fit of the validation data.
    """

    max_iter: int
    tol: float
    window: int
    n_iter_no_change: int | None
    lower_bound: float
    total_weight: float
    plateau: float
    largest_move: NDArray[np.float64]
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
        """Create the criteria for an objective, and for validation data if there are any.

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
        left_plateau = constant - _LEFT_PLATEAU * (constant - lower_bound)
        return cls(
            max_iter,
            tol,
            window,
            n_iter_no_change,
            lower_bound,
            total_weight=objective.total_weight,
            plateau=lower_bound if objective.monotonicity is not None else left_plateau,
            largest_move=objective.feature_scaling.largest_move,
            validation_lower_bound=0.0 if validation is None else validation.lower_bound,
        )

    @property
    def negligible(self) -> float:
        """The value of r below which there is nothing left to learn."""
        return self.tol**2 * self.total_weight

    @property
    def stops_early(self) -> bool:
        """Whether the best weights are those with the lowest validation cost, not the lowest J."""
        return self.n_iter_no_change is not None

    def judge(self, history: History) -> Status | None:
        """Return the reason to stop, or None to continue; for use before and after an iteration.

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
        """Whether the gradient is small enough, or J minus its lower bound is negligible.

        The gradient is expressed per unit change of z2 or z3 and compared with J. The criterion
        therefore depends neither on the number of samples nor on the scale of costs or features.

        Parameters
        ----------
        value : float
            J.
        grad : ndarray of shape (n_weights,)
            The gradient of J.

        Returns
        -------
        bool
        """
        excess = value - self.lower_bound
        slope = np.abs(grad / self.largest_move).max()
        return bool(excess <= self.negligible or slope <= self.tol * excess)

    def validation_fell(self, validation_value: float, reference: float) -> bool:
        """Whether a validation cost is far enough below the reference to count as an improvement.

        Parameters
        ----------
        validation_value : float
        reference : float
            The last validation cost that counted as an improvement.

        Returns
        -------
        bool
        """
        excess = validation_value - self.validation_lower_bound
        return excess < (reference - self.validation_lower_bound) * (1 - self.tol)

    def final_status(self, status: Status, history: History) -> Status:
        """Return DIVERGED if J ended above its start, never having been below, else `status`.

        DIVERGED is also returned if J was never finite.

        Parameters
        ----------
        status : Status
            The reason why the loop stopped.
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
        """Whether J has levelled off."""
        lowest = history.lowest_value
        window = max(self.window, _PLATEAU_WINDOW) if lowest > self.plateau else self.window
        if len(history.lowest) <= window:
            return False
        fall = history.lowest[-1 - window] - lowest
        return fall < window * self.tol * (lowest - self.lower_bound)
