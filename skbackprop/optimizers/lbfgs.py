"""L-BFGS, through scipy."""

from numbers import Integral

import numpy as np
from scipy.optimize import minimize
from sklearn.utils._param_validation import Interval

from .._execution._result import Status
from ._base import Optimizer

__all__ = ["LBFGS"]


class LBFGS(Optimizer):
    """Limited-memory BFGS of scipy, on the full batch.

    Features with a root mean square above 1 are scaled down to 1 within it.

    Source: Byrd, Lu, Nocedal and Zhu, SIAM Journal on Scientific Computing 16 (1995) 1190.

    scipy does not hand out the pairs, so a warm start goes on from the last weights with an
    empty memory.

    Parameters
    ----------
    memory : int, default=10
        Pairs of steps and gradients that approximate the Hessian, >= 1.

    Examples
    --------
    >>> from sklearn.datasets import load_iris
    >>> from sklearn.preprocessing import scale
    >>> from skbackprop import BackpropClassifier
    >>> from skbackprop.optimizers import LBFGS
    >>> from skbackprop.solvers import GradientDescent
    >>> X, y = load_iris(return_X_y=True)
    >>> X = scale(X)
    >>> solver = GradientDescent(LBFGS(memory=20))
    >>> bool(BackpropClassifier(solver=solver, random_state=0).fit(X, y).score(X, y) > 0.95)
    True
    """

    _parameter_constraints = {"memory": [Interval(Integral, 1, None, closed="left")]}

    def __init__(self, memory=10):
        self.memory = memory

    def minimise(self, objective, w0, *, monitor, rng, state=None):
        # the mean cost as a function of u = scale * w, in which large features are no larger
        share, scale = 1 / objective.total_weight, objective.feature_scaling.feature_scale
        last = {}

        def mean_cost(u):
            value, grad = objective.value_and_grad(u / scale)
            monitor.n_evaluations += 1
            last.update(value=value, grad=grad)
            return value * share, grad * (share / scale)

        def after_iteration(u):
            if not np.isfinite(last["value"]):  # a line search takes what it has tried last
                raise _Stop(Status.DIVERGED)
            stop = monitor(u / scale, last["value"], f"gradient {np.abs(last['grad']).max():.1e}")
            if stop is None and monitor.flat(**last):
                stop = Status.CONVERGED
            if stop:
                raise _Stop(stop)

        u0 = scale * w0
        mean_cost(u0)
        stop = monitor.start(w0, last["value"])
        if stop is None and monitor.flat(**last):
            stop = Status.CONVERGED
        if stop:
            return stop
        # when the descent has come to its end is the monitor's to judge
        options = {"maxcor": self.memory, "gtol": 0.0, "ftol": 0.0}
        options |= {"maxiter": 2**31 - 1, "maxfun": 2**31 - 1}
        try:
            minimize(
                mean_cost,
                u0,
                jac=True,
                method="L-BFGS-B",
                callback=after_iteration,
                options=options,
            )
        except _Stop as stop:
            return stop.status
        return Status.NO_PROGRESS


class _Stop(Exception):
    """Leaves scipy's loop; older releases have no other way out of it."""

    def __init__(self, status):
        super().__init__()
        self.status = status
