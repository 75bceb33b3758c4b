"""First-order methods as pure rules, and the one loop that runs them all.

A rule is ``init(w) -> state`` and ``update(grad, state) -> (step, state)``; the loop adds
the step to w. Gradients are those of the *mean* cost, J / sum of sample weights, so that a
learning rate keeps its meaning when the number of samples changes.
"""

from abc import abstractmethod
from dataclasses import dataclass, replace
from numbers import Integral, Real

import numpy as np
from sklearn.utils._param_validation import Interval

from .._execution._result import Status
from .._params._intervals import is_interval
from .._params._names import Names
from ._base import Optimizer

__all__ = ["SGD", "Adam", "FirstOrder", "Rprop"]


class FirstOrder(Optimizer):
    """A rule that turns gradients into steps; `batch_size` is an option of each."""

    # steps that go up and down again with the momentum take longer to judge
    window = 100
    step_option = "learning_rate"
    supports_partial_fit = True

    @abstractmethod
    def init(self, w):
        """State before the first step."""

    @abstractmethod
    def update(self, grad, state):
        """The step, of the shape of `grad`, and the next state."""

    def adapt(self, value, state):
        """The next state, after an iteration has come to the mean cost `value`."""
        return state

    def minimise(self, objective, w0, *, monitor, rng, state=None):
        w = np.array(w0, dtype=np.float64)
        state = self.init(w) if state is None else state
        value, grad = objective.value_and_grad(w)
        monitor.n_evaluations += 1
        stop = monitor.start(w, value)
        while stop is None:
            if self.batch_size is None:
                if monitor.flat(value, grad):
                    return Status.CONVERGED
                step, state = self.update(grad / objective.total_weight, state)
                w = w + step
                value, grad = objective.value_and_grad(w)
                monitor.n_evaluations += 1
                note = f"gradient {np.abs(grad).max():.1e}"
            else:
                w, state = self.epoch(objective, w, state, rng)
                value, note = objective.value(w), ""
                monitor.n_evaluations += 2
            if not np.isfinite(value) or not np.isfinite(w).all():
                return Status.DIVERGED
            state = self.adapt(value / objective.total_weight, state)
            stop = monitor(w, value, note, state)
        return stop

    def epoch(self, objective, w, state, rng):
        """Take each sample into account once: in one step, or in batches in random order.

        Parameters
        ----------
        objective : Objective
        w : ndarray of shape (n_weights,)
        state : object
            As `init` or the last pass left it.
        rng : numpy.random.Generator

        Returns
        -------
        w : ndarray of shape (n_weights,)
        state : object
        """
        n_samples = objective.n_samples
        length = self.batch_size or n_samples
        order = np.arange(n_samples) if length >= n_samples else rng.permutation(n_samples)
        for start in range(0, n_samples, length):
            batch = objective.take(order[start : start + length])
            share = batch.total_weight / objective.total_weight
            if share:
                batch = batch.with_alpha(share * objective.alpha)
                _, grad = batch.value_and_grad(w)
                step, state = self.update(grad / batch.total_weight, state)
                w = w + step
        return w, state


# The factor of the learning rate in step t of a schedule that is a function of t alone.
# What "adaptive" does is in its state, since it follows the cost.
_SCHEDULES = {"constant": lambda t: 1.0, "invscaling": lambda t: t**-0.5, "adaptive": lambda t: 1.0}
# "adaptive": iterations in a row without a new lowest cost after which the rate is divided.
# Fewer would take a swing of the momentum for the end of the descent.
_ADAPTIVE_PATIENCE, _ADAPTIVE_DIVISOR = 10, 5.0


