"""Gradient descent as in the lecture, with momentum and schedules of the learning rate."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from numbers import Integral, Real

import numpy as np
from numpy.typing import NDArray
from sklearn.utils._param_validation import Interval

from .._params._names import Names
from ._base import FirstOrder

__all__ = ["SGD"]

# The factor of the learning rate in step t. The factor of "adaptive" depends on the cost instead of
# t and is kept in the memory.
_SCHEDULES = {"constant": lambda t: 1.0, "invscaling": lambda t: t**-0.5, "adaptive": lambda t: 1.0}
# "adaptive" divides the rate after this many consecutive iterations without a new lowest cost.
# With fewer, the temporary rises of J that momentum causes would already reduce the rate.
_ADAPTIVE_PATIENCE, _ADAPTIVE_DIVISOR = 10, 5.0


class SGD(FirstOrder):
    """Gradient descent as in the lecture: a step against the gradient.

    ``w <- w - learning_rate * gradient of the mean cost``, over all samples
    (``batch_size=None``, the lecture's method) or over random batches. Because the cost is the
    mean instead of the sum, a suitable learning rate does not depend on the number of samples.

    Parameters
    ----------
    learning_rate : float, default=1.0
        Factor of the gradient of the *mean* cost, > 0.
    schedule : {"constant", "invscaling", "adaptive"} or callable, default="constant"
        How the learning rate decreases. "invscaling" divides it by the square root of the number
        of steps. "adaptive" divides it by 5 whenever ten consecutive iterations bring no new
        lowest cost. (In scikit-learn, "invscaling" counts samples, and "adaptive" compares the
        decrease of the cost with a tolerance.) A callable ``schedule(t)`` returns the factor of
        the rate in step t = 1, 2, ...: ``lambda t: 1 / t`` is the schedule of Robbins and Monro,
        Annals of Mathematical Statistics 22 (1951) 400.
    momentum : float, default=0.9
        Fraction of the last step that is added to each step, in [0, 1); 0 is the plain method.
        Source: Polyak, USSR Computational Mathematics 4 (1964) 1.
    nesterov : bool, default=False
        Whether the gradient is, in effect, computed after the momentum part of the step.
        Source: Sutskever, Martens, Dahl and Hinton, ICML (2013), section 2.
    batch_size : int or None, default=None
        Number of samples in a batch, >= 1; None uses all samples in one batch. In both cases an
        iteration is one pass over all samples.

    Examples
    --------
    >>> from sklearn.datasets import load_iris
    >>> from sklearn.preprocessing import scale
    >>> from skbackprop import BackpropClassifier
    >>> from skbackprop.optimizers import SGD
    >>> from skbackprop.solvers import GradientDescent
    >>> X, y = load_iris(return_X_y=True)
    >>> X = scale(X)
    >>> solver = GradientDescent(SGD(0.3, batch_size=20), tol=1e-3)
    >>> model = BackpropClassifier(solver=solver, alpha=0.1, random_state=1)
    >>> print(f"accuracy {model.fit(X, y).score(X, y):.2f}")
    accuracy 0.98
    """

    _parameter_constraints = {
        "learning_rate": [Interval(Real, 0, None, closed="neither")],
        "schedule": [Names(_SCHEDULES), callable],
        "momentum": [Interval(Real, 0, 1, closed="left")],
        "nesterov": ["boolean"],
        "batch_size": [Interval(Integral, 1, None, closed="left"), None],
    }

    def __init__(
        self,
        learning_rate: float = 1.0,
        *,
        schedule: str | Callable[[int], float] = "constant",
        momentum: float = 0.9,
        nesterov: bool = False,
        batch_size: int | None = None,
    ) -> None:
        self.learning_rate = learning_rate
        self.schedule = schedule
        self.momentum = momentum
        self.nesterov = nesterov
        self.batch_size = batch_size

    def init(self, w: NDArray[np.float64]) -> "_Motion":
        return _Motion(np.zeros(len(w)))

    def update(
        self, grad: NDArray[np.float64], memory: "_Motion"
    ) -> tuple[NDArray[np.float64], "_Motion"]:
        t = memory.t + 1
        rate = self.learning_rate * memory.divided * self._factor(t)
        velocity = self.momentum * memory.velocity - rate * grad
        step = self.momentum * velocity - rate * grad if self.nesterov else velocity
        return step, replace(memory, velocity=velocity, t=t)

    def adapt(self, value: float, memory: "_Motion") -> "_Motion":
        if self.schedule != "adaptive":
            return memory
        if value < memory.lowest:
            return replace(memory, lowest=value, waited=0)
        if memory.waited + 1 < _ADAPTIVE_PATIENCE:
            return replace(memory, waited=memory.waited + 1)
        return replace(memory, divided=memory.divided / _ADAPTIVE_DIVISOR, waited=0)

    def _factor(self, t: int) -> float:
        schedule = self.schedule
        return _SCHEDULES[schedule](t) if isinstance(schedule, str) else schedule(t)


@dataclass(frozen=True)
class _Motion:
    """The memory of SGD: the information on earlier steps for momentum and schedules.

    Parameters
    ----------
    velocity : ndarray of shape (n_weights,)
    t : int
        Number of steps so far.
    divided : float
        The factor by which "adaptive" has lowered the learning rate so far.
    lowest : float
        The lowest mean cost so far.
    waited : int
        Number of iterations since the lowest cost, or since the rate was last divided.
    """

    velocity: np.ndarray
    t: int = 0
    divided: float = 1.0
    lowest: float = np.inf
    waited: int = 0
