"""Levenberg-Marquardt as a trust-region method, the variant of More (1978)."""

from collections.abc import Callable
from dataclasses import replace
from itertools import count
from numbers import Integral
from typing import Self, cast

import numpy as np
from numpy.typing import NDArray
from scipy.linalg.lapack import dpotrf, dpotrs, dtrtrs
from sklearn.utils._param_validation import Interval

from .._execution._result import Status
from ..model import Objective
from ._base import Optimizer
from ._state import OptimizerState

__all__ = ["LevenbergMarquardt"]

_EPS = np.finfo(np.float64).eps
# A predicted fall below this is rounding: the squares of smaller numbers underflow.
_TINY = 1e-150
# Relative error allowed for the length of a step against the radius: More's sigma.
_RADIUS_TOLERANCE = 0.1
_MOST_DAMPINGS = 10
# A step is taken if J falls by this share of what the model predicted (MINPACK's value).
_ACCEPTED = 1e-4
# The first radius in units of ||D w||, small so that no step saturates the units. Chosen among
# 0.03 to 1 on 100 starts on XOR (2-3-1, no intercept): it solves 98 of them, a radius of 1 solves
# 94. Of 1,000 starts that had no part in the choice it solves 977, with intercept 996.
_FIRST_RADIUS = 0.1

# numpy's own numbers, which divide by 0 without an exception
_norm = cast(Callable[[NDArray[np.float64]], np.float64], np.linalg.norm)

# The memory: J as the step that was taken last computed it, the radius, and the damping that
# suits it by the last step.
_TrustRegion = tuple[float, float, float]


class LevenbergMarquardt(Optimizer):
    """Trust-region Levenberg-Marquardt on the Gauss-Newton matrix.

    A step p minimises the quadratic model of J with the Gauss-Newton matrix, among the p
    with ||D p|| <= radius. D holds the root mean square of the input behind each weight,
    times the root of the unit's number of inputs, so the radius bounds how far a step moves
    z2 and z3, whatever the units of X. More's own D, the running maximum of the diagonal of
    the Gauss-Newton matrix, lets a step go far along flat directions; with sigmoids these
    lead to saturation, where the gradient is almost zero. On XOR, with the 2-3-1 network without
    intercept, his D solves half as many random starts.

    Source: More, The Levenberg-Marquardt algorithm: implementation and theory, Lecture
    Notes in Mathematics 630 (1978) 105; damping by the iteration of More and Sorensen, SIAM
    Journal on Scientific and Statistical Computing 4 (1983) 553; the generalised
    Gauss-Newton matrix by Schraudolph, Neural Computation 14 (2002) 1723.

    Parameters
    ----------
    max_weights : int, default=2000
        Largest number of weights it accepts, >= 1. Memory grows with the square of the number of
        weights, and the time of an iteration faster than that: with 2,000 samples an iteration
        takes as long as 150 gradients with 1,600 weights, 350 with 3,200 and 1,500 with 5,000.

    Examples
    --------
    >>> import numpy as np
    >>> from skbackprop import BackpropRegressor
    >>> from skbackprop.optimizers import LevenbergMarquardt
    >>> from skbackprop.solvers import GradientDescent
    >>> X = np.linspace(-3, 3, 100)[:, None]
    >>> solver = GradientDescent(LevenbergMarquardt())
    >>> model = BackpropRegressor(5, solver=solver, alpha=0, random_state=0)
    >>> bool(model.fit(X, np.sin(X[:, 0])).score(X, np.sin(X[:, 0])) > 0.999)
    True
    """

    pace = 1

    _parameter_constraints = {"max_weights": [Interval(Integral, 1, None, closed="left")]}

    def __init__(self, max_weights: int = 2000) -> None:
        self.max_weights = max_weights

    def check_objective(self, objective: Objective) -> None:
        if not objective.loss.has_curvature:
            raise ValueError(
                f"optimizer={self!r} needs a loss with a Gauss-Newton form, got "
                f"loss={objective.loss!r}: use optimizer='lbfgs'"
            )
        if objective.n_weights > self.max_weights:
            raise ValueError(
                f"optimizer={self!r} accepts networks of up to max_weights={self.max_weights!r} "
                f"weights, got {objective.n_weights!r}: use optimizer='lbfgs', or raise max_weights"
            )

    def start(
        self, objective: Objective, w: NDArray[np.float64], memory: _TrustRegion | None = None
    ) -> OptimizerState:
        scale = objective.feature_scaling.largest_move
        w = np.array(w, dtype=np.float64)
        value, grad, H = objective.gauss_newton(w)
        if not (np.isfinite(H).all() and np.isfinite(scale).all()):
            return OptimizerState(w, value, n_evaluations=1, status=Status.DIVERGED)
        if memory is None:
            radius = _FIRST_RADIUS * max(_norm(scale * w), 1.0)
            memory = value, radius, 0.0
        model = _Model.of(grad, H, 1 / scale)
        return OptimizerState(w, memory[0], grad, memory, model, n_evaluations=1)

    def step(
        self, objective: Objective, state: OptimizerState, rng: np.random.Generator
    ) -> OptimizerState:
        model, (value, radius, damping) = state.model, state.memory
        for n_evaluations in count(1):
            q, damping = model.step(radius, damping)
            predicted = model.decrease(q)
            if not predicted > max(_EPS * value, _TINY):
                spent = n_evaluations - 1
                return replace(state, status=Status.NO_PROGRESS, n_evaluations=spent)
            trial = state.w + q * model.unit
            trial_value = objective.value(trial)
            ratio = (value - trial_value) / predicted
            length = _norm(q)
            radius = _next_radius(radius, length, ratio, damping)
            # where the damping dominates H, the length of a step is inversely proportional to it
            damping *= length / radius
            if ratio > _ACCEPTED:
                break
        memory = trial_value, radius, damping
        return OptimizerState(trial, trial_value, None, memory, model, n_evaluations)

    def differentiate(self, objective: Objective, state: OptimizerState) -> OptimizerState:
        _, grad, H = objective.gauss_newton(state.w)
        model = _Model.of(grad, H, state.model.unit)
        return replace(state, grad=grad, model=model, n_evaluations=1)

    def note(self, state: OptimizerState) -> str:
        _, _, damping = state.memory
        return f"damping {damping:.1e}"


