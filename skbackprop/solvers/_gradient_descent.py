"""Gradient descent and its restarts; the optimizers are its variants."""

from copy import copy
from dataclasses import replace
from functools import partial
from numbers import Integral, Real

import numpy as np
from sklearn.base import clone
from sklearn.utils._param_validation import Interval

from .._execution._budget import deadline_in
from .._execution._result import Status
from .._params import NamedChoices, resolve
from .._params._names import check_choice
from ..optimizers import OPTIMIZERS, Monitor, Optimizer, Patience, Record
from ._base import Solver
from ._restarts import Restarts

__all__ = ["GradientDescent"]


class GradientDescent(NamedChoices, Solver):
    """Follow the gradient downhill: the lecture's third way, and the one that scales.

    Parameters
    ----------
    optimizer : {"auto", "adam", "lbfgs", "lm", "rprop", "sgd"} or Optimizer, default="auto"
        The variant; "auto" takes Levenberg-Marquardt where the network is small (n_outputs *
        n_weights up to 64) and the loss has a Gauss-Newton form, else L-BFGS.
    max_iter : int, default=500
        Iterations of the optimizer, >= 1; for batches, passes over the samples.
    tol : float, default=1e-4
        Converged when J falls by less than this share of itself per iteration, on average
        over the last ten (first-order methods: hundred); or when no component of its
        gradient is more than this share of J; or when J is down to the square of `tol` a
        sample; >= 0. What even a perfect fit costs does not count.
    n_init : int, default=1
        Independent random starts, >= 1, of which the best is kept: the remedy against
        local minima. They run on `n_jobs` workers; the answer does not depend on how many.
    early_stopping : bool, default=False
        Whether to stop when the cost of validation data no longer falls, and to return the
        weights where it was lowest; of several starts, those of the lowest validation cost.
        The data are `X_val` and `y_val` of `fit`, or else samples set aside from `X`, of
        each class its share unless y is multilabel.
    validation_fraction : float, default=0.1
        Share of the samples that early stopping sets aside, in (0, 1); of each class at
        least one, and one is left.
    n_iter_no_change : int, default=10
        Iterations, >= 1, without a fall of the validation cost by the share `tol` of
        itself, after which early stopping stops.
    max_time : float or None, default=None
        Seconds, > 0, after which the descent ends with the best weights so far.

    Notes
    -----
    A warm start on unchanged data goes on exactly where the last fit ended: the last
    weights (not the best), the optimizer's memory, batches, curves and patience are
    carried on, so that five fits of 10 iterations equal one of 50. `max_iter` counts the
    iterations of the fit itself. L-BFGS loses its memory, since scipy does not hand it out.

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
    LBFGS()
    """

    _parameter_constraints = {
        "optimizer": "no_validation",  # here: check_choice says more
        "max_iter": [Interval(Integral, 1, None, closed="left")],
        "tol": [Interval(Real, 0, None, closed="left")],
        "n_init": [Interval(Integral, 1, None, closed="left")],
        "early_stopping": ["boolean"],
        "validation_fraction": [Interval(Real, 0, 1, closed="neither")],
        "n_iter_no_change": [Interval(Integral, 1, None, closed="left")],
        "max_time": [Interval(Real, 0, None, closed="neither"), None],
    }
    _choices = {"optimizer": OPTIMIZERS}
    supports_validation = True
    supports_state = True

    def __init__(
        self,
        optimizer="auto",
        *,
        max_iter=500,
        tol=1e-4,
        n_init=1,
        early_stopping=False,
        validation_fraction=0.1,
        n_iter_no_change=10,
        max_time=None,
    ):
        self.optimizer = optimizer
        self.max_iter = max_iter
        self.tol = tol
        self.n_init = n_init
        self.early_stopping = early_stopping
        self.validation_fraction = validation_fraction
        self.n_iter_no_change = n_iter_no_change
        self.max_time = max_time

    @property
    def held_out(self):
        return self.validation_fraction if self.early_stopping else 0.0

    @property
    def supports_partial_fit(self):
        if self.optimizer == "auto":
            return False
        return resolve(self.optimizer, OPTIMIZERS).supports_partial_fit

    def check(self):
        check_choice("optimizer", self.optimizer, ["auto", *OPTIMIZERS], Optimizer)
        super().check()
        if not isinstance(self.optimizer, str):
            self.optimizer.check()

    def resolve(self, objective):
        resolved = copy(self)
        resolved.optimizer = self._chosen(objective)
        return resolved

    def _chosen(self, objective):
        """The optimizer, one of its own."""
        name = _auto(objective) if self.optimizer == "auto" else self.optimizer
        optimizer = clone(resolve(name, OPTIMIZERS))
        optimizer.check_objective(objective)
        return optimizer

    def solve(
        self, objective, w0=None, *, rng, n_jobs=None, callback=None, validation=None, resume=None
    ):
        optimizer = self._chosen(objective)
        if self.early_stopping and validation is None:
            raise ValueError(
                "early_stopping=True of GradientDescent needs validation data, got none: pass an "
                "Objective as validation"
            )
        deadline = deadline_in(self.max_time)
        descend = partial(self._descend, objective, validation, optimizer)
        record = self._continued(resume, objective, validation, optimizer, w0)
        tried = 0 if record is None else record.n_starts  # with the first seeds of this rng
        seeds = rng.randint(np.iinfo(np.int32).max, size=tried + self.n_init)[tried:]
        starts = [(w0, record)] + [(None, None)] * (self.n_init - 1)
        starts = [(int(seed), *start) for seed, start in zip(seeds, starts, strict=True)]
        restarts = Restarts(descend, deadline, callback, small=objective.is_one_block)
        runs, stop = restarts.run(starts, n_jobs)
        best = min(runs, key=lambda run: run.validation_value if self.early_stopping else run.value)
        n_evaluations = sum(run.n_evaluations for run in runs)
        if best.state is not None:
            best.state.n_starts = tried + len(runs)
            best.state.n_evaluations = n_evaluations
        return replace(
            best,
            n_evaluations=n_evaluations,
            status=stop or best.status,
            warning=self._advice(best, optimizer, objective),
        )

    def epoch(self, objective, w0=None, *, rng, resume=None):
        """Take each sample into account once, without a look at how J does: `partial_fit`.

        Parameters
        ----------
        objective : Objective
        w0, rng, resume
            As for `solve`.

        Returns
        -------
        SolverResult
            Its weights are the last, not the best.
        """
        optimizer = self._chosen(objective)
        seed = int(rng.randint(np.iinfo(np.int32).max))
        before = resume if _same_descent(resume, optimizer, w0) else Record(best_w=w0)
        rng = _generator(seed, before)
        with np.errstate(over="ignore", invalid="ignore", divide="ignore"):
            # the weights that the last fit returned, and the memory of the step to them
            start = (
                objective.feature_scaling.initial_weights(rng)
                if before.best_w is None
                else before.best_w
            )
            state = optimizer.init(start) if before.best_state is None else before.best_state
            w, state = optimizer.epoch(objective, start, state, rng)
            value = objective.value(w)
        if not (np.isfinite(w).all() and np.isfinite(value)):
            lost = Record(best_w=start, best_value=objective.value(start), curve=before.curve)
            return replace(
                lost.result(Status.DIVERGED), warning=self._diverged(optimizer, objective)
            )
        state = optimizer.adapt(value / objective.total_weight, state)
        after = Record(
            w=w,
            value=value,
            optimizer=type(optimizer),
            state=state,
            rng_state=rng.bit_generator.state,
            best_w=w,
            best_value=value,
            best_score=value,
            best_state=state,
            start_value=value,
            curve=before.curve_and(value),
            n_evaluations=before.n_evaluations + 2,
        )
        return after.result(Status.EPOCH)

    def _continued(self, record, objective, validation, optimizer, w0):
        """The record, if a descent can go on with it exactly: all is as it was.

        The data and the penalty are if J and the validation cost are, up to rounding.
        """
        if not _same_descent(record, optimizer, w0) or record.early != self.early_stopping:
            return None
        if (validation is None) != (not record.validation_curve):
            return None
        now, then = [objective.value(record.w)], [record.value]
        if validation is not None:
            now, then = [*now, validation.value(record.w)], [*then, record.validation_curve[-1]]
        rounding = np.finfo(objective.dtype).eps ** 0.75  # 2e-12 and 6e-6
        return record if np.allclose(now, then, rtol=rounding, atol=0) else None

    def _descend(self, objective, validation, optimizer, seed, start, record, watch):
        """One start, followed to its end."""
        if record is None:
            record = Record(optimizer=type(optimizer), early=self.early_stopping)
        else:
            record = record.copy()
        rng = _generator(seed, record)
        w0 = start if record.w is None else record.w
        patience = Patience(
            self.max_iter,
            self.tol,
            optimizer.window,
            self.n_iter_no_change if self.early_stopping else None,
        )
        monitor = Monitor(patience, objective, watch, validation, record, rng)
        memory = {} if record.state is None else {"state": record.state}
        try:
            # what overflows is not finite, which the optimizers and the monitor look for
            with np.errstate(over="ignore", invalid="ignore", divide="ignore"):
                w0 = _first_weights(objective, rng) if w0 is None else w0
                status = optimizer.minimise(objective, w0, monitor=monitor, rng=rng, **memory)
        except KeyboardInterrupt:
            if not monitor.started:
                raise
            status = Status.INTERRUPTED
        record.rng_state = rng.bit_generator.state
        return monitor.result(status)

    def _advice(self, best, optimizer, objective):
        """What to change when the best run ended before it converged."""
        if best.status is Status.MAX_ITER:
            return (
                f"GradientDescent stopped after max_iter={self.max_iter} iterations of "
                f"{optimizer!r} before it converged to tol={self.tol!r}: {_scale(objective)}"
                f"raise max_iter to {2 * self.max_iter}, or tol to {10 * self.tol or 1e-4:.2g}"
            )
        if best.status is Status.DIVERGED:
            return self._diverged(optimizer, objective)
        return ""

    def remedies(self, objective, result, penalised):
        if result.status is Status.EARLY_STOPPED:
            return [
                f"raise n_iter_no_change={self.n_iter_no_change!r}",
                "scale the features of X_val as those of X",
            ]
        if self.supports_partial_fit and objective.feature_scaling.is_unscaled:
            return ["use optimizer='lbfgs', which allows for the size of the features"]
        if penalised:
            return []
        return [f"lower tol={self.tol!r}", f"raise n_init={self.n_init!r}"]

    @staticmethod
    def _diverged(optimizer, objective):
        option = optimizer.step_option
        change = f"lower {option} of the optimizer" if option else "try another optimizer"
        return (
            f"GradientDescent with {optimizer!r} diverged and kept the best weights it had "
            f"seen: {_scale(objective)}{change}"
        )


