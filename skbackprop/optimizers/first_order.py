"""First-order methods as pure rules, and the one loop that runs them all.

A rule is ``init(w) -> state`` and ``update(grad, state) -> (step, state)``; the loop adds
the step to w. Gradients are those of the *mean* cost, J / sum of sample weights, so that a
learning rate keeps its meaning when the number of samples changes.
"""

from abc import abstractmethod
from dataclasses import replace
from numbers import Integral, Real

import numpy as np
from sklearn.utils._param_validation import Interval

from .._result import Status
from ._base import Optimizer

__all__ = ["SGD", "FirstOrder"]


class FirstOrder(Optimizer):
    """A rule that turns gradients into steps; `batch_size` is an option of each."""

    # steps that go up and down again with the momentum take longer to judge
    window = 100

    @abstractmethod
    def init(self, w):
        """State before the first step."""

    @abstractmethod
    def update(self, grad, state):
        """The step, of the shape of `grad`, and the next state."""

    def minimise(self, objective, w0, *, tol, monitor, rng):
        w, state = np.array(w0, dtype=np.float64), self.init(w0)
        value, grad = self._mean_gradient(objective, w, monitor)
        monitor.start(w, value)
        while True:
            if np.abs(grad).max() <= tol:
                return Status.CONVERGED
            if self.batch_size is None:
                step, state = self.update(grad, state)
                w = w + step
            else:
                w, state = self._epoch(objective, w, state, rng)
            value, grad = self._mean_gradient(objective, w, monitor)
            if not np.isfinite(value) or not np.isfinite(grad).all():
                return Status.DIVERGED
            stop = monitor(w, value, f"gradient {np.abs(grad).max():.1e}")
            if stop:
                return stop

    def _epoch(self, objective, w, state, rng):
        """A pass over the data in batches, each sample once, in random order."""
        n_samples = objective.X.shape[0]
        order = rng.permutation(n_samples)
        for start in range(0, n_samples, self.batch_size):
            batch = objective.take(order[start : start + self.batch_size])
            share = batch.total_weight / objective.total_weight
            if share:
                batch = replace(batch, alpha=share * objective.alpha)
                _, grad = batch.value_and_grad(w)
                step, state = self.update(grad / batch.total_weight, state)
                w = w + step
        return w, state

    @staticmethod
    def _mean_gradient(objective, w, monitor):
        value, grad = objective.value_and_grad(w)
        monitor.n_evaluations += 1
        return value, grad / objective.total_weight


class SGD(FirstOrder):
    """Gradient descent as in the lecture: a step against the gradient.

    ``w <- w - learning_rate * gradient of the mean cost``, over all samples
    (``batch_size=None``, the lecture's method) or over random batches.

    Parameters
    ----------
    learning_rate : float, default=1.0
        Factor of the gradient of the *mean* cost, > 0.
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
    >>> from skbackprop import BackpropClassifier
    >>> from skbackprop.optimizers import SGD
    >>> from skbackprop.solvers import GradientDescent
    >>> X, y = load_iris(return_X_y=True)
    >>> solver = GradientDescent(SGD(batch_size=10), max_iter=50, tol=1e-2)
    >>> bool(BackpropClassifier(solver=solver, random_state=0).fit(X, y).score(X, y) > 0.9)
    True
    """

    _parameter_constraints = {
        "learning_rate": [Interval(Real, 0, None, closed="neither")],
        "momentum": [Interval(Real, 0, 1, closed="left")],
        "nesterov": ["boolean"],
        "batch_size": [Interval(Integral, 1, None, closed="left"), None],
    }

    def __init__(self, learning_rate=1.0, *, momentum=0.9, nesterov=False, batch_size=None):
        self.learning_rate = learning_rate
        self.momentum = momentum
        self.nesterov = nesterov
        self.batch_size = batch_size

    def init(self, w):
        return np.zeros_like(w, dtype=np.float64)

    def update(self, grad, state):
        velocity = self.momentum * state - self.learning_rate * grad
        if self.nesterov:
            return self.momentum * velocity - self.learning_rate * grad, velocity
        return velocity, velocity
