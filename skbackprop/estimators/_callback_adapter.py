"""The adapter between a solver's plain callback and scikit-learn's callbacks.

Callbacks exist in scikit-learn 1.9 and newer. With older versions the estimators have no
`set_callbacks`; everything else works.

A fit is a tree of tasks: fit -> restart -> iteration for gradient descent, fit -> batch for
the searches.
"""

from __future__ import annotations

import math
import time
from abc import ABC, abstractmethod
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from sklearn.base import BaseEstimator

from ..solvers import GradientDescent, Solver
from ._auto_alpha import given_alpha
from ._fit_in_progress import FitInProgress, TrainingData, while_it_fits
from ._penalty_path import MOST_VISITS

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from typing import TypeAlias

    from .._execution._result import Progress, SolverResult
    from ..model._objective import Objective

    Callback: TypeAlias = Callable[[Progress], bool | None]

try:
    from sklearn.callback import CallbackSupportMixin as CallbackSupport
    from sklearn.callback import with_callbacks
except ImportError:

    class CallbackSupport:  # type: ignore[no-redef]  # one of two definitions
        """Empty class: this version of scikit-learn has no callbacks."""

    def with_callbacks(method: Any) -> Any:
        """Return the method unchanged."""
        return method


__all__ = [
    "CallbackAdapter",
    "CallbackSupport",
    "callback_adapter",
    "combine_callbacks",
    "forget_callbacks",
    "with_callbacks",
]

# A search is divided into at most this many batches of at least this many evaluations: a progress
# bar cannot show less than a thousandth, and Monte Carlo makes at least 128 draws at once.
_MOST_BATCHES, _LEAST_BATCH = 1_000, 128
# The names under which scikit-learn keeps callbacks and their contexts on an estimator.
_OF_CALLBACKS = (
    "_skl_callbacks",
    "_skl_callbacks_to_teardown",
    "_callback_fit_ctx",
    "_parent_callback_ctx",
)


def combine_callbacks(*callbacks: Callback | None) -> Callback | None:
    """Combine callbacks of a solver into one.

    Every callback is called at every event. The solve is stopped if any of them returns True.

    Parameters
    ----------
    *callbacks : callables or None

    Returns
    -------
    callable or None
        None if there is nothing to call.

    Examples
    --------
    >>> from skbackprop.estimators._callback_adapter import combine_callbacks
    >>> print(combine_callbacks(None, None))
    None
    >>> combine_callbacks(print, lambda progress: True)("each is called")
    each is called
    True
    """
    some = [callback for callback in callbacks if callback is not None]
    if len(some) < 2:
        return some[0] if some else None

    def all_of_them(progress: Progress) -> bool:
        stops = [callback(progress) for callback in some]
        return any(stops)

    return all_of_them


def forget_callbacks(estimator: BaseEstimator) -> BaseEstimator:
    """Remove the callbacks that scikit-learn stores on an estimator.

    Parameters
    ----------
    estimator : estimator instance
        Modified in place.

    Returns
    -------
    estimator : estimator instance
    """
    for name in _OF_CALLBACKS:
        vars(estimator).pop(name, None)
    return estimator


@contextmanager
def callback_adapter(
    estimator: Any,
    solver: Solver,
    objective: Objective,
    attributes: Callable[[SolverResult], dict[str, Any]],
    data: TrainingData,
    validation: TrainingData | None,
) -> Iterator[CallbackAdapter | None]:
    """Context of a solver callback that calls the estimator's callbacks; None if it has none.

    Parameters
    ----------
    estimator : BaseBackprop
    solver : Solver
        The solver that will run.
    objective : Objective
    attributes : callable
        ``attributes(SolverResult)`` returns the fitted attributes by name.
    data : TrainingData
    validation : TrainingData or None
    """
    if not getattr(estimator, "_skl_callbacks", None):
        yield None
        return
    kind = DescentAdapter if isinstance(solver, GradientDescent) else SearchAdapter
    with while_it_fits(estimator, data, validation) as fit:
        yield kind(estimator, solver, objective, attributes, fit)


