"""The path of a fit through the space of weights, with the time and J of each step."""

import time
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import wraps
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray
from sklearn.base import clone
from sklearn.pipeline import Pipeline

from ..estimators._base import BaseBackprop
from ..model._objective import Objective
from ..solvers import Progress, Solver, SolverResult
from ._problem import MatrixLike, fitted_with, split, valid_solver
from ._reporting_objective import reporting_objective

__all__ = ["Track", "record_fit", "record_path"]


def record_path(
    estimator: BaseBackprop | Pipeline, X: MatrixLike, y: ArrayLike, **fit_params: Any
) -> tuple[BaseBackprop | Pipeline, NDArray[np.float64]]:
    """Fit a clone of an estimator and record its weights in the course of the fit.

    Parameters
    ----------
    estimator : BackpropClassifier, BackpropRegressor, or Pipeline that ends in one
        It is not changed.
    X : array-like or sparse matrix of shape (n_samples, n_features)
    y : array-like of shape (n_samples,) or (n_samples, n_outputs)
    **fit_params : dict
        Passed to `fit`.

    Returns
    -------
    fitted : estimator
        The clone, fitted as `estimator` would be with the same `random_state`.
    path : ndarray of shape (n_steps, n_weights), float64
        The random start, if there is one, and the weights behind each entry of
        `loss_curve_`: the weights after each iteration of gradient descent, or the best
        weights so far of a search. With several starts it is the path of the best one. The
        order of the weights is W1, b1, W2, b2, each row by row; without intercepts W1, W2.

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


def record_fit(
    estimator: BaseBackprop | Pipeline, X: MatrixLike, y: ArrayLike, **fit_params: Any
) -> tuple[Any, "Track"]:
    """Fit a clone; return it and the `Track` that led to its weights."""
    fitted = clone(estimator)
    network, _ = split(fitted)
    recorder = Recorder()
    with fitted_with(network, _recorded(valid_solver(network), recorder)):
        fitted.fit(X, y, **fit_params)
    return fitted, recorder.best


@dataclass
class Track:
    """One path through the weights: a start, and what the solver reported after it.

    Parameters
    ----------
    start : ndarray of shape (n_weights,) or None
        The first weights; None for a search that has none.
    began : float
        `time.perf_counter()` at the start.
    steps : list of ndarray of shape (n_weights,)
        The weights after each iteration.
    n_evaluations : list of int
        The evaluations so far, at each step.
    seconds : list of float
        The seconds since the start, at each step.
    losses, validation_losses : list of float
        J and J of the validation data at each step; the latter is None without any.
    """

    start: NDArray[np.float64] | None = None
    began: float = field(default_factory=time.perf_counter)
    steps: list[NDArray[np.float64]] = field(default_factory=list)
    n_evaluations: list[int] = field(default_factory=list)
    seconds: list[float] = field(default_factory=list)
    losses: list[float] = field(default_factory=list)
    validation_losses: list[float | None] = field(default_factory=list)

    @property
    def path(self) -> NDArray[np.float64]:
        """Weights at the start and after each step, (n_steps, n_weights)."""
        return np.array(self.steps if self.start is None else [self.start, *self.steps])

    def passes(self, w: NDArray) -> bool:
        """Whether w is on the path."""
        return any(np.array_equal(w, point) for point in self.path)


@dataclass
class Recorder:
    """The record of a solve: a track for each start, and the weights of the result."""

    tracks: list[Track] = field(default_factory=list)
    w: NDArray | None = None

    def begin(self, w: NDArray | None) -> None:
        """Begin a new track at w; None if the solver chooses the start."""
        self.tracks.append(Track(None if w is None else np.array(w, dtype=np.float64)))

    def add(self, progress: Progress) -> None:
        """Add a step, with a copy of its weights, since some solvers reuse the memory."""
        if progress.status is not None:
            return  # the end of one of several starts is not a step
        track = self.tracks[-1]
        track.seconds.append(time.perf_counter() - track.began)
        track.n_evaluations.append(progress.n_evaluations)
        track.losses.append(progress.value)
        track.validation_losses.append(progress.validation_value)
        track.steps.append(np.array(progress.w, dtype=np.float64))

    @property
    def best(self) -> Track:
        """The track that led to the weights of the result."""
        w = np.empty(0) if self.w is None else self.w
        leading = (track for track in reversed(self.tracks) if track.passes(w))
        return next(leading, self.tracks[-1])


def _recorded(solver: Solver, recorder: Recorder) -> Solver:
    """A copy of a solver whose solves are recorded.

    Its class is derived from the solver's own, so that the estimator treats it alike, and its
    copies are recorded too.
    """
    kind = type(solver)

    @wraps(kind.solve)
    def solve(
        self: Solver,
        objective: Objective,
        w0: NDArray | None = None,
        *,
        n_jobs: int | None = None,
        callback: Callable[[Progress], bool] | None = None,
        **options: Any,
    ) -> SolverResult:
        recorder.begin(w0)

        def record(progress: Progress) -> bool:
            recorder.add(progress)
            return callback is not None and callback(progress)

        result = kind.solve(
            self,
            reporting_objective(objective, on_start=recorder.begin),
            w0,
            n_jobs=1,  # other workers cannot report; the answer is the same
            callback=record,
            **options,
        )
        recorder.w = result.w
        return result

    stand_in = clone(solver)
    stand_in.__class__ = type(kind.__name__, (kind,), {"solve": solve, "__doc__": kind.__doc__})
    return stand_in
