"""Callbacks for `set_callbacks`, which scikit-learn brought with its release 1.9."""

import math
import os
import pickle
import time
from copy import copy
from dataclasses import dataclass, field
from numbers import Integral, Real
from pathlib import Path
from typing import Any
from uuid import uuid4

import sklearn
from sklearn.metrics import check_scoring
from sklearn.utils._param_validation import Interval, validate_params

from ..estimators._base import BaseBackprop
from ..estimators._callback_adapter import forget_callbacks
from ..estimators._fit_in_progress import fit_in_progress

try:
    from sklearn import callback as sklearn_callback
    from sklearn.callback import FitCallback
except ImportError:
    raise ImportError(
        f"skbackprop.callbacks needs scikit-learn 1.9 or newer, got {sklearn.__version__}: "
        f"pip install --upgrade scikit-learn; everything else of skbackprop works without"
    ) from None

__all__ = ["EarlyStopping", "ProgressBar", "Snapshot", "TargetLoss", "TimeLimit"]


class ProgressBar(sklearn_callback.ProgressBar):
    """The progress bar of scikit-learn, which needs the package rich.

    Set it on the outermost estimator: a pipeline or a search shows the bars of what is inside.

    Parameters
    ----------
    max_propagation_depth : int or None, default=1
        Levels of estimators inside others that have bars of their own; None shows all.

    Raises
    ------
    ImportError
        If rich is not installed: the extra ``progress`` brings it.

    Examples
    --------
    >>> from skbackprop import BackpropRegressor
    >>> from skbackprop.callbacks import ProgressBar
    >>> model = BackpropRegressor().set_callbacks(ProgressBar())  # doctest: +SKIP
    """

    def __init__(self, max_propagation_depth=1):
        try:
            super().__init__(max_propagation_depth)
        except ImportError as error:
            raise ImportError(
                "ProgressBar needs the package rich, which is not installed: "
                'pip install "skbackprop[progress]", or pip install rich'
            ) from error


# Attributes that say how the fit itself ended.
_END = {"status_", "message_"}


class _OfEachFit(FitCallback):
    """A callback that keeps the state of each fit apart from that of others.

    Clones share their callbacks, and may be fitted at the same time. A subclass says with
    `_begin(estimator, context)` what the state of a fit is.
    """

    def __init__(self):
        self._fits = {}

    def setup(self, estimator, context):
        if not isinstance(estimator, BaseBackprop):
            raise TypeError(
                f"{type(self).__name__} must be set on a BackpropClassifier or "
                f"BackpropRegressor, got {type(estimator).__name__}: call set_callbacks of the "
                f"estimator inside"
            )
        self._fits[estimator] = self._begin(estimator, context)

    def teardown(self, estimator, context):
        self._fits.pop(estimator, None)

    def on_fit_task_begin(self, estimator, context):
        pass

    def __getstate__(self):
        # a fit belongs to the process that it runs in
        return {**self.__dict__, "_fits": {}}


def _is_step(context):
    """Whether the task is an iteration or a batch."""
    return context.max_subtasks == 0 and context.parent is not None


@dataclass
class _Scores:
    """How the scores of a fit went, of each random start by itself, under its number."""

    root: Any
    fit: Any
    scorer: Any
    starts: dict = field(default_factory=dict)

    def best_estimator(self):
        """The one with the highest score, None without scores.

        Of equal scores that of the first start, in whatever order they ran. Starts after the
        one at whose end the fit was stopped do not count.
        """
        numbers = [number for number in sorted(self.starts) if number <= self.fit.last_restart]
        starts = [self.starts[number] for number in numbers]
        return max(starts, key=lambda start: start.best, default=_Start()).best_estimator


@dataclass
class _Start:
    """How the scores of a start went."""

    best: float = -math.inf
    best_estimator: Any = None
    mark: float = -math.inf
    waited: int = 0


