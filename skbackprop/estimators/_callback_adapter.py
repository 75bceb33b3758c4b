"""The bridge from a solver's plain callback to scikit-learn's callbacks.

scikit-learn 1.9 brought them. With an older one the estimators have no `set_callbacks`, and
everything else is as it is.

A fit is a tree of tasks: fit -> restart -> iteration for gradient descent, fit -> batch for
the searches.
"""

import math
import time
from functools import cached_property

from sklearn.utils import _safe_indexing

from ..solvers import GradientDescent

try:
    from sklearn.callback import CallbackSupportMixin as CallbackSupport
    from sklearn.callback import with_callbacks
except ImportError:

    class CallbackSupport:
        """Nothing: this scikit-learn has no callbacks."""

    def with_callbacks(method):
        """Return the method as it is."""
        return method


__all__ = [
    "CallbackSupport",
    "TrainingData",
    "bridge",
    "forget_callbacks",
    "together",
    "with_callbacks",
]

# A search counts at most so many batches, each of at least so many evaluations: a thousandth
# is more than a bar can show, and 128 draws are the least that Monte Carlo does at once.
_MOST_BATCHES, _LEAST_BATCH = 1_000, 128
# What scikit-learn hangs on an estimator for the time of a fit, and the callbacks themselves.
_OF_CALLBACKS = (
    "_skl_callbacks",
    "_skl_callbacks_to_teardown",
    "_callback_fit_ctx",
    "_parent_callback_ctx",
)


def together(*callbacks):
    """One callback of a solver from several, each of which always hears; None from none.

    Parameters
    ----------
    *callbacks : callables or None

    Examples
    --------
    >>> from skbackprop.estimators._callback_adapter import together
    >>> together(None, None) is None
    True
    >>> together(print, lambda progress: True)("each hears")
    each hears
    True
    """
    callbacks = [callback for callback in callbacks if callback is not None]
    if len(callbacks) < 2:
        return callbacks[0] if callbacks else None

    def all_of_them(progress):
        stops = [callback(progress) for callback in callbacks]
        return any(stops)

    return all_of_them


def forget_callbacks(estimator):
    """Take off an estimator all that scikit-learn's callbacks hang on it.

    Parameters
    ----------
    estimator : estimator instance
        It is written to.

    Returns
    -------
    estimator : estimator instance
    """
    for name in _OF_CALLBACKS:
        estimator.__dict__.pop(name, None)
    return estimator


class TrainingData:
    """Samples as callbacks see them: a data frame stays one, so that feature names agree.

    Parameters
    ----------
    X : array-like or sparse matrix
        As the user gave it.
    samples : Samples
        What was made of it.
    """

    def __init__(self, X, samples):
        self._given, self._samples = X, samples

    @cached_property
    def X(self):
        """The rows of X that are fitted to."""
        if not hasattr(self._given, "columns"):
            return self._samples.X
        rows = self._samples.rows
        return self._given if rows is None else _safe_indexing(self._given, rows)

    @property
    def y(self):
        """Their y."""
        return self._samples.y

    @property
    def sample_weight(self):
        """Their weights, None if there are none."""
        return self._samples.weight


def bridge(estimator, objective, data, validation):
    """The solver's callback that calls the estimator's; None if it has none.

    Parameters
    ----------
    estimator : BaseBackprop
        With `solver_`.
    objective : Objective
    data : TrainingData
    validation : TrainingData or None

    Returns
    -------
    callable or None
        ``callback(Progress) -> bool``, with a method `finish`.
    """
    if not getattr(estimator, "_skl_callbacks", None):
        return None
    kind = _Descent if isinstance(estimator.solver_, GradientDescent) else _Search
    return kind(estimator, objective, data, validation)


class _Bridge:
    """What the two kinds of trees share: the hooks."""

    def __init__(self, estimator, objective, data, validation):
        self._estimator, self._objective = estimator, objective
        self._data, self._validation = data, validation
        weight = data.sample_weight
        self._metadata = None if weight is None else {"sample_weight": weight}
        self._root = self._begin(estimator._init_callback_context(**self._shape()))

    def _begin(self, context):
        context.validation_data = self._validation
        return context.call_on_fit_task_begin(estimator=self._estimator, **self._shown)

    def _end(self, context, progress):
        """End a task where `progress` has come to; whether a callback wants to stop."""
        return context.call_on_fit_task_end(
            estimator=self._estimator,
            reconstruction_attributes=lambda: self._estimator._fitted_attributes(
                progress.result(), self._objective
            ),
            **self._shown,
        )

    def _close(self, context):
        """End a task when the estimator itself is fitted."""
        context.call_on_fit_task_end(
            estimator=self._estimator, reconstruction_attributes={}, **self._shown
        )

    @property
    def _shown(self):
        return {"X": lambda: self._data.X, "y": self._data.y, "metadata": self._metadata}

    def finish(self):
        """End what is still open; the estimator is fitted."""
        self._close(self._root)


class _Descent(_Bridge):
    """fit -> restart -> iteration."""

    def __init__(self, *args):
        self._open, self._closed = {}, set()
        super().__init__(*args)
        if self._estimator.solver_.n_init == 1:
            self._restart(0)

    def _shape(self):
        # restarts that run side by side begin in any order
        return {"max_subtasks": self._estimator.solver_.n_init, "sequential_subtasks": False}

    def _restart(self, number):
        """The task of a start, begun if it has not been."""
        if number not in self._open:
            self._open[number] = self._begin(
                self._root.subcontext(
                    "restart", task_id=number, max_subtasks=self._estimator.solver_.max_iter
                )
            )
        return self._open[number]

    def __call__(self, progress):
        number = progress.restart or 0
        restart = self._restart(number)
        if progress.status is not None:
            self._closed.add(number)
            stop = self._end(restart, progress)
            if stop:  # those after it do not count, whether they have begun or not
                self._root.last_restart = min(number, getattr(self._root, "last_restart", number))
            return stop
        # an iteration is known to be one only when it has been done
        return self._end(self._begin(restart.subcontext("iteration")), progress)

    def finish(self):
        for number, restart in self._open.items():
            if number not in self._closed:
                self._close(restart)
        super().finish()


class _Search(_Bridge):
    """fit -> batch, a batch being a share of the budget, or of the time that is given."""

    def __init__(self, *args):
        self._n_done, self._begun = 0, time.monotonic()
        super().__init__(*args)
        max_time = getattr(self._estimator.solver_, "max_time", None)
        self._seconds = min(
            math.inf if max_time is None else max_time,
            getattr(self._root, "deadline", math.inf) - self._begun,
        )

    def _shape(self):
        self._budget = self._estimator.solver_.budget(self._objective)
        self._n_batches = self._budget and min(max(1, self._budget // _LEAST_BATCH), _MOST_BATCHES)
        return {"max_subtasks": self._n_batches}

    def __call__(self, progress):
        """End the batches that are over; all but the last have nothing to show."""
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

    def _due(self, progress):
        """The number of batches that are over."""
        if self._n_batches is None:
            return self._n_done + 1
        spent = progress.n_evaluations / self._budget
        passed = (time.monotonic() - self._begun) / self._seconds
        return min(int(max(spent, passed) * self._n_batches), self._n_batches)
