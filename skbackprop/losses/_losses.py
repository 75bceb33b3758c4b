"""The costs: pointwise functions of the target y and of z3, the input of the output unit.

Shapes, everywhere in this module: ``y`` and ``z3`` are arrays of shape
(n_samples, n_outputs); a leading or trailing axis more is welcome, since the formulas are
elementwise. With a = f(z3) = yhat, each cost is written as a function of z3 and not of a,
because a rounds to 0 or 1 long before the cost stops mattering: f(z3) and 1 - f(z3) are
both computed to full relative precision, and logarithms come from z3 itself.

``value_and_grad`` returns d cost / d z3, the sigma3 of the lecture. ``curvature`` is what
Gauss-Newton methods need: a non-negative stand-in for d^2 cost / d z3^2.

Where one method of a loss needs another, it names its own class, ``LogLoss.value(self, ...)``:
through ``self`` it would reach the method of a subclass, and the two would differ.
"""

from abc import abstractmethod
from numbers import Real

import numpy as np
from scipy.special import logit, xlogy
from sklearn.utils._param_validation import Interval

from .._params._registry import Configuration
from ._stable import (
    decay,
    excess,
    half_square,
    i_divergence,
    output_error,
    row_products,
    sigmoid_pair,
    softplus,
)

__all__ = [
    "Exponential",
    "GeneralizedKullbackLeibler",
    "Hellinger",
    "ItakuraSaito",
    "KullbackLeibler",
    "LogLoss",
    "Loss",
    "SquaredError",
    "sigmoid_pair",
]


class Loss(Configuration):
    """A cost of the network's output, the base class of every loss.

    A user's own cost is a subclass with `value` and `value_and_grad`; it then works
    wherever a name does. With `curvature` it works with Gauss-Newton methods too.

    A subclass of another loss that defines `value` or `value_and_grad` is another cost.
    Nothing that says more of its parent's holds for it: `total`, `floor`, `convex_part` and
    `curvature` are those of `Loss` until it defines them, and `value` is the first part of its
    own `value_and_grad`. Both may call those of the parent by ``super()``.

    Attributes
    ----------
    separable : bool
        True (the default) if the cost is a sum over outputs, so that `value` returns one
        number for each sample and output. Else `value` returns (n_samples, 1).
    least_target : float
        The smallest target with a usable cost: 0, or a little more where 0 costs infinitely.

    Examples
    --------
    >>> import numpy as np
    >>> from skbackprop import BackpropRegressor
    >>> from skbackprop.losses import Loss, sigmoid_pair
    >>> class Quartic(Loss):
    ...     def value(self, y, z3):
    ...         return (sigmoid_pair(z3)[0] - y) ** 4 / 4
    ...
    ...     def value_and_grad(self, y, z3):
    ...         a, b = sigmoid_pair(z3)
    ...         return (a - y) ** 4 / 4, (a - y) ** 3 * a * b
    >>> X = np.linspace(-2, 2, 50)[:, None]
    >>> y = np.sin(X[:, 0])
    >>> model = BackpropRegressor(loss=Quartic(), alpha=1e-5, random_state=0).fit(X, y)
    >>> bool(model.score(X, y) > 0.9)
    True
    """

    separable = True
    least_target = 0.0

    def __init_subclass__(cls, **options):
        super().__init_subclass__(**options)
        cost = min(_rank(cls, "value"), _rank(cls, "value_and_grad"))
        if _rank(cls, "value_and_grad") < _rank(cls, "value"):
            cls.value = _value_of(cls)
        for name in ("total", "lower_bound", "convex_part", "curvature"):
            if _rank(cls, name) > cost:  # it tells of a cost that this class does not have
                setattr(cls, name, vars(Loss)[name])

    @abstractmethod
    def value(self, y, z3):
        """Cost of each sample and output, (n_samples, n_outputs)."""

    @abstractmethod
    def value_and_grad(self, y, z3):
        """Cost, and its derivative by z3, both (n_samples, n_outputs)."""

    def total(self, y, z3, sample_weight=None):
        """The cost summed over samples, for many networks: what the searches ask for.

        Samples lie along memory here, and only the rounding of the sum matters: a loss may
        take a quicker way than through `value`.

        Parameters
        ----------
        y : ndarray of shape (n_outputs, n_samples)
        z3 : ndarray of shape (n_candidates, n_outputs, n_samples)
            May be overwritten.
        sample_weight : ndarray of shape (n_samples,) or None

        Returns
        -------
        total : ndarray of shape (n_candidates, n_outputs)
            (n_candidates, 1) where the loss is not separable.
        """
        cost = self.value(y.T[:, None, :], z3.transpose(2, 0, 1))
        if sample_weight is not None:
            cost = cost * sample_weight[:, None, None]
        return cost.sum(axis=0, dtype=np.float64)

    def lower_bound(self, y):
        """What the best possible output costs, in the shape of `value`; 0 for most losses."""
        return np.zeros_like(y)

    def convex_part(self, y):
        """Between which z3 the cost is convex, where it is concave in the tails beyond.

        Parameters
        ----------
        y : ndarray of any shape
            Targets.

        Returns
        -------
        first, last : ndarray of the shape of `y`, infinite where there is no tail
            None where this is not known; the grid solver can then search, but not prove.
        """
        return

    @property
    def has_curvature(self):
        """Whether the cost offers a Gauss-Newton form."""
        return type(self).curvature is not Loss.curvature

    def curvature(self, y, z3):
        """Gauss-Newton or Fisher curvature by z3, non-negative, (n_samples, n_outputs)."""
        raise TypeError(f"{self!r} has no Gauss-Newton form")

    def check_targets(self, y, target_range):
        """Refuse what has no finite cost.

        Parameters
        ----------
        y : ndarray of shape (n_samples, n_outputs)
            Targets as the network sees them.
        target_range : tuple of two floats
            The estimator's parameter, named in the message.

        Raises
        ------
        ValueError
            If a target is 0 and the cost is infinite there.
        """
        if y.min() < self.least_target:
            raise ValueError(
                f"loss={self!r} needs targets from {self.least_target!r} to 1, got a "
                f"target of {float(y.min())!r} from target_range={target_range!r}: use "
                f"target_range=(0.1, 0.9)"
            )


