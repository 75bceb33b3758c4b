"""Gradient descent and its restarts; the optimizers are its variants."""

import time
from dataclasses import replace
from numbers import Integral, Real

import numpy as np
from joblib import effective_n_jobs
from sklearn.base import clone
from sklearn.utils._param_validation import Interval, StrOptions

from .._registry import NamedChoices, resolve
from .._result import Progress, Status
from .._watch import Watch
from ..optimizers import OPTIMIZERS, Monitor, Optimizer
from ._base import Solver
from ._parallel import in_order

__all__ = ["GradientDescent"]


class GradientDescent(NamedChoices, Solver):
    """Follow the gradient downhill: the lecture's third way, and the one that scales.

    Parameters
    ----------
    optimizer : {"auto", "adam", "lbfgs", "lm", "rprop", "sgd"} or Optimizer, default="auto"
        The variant; "auto" takes Levenberg-Marquardt where the loss has a Gauss-Newton form
        and an iteration costs some milliseconds at most (n_samples * n_outputs *
        n_weights^2 + n_weights^3 up to 6e7), else L-BFGS.
    max_iter : int, default=500
        Iterations of the optimizer, >= 1; for batches, passes over the samples.
    tol : float, default=1e-5
        Converged when no component of the gradient of the mean cost is larger, or when J fell
        by less than this share of itself per iteration over the last ten (first-order
        methods: hundred); >= 0.
    n_init : int, default=1
        Independent random starts, >= 1, of which the best is kept: the remedy against
        local minima. They run on `n_jobs` workers; the answer does not depend on how many.
    max_time : float or None, default=None
        Seconds, > 0, after which the descent ends with the best weights so far.

    Examples
    --------
    >>> from sklearn.datasets import load_iris
    >>> from sklearn.preprocessing import scale
    >>> from skbackprop import BackpropClassifier
    >>> X, y = load_iris(return_X_y=True)
    >>> X = scale(X)
    >>> model = BackpropClassifier(random_state=0).set_params(solver__n_init=3)
    >>> bool(model.fit(X, y).score(X, y) > 0.95)
    True
    >>> model.solver_.optimizer
    LevenbergMarquardt()
    """

    _parameter_constraints = {
        "optimizer": [StrOptions({"auto", *OPTIMIZERS}), Optimizer],
        "max_iter": [Interval(Integral, 1, None, closed="left")],
        "tol": [Interval(Real, 0, None, closed="left")],
        "n_init": [Interval(Integral, 1, None, closed="left")],
        "max_time": [Interval(Real, 0, None, closed="neither"), None],
    }
    _choices = {"optimizer": OPTIMIZERS}

    def __init__(self, optimizer="auto", *, max_iter=500, tol=1e-5, n_init=1, max_time=None):
        self.optimizer = optimizer
        self.max_iter = max_iter
        self.tol = tol
        self.n_init = n_init
        self.max_time = max_time

    def check(self):
        super().check()
        if not isinstance(self.optimizer, str):
            self.optimizer.check()

    def resolve(self, objective):
        name = _auto(objective) if self.optimizer == "auto" else self.optimizer
        optimizer = clone(resolve(name, OPTIMIZERS))
        optimizer.check_objective(objective)
        return clone(self).set_params(optimizer=optimizer)

    def solve(self, objective, w0=None, *, rng, n_jobs=None, callback=None):
        optimizer = self.resolve(objective).optimizer
        deadline = None if self.max_time is None else time.time() + self.max_time
        in_turn = self.n_init == 1 or effective_n_jobs(n_jobs) == 1
        seeds = rng.randint(np.iinfo(np.int32).max, size=self.n_init)
        starts = [w0] + [None] * (self.n_init - 1)
        watch = Watch(deadline, callback)
        runs, stop = [], None

        def pieces():
            for seed, start in zip(seeds, starts, strict=True):
                if stop:  # no further starts, but those under way count
                    return
                yield objective, optimizer, int(seed), start, watch if in_turn else Watch(deadline)

        try:
            for run in in_order(self._descend, pieces(), 1 if in_turn else n_jobs):
                runs.append(run)
                if run.status in _FINAL:
                    stop = run.status
                elif not in_turn:
                    progress = Progress(len(runs), run.n_evaluations, run.value, run.w)
                    stop = watch(progress) or stop
        except KeyboardInterrupt:
            if not runs:
                raise
            stop = Status.INTERRUPTED
        best = min(runs, key=lambda run: run.value)
        return replace(
            best,
            n_evaluations=sum(run.n_evaluations for run in runs),
            status=stop or best.status,
            advice=self._advice(best, optimizer),
        )

    def _descend(self, objective, optimizer, seed, start, watch):
        """One start, followed to its end."""
        rng = np.random.default_rng(seed)
        w0 = objective.network.initial_weights(rng) if start is None else start
        monitor = Monitor(self.max_iter, self.tol, optimizer.window, objective.floor, watch)
        try:
            # what overflows is not finite, which the optimizers and the monitor look for
            with np.errstate(over="ignore", invalid="ignore", divide="ignore"):
                status = optimizer.minimise(objective, w0, tol=self.tol, monitor=monitor, rng=rng)
        except KeyboardInterrupt:
            if not monitor.started:
                raise
            status = Status.INTERRUPTED
        return monitor.result(status)

    def _advice(self, best, optimizer):
        """What to change when the best run ended before it converged."""
        if best.status is Status.MAX_ITER:
            return (
                f"GradientDescent stopped after max_iter={self.max_iter} iterations of "
                f"{optimizer!r} before it converged to tol={self.tol!r}: raise max_iter to "
                f"{2 * self.max_iter}, or standardise the features of X"
            )
        if best.status is Status.DIVERGED:
            lower = f"lower {optimizer.step_option} of the optimizer, or "
            return (
                f"GradientDescent with {optimizer!r} diverged and kept the best weights it had "
                f"seen: {lower if optimizer.step_option else ''}standardise the features of X"
            )
        return ""


def _auto(objective):
    """The name of the optimizer for a problem of this size and loss."""
    n_terms, n_weights = objective.Y.size, objective.n_weights
    cheap = n_terms * n_weights**2 + n_weights**3 <= _LM_OPERATIONS
    return "lm" if cheap and objective.loss.has_curvature else "lbfgs"


# Operations of an iteration of Levenberg-Marquardt, some milliseconds, up to which its few
# iterations are preferred to the many of L-BFGS.
_LM_OPERATIONS = 6e7
# Reasons to begin no further restart.
_FINAL = {Status.MAX_TIME, Status.STOPPED, Status.INTERRUPTED}
