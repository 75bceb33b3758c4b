"""Gradient descent and its restarts; the optimizers are its variants."""

from copy import copy
from dataclasses import replace
from functools import partial
from numbers import Integral, Real
from typing import Any, Self

import numpy as np
from numpy.typing import NDArray
from sklearn.base import clone
from sklearn.utils._param_validation import Interval

from .._execution._budget import deadline_in
from .._execution._result import SolverResult, Status
from .._params import NamedChoices, resolve
from .._params._names import check_choice
from ..losses import SquaredError
from ..model import Objective
from ..optimizers import OPTIMIZERS, DescentState, Optimizer, StoppingCriteria
from ._base import Callback, Solver
from ._descent import descend
from ._epoch import diverged, one_epoch
from ._path_descents import PathDescents
from ._restarts import Restarts
from ._standardised import Standardised

__all__ = ["GradientDescent"]

_MOST_SEED = np.iinfo(np.int32).max


class GradientDescent(NamedChoices, Solver):
    """Gradient descent: the lecture's third method, and the one that scales to large networks.

    Parameters
    ----------
    optimizer : {"auto", "adam", "lbfgs", "lm", "rprop", "sgd"} or Optimizer, default="auto"
        The variant. "auto" uses Levenberg-Marquardt if the network is small (n_outputs *
        n_weights <= 64; or <= 256 for the loss "quantile"; or <= 128 for the squared error and up
        to three features), the loss has a Gauss-Newton form and `monotonic_cst` is None, and
        L-BFGS otherwise.
    max_iter : int, default=500
        Largest number of iterations of the optimizer, >= 1; with batches, an iteration is one
        pass over the samples.
    tol : float, default=1e-4
        Relative tolerance, >= 0. With r = J minus the cost of a perfect fit, the descent has
        converged if r falls by less than ``tol * r`` per iteration, averaged over the last 10
        iterations (100 for first-order methods); or if no component of the scaled gradient is
        larger than ``tol * r``; or if r is at most ``tol**2`` times the sum of sample weights.
    n_init : int, default=1
        Number of independent random starts, >= 1. The best result is kept, which helps against
        local minima. Starts run on `n_jobs` workers; the result does not depend on `n_jobs`.
    early_stopping : bool, default=False
        Whether to stop when the cost of validation data no longer falls, and to return the
        weights with the lowest validation cost, also among several starts. The validation data
        are `X_val` and `y_val` of `fit`. If these are not given, samples of `X` are held out,
        stratified by class unless y is multilabel.
    validation_fraction : float, default=0.1
        Fraction of the samples that early stopping holds out, in (0, 1). At least one sample of
        each class is held out, and at least one remains.
    n_iter_no_change : int, default=10
        Early stopping stops after this many iterations, >= 1, in which the validation cost (minus
        its minimum) has not fallen by the fraction `tol`.
    max_time : float or None, default=None
        Seconds, > 0, after which the descent ends with the best weights so far.
    scale_features : bool, default=True
        Whether the steps are those of standardised features, so that the units of the features do
        not matter. X is not modified, and the fitted weights apply to the original features.
        Sparse X stays sparse. Without intercepts, features are scaled but not centred. False
        takes the lecture's steps on the original features; in that case standardise X yourself.

    Notes
    -----
    A warm start on unchanged data continues exactly where the last fit ended. It restores the
    last weights (not the best ones), the optimizer's memory, the state of the random generator,
    the curves and the counter of early stopping, so that five fits of 10 iterations equal one fit
    of 50. `max_iter` counts the iterations of each fit. L-BFGS starts with an empty memory,
    because scipy does not return its memory.

    Examples
    --------
    >>> from sklearn.datasets import load_iris
    >>> from sklearn.preprocessing import scale
    >>> from skbackprop import BackpropClassifier
    >>> X, y = load_iris(return_X_y=True)
    >>> X = scale(X)
    >>> model = BackpropClassifier(random_state=0).set_params(solver__n_init=3)
    >>> print(f"accuracy {model.fit(X, y).score(X, y):.2f}")
    accuracy 0.98
    >>> model.solver_.optimizer
    LBFGS()
    """

    _parameter_constraints = {
        "optimizer": "no_validation",  # check_choice has a better message
        "max_iter": [Interval(Integral, 1, None, closed="left")],
        "tol": [Interval(Real, 0, None, closed="left")],
        "n_init": [Interval(Integral, 1, None, closed="left")],
        "early_stopping": ["boolean"],
        "validation_fraction": [Interval(Real, 0, 1, closed="neither")],
        "n_iter_no_change": [Interval(Integral, 1, None, closed="left")],
        "max_time": [Interval(Real, 0, None, closed="neither"), None],
        "scale_features": ["boolean"],
    }
    _choices = {"optimizer": OPTIMIZERS}
    supports_validation = True
    supports_state = True
    supports_penalty_path = True
    supports_bounds = True

    def __init__(
        self,
        optimizer: str | Optimizer = "auto",
        *,
        max_iter: int = 500,
        tol: float = 1e-4,
        n_init: int = 1,
        early_stopping: bool = False,
        validation_fraction: float = 0.1,
        n_iter_no_change: int = 10,
        max_time: float | None = None,
        scale_features: bool = True,
    ) -> None:
        self.optimizer = optimizer
        self.max_iter = max_iter
        self.tol = tol
        self.n_init = n_init
        self.early_stopping = early_stopping
        self.validation_fraction = validation_fraction
        self.n_iter_no_change = n_iter_no_change
        self.max_time = max_time
        self.scale_features = scale_features

    @property
    def held_out(self) -> float:  # type: ignore[override]  # depends on the options
        return self.validation_fraction if self.early_stopping else 0.0

    @property
    def supports_partial_fit(self) -> bool:  # type: ignore[override]  # depends on the options
        if self.optimizer == "auto":
            return False
        return resolve(self.optimizer, OPTIMIZERS).supports_partial_fit

    def check(self) -> None:
        check_choice("optimizer", self.optimizer, ["auto", *OPTIMIZERS], Optimizer)
        super().check()
        if not isinstance(self.optimizer, str):
            self.optimizer.check()

    def resolve(self, objective: Objective) -> Self:
        resolved = copy(self)
        resolved.optimizer = self._chosen(objective)
        return resolved

    def _chosen(self, objective: Objective) -> Optimizer:
        """The optimizer for this objective, as a copy."""
        name = _auto(objective) if self.optimizer == "auto" else self.optimizer
        optimizer = clone(resolve(name, OPTIMIZERS))
        optimizer.check_objective(objective)
        if objective.monotonicity is not None and not optimizer.supports_bounds:
            raise ValueError(
                f"monotonic_cst needs an optimizer that keeps weights within bounds, got "
                f"optimizer={optimizer!r}: use optimizer='lbfgs'"
            )
        return optimizer

    def solve(
        self,
        objective: Objective,
        w0: NDArray[np.float64] | None = None,
        *,
        rng: np.random.RandomState,
        n_jobs: int | None = None,
        callback: Callback | None = None,
        validation: Objective | None = None,
        resume: Any = None,
    ) -> SolverResult:
        optimizer = self._chosen(objective)
        if self.early_stopping and validation is None:
            raise ValueError(
                "early_stopping=True of GradientDescent needs validation data, got none: pass an "
                "Objective as validation"
            )
        deadline = deadline_in(self.max_time)
        scaled = Standardised.of(objective, validation, resume, self.scale_features)
        criteria = self._criteria(scaled, optimizer)
        before = self._resumable(resume, scaled, optimizer, w0)
        tried = 0 if before is None else before.n_starts  # they used the first seeds of this rng
        seeds = rng.randint(_MOST_SEED, size=tried + self.n_init)[tried:].tolist()
        given = [(scaled.start(w0), before)] + [(None, None)] * (self.n_init - 1)
        starts = [(seed, *start) for seed, start in zip(seeds, given, strict=True)]
        follow = partial(descend, scaled.objective, optimizer, criteria, scaled.validation)
        hear, small = scaled.callback(callback), objective.is_one_block
        restarts = Restarts(follow, deadline, hear, small=small)
        runs, stop = restarts.run(starts, n_jobs)
        best = scaled.result(min(runs, key=self._score))
        n_evaluations = sum(run.n_evaluations for run in runs)
        state = best.state
        if state is not None:
            state = replace(state, n_starts=tried + len(runs), n_evaluations=n_evaluations)
        return replace(
            best,
            n_evaluations=n_evaluations,
            status=stop or best.status,
            warning=self._advice(best, optimizer, scaled),
            state=state,
        )

    def path_descents(self) -> PathDescents:
        """The descents by which `alpha="auto"` chooses a penalty.

        Returns
        -------
        PathDescents
        """
        return PathDescents(self, self._chosen)

    def epoch(
        self,
        objective: Objective,
        w0: NDArray[np.float64] | None = None,
        *,
        rng: np.random.RandomState,
        resume: Any = None,
    ) -> SolverResult:
        """Use each sample once, without stopping criteria, for `partial_fit`.

        The features are standardised as in the fit that returned `resume`. Without `resume` they
        are not standardised, because a first batch does not determine their scales.

        Parameters
        ----------
        objective : Objective
        w0, rng, resume
            As for `solve`.

        Returns
        -------
        SolverResult
            Its weights are the last ones, not the best ones.
        """
        optimizer, seed = self._chosen(objective), int(rng.randint(_MOST_SEED))
        left = resume if isinstance(resume, DescentState) else None
        scaled = Standardised.as_before(objective, left if self.scale_features else None)
        resumable = left is not None and left.belongs_to(optimizer, w0) and scaled.holds(left)
        before = left if resumable else None
        return scaled.result(one_epoch(scaled, optimizer, scaled.start(w0), before, seed))

    def _score(self, run: SolverResult) -> float:
        """The cost by which the best of several starts is chosen."""
        if self.early_stopping and run.validation_value is not None:
            return run.validation_value
        return run.value

    def _criteria(self, scaled: Standardised, optimizer: Optimizer) -> StoppingCriteria:
        return StoppingCriteria.of(
            scaled.objective,
            max_iter=self.max_iter,
            tol=self.tol,
            window=optimizer.window,
            n_iter_no_change=self.n_iter_no_change if self.early_stopping else None,
            validation=scaled.validation,
        )

    def _resumable(
        self,
        state: Any,
        scaled: Standardised,
        optimizer: Optimizer,
        w0: NDArray[np.float64] | None,
    ) -> DescentState | None:
        """Return the state if a descent can continue it exactly, that is, nothing has changed."""
        resumable = (
            isinstance(state, DescentState)
            and state.belongs_to(optimizer, w0)
            and state.stops_early == self.early_stopping
            and scaled.holds(state)
            and state.fits(scaled.objective, scaled.validation)
        )
        return state if resumable else None

    def _advice(self, best: SolverResult, optimizer: Optimizer, scaled: Standardised) -> str:
        """Return a warning if the best run stopped before it converged; "" if it converged."""
        if best.status is Status.MAX_ITER:
            return (
                f"GradientDescent stopped after max_iter={self.max_iter} iterations of "
                f"{optimizer!r} before it converged to tol={self.tol!r}: {scaled.advice}"
                f"raise max_iter to {2 * self.max_iter}, or tol to {10 * self.tol or 1e-4:.2g}"
            )
        if best.status is Status.DIVERGED:
            return diverged(optimizer, scaled)
        return ""

    def remedies(self, objective: Objective, result: SolverResult, penalised: bool) -> list[str]:
        if result.status is Status.MAX_TIME:
            return [f"raise max_time={self.max_time!r}"]
        if result.status is Status.EARLY_STOPPED:
            return [
                f"raise n_iter_no_change={self.n_iter_no_change!r}",
                "scale the features of X_val in the same way as those of X",
            ]
        if not self.scale_features and objective.feature_scaling.is_unscaled:
            return ["set scale_features=True"]
        if penalised:
            return []
        return [f"lower tol={self.tol!r}", f"raise n_init={self.n_init!r}"]


