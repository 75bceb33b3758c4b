"""What every cost is: a pointwise function of the target y and of z3, the input of the output unit.

Shapes, everywhere in this room: ``y`` and ``z3`` are arrays of shape
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
from collections.abc import Callable
from typing import Any

import numpy as np
from numpy.typing import NDArray

from .._params import Configuration

__all__ = ["Loss", "everywhere"]


class Loss(Configuration):
    """A cost of the network's output, the base class of every loss.

    A user's own cost is a subclass with `value` and `value_and_grad`; it then works
    wherever a name does. With `curvature` it works with Gauss-Newton methods too.

    A subclass of another loss that defines `value` or `value_and_grad` is another cost.
    What is known of its parent does not hold for it: `total`, `lower_bound`, `convex_part`,
    `curvature` and `best_constant` are those of `Loss` until it defines them, and `value` is the
    first part of its own `value_and_grad`. Both may call those of the parent by ``super()``.

    Attributes
    ----------
    separable : bool
        True (the default) if the cost is a sum over outputs, so that `value` returns one
        number for each sample and output. Else `value` returns (n_samples, 1).
    least_target : float
        The smallest target with a usable cost: 0, or a little more where 0 costs infinitely.
    centred : bool
        True (the default) if the prediction is a centre of y given x, such as the mean, so that
        it has error bars and its errors can be compared with those of nearest neighbours.
    smooth : bool
        True (the default) if the curvature changes little from error to error. If False,
        ``optimizer="auto"`` takes Levenberg-Marquardt for larger networks too: it computes the
        curvature at each step, where L-BFGS estimates it from earlier ones.

    Examples
    --------
    >>> import numpy as np
    >>> from skbackprop import BackpropRegressor
    >>> from skbackprop.losses import Loss, sigmoid_pair
    >>> class Quartic(Loss):
    ...     def value(self, y: NDArray, z3: NDArray) -> NDArray:
    ...         return (sigmoid_pair(z3)[0] - y) ** 4 / 4
    ...
    ...     def value_and_grad(self, y: NDArray, z3: NDArray) -> tuple[NDArray, NDArray]:
    ...         a, b = sigmoid_pair(z3)
    ...         return (a - y) ** 4 / 4, (a - y) ** 3 * a * b
    >>> X = np.linspace(-2, 2, 50)[:, None]
    >>> y = np.sin(X[:, 0])
    >>> model = BackpropRegressor(loss=Quartic(), alpha=1e-5, random_state=0).fit(X, y)
    >>> bool(model.score(X, y) > 0.9)
    True
    """

    separable: bool = True
    least_target: float = 0.0
    centred: bool = True
    smooth: bool = True

    def __init_subclass__(cls, **options: Any) -> None:
        super().__init_subclass__(**options)
        cost = min(_rank(cls, "value"), _rank(cls, "value_and_grad"))
        if _rank(cls, "value_and_grad") < _rank(cls, "value"):
            cls.value = _value_of(cls)  # type: ignore[method-assign]  # it is derived, not replaced
        for name in ("total", "lower_bound", "convex_part", "curvature", "best_constant"):
            if _rank(cls, name) > cost:  # it tells of a cost that this class does not have
                setattr(cls, name, vars(Loss)[name])

    @abstractmethod
    def value(self, y: NDArray, z3: NDArray) -> NDArray:
        """Cost of each sample and output, (n_samples, n_outputs)."""

    @abstractmethod
    def value_and_grad(self, y: NDArray, z3: NDArray) -> tuple[NDArray, NDArray]:
        """Cost, and its derivative by z3, both (n_samples, n_outputs)."""

    def total(self, y: NDArray, z3: NDArray, sample_weight: NDArray | None = None) -> NDArray:
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

    def lower_bound(self, y: NDArray) -> NDArray:
        """What the best possible output costs, in the shape of `value`; 0 for most losses."""
        return np.zeros_like(y)

    def convex_part(self, y: NDArray) -> tuple[NDArray, NDArray] | None:
        """Return (first, last), the interval of z3 on which the cost is convex.

        It must be concave outside.

        Parameters
        ----------
        y : ndarray of any shape
            Targets.

        Returns
        -------
        first, last : ndarray of the shape of `y`, infinite where there is no tail
            None where this is not known; the grid solver can then search, but not prove.
        """
        return None

    def best_constant(self, y: NDArray, sample_weight: NDArray | None = None) -> NDArray:
        """The best answer that is the same for all samples, or one close to it, (n_outputs,).

        For costs that are Bregman divergences it is the mean of the targets (Banerjee, Guo and
        Wang, IEEE Transactions on Information Theory 51, 2005).

        Parameters
        ----------
        y : ndarray of shape (n_samples, n_outputs)
        sample_weight : ndarray of shape (n_samples,) or None
        """
        return np.average(y, axis=0, weights=sample_weight)

    def in_units(self, unit: NDArray[np.float64]) -> "Loss":
        """The loss for the targets of a network, where an option is in the units of the user's y.

        Parameters
        ----------
        unit : ndarray of shape (n_outputs,)
            How much a target rises where y rises by 1.

        Returns
        -------
        loss : Loss
            With its options in the units of the targets; by default the loss itself.

        Raises
        ------
        ValueError
            If an option does not suit this y.
        """
        return self

    @property
    def has_curvature(self) -> bool:
        """Whether the cost offers a Gauss-Newton form."""
        return type(self).curvature is not Loss.curvature

    def curvature(self, y: NDArray, z3: NDArray) -> NDArray:
        """Gauss-Newton or Fisher curvature by z3, non-negative, (n_samples, n_outputs)."""
        raise TypeError(f"{self!r} has no Gauss-Newton form")

    def check_targets(self, y: NDArray, target_range: tuple[float, float]) -> None:
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


def _rank(cls: type, name: str) -> int:
    """Where in the order of a class's bases a method is defined, 0 being the class itself."""
    return next(rank for rank, base in enumerate(cls.__mro__) if name in vars(base))


def _value_of(cls: type[Loss]) -> Callable:
    """The `value` of a loss that has its own `value_and_grad` only."""

    def value(self, y: NDArray, z3: NDArray) -> NDArray:
        # of this class: a subclass may call it by super() beside a `value_and_grad` of its own
        return cls.value_and_grad(self, y, z3)[0]

    value.__doc__ = Loss.value.__doc__
    return value


def everywhere(y: NDArray) -> tuple[NDArray, NDArray]:
    """The convex part of a cost that is convex in z3."""
    return np.full_like(y, -np.inf), np.full_like(y, np.inf)