def _rank(cls, name):
    """Where in the order of a class's bases a method is defined, 0 being the class itself."""
    return next(rank for rank, base in enumerate(cls.__mro__) if name in vars(base))


def _value_of(cls):
    """The `value` of a loss that has its own `value_and_grad` only."""

    def value(self, y, z3):
        # of this class: a subclass may call it by super() beside a `value_and_grad` of its own
        return cls.value_and_grad(self, y, z3)[0]

    value.__doc__ = Loss.value.__doc__
    return value


class SquaredError(Loss):
    """The lecture's quadratic cost, 1/2 (y - a)^2, half the squared error.

    Domain: y in [0, 1]. Link: a = f(z3). sigma3 = -(y - a) f'(z3), with
    f'(z3) = a (1 - a). Gauss-Newton curvature: f'(z3)^2.

    Examples
    --------
    >>> import numpy as np
    >>> from skbackprop.losses import SquaredError
    >>> SquaredError().value_and_grad(np.array([[1.0]]), np.array([[0.0]]))
    (array([[0.125]]), array([[-0.125]]))
    """

    def value(self, y, z3):
        # a - y = (1 - y - y e) / (1 + e)
        e = decay(z3)
        error = np.subtract(1 - y, y * e)
        e += 1
        error /= e
        return half_square(error)

    def value_and_grad(self, y, z3):
        a, b = sigmoid_pair(z3)
        error = output_error(y, a, b)
        a *= b  # f'(z3)
        a *= error
        return half_square(error), a

    def total(self, y, z3, sample_weight=None):
        # y - a = -(1 - 2 y + tanh(z3 / 2)) / 2
        z3 *= 0.5
        error = np.tanh(z3, out=z3)
        error += 1 - 2 * y
        if sample_weight is not None:
            error *= np.sqrt(sample_weight)
        return row_products(error, error) / 8

    def curvature(self, y, z3):
        a, b = sigmoid_pair(z3)
        return (a * b) ** 2

    def convex_part(self, y):
        # d^2 cost / d z3^2 = a (1 - a) (-3 a^2 + 2 (1 + y) a - y), whose roots in a are
        root = np.sqrt(1 - y + y * y)
        return logit(y / (1 + y + root)), logit((1 + y + root) / 3)