class CallbackAdapter(ABC):
    """A callback of solvers that reports a fit to scikit-learn's callbacks as a tree of tasks."""

    def __init__(
        self,
        estimator: Any,
        solver: Any,
        objective: Objective,
        attributes: Callable[[SolverResult], dict[str, Any]],
        fit: FitInProgress,
    ) -> None:
        self._estimator, self._solver, self._objective = estimator, solver, objective
        self._attributes, self._fit = attributes, fit
        weight = fit.data.sample_weight
        self._metadata = None if weight is None else {"sample_weight": weight}
        self._root = self._begin(estimator._init_callback_context(**self._shape()))

    @abstractmethod
    def _shape(self) -> dict[str, Any]:
        """Number of subtasks of the fit, and whether they run one after another."""

    @abstractmethod
    def __call__(self, progress: Progress) -> bool:
        """Report the progress; return whether a callback requests a stop."""

    def _begin(self, context: Any) -> Any:
        return context.call_on_fit_task_begin(estimator=self._estimator, **self._shown)

    def _end(self, context: Any, progress: Progress) -> bool:
        """End a task at `progress`; return whether a callback requests a stop."""
        return context.call_on_fit_task_end(
            estimator=self._estimator,
            # scikit-learn sets this attribute on a copy of the estimator
            reconstruction_attributes=lambda: {"_fitted": self._attributes(progress.result())},
            **self._shown,
        )

    def _close(self, context: Any) -> None:
        """End a task after the estimator itself is fitted."""
        context.call_on_fit_task_end(
            estimator=self._estimator, reconstruction_attributes={}, **self._shown
        )

    @property
    def _shown(self) -> dict[str, Any]:
        data = self._fit.data
        return {"X": lambda: data.X, "y": data.y, "metadata": self._metadata}

    def finish(self) -> None:
        """End the tasks that are still open, after the estimator is fitted."""
        self._close(self._root)


class DescentAdapter(CallbackAdapter):
    """fit -> restart -> iteration; before it fit -> penalty path -> penalty if alpha="auto"."""

    def __init__(self, *args: Any) -> None:
        self._open: dict[int, Any] = {}
        self._closed: set[int] = set()
        self._path: Any = None
        super().__init__(*args)
        if self._solver.n_init == 1:
            self._restart(0)

    def _shape(self) -> dict[str, Any]:
        chooses_penalty = given_alpha(self._estimator, self._solver) is None
        n_tasks = self._solver.n_init + chooses_penalty
        # restarts that run in parallel begin in any order
        return {"max_subtasks": n_tasks, "sequential_subtasks": False}

    def _restart(self, number: int) -> Any:
        """Return the task of a start, and begin it if necessary."""
        if number not in self._open:
            task = self._root.subcontext(
                "restart", task_id=number, max_subtasks=self._solver.max_iter
            )
            self._open[number] = self._begin(task)
        return self._open[number]

    def __call__(self, progress: Progress) -> bool:
        if progress.alpha is not None:
            return self._judge()
        number = progress.restart or 0
        restart = self._restart(number)
        if progress.status is not None:
            self._closed.add(number)
            return self._end(restart, progress)
        # begin and end the task here, since an iteration is reported only at its end
        return self._end(self._begin(restart.subcontext("iteration")), progress)

    def _judge(self) -> bool:
        """Report a penalty of the path, for which there is no fitted network yet."""
        if self._path is None:
            path = self._root.subcontext(
                "penalty path", task_id=self._solver.n_init, max_subtasks=MOST_VISITS
            )
            self._path = path.call_on_fit_task_begin(estimator=self._estimator)
        penalty = self._path.subcontext("penalty")
        penalty.call_on_fit_task_begin(estimator=self._estimator)
        return penalty.call_on_fit_task_end(estimator=self._estimator)

    def finish(self) -> None:
        if self._path is not None:
            self._path.call_on_fit_task_end(estimator=self._estimator)
        for number, restart in self._open.items():
            if number not in self._closed:
                self._close(restart)
        super().finish()


class SearchAdapter(CallbackAdapter):
    """fit -> batch, where a batch is a fraction of the budget or of the available time."""

    def __init__(self, *args: Any) -> None:
        self._n_done, self._begun = 0, time.monotonic()
        super().__init__(*args)
        max_time = getattr(self._solver, "max_time", None)
        self._seconds = math.inf if max_time is None else max_time

    def _shape(self) -> dict[str, Any]:
        self._budget = budget = self._solver.budget(self._objective)
        self._n_batches = budget and min(max(1, budget // _LEAST_BATCH), _MOST_BATCHES)
        return {"max_subtasks": self._n_batches}

    def __call__(self, progress: Progress) -> bool:
        """End the batches that are finished; only the last one has a fitted network."""
        stop, due = False, self._due(progress)
        while self._n_done < due:
            self._n_done += 1
            batch = self._root.subcontext("batch")
            if self._n_done < due:
                batch.call_on_fit_task_begin(estimator=self._estimator)
                stop |= batch.call_on_fit_task_end(estimator=self._estimator)
            else:
                stop |= self._end(self._begin(batch), progress)
        return stop

    def _due(self, progress: Progress) -> int:
        """Number of batches that are finished."""
        if self._n_batches is None:
            return self._n_done + 1
        spent = progress.n_evaluations / self._budget
        passed = (time.monotonic() - self._begun) / self._seconds
        return min(int(max(spent, passed) * self._n_batches), self._n_batches)