class EarlyStopping(_OfEachFit):
    """Stop when a score no longer rises, and keep the weights where it was highest.

    The option ``early_stopping=True`` of `GradientDescent` does the same with J of the
    validation data; this callback does it with any scorer, and for the searches too.

    Parameters
    ----------
    scoring : str, callable or None, default=None
        A scorer, as in `sklearn.model_selection.cross_val_score`; None is the estimator's
        `score`.
    X_val : array-like of shape (n_val, n_features), default=None
        Validation data. Without them the score is that of the validation data of the fit:
        of `X_val` and `y_val` given to `fit`, or of the samples that the solver sets aside;
        and if there are none, of the training data.
    y_val : array-like of shape (n_val,) or (n_val, n_outputs), default=None
        Given if and only if `X_val` is.
    patience : int, default=10
        Iterations or batches, >= 1, to wait for a higher score.
    min_delta : float, default=0.0
        How much higher, >= 0, counts.

    Raises
    ------
    ValueError
        If a parameter is not what is expected.

    Notes
    -----
    What is scored after an iteration are the weights that the fit would return if it ended
    there: those with the lowest J so far. Of several random starts (`n_init`), each has its
    own patience. In the end the estimator is as it was at the highest score, the curves up
    to there included; only `status_` and `message_` tell how the fit itself ended.

    Examples
    --------
    >>> from sklearn.datasets import load_iris
    >>> from sklearn.model_selection import train_test_split
    >>> from skbackprop import BackpropClassifier
    >>> from skbackprop.callbacks import EarlyStopping
    >>> X, X_val, y, y_val = train_test_split(*load_iris(return_X_y=True), random_state=0)
    >>> model = BackpropClassifier(random_state=0)
    >>> model = model.set_callbacks(EarlyStopping("balanced_accuracy", patience=3))
    >>> model.fit(X, y, X_val=X_val, y_val=y_val).status_.name
    'STOPPED'
    """

    @validate_params(
        {
            "scoring": [str, callable, None],
            "patience": [Interval(Integral, 1, None, closed="left")],
            "min_delta": [Interval(Real, 0, None, closed="left")],
        },
        prefer_skip_nested_validation=True,
    )
    def __init__(self, scoring=None, *, X_val=None, y_val=None, patience=10, min_delta=0.0):
        super().__init__()
        if (X_val is None) != (y_val is None):
            got = "X_val" if y_val is None else "y_val"
            raise ValueError(
                f"X_val and y_val of EarlyStopping must be given together, got only {got!r}: "
                f"pass both, or none"
            )
        self.scoring = scoring
        self.X_val = X_val
        self.y_val = y_val
        self.patience = patience
        self.min_delta = min_delta

    def _begin(self, estimator, context):
        fit = fit_in_progress(estimator)
        return _Scores(context, fit, check_scoring(estimator, self.scoring))

    def on_fit_task_end(
        self, estimator, context, *, X=None, y=None, metadata=None, fitted_estimator=None
    ):
        fit = self._fits[estimator]
        if context is fit.root and (best := fit.best_estimator()) is not None:
            vars(estimator).update({k: v for k, v in vars(best).items() if k not in _END})
        if not _is_step(context) or fitted_estimator is None:
            return False
        score = self._score(fit, fitted_estimator, X, y, metadata)
        start = fit.starts.setdefault(context.parent.task_id, _Start())
        if score > start.best:
            start.best, start.best_estimator = score, fitted_estimator
        if score > start.mark + self.min_delta:
            start.mark, start.waited = score, 0
        else:
            start.waited += 1
        return start.waited >= self.patience

    def _score(self, fit, fitted, X, y, metadata):
        scorer = fit.scorer
        if self.X_val is not None:
            return scorer(fitted, self.X_val, self.y_val)
        held_out = fit.fit.validation
        if held_out is None:
            return scorer(fitted, X, y, **(metadata or {}))
        weight = held_out.sample_weight
        weights = {} if weight is None else {"sample_weight": weight}
        return scorer(fitted, held_out.X, held_out.y, **weights)


class TimeLimit(_OfEachFit):
    """Stop a fit after some seconds.

    The option `max_time` of the solvers does the same. The callback is for solvers that have no
    such option, and is no parameter of the estimator: searches and reprs leave it alone.

    Parameters
    ----------
    seconds : float
        > 0, of each fit by itself. A fit ends after the iteration or batch in which they
        are over.

    Raises
    ------
    ValueError
        If `seconds` is not what is expected.

    Examples
    --------
    >>> import numpy as np
    >>> from skbackprop import BackpropRegressor
    >>> from skbackprop.callbacks import TimeLimit
    >>> from skbackprop.solvers import MonteCarlo
    >>> X = np.linspace(-1, 1, 50)[:, None]
    >>> model = BackpropRegressor(solver=MonteCarlo(n_draws=10**9), random_state=0)
    >>> model.set_callbacks(TimeLimit(0.2)).fit(X, X[:, 0] ** 2).status_.name
    'STOPPED'
    """

    @validate_params(
        {"seconds": [Interval(Real, 0, None, closed="neither")]},
        prefer_skip_nested_validation=True,
    )
    def __init__(self, seconds):
        super().__init__()
        self.seconds = seconds

    def _begin(self, estimator, context):
        deadline = time.monotonic() + self.seconds
        # a search measures its progress by it, and so is heard of in time
        fit = fit_in_progress(estimator)
        fit.deadline = min(deadline, fit.deadline)
        return deadline

    def on_fit_task_end(self, estimator, context):
        return time.monotonic() >= self._fits[estimator]


