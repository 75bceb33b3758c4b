"""What happens after an iteration, the same for every optimizer."""

from copy import deepcopy
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np

from .._execution._result import Progress, SolverResult, Status

__all__ = ["Monitor", "Patience", "Record"]

# Relative changes of J below this are rounding, float32's included.
_ROUNDING = 1e-6
# Places of the smallest array that a curve of `partial_fit` grows in.
_LEAST_ROOM = 16
# Iterations over which a descent is judged that has hardly left the cost of a constant answer:
# plateaus there are long. A descent has left it when this share of that cost is gone.
_PLATEAU_WINDOW, _LEFT_PLATEAU = 100, 0.1
# Ends that nobody asked for.
_ON_ITS_OWN = {Status.MAX_ITER, Status.CONVERGED, Status.EARLY_STOPPED}


@dataclass
class Record:
    """Where a descent stands, and all that is needed to go on from there.

    Parameters
    ----------
    w : ndarray of shape (n_weights,) or None
        The weights of the last iteration, None before the first evaluation.
    value : float
        J there.
    optimizer : type or None
        The class that made it, which alone understands `state`.
    state : object
        The optimizer's own, None where it has none.
    rng_state : dict or None
        State of the random generator, for batches.
    n_starts : int
        Starts tried so far, this one among them.
    early : bool
        Whether the best weights are those with the lowest validation cost, and not J.
    best_w : ndarray of shape (n_weights,) or None
        The weights to return: those with the lowest J, or validation cost with early
        stopping.
    best_value, best_score : float
        J there, and what they were chosen by.
    best_state : object
        The optimizer's own after the iteration that led to `best_w`.
    start_value : float
        J before the first step.
    curve, validation_curve : list of float
        J and the validation cost after each iteration. After `partial_fit`, `curve` is an
        array; see `extended`.
    lowest : list of float
        The lowest J up to each iteration.
    mark, last_gain : float and int
        The lowest validation cost that was a gain, above its floor, and the iteration of it.
    n_evaluations : int
    """

    w: np.ndarray | None = None
    value: float = np.inf
    optimizer: type | None = None
    state: Any = None
    rng_state: dict | None = None
    n_starts: int = 1
    early: bool = False
    best_w: np.ndarray | None = None
    best_value: float = np.inf
    best_score: float = np.inf
    best_state: Any = None
    start_value: float = np.inf
    curve: list = field(default_factory=list)
    validation_curve: list = field(default_factory=list)
    lowest: list = field(default_factory=list)
    mark: float = np.inf
    last_gain: int = 0
    n_evaluations: int = 0

    def copy(self):
        """A record that can be written on, apart from this one."""
        lists = {
            name: list(getattr(self, name)) for name in ("curve", "validation_curve", "lowest")
        }
        # weights are never written to, only replaced
        memo = {}  # the two states may be one
        states = ("state", "best_state", "rng_state")
        own = {name: deepcopy(getattr(self, name), memo) for name in states}
        return replace(self, **lists, **own)

    def curve_and(self, value):
        """The curve with one value more, a read-only array; the record is left as it is."""
        return extended(self.curve, value)

    def result(self, status, validation=None):
        """What is returned of the descent: the best weights seen.

        After a divergence there is nothing to go on with.

        Parameters
        ----------
        status : Status
        validation : Objective or None
        """
        validated = validation is not None
        return SolverResult(
            w=self.best_w,
            value=self.best_value,
            n_iter=len(self.curve),
            n_evaluations=self.n_evaluations,
            status=status,
            loss_curve=np.asarray(self.curve),
            validation_loss_curve=np.array(self.validation_curve) if validated else None,
            validation_value=validation.value(self.best_w) if validated else None,
            state=None if status is Status.DIVERGED else self,
        )


@dataclass(frozen=True)
class Patience:
    """When the end of a descent has come.

    Parameters
    ----------
    max_iter : int
        Iterations after which to stop.
    tol : float
        Converged when what is left of J, above its floor, falls by less than this share of
        itself per iteration, on average over the last `window`, or 100 while J is within a tenth
        of that of a constant answer; or when no component of the
        gradient is more than this share of it; or when it is down to `tol` squared a sample.
    window : int
    n_iter_no_change : int or None
        Stop early when the validation cost has not fallen by the share `tol` of itself for
        so many iterations; None does not stop early.
    """

    max_iter: int
    tol: float
    window: int
    n_iter_no_change: int | None = None


def extended(curve, value):
    """A curve with one value more, in constant time on average.

    The curve is the beginning of a larger array, its `base`, whose free places are NaN. A place
    that another curve has taken is left alone: then, as when there is none, the curve moves to
    an array of twice its length.

    Parameters
    ----------
    curve : list of float or ndarray of shape (n_records,)
    value : float
        Finite.

    Returns
    -------
    curve : ndarray of shape (n_records + 1,), float64, read-only
        It shares its memory with the curves that come from it.

    Examples
    --------
    >>> from skbackprop.optimizers._monitor import extended
    >>> extended(extended([3.0], 2.0), 1.0)
    array([3., 2., 1.])
    """
    n, room = len(curve), getattr(curve, "base", None)
    if not _has_room(room, n):
        room = np.full(max(_LEAST_ROOM, 2 * n), np.nan)
        room[:n] = curve
    room[n] = value
    longer = room[: n + 1]
    longer.flags.writeable = False
    return longer


def _has_room(room, n):
    """Whether place n of an array is there, and free."""
    return isinstance(room, np.ndarray) and room.ndim == 1 and len(room) > n and np.isnan(room[n])


