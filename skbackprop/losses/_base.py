"""The interface of a cost: a pointwise function of the target y and of z3, the output unit's input.

Throughout this folder, ``y`` and ``z3`` are arrays of shape (n_samples, n_outputs). Additional
leading or trailing axes are allowed, since the formulas are elementwise. With a = f(z3) = yhat,
each cost is a function of z3 rather than of a, because a rounds to 0 or 1 while the cost still
changes: f(z3) and 1 - f(z3) are both computed to full relative precision, and logarithms are
computed from z3 itself.

``value_and_grad`` returns d cost / d z3, the lecture's sigma3. ``curvature`` is a non-negative
approximation of d^2 cost / d z3^2 for Gauss-Newton methods.

If one method of a loss calls another, it names its own class, ``LogLoss.value(self, ...)``. Via
``self`` it would call the method of a subclass, which may belong to a different cost.
"""

from abc import abstractmethod
from collections.abc import Callable
from typing import Any

import numpy as np
from numpy.typing import NDArray

from .._params import Configuration

__all__ = ["Loss", "everywhere"]


class Loss(Configuration):
    """Base class of the losses: a cost of the network's output.

    To define your own cost, write a subclass with `value` and `value_and_grad`; it can be used
    wherever a loss name can. With `curvature` it also works with Gauss-Newton methods.

    If a subclass of another loss defines `value` or `value_and_grad`, it is a different cost, and
    the derived methods of the parent do not apply to it: `total`, `lower_bound`, `convex_part`,
    `curvature` and `best_constant` are those of `Loss` unless the subclass defines them, and
    `value` defaults to the first result of its `value_and_grad`. Both methods may call those of
    the parent by ``super()``.

    Attributes
    ----------
    separable : bool
        True (the default) if the cost is a sum over outputs; `value` then returns one number for
        each sample and output. If False, `value` returns an array of shape (n_samples, 1).
    least_target : float
        The smallest target with a usable cost: 0, or a small positive number if the cost of a
        target of 0 is infinite.
    centred : bool
        True (the default) if the prediction estimates the centre of y given x, such as its mean.
        Only then are error bars available, and errors are compared with those of nearest
        neighbours.
    smooth : bool
        True (the default) if the curvature varies little with the error. If False,
        ``optimizer="auto"`` uses Levenberg-Marquardt for larger networks too, because it computes
        the curvature at each step, while L-BFGS estimates it from earlier steps.

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
    >>> print(f"R2 {model.score(X, y):.2f}")
    R2 0.99
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
            if _rank(cls, name) > cost:  # it belongs to the parent's cost
                setattr(cls, name, vars(Loss)[name])

    @abstractmethod
    def value(self, y: NDArray, z3: NDArray) -> NDArray:
        """Cost of each sample and output.

        Parameters
        ----------
        y : ndarray of shape (n_samples, n_outputs)
            Targets in [0, 1].
        z3 : ndarray of shape (n_samples, n_outputs)
            Inputs of the output units; the prediction is f(z3).

        Returns
        -------
        cost : ndarray of shape (n_samples, n_outputs)
            Shape (n_samples, 1) if the loss is not separable.
        """

    @abstractmethod
    def value_and_grad(self, y: NDArray, z3: NDArray) -> tuple[NDArray, NDArray]:
        """Cost of each sample and output, and its derivative with respect to z3.

        Parameters
        ----------
        y : ndarray of shape (n_samples, n_outputs)
            Targets in [0, 1].
        z3 : ndarray of shape (n_samples, n_outputs)
            Inputs of the output units; the prediction is f(z3).

        Returns
        -------
        cost : ndarray of shape (n_samples, n_outputs)
            Shape (n_samples, 1) if the loss is not separable.
        sigma3 : ndarray of shape (n_samples, n_outputs)
        """

    def total(self, y: NDArray, z3: NDArray, sample_weight: NDArray | None = None) -> NDArray:
        """Cost summed over samples, for many networks at once; used by the searches.

        The samples are along the last axis. Since only the precision of the sum matters, a loss
        may override this method with a faster formula than that of `value`.

        Parameters
        ----------
        y : ndarray of shape (n_outputs, n_samples)
        z3 : ndarray of shape (n_candidates, n_outputs, n_samples)
            The method may overwrite it.
        sample_weight : ndarray of shape (n_samples,) or None

        Returns
        -------
        total : ndarray of shape (n_candidates, n_outputs)
            Shape (n_candidates, 1) if the loss is not separable.
        """
        cost = self.value(y.T[:, None, :], z3.transpose(2, 0, 1))
        if sample_weight is not None:
            cost = cost * sample_weight[:, None, None]
        return cost.sum(axis=0, dtype=np.float64)

    def lower_bound(self, y: NDArray) -> NDArray:
        """Lowest possible cost for each target, in the shape of `value`; 0 for most losses."""
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
        first, last : ndarray of the shape of `y`
            Infinite on a side without a concave part. The method returns None if the interval is
            not known; the grid solver can then search, but cannot prove its result optimal.
        """
        return None

    def best_constant(self, y: NDArray, sample_weight: NDArray | None = None) -> NDArray:
        """The constant prediction with the lowest cost, or one close to it.

        For costs that are Bregman divergences it is the mean of the targets (Banerjee, Guo and
        Wang, IEEE Transactions on Information Theory 51, 2005), which is the default.

        Parameters
        ----------
        y : ndarray of shape (n_samples, n_outputs)
        sample_weight : ndarray of shape (n_samples,) or None

        Returns
        -------
        constant : ndarray of shape (n_outputs,)
        """
        return np.average(y, axis=0, weights=sample_weight)

    def in_units(self, unit: NDArray[np.float64]) -> "Loss":
        """Convert options from the units of the user's y to those of the network's targets.

        Parameters
        ----------
        unit : ndarray of shape (n_outputs,)
            Change of the target when y changes by 1.

        Returns
        -------
        loss : Loss
            The loss with converted options; by default the loss itself.

        Raises
        ------
        ValueError
            If an option is not valid for this y.
        """
        return self

    def for_targets(self, y: NDArray, sample_weight: NDArray | None = None) -> "Loss":
        """Adapt the loss to the targets of a fit.

        Parameters
        ----------
        y : ndarray of shape (n_samples, n_outputs)
            Targets in the range of the sigmoid.
        sample_weight : ndarray of shape (n_samples,), default=None

        Returns
        -------
        loss : Loss
            An adapted copy, or the loss itself, which is the default.
        """
        return self

    @property
    def has_curvature(self) -> bool:
        """Whether the loss defines `curvature`, which Gauss-Newton methods need."""
        return type(self).curvature is not Loss.curvature

    def curvature(self, y: NDArray, z3: NDArray) -> NDArray:
        """Gauss-Newton or Fisher approximation of the second derivative with respect to z3.

        Parameters
        ----------
        y : ndarray of shape (n_samples, n_outputs)
        z3 : ndarray of shape (n_samples, n_outputs)

        Returns
        -------
        curvature : ndarray of shape (n_samples, n_outputs), >= 0

        Raises
        ------
        TypeError
            If the loss does not define it.
        """
        raise TypeError(f"{self!r} has no Gauss-Newton form")

    def check_targets(self, y: NDArray, target_range: tuple[float, float]) -> None:
        """Raise an error if a target has no finite cost.

        Parameters
        ----------
        y : ndarray of shape (n_samples, n_outputs)
            Targets of the network, after scaling to `target_range`.
        target_range : tuple of two floats
            The estimator's parameter, quoted in the message.

        Raises
        ------
        ValueError
            If a target is below `least_target`.
        """
        if y.min() < self.least_target:
            raise ValueError(
                f"loss={self!r} needs targets from {self.least_target!r} to 1, got a "
                f"target of {float(y.min())!r} from target_range={target_range!r}: use "
                f"target_range=(0.1, 0.9)"
            )


def _rank(cls: type, name: str) -> int:
    """Position in the class's MRO of the class that defines a method; 0 is the class itself."""
    return next(rank for rank, base in enumerate(cls.__mro__) if name in vars(base))


def _value_of(cls: type[Loss]) -> Callable:
    """Derive `value` for a loss that defines only `value_and_grad`."""

    def value(self, y: NDArray, z3: NDArray) -> NDArray:
        # named by class: a subclass with its own `value_and_grad` may call this by super()
        return cls.value_and_grad(self, y, z3)[0]

    value.__doc__ = Loss.value.__doc__
    return value


def everywhere(y: NDArray) -> tuple[NDArray, NDArray]:
    """The `convex_part` of a cost that is convex for all z3."""
    return np.full_like(y, -np.inf), np.full_like(y, np.inf)