def _scale(objective):
    """The advice to scale X, if that is of any use."""
    return "standardise the features of X, or " if objective.feature_scaling.is_unscaled else ""


def _first_weights(objective, rng):
    """A random start; for constant targets the network that answers them, without a penalty."""
    w = objective.feature_scaling.initial_weights(rng)
    if np.ptp(objective.data.Y, axis=0).any():
        return w
    W1, _, W2, b2 = objective.network.unpack(w)
    z3 = objective.constant_z3
    if b2 is None:  # a2 is 1/2 where W1 is 0
        W2[:] = 2 * z3 / len(W2)
    else:
        W2[:], b2[:] = 0, z3
    if objective.alpha or W2.any():
        W1[:] = 0
    return w


def _generator(seed, record):
    """The generator of a descent, as its record left it."""
    rng = np.random.default_rng(seed)
    if record.rng_state is not None:
        rng.bit_generator.state = record.rng_state
    return rng


def _same_descent(record, optimizer, w0):
    """Whether `w0` is what the record's descent returned, and the optimizer is of its kind.

    Compared in float32, in which the estimator may have kept them.
    """
    return (
        isinstance(record, Record)
        and w0 is not None
        and record.optimizer is type(optimizer)
        and np.array_equal(record.best_w.astype(np.float32), w0.astype(np.float32))
    )


def _auto(objective):
    """The name of the optimizer for a problem of this size and loss."""
    times = objective.network.n_outputs * objective.n_weights
    return "lm" if times <= _LM_TIMES and objective.loss.has_curvature else "lbfgs"


# An iteration of Levenberg-Marquardt does about n_outputs * n_weights times the work of one of
# L-BFGS, for any number of samples, and takes fewer. Up to this it is the faster one:
# benchmarks/bench_auto.py.
_LM_TIMES = 64
