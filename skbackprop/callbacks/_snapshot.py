"""A callback that writes the estimator to a file regularly during a fit."""

import os
import pickle
from copy import copy
from dataclasses import dataclass
from numbers import Integral
from pathlib import Path
from typing import TYPE_CHECKING
from uuid import uuid4

from sklearn.utils._param_validation import Interval, validate_params

from ..estimators._base import BaseBackprop
from ..estimators._callback_adapter import forget_callbacks
from ._per_fit import PerFitCallback, is_step

if TYPE_CHECKING:
    from sklearn.callback import CallbackContext

__all__ = ["Snapshot"]


@dataclass
class _Writings:
    """The state of the snapshots of one fit.

    Parameters
    ----------
    root : CallbackContext
        The task of the whole fit.
    n_steps : int
        Number of iterations or batches that have ended.
    start : CallbackContext or None
        The random start whose weights are in the file.
    loss : float
        J of the weights in the file.
    """

    root: "CallbackContext"
    n_steps: int = 0
    start: "CallbackContext | None" = None
    loss: float = float("inf")


class Snapshot(PerFitCallback[_Writings]):
    """Write the estimator to a file at regular intervals during a fit.

    If the process is killed during a fit, the file contains the estimator as if the fit had been
    stopped at the last snapshot. To continue, load it with `pickle.load` and fit it with
    ``warm_start=True``. Gradient descent then continues exactly from the snapshot.

    Parameters
    ----------
    path : str or os.PathLike
        The file. Each snapshot is first written to a temporary file in the same directory, which
        replaces this file when it is complete and on the disk. The file is therefore complete at
        any time.
    every : int, default=1
        Number of iterations or batches between two snapshots, >= 1. The file is also written when
        a start ends and when the fit ends.

    Raises
    ------
    ValueError
        If a parameter is invalid, or, when the fit begins, if `path` is not a file name in an
        existing directory.

    Notes
    -----
    The file is a pickle: load it only if you trust its source. The estimator in the file has no
    callbacks. With several random starts (`n_init`), the file contains the best one so far. The
    fits of clones, as in a grid search, write to the same file, so only the last one remains.

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
    >>> print(f"accuracy {model.score(X, y):.2f}, of the saved model {saved.score(X, y):.2f}")
    accuracy 0.98, of the saved model 0.98
    """

    @validate_params(
        {
            "path": [str, os.PathLike],
            "every": [Interval(Integral, 1, None, closed="left")],
        },
        prefer_skip_nested_validation=True,
    )
    def __init__(self, path: str | os.PathLike[str], every: int = 1) -> None:
        super().__init__()
        self.path = path
        self.every = every

    def _begin(self, context: "CallbackContext") -> _Writings:
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
        return _Writings(context)

    def on_fit_task_end(
        self,
        estimator: BaseBackprop,
        context: "CallbackContext",
        *,
        fitted_estimator: BaseBackprop | None = None,
    ) -> None:
        fit = self._fits[estimator]
        if context is fit.root:
            self._write(estimator)
        elif fitted_estimator is None:
            return
        elif not is_step(context):
            self._write_if_best(fit, context, fitted_estimator)
        else:
            fit.n_steps += 1
            if fit.n_steps % self.every == 0:
                self._write_if_best(fit, context.parent, fitted_estimator)

    def _write_if_best(
        self, fit: _Writings, start: "CallbackContext", fitted: BaseBackprop
    ) -> None:
        # The start that is in the file always overwrites it; another start needs a lower J.
        if start is fit.start or fit.start is None or fitted.loss_ < fit.loss:
            self._write(fitted)
            fit.start, fit.loss = start, fitted.loss_

    def _write(self, estimator: BaseBackprop) -> None:
        path = Path(self.path)
        temporary = path.with_name(f".{path.name}.{uuid4().hex}.tmp")
        try:
            with open(temporary, "xb") as file:
                pickle.dump(forget_callbacks(copy(estimator)), file)
                file.flush()
                os.fsync(file.fileno())
            os.replace(temporary, path)
        finally:
            temporary.unlink(missing_ok=True)
