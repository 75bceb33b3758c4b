"""The path of a fit through the space of weights, and when it was where."""

import time
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import wraps

import numpy as np
from sklearn.base import clone

from .._params._registry import resolve
from ..model._batched import Candidates
from ..model._feature_scaling import FeatureScaling
from ..model._objective import Objective
from ..solvers import SOLVERS
from ._problem import split

__all__ = ["RecordedObjective", "Track", "record_fit", "record_path"]


@dataclass
class Track:
    """One way through the weights: a start and what the solver reported after it.

    Parameters
    ----------
    start : ndarray of shape (n_weights,) or None
        Where it began; None for a search from nowhere.
    began : float
        `time.perf_counter()` at the start.
    steps : list of ndarray of shape (n_weights,)
        The weights after each iteration.
    n_evaluations : list of int
        So far, a number for each step.
    seconds : list of float
        Since the start, a number for each step.
    losses, validation_losses : list of float
        J, and that of validation data, for each step; None for the latter without any.
    """

    start: np.ndarray | None = None
    began: float = field(default_factory=time.perf_counter)
    steps: list = field(default_factory=list)
    n_evaluations: list = field(default_factory=list)
    seconds: list = field(default_factory=list)
    losses: list = field(default_factory=list)
    validation_losses: list = field(default_factory=list)

    @property
    def path(self):
        """Weights at the start and after each step, (n_steps, n_weights)."""
        return np.array(self.steps if self.start is None else [self.start, *self.steps])

    def passes(self, w):
        """Whether w is on the path."""
        return any(np.array_equal(w, point) for point in self.path)


@dataclass
class Recorder:
    """What is heard of a solve: its tracks, one for each start, and its result."""

    tracks: list = field(default_factory=list)
    result: object = None

    def begin(self, w):
        """A new track starts at w, None if the solver chooses."""
        self.tracks.append(Track(None if w is None else np.array(w, dtype=np.float64)))

    def hear(self, progress):
        """Take note of a step, with a copy of its weights: some solvers use the memory again."""
        if getattr(progress, "status", None) is not None:
            return  # the end of one of several starts is no step
        track = self.tracks[-1]
        track.seconds.append(time.perf_counter() - track.began)
        track.n_evaluations.append(progress.n_evaluations)
        track.losses.append(progress.value)
        track.validation_losses.append(progress.validation_value)
        track.steps.append(np.array(progress.w, dtype=np.float64))

    @property
    def best(self):
        """The track that led to the weights of the result."""
        leading = (track for track in reversed(self.tracks) if track.passes(self.result.w))
        return next(leading, self.tracks[-1])


class RecordedObjective(Objective):
    """An objective that reports initial weights and Monte Carlo draws to callbacks.

    The callbacks are not pickled: a copy in another process reports nothing.
    """

    @classmethod
    def of(cls, objective, *, on_start=None, on_draws=None):
        """The same objective; ``on_start(w)`` and ``on_draws(V1, V2)`` are called.

        V1 has hidden layers, (n_layers, ...), and V2 the output layers that are tried with each
        of them, (n_layers, n_shared, ...).
        """
        recorded = cls(objective.network, objective.loss, objective.penalty, objective.data)
        scaling = _ReportedStart(objective.network, objective.data, on_start)
        recorded.__dict__["feature_scaling"] = scaling if on_start else objective.feature_scaling
        candidates = _ReportedDraws(recorded, on_draws)
        recorded.__dict__["candidates"] = candidates if on_draws else objective.candidates
        return recorded


@dataclass(frozen=True, eq=False)
class _ReportedStart(FeatureScaling):
    """Feature scaling that reports each random start."""

    on_start: Callable

    def initial_weights(self, rng):
        w = super().initial_weights(rng)
        self.on_start(w)
        return w


@dataclass(frozen=True, eq=False)
class _ReportedDraws(Candidates):
    """Candidates that reports the draws of Monte Carlo."""

    on_draws: Callable

    def best_of(self, V1, V2):
        self.on_draws(V1, V2)
        return super().best_of(V1, V2)


def _listening(solver, recorder):
    """A copy of a solver that lets a recorder hear how it goes.

    It is of a class derived from the solver's own, whose copies listen too, so that to the
    estimator it is what the solver is.
    """
    kind = type(solver)

    @wraps(kind.solve)
    def solve(self, objective, w0=None, *, n_jobs=None, callback=None, **options):
        recorder.begin(w0)

        def listen(progress):
            recorder.hear(progress)
            return callback is not None and callback(progress)

        recorder.result = kind.solve(
            self,
            RecordedObjective.of(objective, on_start=recorder.begin),
            w0,
            n_jobs=1,  # workers tell nothing; the answer is the same
            callback=listen,
            **options,
        )
        return recorder.result

    listener = clone(solver)
    listener.__class__ = type(kind.__name__, (kind,), {"solve": solve, "__doc__": kind.__doc__})
    return listener


def record_fit(estimator, X, y, **fit_params):
    """Fit a clone and listen: the fitted clone and the `Track` that led to its weights."""
    fitted = clone(estimator)
    network, _ = split(fitted)
    network._check_parameters()  # before the solver is made of its name
    solver, recorder = network.solver, Recorder()
    listener = _listening(resolve(solver, SOLVERS), recorder)
    network.solver = listener
    fitted.fit(X, y, **fit_params)
    network.solver = solver
    network.solver_.__class__ = kind = type(listener).__base__
    network._solver_state = kind, network._solver_state[1]
    return fitted, recorder.best


def record_path(estimator, X, y, **fit_params):
    """Fit a clone of an estimator and record the weights on its way.

    Parameters
    ----------
    estimator : BackpropClassifier, BackpropRegressor, or Pipeline that ends in one
        It is left as it is.
    X : array-like or sparse matrix of shape (n_samples, n_features)
    y : array-like of shape (n_samples,) or (n_samples, n_outputs)
    **fit_params : dict
        Passed to `fit`.

    Returns
    -------
    fitted : estimator
        The clone, fitted as `estimator` would be with the same `random_state`.
    path : ndarray of shape (n_steps, n_weights), float64
        The random start, where there is one, and the weights behind each entry of
        `loss_curve_`: those after each iteration of gradient descent, or the best so far of
        a search. Of several starts, it is the path of the best one. Their order is W1, b1,
        W2, b2, each row by row; without intercept W1, W2.

    Raises
    ------
    TypeError
        If `estimator` is another estimator.
    ValueError
        If the fit raises it.

    Notes
    -----
    The fit runs on one worker, since others could not report. The weights are the same.

    Examples
    --------
    >>> from skbackprop import BackpropClassifier
    >>> from skbackprop.inspection import record_path
    >>> X, y = [[0, 0], [0, 1], [1, 0], [1, 1]], [0, 1, 1, 0]
    >>> model = BackpropClassifier(2, loss="squared_error", alpha=1e-4, random_state=0)
    >>> fitted, path = record_path(model, X, y)
    >>> path.shape == (fitted.n_iter_ + 1, 9)
    True
    """
    fitted, track = record_fit(estimator, X, y, **fit_params)
    return fitted, track.path
