"""The states of a descent: after one step, and after a run of the loop, to be resumed."""

from copy import deepcopy
from dataclasses import dataclass, field, replace
from typing import Any, Self

import numpy as np
from numpy.typing import NDArray

from .._execution._result import SolverResult, Status
from ..model import Objective
from ..model._standardisation import Standardisation

__all__ = ["DescentState", "OptimizerState", "extended"]

# Initial capacity of the array in which a curve of `partial_fit` grows.
_LEAST_ROOM = 16


@dataclass(frozen=True, eq=False, slots=True)
class OptimizerState:
    """The result of one step of an optimizer.

    Parameters
    ----------
    w : ndarray of shape (n_weights,)
        The weights after the step.
    value : float
        J at w.
    grad : ndarray of shape (n_weights,) or None
        The gradient of J at w, which the loop uses as a convergence criterion; None if it is not
        known.
    memory : object, default=None
        Everything that the optimizer needs, in addition to w, to continue in a later fit. It is
        stored in the fitted estimator, so it should be small and must be picklable.
    model : object, default=None
        A local model of J for the next step, such as a Hessian. It is not stored.
    n_evaluations : int, default=0
        Number of evaluations on all samples in the call that returned this state.
    status : Status or None, default=None
        The reason why the method cannot continue, NO_PROGRESS or DIVERGED; None if it can.
    """

    w: NDArray[np.float64]
    value: float
    grad: NDArray[np.float64] | None = None
    memory: Any = None
    model: Any = None
    n_evaluations: int = 0
    status: Status | None = None


def _no_values() -> NDArray[np.float64]:
    return np.empty(0)


