"""Levenberg-Marquardt as a trust-region method, the variant of More (1978)."""

from numbers import Integral

import numpy as np
from scipy.linalg.lapack import dpotrf, dpotrs, dtrtrs
from sklearn.utils._param_validation import Interval

from .._execution._result import Status
from ._base import Optimizer

__all__ = ["LevenbergMarquardt"]

_EPS = np.finfo(np.float64).eps
# A predicted fall below this is lost among numbers too small to square.
_TINY = 1e-150
# Relative error allowed for the length of a step against the radius: More's sigma.
_RADIUS_TOLERANCE = 0.1
_MOST_DAMPINGS = 10
# A step is taken if J falls by this share of what the model predicted (MINPACK's value).
_ACCEPTED = 1e-4
# The first radius in units of ||D w||, small so that no step saturates the units. Chosen among
# 0.03 to 1 on 100 starts on XOR (2-3-1, no intercept), of which it solves 98, and 1 solves 94;
# of 1,000 starts kept out of the choice it solves 977, with intercept 996.
_FIRST_RADIUS = 0.1


class LevenbergMarquardt(Optimizer):
    """Trust-region Levenberg-Marquardt on the Gauss-Newton matrix.

    A step p minimises the quadratic model of J with the Gauss-Newton matrix, among the p
    with ||D p|| <= radius. D holds the root mean square of the input behind each weight,
    times the root of the unit's number of inputs, so the radius bounds how far a step moves
    z2 and z3, whatever the units of X. More's own D, the running maximum of the diagonal of
    the Gauss-Newton matrix, lets a step go far along flat directions; with sigmoids these
    lead to saturation, from where no gradient leads back: on XOR with the 2-3-1 network
    without intercept, with his D half as many random starts are solved.

    Source: More, The Levenberg-Marquardt algorithm: implementation and theory, Lecture
    Notes in Mathematics 630 (1978) 105; damping by the iteration of More and Sorensen, SIAM
    Journal on Scientific and Statistical Computing 4 (1983) 553; the generalised
    Gauss-Newton matrix by Schraudolph, Neural Computation 14 (2002) 1723.

    Parameters
    ----------
    max_weights : int, default=2000
        Largest network it accepts, >= 1: memory grows with the square of the number of
        weights and the time of an iteration with the cube.

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

    _parameter_constraints = {"max_weights": [Interval(Integral, 1, None, closed="left")]}

    def __init__(self, max_weights=2000):
        self.max_weights = max_weights

    def check_objective(self, objective):
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

    def minimise(self, objective, w0, *, monitor, rng, state=None):
        scale = objective.feature_scaling.largest_move
        unit = 1 / scale
        w = np.array(w0, dtype=np.float64)
        value, grad, H = objective.gauss_newton(w)
        monitor.n_evaluations += 1
        stop = monitor.start(w, value)
        if not (np.isfinite(H).all() and np.isfinite(scale).all()):
            return Status.DIVERGED
        radius, damping = _FIRST_RADIUS * max(np.linalg.norm(scale * w), 1.0), 0.0
        if state is not None:
            value, radius, damping = state
        while stop is None:
            if monitor.flat(value, grad):
                return Status.CONVERGED
            model = _Model(grad * unit, H * unit * unit[:, None])
            ratio = 0.0
            while not ratio > _ACCEPTED:
                q, damping = model.step(radius, damping)
                predicted = model.decrease(q)
                if not predicted > max(_EPS * value, _TINY):
                    return Status.NO_PROGRESS
                trial = w + q * unit
                trial_value = objective.value(trial)
                monitor.n_evaluations += 1
                ratio = (value - trial_value) / predicted
                radius = _next_radius(radius, np.linalg.norm(q), ratio, damping)
            w, value = trial, trial_value
            stop = monitor(w, value, f"damping {damping:.1e}", (value, radius, damping))
            if stop is None:
                _, grad, H = objective.gauss_newton(w)
                monitor.n_evaluations += 1
        return stop


def _next_radius(radius, length, ratio, damping):
    """More's update: shrink after a bad step, grow after a good one at the border."""
    if not ratio >= 0.25:
        return 0.25 * min(radius, length)
    if ratio > 0.75 and damping > 0:
        return max(radius, 2 * length)
    return radius


class _Model:
    """The quadratic model g^T q + 1/2 q^T H q of J, in the scaled variables q = D p."""

    def __init__(self, grad, H):
        self._grad = grad
        self._H = H

    def decrease(self, q):
        """How much the model falls along q."""
        return -float(self._grad @ q + 0.5 * q @ (self._H @ q))

    def step(self, radius, damping):
        """The minimiser within the radius, to 10 % of its length, and its damping.

        `damping`, that of the last step, is where Newton's iteration for the secular
        equation ||q(damping)|| = radius begins; where it leaves the bracket below, the
        undamped step is tried once, and then the geometric mean.
        """
        # H is positive semidefinite, so at the upper end the step is within the radius
        low, high = 0.0, np.linalg.norm(self._grad) / radius
        damping, tried_undamped = min(damping, high), False
        for _ in range(_MOST_DAMPINGS):
            factor, q = self._solve(damping)
            tried_undamped |= damping == 0
            if q is None:
                low, proposal = damping, 10 * damping
            else:
                length = np.linalg.norm(q)
                if abs(length - radius) <= _RADIUS_TOLERANCE * radius:
                    return q, damping
                if damping == 0 and length < radius:
                    return q, damping
                low, high = (damping, high) if length > radius else (low, damping)
                u, _ = dtrtrs(factor, q, lower=1)
                proposal = damping + (length / np.linalg.norm(u)) ** 2 * (length - radius) / radius
            if proposal <= 0 and not tried_undamped:
                damping = 0.0
            elif low < proposal < high:
                damping = proposal
            else:
                damping = max(1e-3 * high, np.sqrt(low * high))
        # out of patience: the last bound, at which the step is short enough
        _, q = self._solve(high)
        return (-self._grad / high if q is None else q), high

    def _solve(self, damping):
        """Cholesky factor of H + damping I, None where it fails, and the step."""
        A = self._H.T.copy(order="F")  # symmetric, and this way a plain copy
        A.ravel(order="K")[:: len(A) + 1] += damping
        factor, info = dpotrf(A, lower=1, overwrite_a=1)
        if info:
            return None, None
        q, _ = dpotrs(factor, -self._grad, lower=1)
        return factor, q