class SGD(FirstOrder):
    """Gradient descent as in the lecture: a step against the gradient.

    ``w <- w - learning_rate * gradient of the mean cost``, over all samples
    (``batch_size=None``, the lecture's method) or over random batches. As the cost is the
    mean and not the sum, a learning rate keeps its meaning when the number of samples
    changes.

    Parameters
    ----------
    learning_rate : float, default=1.0
        Factor of the gradient of the *mean* cost, > 0.
    schedule : {"constant", "invscaling", "adaptive"} or callable, default="constant"
        How the rate falls. "invscaling" divides it by the square root of the number of
        steps, and "adaptive" by 5 whenever ten iterations in a row bring no new lowest
        cost; scikit-learn's of these names count samples, and falls below a tolerance. A
        callable ``schedule(t)`` gives the factor of the
        rate in step t = 1, 2, ...: ``lambda t: 1 / t`` is the choice of Robbins and Monro,
        Annals of Mathematical Statistics 22 (1951) 400.
    momentum : float, default=0.9
        Share of the last step that is taken again, in [0, 1); 0 is the plain method.
        Source: Polyak, USSR Computational Mathematics 4 (1964) 1.
    nesterov : bool, default=False
        Whether the gradient is, in effect, taken after the momentum's part of the step.
        Source: Sutskever, Martens, Dahl and Hinton, ICML (2013), section 2.
    batch_size : int or None, default=None
        Samples in a batch, >= 1; None takes all of them. An iteration is a pass over all
        samples either way.

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
    >>> bool(BackpropClassifier(solver=solver, random_state=0).fit(X, y).score(X, y) > 0.9)
    True
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
        learning_rate=1.0,
        *,
        schedule="constant",
        momentum=0.9,
        nesterov=False,
        batch_size=None,
    ):
        self.learning_rate = learning_rate
        self.schedule = schedule
        self.momentum = momentum
        self.nesterov = nesterov
        self.batch_size = batch_size

    def init(self, w):
        return _Motion(np.zeros(len(w)))

    def update(self, grad, state):
        t = state.t + 1
        rate = self.learning_rate * state.divided * self._factor(t)
        velocity = self.momentum * state.velocity - rate * grad
        step = self.momentum * velocity - rate * grad if self.nesterov else velocity
        return step, replace(state, velocity=velocity, t=t)

    def adapt(self, value, state):
        if self.schedule != "adaptive":
            return state
        if value < state.lowest:
            return replace(state, lowest=value, waited=0)
        if state.waited + 1 < _ADAPTIVE_PATIENCE:
            return replace(state, waited=state.waited + 1)
        return replace(state, divided=state.divided / _ADAPTIVE_DIVISOR, waited=0)

    def _factor(self, t):
        schedule = self.schedule
        return _SCHEDULES[schedule](t) if isinstance(schedule, str) else schedule(t)


@dataclass(frozen=True)
class _Motion:
    """The state of SGD: what momentum and schedules remember.

    Parameters
    ----------
    velocity : ndarray of shape (n_weights,)
    t : int
        Steps taken.
    divided : float
        What "adaptive" has left of the learning rate.
    lowest : float
        The lowest mean cost so far.
    waited : int
        Iterations since.
    """

    velocity: np.ndarray
    t: int = 0
    divided: float = 1.0
    lowest: float = np.inf
    waited: int = 0


class Adam(FirstOrder):
    """Steps scaled by running means of the gradient and of its square.

    Source: Kingma and Ba, Adam: a method for stochastic optimization, ICLR (2015), with
    its defaults for the decay rates.

    Parameters
    ----------
    learning_rate : float, default=0.05
        About the length of a step in each weight, > 0.
    beta1, beta2 : float, default=0.9 and 0.999
        Decay of the means of the gradient and of its square, in [0, 1).
    epsilon : float, default=1e-8
        Added to the root of the mean square, > 0.
    batch_size : int or None, default=None
        Samples in a batch, >= 1; None takes all of them. An iteration is a pass over all
        samples either way.

    Examples
    --------
    >>> from sklearn.datasets import load_iris
    >>> from sklearn.preprocessing import scale
    >>> from skbackprop import BackpropClassifier
    >>> X, y = load_iris(return_X_y=True)
    >>> model = BackpropClassifier(random_state=0)
    >>> model = model.set_params(solver__optimizer="adam", solver__tol=1e-3)
    >>> bool(model.fit(scale(X), y).score(scale(X), y) > 0.95)
    True
    """

    _parameter_constraints = {
        "learning_rate": [Interval(Real, 0, None, closed="neither")],
        "beta1": [Interval(Real, 0, 1, closed="left")],
        "beta2": [Interval(Real, 0, 1, closed="left")],
        "epsilon": [Interval(Real, 0, None, closed="neither")],
        "batch_size": [Interval(Integral, 1, None, closed="left"), None],
    }

    def __init__(
        self, learning_rate=0.05, *, beta1=0.9, beta2=0.999, epsilon=1e-8, batch_size=None
    ):
        self.learning_rate = learning_rate
        self.beta1 = beta1
        self.beta2 = beta2
        self.epsilon = epsilon
        self.batch_size = batch_size

    def init(self, w):
        return np.zeros(len(w)), np.zeros(len(w)), 0

    def update(self, grad, state):
        mean, square, t = state
        t += 1
        mean = self.beta1 * mean + (1 - self.beta1) * grad
        square = self.beta2 * square + (1 - self.beta2) * grad * grad
        unbiased_mean = mean / (1 - self.beta1**t)
        unbiased_square = square / (1 - self.beta2**t)
        step = -self.learning_rate * unbiased_mean / (np.sqrt(unbiased_square) + self.epsilon)
        return step, (mean, square, t)


class Rprop(FirstOrder):
    """A step length for each weight that follows the signs of its gradient alone: iRprop-.

    Steps grow while the sign stays and shrink when it changes; after a change a weight
    rests for one step. It takes the full batch and needs no learning rate.

    Source: Igel and Huesken, Empirical evaluation of the improved Rprop learning
    algorithms, Neurocomputing 50 (2003) 105, with the factors and bounds of Riedmiller and
    Braun, ICNN (1993) 586.

    Parameters
    ----------
    initial_step : float, default=0.1
        Length of the first step in each weight, > 0.
    growth, shrinkage : float, default=1.2 and 0.5
        Factors of the step length, growth > 1 and shrinkage in (0, 1).
    step_range : tuple of two floats, default=(1e-6, 50.0)
        Bounds of the step length.

    Examples
    --------
    >>> from sklearn.datasets import load_iris
    >>> from sklearn.preprocessing import scale
    >>> from skbackprop import BackpropClassifier
    >>> X, y = load_iris(return_X_y=True)
    >>> model = BackpropClassifier(random_state=0)
    >>> model = model.set_params(solver__optimizer="rprop", solver__tol=1e-3)
    >>> bool(model.fit(scale(X), y).score(scale(X), y) > 0.95)
    True
    """

    _parameter_constraints = {
        "initial_step": [Interval(Real, 0, None, closed="neither")],
        "growth": [Interval(Real, 1, None, closed="neither")],
        "shrinkage": [Interval(Real, 0, 1, closed="neither")],
        "step_range": [tuple, list],
    }
    batch_size = None
    step_option = "initial_step"

    def __init__(self, initial_step=0.1, *, growth=1.2, shrinkage=0.5, step_range=(1e-6, 50.0)):
        self.initial_step = initial_step
        self.growth = growth
        self.shrinkage = shrinkage
        self.step_range = step_range

    def check(self):
        super().check()
        if not is_interval(self.step_range) or self.step_range[0] <= 0:
            raise ValueError(
                f"step_range of Rprop must be two positive numbers, the first below the second, "
                f"got {self.step_range!r}"
            )

    def init(self, w):
        return np.full(len(w), float(self.initial_step)), np.zeros(len(w))

    def update(self, grad, state):
        length, last = state
        agreement = np.sign(grad) * np.sign(last)
        factor = np.where(agreement > 0, self.growth, np.where(agreement < 0, self.shrinkage, 1))
        length = np.clip(length * factor, *self.step_range)
        grad = np.where(agreement < 0, 0, grad)
        return -np.sign(grad) * length, (length, grad)
