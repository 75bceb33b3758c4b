"""L-BFGS, through scipy."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from numbers import Integral

import numpy as np
from numpy.typing import NDArray
from scipy import optimize
from sklearn.utils._param_validation import Interval

from .._execution._result import Status
from ..model import Objective
from ._base import WholeMethod
from ._state import OptimizerState

__all__ = ["LBFGS"]


class LBFGS(WholeMethod):
    """scipy's limited-memory BFGS method, on the full batch.

    scipy does not return its pairs of steps and gradients. A warm start therefore begins at the
    last weights, but with an empty memory. scipy also enforces bounds of the weights.

    Source: Byrd, Lu, Nocedal and Zhu, SIAM Journal on Scientific Computing 16 (1995) 1190.

    Parameters
    ----------
    memory : int, default=10
        Number of pairs of steps and gradients from which the Hessian is approximated, >= 1.

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
    >>> model = BackpropClassifier(solver=solver, alpha=0.1, random_state=0)
    >>> print(f"accuracy {model.fit(X, y).score(X, y):.2f}")
    accuracy 0.98
    """

    supports_bounds = True

    _parameter_constraints = {"memory": [Interval(Integral, 1, None, closed="left")]}

    def __init__(self, memory: int = 10) -> None:
        self.memory = memory

    def start(
        self, objective: Objective, w: NDArray[np.float64], memory: None = None
    ) -> OptimizerState:
        value, grad = objective.value_and_grad(w)
        return OptimizerState(w, value, grad, n_evaluations=1)

    def run(
        self,
        objective: Objective,
        state: OptimizerState,
        observe: Callable[[OptimizerState], None],
    ) -> OptimizerState:
        share = 1 / objective.total_weight
        last = _Evaluations(state.value, state.grad)
        within = objective.projected  # scipy may step over a bound by a rounding
        monotonicity = objective.monotonicity
        bounds = None if monotonicity is None else optimize.Bounds(*monotonicity.bounds)

        def mean_cost(w: NDArray[np.float64]) -> tuple[float, NDArray[np.float64]]:
            value, grad = objective.value_and_grad(within(w))
            last.value, last.grad, last.n = value, grad, last.n + 1
            return value * share, grad * share

        def after_iteration(w: NDArray[np.float64]) -> None:
            # a line search ends at the point that it accepts, so the last evaluation was at w
            n, last.n = last.n, 0
            observe(OptimizerState(within(w), last.value, last.grad, n_evaluations=n))

        # disable scipy's stopping criteria: the loop decides when to stop
        options = {"maxcor": self.memory, "gtol": 0.0, "ftol": 0.0}
        options |= {"maxiter": 2**31 - 1, "maxfun": 2**31 - 1}
        optimize.minimize(
            mean_cost,
            state.w,
            jac=True,
            method="L-BFGS-B",
            bounds=bounds,
            callback=after_iteration,
            options=options,
        )
        return replace(state, status=Status.NO_PROGRESS, n_evaluations=last.n)


@dataclass
class _Evaluations:
    """The last evaluation of a line search, and the number since the last iteration."""

    value: float
    grad: NDArray[np.float64] | None
    n: int = 0