def _next_radius(radius: float, length: float, ratio: float, damping: float) -> float:
    """More's update: shrink after a bad step, grow after a good one at the border."""
    if not ratio >= 0.25:
        return 0.25 * min(radius, length)
    if ratio > 0.75 and damping > 0:
        return max(radius, 2 * length)
    return radius


class _Model:
    """The quadratic model g^T q + 1/2 q^T H q of J, in the scaled variables q = D p.

    `unit` is the diagonal of 1 / D: the step in w is p = unit * q.
    """

    def __init__(
        self, grad: NDArray[np.float64], H: NDArray[np.float64], unit: NDArray[np.float64]
    ) -> None:
        self._grad = grad
        self._H = H
        self.unit = unit

    @classmethod
    def of(
        cls, grad: NDArray[np.float64], H: NDArray[np.float64], unit: NDArray[np.float64]
    ) -> Self:
        """The model from the gradient and the matrix by w; `unit` is the diagonal of 1 / D."""
        return cls(grad * unit, H * unit * unit[:, None], unit)

    def decrease(self, q: NDArray[np.float64]) -> float:
        """How much the model falls from 0 to q."""
        return -float(self._grad @ q + 0.5 * q @ (self._H @ q))

    def step(self, radius: float, damping: float) -> tuple[NDArray[np.float64], float]:
        """The minimiser within the radius, to 10 % of its length, and its damping.

        Newton's iteration for the secular equation ||q(damping)|| = radius begins at `damping`. If
        it leaves the bracket at its lower end, the undamped step is tried once, and then the
        geometric mean of the bracket.
        """
        # H is positive semidefinite, so at the upper end the step is within the radius
        low: float = 0.0
        high: float = _norm(self._grad) / radius
        damping, tried_undamped = min(damping, high), False
        for _ in range(_MOST_DAMPINGS):
            factor, q = self._solve(damping)
            tried_undamped |= damping == 0
            if q is None:
                low, proposal = damping, 10 * damping
            else:
                length = _norm(q)
                if abs(length - radius) <= _RADIUS_TOLERANCE * radius:
                    return q, damping
                if damping == 0 and length < radius:
                    return q, damping
                low, high = (damping, high) if length > radius else (low, damping)
                u, _ = dtrtrs(factor, q, lower=1)
                proposal = damping + (length / _norm(u)) ** 2 * (length - radius) / radius
            if proposal <= 0 and not tried_undamped:
                damping = 0.0
            elif low < proposal < high:
                damping = proposal
            else:
                damping = max(1e-3 * high, np.sqrt(low * high))
        # no convergence: take the upper bound, at which the step is short enough
        _, q = self._solve(high)
        return (-self._grad / high if q is None else q), high

    def _solve(
        self, damping: float
    ) -> tuple[NDArray[np.float64], NDArray[np.float64]] | tuple[None, None]:
        """The Cholesky factor of H + damping I and the step; None if there is no factor."""
        A = self._H.T.copy(order="F")  # symmetric, and this way a plain copy
        A.ravel(order="K")[:: len(A) + 1] += damping
        factor, info = dpotrf(A, lower=1, overwrite_a=1)
        if info:
            return None, None
        q, _ = dpotrs(factor, -self._grad, lower=1)
        return factor, q