class Monitor:
    """Keeps the record of a descent, and says when to stop.

    Parameters
    ----------
    patience : Patience
    objective : Objective
    watch : callable
        ``watch(Progress) -> Status or None``, the clock and the callback.
    validation : Objective or None
        The cost of the validation data.
    record : Record or None
        That of a descent to go on with.
    rng : numpy.random.Generator or None
        Where the descent draws from; its state belongs to the record.
    """

    def __init__(self, patience, objective, watch, validation=None, record=None, rng=None):
        self._patience, self._watch, self._rng = patience, watch, rng
        self._floor = objective.lower_bound
        constant = objective.constant_value
        self._plateau = constant - _LEFT_PLATEAU * (constant - self._floor)
        self._validation_floor = 0.0 if validation is None else validation.lower_bound
        self._nothing_left = patience.tol**2 * objective.total_weight
        self._scale = objective.feature_scaling.largest_move
        self._validation = validation
        self.record = Record() if record is None else record
        self._done_before = len(self.record.curve)

    @property
    def started(self):
        """Whether there are weights to return."""
        return self.record.best_w is not None

    @property
    def n_evaluations(self):
        """Cost evaluations over the whole data; optimizers count them up."""
        return self.record.n_evaluations

    @n_evaluations.setter
    def n_evaluations(self, n):
        self.record.n_evaluations = n

    def start(self, w, value):
        """Take note of the weights before the first step.

        Returns
        -------
        Status or None
            The reason not to go on with a resumed descent, or from weights that leave nothing
            to learn, if there is one.
        """
        if self.started:
            return self._out_of_patience()
        self.record.start_value = value
        self._keep(w, value, self._validation_value(w), None)
        return Status.CONVERGED if value - self._floor <= self._nothing_left else None

    def __call__(self, w, value, note="", state=None):
        """Take note of an iteration.

        Parameters
        ----------
        w : ndarray of shape (n_weights,)
        value : float
            J at w.
        note : str
            Shown in verbose output.
        state : object
            What the optimizer needs, beside w, to go on from here in a later fit.

        Returns
        -------
        Status or None
            The reason to stop now, if there is one.
        """
        record, validation_value = self.record, self._validation_value(w)
        previous_w = record.w
        record.curve.append(value)
        record.lowest.append(min(value, record.lowest[-1] if record.lowest else record.start_value))
        if validation_value is not None:
            record.validation_curve.append(validation_value)
        self._keep(w, value, validation_value, state)
        n_iter = len(record.curve)
        progress = Progress(
            n_iter,
            record.n_evaluations,
            value,
            record.w,
            validation_value,
            note,
            previous_w,
            so_far=self._so_far,
        )
        stop = self._watch(progress) or self._out_of_patience()
        if stop is None and n_iter - self._done_before >= self._patience.max_iter:
            stop = Status.MAX_ITER
        return stop

    def flat(self, value, grad):
        """Whether the descent has come to its end, by J and its gradient.

        Both conditions are free of units: neither the number of samples nor the scale of
        their costs or features matters, as the gradient is taken by the move of z2 and z3.

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
        left = value - self._floor
        slope = np.abs(grad / self._scale).max()
        return left <= self._nothing_left or slope <= self._patience.tol * left

    def result(self, status):
        """The outcome, with the best weights seen.

        A descent that only rose from its start has diverged, however long it went on.
        """
        record = self.record
        rose = record.curve and record.curve[-1] > record.start_value * (1 + _ROUNDING)
        if rose and min(record.curve) >= record.start_value and status in _ON_ITS_OWN:
            status = Status.DIVERGED
        if not np.isfinite(record.best_value):
            status = Status.DIVERGED
        return record.result(status, self._validation)

    def _so_far(self):
        """The result if the descent were stopped here, untouched by how it goes on."""
        record = self.record.copy()
        if self._rng is not None:
            record.rng_state = deepcopy(self._rng.bit_generator.state)
        return record.result(Status.STOPPED, self._validation)

    def _validation_value(self, w):
        return None if self._validation is None else self._validation.value(w)

    def _keep(self, w, value, validation_value, state):
        """The new last weights, and the best ones if they are better."""
        record, early = self.record, self._patience.n_iter_no_change is not None
        record.w, record.value, record.state = np.array(w, dtype=np.float64), value, state
        score = validation_value if early else value
        if not np.isfinite([score, value]).all():
            score = np.inf
        if record.best_w is None or score < record.best_score:
            record.best_w, record.best_value, record.best_score = record.w, value, score
            record.best_state = state
        if early:
            left = validation_value - self._validation_floor
            if left < record.mark * (1 - self._patience.tol):
                record.mark, record.last_gain = left, len(record.curve)

    def _out_of_patience(self):
        """Whether the validation cost, or J, has all but stopped falling."""
        record, patience = self.record, self._patience
        if patience.n_iter_no_change is not None:
            waited = len(record.curve) - record.last_gain
            if waited >= patience.n_iter_no_change:
                return Status.EARLY_STOPPED
        lowest = record.lowest[-1] if record.lowest else record.start_value
        if lowest - self._floor <= self._nothing_left:
            return Status.CONVERGED
        window = patience.window
        if lowest > self._plateau:
            window = max(window, _PLATEAU_WINDOW)
        if len(record.lowest) <= window:
            return None
        fall = record.lowest[-1 - window] - lowest
        stalled = fall < window * patience.tol * (lowest - self._floor)
        return Status.CONVERGED if stalled else None