class TargetLoss(_OfEachFit):
    """Stop a fit when J, the penalty included, is low enough.

    Parameters
    ----------
    value : float
        The fit ends when `loss_` is at most this.

    Raises
    ------
    ValueError
        If `value` is not what is expected.

    Examples
    --------
    >>> from skbackprop import BackpropRegressor
    >>> from skbackprop.callbacks import TargetLoss
    >>> xor = [[0, 0], [0, 1], [1, 0], [1, 1]]
    >>> model = BackpropRegressor(3, alpha=0, random_state=0).set_callbacks(TargetLoss(0.01))
    >>> bool(model.fit(xor, [0, 1, 1, 0]).loss_ <= 0.01), model.status_.name
    (True, 'STOPPED')
    """

    @validate_params({"value": [Real]}, prefer_skip_nested_validation=True)
    def __init__(self, value):
        super().__init__()
        self.value = value

    def _begin(self, estimator, context):
        return None

    def on_fit_task_end(self, estimator, context, *, fitted_estimator=None):
        return fitted_estimator is not None and fitted_estimator.loss_ <= self.value


@dataclass
class _Written:
    """What a fit has written: by which start, and J there."""

    root: Any
    done: bool = False
    n_steps: int = 0
    start: Any = None
    loss: float = float("inf")


class Snapshot(_OfEachFit):
    """Write the estimator, fitted so far, to a file again and again.

    When the process is killed in the middle of a fit, the file has the estimator as if the
    fit had been stopped there. To go on, load it with `pickle.load` and fit it with
    ``warm_start=True``. Gradient descent then goes on exactly where it was.

    Parameters
    ----------
    path : str or os.PathLike
        The file. It is replaced as a whole: a file beside it is written first, and moved
        over it when it is complete and on the disk. At any time there is a complete one.
    every : int, default=1
        Iterations or batches, >= 1, between two writings. It is written too when a start
        ends, and when the fit ends.

    Raises
    ------
    ValueError
        If a parameter is not what is expected.

    Notes
    -----
    The file is a pickle: load it only if you trust it. The estimator in it has no
    callbacks. Of several random starts (`n_init`), the best is written. Fits of clones, as
    in a grid search, write to the same file: the last one stays.

    Examples
    --------
    >>> import pickle
    >>> from pathlib import Path
    >>> from tempfile import TemporaryDirectory
    >>> from sklearn.datasets import load_iris
    >>> from skbackprop import BackpropClassifier
    >>> from skbackprop.callbacks import Snapshot
    >>> X, y = load_iris(return_X_y=True)
    >>> with TemporaryDirectory() as folder:
    ...     path = Path(folder, "iris.pickle")
    ...     model = BackpropClassifier(random_state=0).set_callbacks(Snapshot(path, every=10))
    ...     model = model.fit(X, y)
    ...     saved = pickle.loads(path.read_bytes())
    >>> bool(saved.loss_ == model.loss_)
    True
    """

    @validate_params(
        {
            "path": [str, os.PathLike],
            "every": [Interval(Integral, 1, None, closed="left")],
        },
        prefer_skip_nested_validation=True,
    )
    def __init__(self, path, every=1):
        super().__init__()
        self.path = path
        self.every = every

    def _begin(self, estimator, context):
        if not Path(self.path).name or Path(self.path).is_dir():
            raise ValueError(
                f"path of Snapshot must be that of a file, got {self.path!r}: add a file name"
            )
        folder = Path(self.path).parent
        if not folder.is_dir():
            raise ValueError(
                f"path of Snapshot must be in a directory that exists, got {self.path!r}: "
                f"create {str(folder)!r} first"
            )
        return _Written(context)

    def on_fit_task_end(self, estimator, context, *, fitted_estimator=None):
        fit = self._fits[estimator]
        if context is fit.root:
            fit.done = True
        elif fitted_estimator is None:
            return
        elif not _is_step(context):
            self._of_start(fit, context, fitted_estimator)
        else:
            fit.n_steps += 1
            if fit.n_steps % self.every == 0:
                self._of_start(fit, context.parent, fitted_estimator)

    def teardown(self, estimator, context):
        # the end of a fit is written here, since a callback after this one may change the weights
        if estimator in self._fits and self._fits[estimator].done:
            self._write(estimator)
        super().teardown(estimator, context)

    def _of_start(self, fit, start, fitted):
        # the start that is in the file writes on, another only if it is better
        if start is fit.start or fit.start is None or fitted.loss_ < fit.loss:
            self._write(fitted)
            fit.start, fit.loss = start, fitted.loss_

    def _write(self, estimator):
        path = Path(self.path)
        beside = path.with_name(f".{path.name}.{uuid4().hex}.tmp")
        try:
            with open(beside, "xb") as file:
                pickle.dump(forget_callbacks(copy(estimator)), file)
                file.flush()
                os.fsync(file.fileno())
            os.replace(beside, path)
        finally:
            beside.unlink(missing_ok=True)