class LogLoss(Loss):
    """Cross entropy, -[y ln a + (1 - y) ln(1 - a)]; a deviance for y in {0, 1}.

    Domain: y in [0, 1]. Link: a = f(z3), the canonical one, so that sigma3 = a - y.
    Curvature: a (1 - a), the exact second derivative.
    Source: Bishop, Pattern Recognition and Machine Learning (2006), eq. 5.23.

    Examples
    --------
    >>> import numpy as np
    >>> from skbackprop.losses import LogLoss
    >>> LogLoss().value_and_grad(np.array([[0.0]]), np.array([[800.0]]))
    (array([[800.]]), array([[1.]]))
    """

    def value(self, y, z3):
        with np.errstate(under="ignore"):
            tail = np.log1p(np.exp(-np.abs(z3)))
        return tail + (1 - y) * np.maximum(z3, 0) + y * np.maximum(-z3, 0)

    def value_and_grad(self, y, z3):
        return LogLoss.value(self, y, z3), output_error(y, *sigmoid_pair(z3))

    def total(self, y, z3, sample_weight=None):
        # the cost is ((1 - 2 y) z3 + |z3|) / 2 + ln(1 + exp(-|z3|))
        linear = (1 - 2 * y) * z3
        minus = np.copysign(z3, -1, out=z3)
        linear -= minus
        with np.errstate(under="ignore"):
            tail = np.log1p(np.exp(minus, out=minus), out=minus)
        weight = np.ones_like(y[0]) if sample_weight is None else sample_weight
        return 0.5 * row_products(linear, weight) + row_products(tail, weight)

    def curvature(self, y, z3):
        a, b = sigmoid_pair(z3)
        return a * b

    def convex_part(self, y):
        return everywhere(y)

    def lower_bound(self, y):
        return -xlogy(y, y) - xlogy(1 - y, 1 - y)


class GeneralizedKullbackLeibler(Loss):
    """Generalised Kullback-Leibler divergence (I-divergence), y ln(y / a) - y + a.

    Domain: y in [0, 1], with 0 ln 0 = 0. Link: a = f(z3). sigma3 = (a - y) (1 - a).
    Curvature: a (1 - a)^2, the second derivative at a = y (Fisher scoring).
    Source: Csiszar, Annals of Statistics 19 (1991) 2032, the divergence of Poisson counts.

    Examples
    --------
    >>> import numpy as np
    >>> from skbackprop.losses import GeneralizedKullbackLeibler
    >>> GeneralizedKullbackLeibler().value(np.array([[0.5, 0.0]]), np.array([[0.0, 0.0]]))
    array([[0. , 0.5]])
    """

    def value(self, y, z3):
        return i_divergence(y, 1 - y, z3)

    def value_and_grad(self, y, z3):
        a, b = sigmoid_pair(z3)
        return i_divergence(y, 1 - y, z3), output_error(y, a, b) * b

    def curvature(self, y, z3):
        a, b = sigmoid_pair(z3)
        return a * b * b


class KullbackLeibler(Loss):
    """Kullback-Leibler divergence of two Bernoulli laws, zero where a = y.

    y ln(y / a) + (1 - y) ln((1 - y) / (1 - a)): the cross entropy minus the entropy of y.
    The widely quoted one-sided form y ln(y / a) has no minimum for independent sigmoid
    outputs (it falls for ever as a grows), hence both sides.

    Domain: y in [0, 1]. Link: a = f(z3). sigma3 = a - y. Curvature: a (1 - a).
    Source: Kullback and Leibler, Annals of Mathematical Statistics 22 (1951) 79.

    Examples
    --------
    >>> import numpy as np
    >>> from skbackprop.losses import KullbackLeibler
    >>> KullbackLeibler().value(np.array([[0.5]]), np.array([[0.0]]))
    array([[0.]])
    """

    def value(self, y, z3):
        return i_divergence(y, 1 - y, z3) + i_divergence(1 - y, y, -z3)

    def value_and_grad(self, y, z3):
        return KullbackLeibler.value(self, y, z3), output_error(y, *sigmoid_pair(z3))

    def curvature(self, y, z3):
        a, b = sigmoid_pair(z3)
        return a * b

    def convex_part(self, y):
        return everywhere(y)


class ItakuraSaito(Loss):
    """Itakura-Saito divergence, y / a - ln(y / a) - 1.

    Domain: y in [1e-9, 1]; 0 is refused, use ``target_range=(0.1, 0.9)``. Link: a = f(z3).
    sigma3 = (1 - a) (a - y) / a. Curvature: (1 - a)^2, the second derivative at a = y.
    As y / a grows like exp(-z3), the cost is continued along its tangent below z3 = -30,
    where a < 1e-13: it stays finite, convex there and differentiable for every z3.
    Source: Itakura and Saito, 6th International Congress on Acoustics (1968) C-17.

    Examples
    --------
    >>> import numpy as np
    >>> from skbackprop.losses import ItakuraSaito
    >>> ItakuraSaito().value(np.array([[0.5]]), np.array([[0.0]]))
    array([[0.]])
    """

    least_target = 1e-9
    _tangent_below = -30.0
    # the tangent's slope is up to 1e13; a z3 below this would overflow float32
    _farthest = 1e20

    def value(self, y, z3):
        return ItakuraSaito.value_and_grad(self, y, z3)[0]

    def value_and_grad(self, y, z3):
        z = np.maximum(z3, self._tangent_below)
        a, b = sigmoid_pair(z)
        relative_error = -output_error(y, a, b) / a
        value = excess(relative_error, np.log(y) + softplus(-z))
        grad = -b * relative_error
        below = np.maximum(z3 - z, -self._farthest)
        return value + grad * below, grad

    def curvature(self, y, z3):
        return sigmoid_pair(z3)[1] ** 2


