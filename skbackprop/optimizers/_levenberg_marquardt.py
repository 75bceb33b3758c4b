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
# A smaller predicted decrease is a rounding error, because squares of such numbers underflow.
_TINY = 1e-150
# Relative tolerance for the length of a step compared with the radius: More's sigma.
_RADIUS_TOLERANCE = 0.1
_MOST_DAMPINGS = 10
# A step is accepted if J falls by this fraction of the predicted decrease (MINPACK's value).
_ACCEPTED = 1e-4
# The first radius in units of ||D w||, small enough that no step saturates the units. It was chosen
# from 0.03 to 1 on 100 random starts on XOR (2-3-1 network without intercept): 0.1 solves 98 of
# them, 1 solves 94. On 1,000 other starts, 0.1 solves 977, and 996 with intercept.
_FIRST_RADIUS = 0.1

# typed as NumPy floats, whose division by 0 raises no exception
_norm = cast(Callable[[NDArray[np.float64]], np.float64], np.linalg.norm)

# The memory: J as computed by the last accepted step, the radius, and the damping estimated for
# this radius.
_TrustRegion = tuple[float, float, float]


class LevenbergMarquardt(Optimizer):
    """Trust-region Levenberg-Marquardt on the Gauss-Newton matrix.

    Each step p minimises a quadratic model of J, based on the Gauss-Newton matrix, subject to
    ||D p|| <= radius. The entry of D for a weight is the root mean square of its input times the
    square root of the unit's number of inputs. The radius therefore bounds the change of z2 and
    z3, whatever the units of X. More's original D, the running maximum of the diagonal of the
    Gauss-Newton matrix, allows long steps along flat directions. With sigmoids such steps lead to
    saturation, where the gradient is almost zero: on XOR, with the 2-3-1 network without
    intercept, the original D solves half as many random starts.

    Source: More, The Levenberg-Marquardt algorithm: implementation and theory, Lecture
    Notes in Mathematics 630 (1978) 105. The damping is computed by the iteration of More and
    Sorensen, SIAM Journal on Scientific and Statistical Computing 4 (1983) 553. The generalised
    Gauss-Newton matrix is from Schraudolph, Neural Computation 14 (2002) 1723.

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
    >>> print(f"R2 {model.fit(X, np.sin(X[:, 0])).score(X, np.sin(X[:, 0])):.4f}")
    R2 1.0000
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
            # if the damping dominates H, the length of a step is inversely proportional to it
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
    """More's update: shrink after a poor step, grow after a good step of full length."""
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
        """Create the model from gradient and matrix in w; `unit` is the diagonal of 1 / D."""
        return cls(grad * unit, H * unit * unit[:, None], unit)

    def decrease(self, q: NDArray[np.float64]) -> float:
        """Decrease of the model from 0 to q."""
        return -float(self._grad @ q + 0.5 * q @ (self._H @ q))

    def step(self, radius: float, damping: float) -> tuple[NDArray[np.float64], float]:
        """Return the minimiser within the radius, with a length tolerance of 10 %, and its damping.

        Newton's iteration for the secular equation ||q(damping)|| = radius starts at `damping`.
        If it falls below the bracket, the undamped step is tried once, and then the geometric
        mean of the bracket.
        """
        # H is positive semidefinite, so the step for the upper end is within the radius
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
        # no convergence: use the upper bound, for which the step is short enough
        _, q = self._solve(high)
        return (-self._grad / high if q is None else q), high

    def _solve(
        self, damping: float
    ) -> tuple[NDArray[np.float64], NDArray[np.float64]] | tuple[None, None]:
        """Return the Cholesky factor of H + damping I and the step; None if there is no factor."""
        A = self._H.T.copy(order="F")  # H is symmetric; H.T is already in Fortran order
        A.ravel(order="K")[:: len(A) + 1] += damping
        factor, info = dpotrf(A, lower=1, overwrite_a=1)
        if info:
            return None, None
        q, _ = dpotrs(factor, -self._grad, lower=1)
        return factor, q