def _auto(objective: Objective) -> str:
    """Return the name of the optimizer for a problem of this size and loss."""
    times = objective.network.n_outputs * objective.n_weights
    possible = objective.loss.has_curvature and objective.monotonicity is None
    return "lm" if possible and times <= _lm_times(objective) else "lbfgs"


def _lm_times(objective: Objective) -> int:
    """Return the limit of n_outputs * n_weights up to which Levenberg-Marquardt is used.

    An iteration takes up to n_outputs * n_weights times the work of an iteration of L-BFGS, for any
    number of samples, but fewer iterations are needed. Up to a product of 64 it is faster:
    benchmarks/bench_auto.py.
    """
    if not objective.loss.smooth:
        # L-BFGS comes less far: on Friedman 1 with outliers, networks of up to this product have
        # a clearly lower pinball loss by Levenberg-Marquardt, in up to three times the time:
        # benchmarks/bench_quantile.py.
        return 256
    if objective.network.n_features <= 3 and isinstance(objective.loss, SquaredError):
        # Many units of few features overlap, and L-BFGS stops on plateaus: on functions of two
        # features, 20 and 30 units have an R2 up to 0.16 higher by Levenberg-Marquardt, in about
        # twice the time. With the log loss it does not leave all plateaus that L-BFGS leaves.
        return 128
    return 64