class Hellinger(Loss):
    """Squared Hellinger distance of two Bernoulli laws.

    (sqrt a - sqrt y)^2 / 2 + (sqrt(1 - a) - sqrt(1 - y))^2 / 2. A sum of two squares, so
    Gauss-Newton applies as for the squared error. Both sides are needed for a minimum at
    a = y that also sees how far 1 - a is from 1 - y.

    Domain: y in [0, 1]. Link: a = f(z3).
    sigma3 = sqrt(a (1 - a)) (sqrt(a (1 - y)) - sqrt((1 - a) y)) / 2.
    Curvature: a (1 - a) / 4.
    Source: Hellinger, Journal fuer die reine und angewandte Mathematik 136 (1909) 210.

    Examples
    --------
    >>> import numpy as np
    >>> from skbackprop.losses import Hellinger
    >>> Hellinger().value(np.array([[1.0]]), np.array([[-800.0]]))
    array([[1.]])
    """

    def value(self, y, z3):
        return Hellinger._value(y, *sigmoid_pair(z3))

    def value_and_grad(self, y, z3):
        a, b = sigmoid_pair(z3)
        grad = 0.5 * np.sqrt(a * b) * (np.sqrt(a * (1 - y)) - np.sqrt(b * y))
        return Hellinger._value(y, a, b), grad

    def curvature(self, y, z3):
        a, b = sigmoid_pair(z3)
        return 0.25 * a * b

    @staticmethod
    def _value(y, a, b):
        difference = np.sqrt(a) - np.sqrt(y)
        complement = np.sqrt(b) - np.sqrt(1 - y)
        return 0.5 * (difference * difference + complement * complement)


class Exponential(Loss):
    """Exponential cost of a sample, tau exp(sum over outputs of (y - a)^2 / tau).

    The outputs of a sample share one exponential, so the cost is not a sum over outputs
    and has no Gauss-Newton form. Its smallest value is tau.

    Domain: y in [0, 1]. Link: a = f(z3). sigma3 = 2 exp(...) (a - y) f'(z3).
    Source: the widely quoted list of costs behind the lecture's remark; larger errors weigh
    the more the smaller tau is, and for large tau it tends to tau + the squared error.

    Parameters
    ----------
    tau : float, default=1.0
        Scale of the squared error, > 0. n_outputs / tau must be at most 80, which keeps the
        exponential finite in float32.

    Examples
    --------
    >>> import numpy as np
    >>> from skbackprop.losses import Exponential
    >>> Exponential(tau=2.0).value(np.array([[0.5, 0.5]]), np.zeros((1, 2)))
    array([[2.]])
    """

    _parameter_constraints = {"tau": [Interval(Real, 0, None, closed="neither")]}
    separable = False
    _largest_exponent = 80

    def __init__(self, tau=1.0):
        self.tau = tau

    def value(self, y, z3):
        error = output_error(y, *sigmoid_pair(z3))
        return self.tau * np.exp((error * error).sum(axis=-1, keepdims=True) / self.tau)

    def value_and_grad(self, y, z3):
        a, b = sigmoid_pair(z3)
        error = output_error(y, a, b)
        exponential = np.exp((error * error).sum(axis=-1, keepdims=True) / self.tau)
        return self.tau * exponential, 2 * exponential * error * a * b

    def lower_bound(self, y):
        return np.full((len(y), 1), float(self.tau))

    def check_targets(self, y, target_range):
        if y.shape[1] / self.tau > self._largest_exponent:
            raise ValueError(
                f"tau of Exponential must be at least n_outputs / {self._largest_exponent} = "
                f"{y.shape[1] / self._largest_exponent!r} to keep the cost finite, got "
                f"{self.tau!r}"
            )


LOSSES = {
    "squared_error": SquaredError,
    "log_loss": LogLoss,
    "kullback_leibler": KullbackLeibler,
    "generalized_kullback_leibler": GeneralizedKullbackLeibler,
    "itakura_saito": ItakuraSaito,
    "hellinger": Hellinger,
    "exponential": Exponential,
}


def everywhere(y):
    """The convex part of a cost that is convex in z3."""
    return np.full_like(y, -np.inf), np.full_like(y, np.inf)
