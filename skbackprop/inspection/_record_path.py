"""The path of a fit in the space of weights, with the time and J of each step."""

import time
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import partial
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray
from sklearn.base import clone
from sklearn.pipeline import Pipeline

from .._collections import check_in_memory
from ..estimators._base import BaseBackprop
from ..estimators._solve import wrapped_solves
from ..model._objective import Objective
from ..solvers import Progress, SolverResult
from ..solvers._base import Callback
from ._problem import MatrixLike, split
from ._reporting_objective import reporting_objective

__all__ = ["Track", "record_fit", "record_path"]


def record_path(
    estimator: BaseBackprop | Pipeline, X: MatrixLike, y: ArrayLike, **fit_params: Any
) -> tuple[BaseBackprop | Pipeline, NDArray[np.float64]]:
    """Fit a clone of an estimator and record its weights during the fit.

    Parameters
    ----------
    estimator : BackpropClassifier, BackpropRegressor, or Pipeline that ends in one
        It is not modified.
    X : array-like or sparse matrix of shape (n_samples, n_features)
    y : array-like of shape (n_samples,) or (n_samples, n_outputs)
    **fit_params : dict
        Passed to `fit`.

    Returns
    -------
    fitted : estimator
        The fitted clone; the fit is the same as that of `estimator` with the same `random_state`.
    path : ndarray of shape (n_steps, n_weights), float64
        The initial weights, if any, followed by the weights of each entry of `loss_curve_`: the
        weights after each iteration of gradient descent, or the best weights so far of a search.
        If there are several starts, it is the path of the best start. The order of the weights is
        W1, b1, W2, b2, each row by row; without intercepts it is W1, W2.

    Raises
    ------
    TypeError
        If the type of `estimator` is not supported.
    ValueError
        If `fit` raises it, or if X or y is a dask collection.

    Notes
    -----
    The fit runs on one worker, because workers in other processes cannot report. This does not
    change the weights.

    Examples
    --------
    >>> from skbackprop import BackpropClassifier
    >>> from skbackprop.inspection import record_path
    >>> X, y = [[0, 0], [0, 1], [1, 0], [1, 1]], [0, 1, 1, 0]
    >>> model = BackpropClassifier(2, loss="squared_error", alpha=1e-4, random_state=0)
    >>> fitted, path = record_path(model, X, y)
    >>> path.shape[1], len(path) - fitted.n_iter_  # nine weights; the start and each iteration
    (9, 1)
    """
    fitted, track = record_fit(estimator, X, y, **fit_params)
    return fitted, track.path


def record_fit(
    estimator: BaseBackprop | Pipeline, X: MatrixLike, y: ArrayLike, **fit_params: Any
) -> tuple[Any, "Track"]:
    """Fit a clone; return it and the `Track` that led to its weights."""
    fitted = clone(estimator)
    network, _ = split(fitted)
    # a collection has an objective of its own, which does not report its starts and draws
    check_in_memory(X=X, y=y, **fit_params)
    recorder = Recorder()
    with wrapped_solves(network, partial(_recorded, recorder=recorder)):
        fitted.fit(X, y, **fit_params)
    return fitted, recorder.best


@dataclass
class Track:
    """One path in the space of weights: a start, and the reports of the solver after it.

    Parameters
    ----------
    start : ndarray of shape (n_weights,) or None
        The initial weights; None for a search without initial weights.
    began : float
        `time.perf_counter()` at the start.
    steps : list of ndarray of shape (n_weights,)
        The weights after each iteration.
    n_evaluations : list of int
        The number of evaluations up to each step.
    seconds : list of float
        The seconds from the start to each step.
    losses, validation_losses : list of float
        J and the cost of the validation data at each step; None if there are no such data.
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
        """Start a new track at w; w is None if the solver chooses the start."""
        self.tracks.append(Track(None if w is None else np.array(w, dtype=np.float64)))

    def add(self, progress: Progress) -> None:
        """Add a step with a copy of its weights, because some solvers reuse the memory."""
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


def _recorded(solve: Callable[..., SolverResult], recorder: Recorder) -> Callable:
    """Wrap the `solve` of a solver so that its progress is recorded."""

    def recorded(
        objective: Objective,
        w0: NDArray | None = None,
        *,
        n_jobs: int | None = None,
        callback: Callback | None = None,
        **options: Any,
    ) -> SolverResult:
        recorder.begin(w0)

        def record(progress: Progress) -> bool:
            recorder.add(progress)
            return callback is not None and bool(callback(progress))

        result = solve(
            reporting_objective(objective, on_start=recorder.begin),
            w0,
            n_jobs=1,  # other workers cannot report; the result is the same
            callback=record,
            **options,
        )
        recorder.w = result.w
        return result

    return recorded