@dataclass(frozen=True, eq=False)
class DescentState:
    """The resumable state of a descent: weights, the optimizer's memory, random state, curves.

    Parameters
    ----------
    optimizer : type or None
        The class of the optimizer; only this class can use the memories.
    w : ndarray of shape (n_weights,) or None
        The weights of the last iteration; None before the first evaluation.
    value : float
        J at `w`.
    memory : object
        The optimizer's memory after the last iteration; None if it has none.
    best_w : ndarray of shape (n_weights,) or None
        The weights to return: those with the lowest J, or with the lowest validation cost if
        `stops_early`.
    best_value : float
        J at `best_w`.
    best_score : float
        The cost by which `best_w` was chosen.
    best_memory : object
        The optimizer's memory after the iteration that led to `best_w`.
    start_value : float
        J before the first step.
    curve, validation_curve : ndarray of shape (n_iter,) and (n_iter,) or (0,)
        J and the validation cost after each iteration.
    lowest : ndarray of shape (n_judged,)
        The lowest J up to each iteration of `fit`. Iterations of `partial_fit` are not included,
        since the stopping criteria do not apply to them.
    reference : float
        The last validation cost that counted as an improvement.
    reference_iter : int
        The iteration that reached `reference`.
    stops_early : bool
        Whether the descent used early stopping.
    rng_state : dict or None
        State of the random generator, for batches.
    n_starts : int
        Number of random starts so far, including this one.
    n_evaluations : int
        Number of evaluations on all samples, including those of other starts.
    scaling : Standardisation or None
        The coordinates of the weights and memories; None for the original features.
    """

    optimizer: type | None = None
    w: NDArray[np.float64] | None = None
    value: float = np.inf
    memory: Any = None
    best_w: NDArray[np.float64] | None = None
    best_value: float = np.inf
    best_score: float = np.inf
    best_memory: Any = None
    start_value: float = np.inf
    curve: NDArray[np.float64] = field(default_factory=_no_values)
    validation_curve: NDArray[np.float64] = field(default_factory=_no_values)
    lowest: NDArray[np.float64] = field(default_factory=_no_values)
    reference: float = np.inf
    reference_iter: int = 0
    stops_early: bool = False
    rng_state: dict[str, Any] | None = None
    n_starts: int = 1
    n_evaluations: int = 0
    scaling: Standardisation | None = None

    def copy(self) -> Self:
        """Copy the state, including the memories, so that the optimizer cannot modify it.

        Returns
        -------
        DescentState
        """
        # copied together, because they may be the same object
        memory, best_memory = deepcopy((self.memory, self.best_memory))
        return replace(self, memory=memory, best_memory=best_memory)

    def curve_and(self, value: float) -> NDArray[np.float64]:
        """Return the curve with one more value, as a read-only array; the state is not modified.

        Parameters
        ----------
        value : float

        Returns
        -------
        curve : ndarray of shape (n_iter + 1,)
        """
        return extended(self.curve, value)

    def belongs_to(self, optimizer: object, w0: NDArray[np.floating] | None) -> bool:
        """Whether this descent returned `w0` and used an optimizer of the same class.

        The weights are compared in float32, because the estimator may have stored them so.

        Parameters
        ----------
        optimizer : Optimizer
        w0 : ndarray of shape (n_weights,) or None

        Returns
        -------
        bool
        """
        if w0 is None or self.best_w is None or self.optimizer is not type(optimizer):
            return False
        w = self.best_w if self.scaling is None else self.scaling.from_scaled(self.best_w)
        return np.array_equal(w.astype(np.float32), w0.astype(np.float32))

    def fits(self, objective: Objective, validation: Objective | None) -> bool:
        """Whether data and penalty are those of this descent, judged by its last costs.

        Parameters
        ----------
        objective : Objective
        validation : Objective or None
            The cost of validation data.

        Returns
        -------
        bool
            True if J, and the validation cost, are the same up to rounding.
        """
        if (validation is None) != (not len(self.validation_curve)):
            return False
        assert self.w is not None
        now, then = [objective.value(self.w)], [self.value]
        if validation is not None:
            now.append(validation.value(self.w))
            then.append(self.validation_curve[-1])
        rounding = np.finfo(objective.dtype).eps ** 0.75  # 2e-12 and 6e-6
        return np.allclose(now, then, rtol=rounding, atol=0)

    def result(
        self, status: Status, validation: Objective | None = None, warning: str = ""
    ) -> SolverResult:
        """Return the result of the descent: its best weights and its curves.

        After a divergence, the result has no state to resume.

        Parameters
        ----------
        status : Status
        validation : Objective or None
            The cost of validation data.
        warning : str, default=""

        Returns
        -------
        SolverResult
        """
        assert self.best_w is not None
        validation_curve = validation_value = None
        if validation is not None:
            validation_curve = _given_away(self.validation_curve)
            validation_value = validation.value(self.best_w)
        return SolverResult(
            w=self.best_w,
            value=self.best_value,
            n_iter=len(self.curve),
            n_evaluations=self.n_evaluations,
            status=status,
            loss_curve=_given_away(self.curve),
            validation_loss_curve=validation_curve,
            validation_value=validation_value,
            warning=warning,
            state=None if status is Status.DIVERGED else self,
        )


def _given_away(curve: NDArray[np.float64]) -> NDArray[np.float64]:
    """Copy the curve, so that the user may modify it; a read-only curve is returned as it is."""
    return curve.copy() if curve.flags.writeable else curve


def extended(curve: NDArray[np.float64], value: float) -> NDArray[np.float64]:
    """Return a curve with one more value, in amortised constant time.

    The curve is the beginning of a larger array, its `base`, whose unused elements are NaN. If the
    next element is unused, the value is written there. If another curve already uses it, or if
    there is no such array, the curve is copied to a new array of twice its length.

    Parameters
    ----------
    curve : ndarray of shape (n_iter,)
    value : float
        Finite.

    Returns
    -------
    curve : ndarray of shape (n_iter + 1,), float64, read-only
        It shares memory with the curves that extend it.

    Examples
    --------
    >>> import numpy as np
    >>> from skbackprop.optimizers._state import extended
    >>> extended(extended(np.array([3.0]), 2.0), 1.0)
    array([3., 2., 1.])
    """
    n, room = len(curve), curve.base
    if room is None or not _has_room(room, n):
        room = np.full(max(_LEAST_ROOM, 2 * n), np.nan)
        room[:n] = curve
    room[n] = value
    longer = room[: n + 1]
    longer.flags.writeable = False
    return longer


def _has_room(room: object, n: int) -> bool:
    """Whether element n of an array exists and is unused."""
    if not isinstance(room, np.ndarray) or room.ndim != 1 or len(room) <= n:
        return False
    return bool(np.isnan(room[n]))
