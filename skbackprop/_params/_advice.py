"""Suggestions for parameters that do not exist, among them the names of other libraries."""

from __future__ import annotations

from difflib import get_close_matches
from functools import cache
from inspect import Parameter, Signature, signature
from numbers import Integral
from typing import Any, ClassVar, Self

__all__ = ["AdvisedConstructor", "instead_of", "one_layer"]

# Names of parameters in scikit-learn's MLP, Keras, PyTorch, skorch and R's nnet, and ours.
_RENAMED = {
    "beta_1": "beta1",
    "beta_2": "beta2",
    "criterion": "loss",
    "decay": "alpha",
    "epochs": "max_iter",
    "hidden_layer_sizes": "n_hidden",
    "hidden_size": "n_hidden",
    "hidden_units": "n_hidden",
    "learning_rate_init": "learning_rate",
    "lr": "learning_rate",
    "max_epochs": "max_iter",
    "maxit": "max_iter",
    "n_epochs": "max_iter",
    "nesterovs_momentum": "nesterov",
    "patience": "n_iter_no_change",
    "seed": "random_state",
    "size": "n_hidden",
    "validation_split": "validation_fraction",
    "weight_decay": "alpha",
}
# Parameters of other libraries that have no counterpart here.
_WITHOUT = {
    "activation": "all units are sigmoids, leave it out",
    "C": "set alpha, which is 1 / C",
    "max_fun": "the iterations are limited instead, set max_iter of GradientDescent",
    "penalty": "the penalty is always the sum of squared weights, set alpha",
    "power_t": "write solver=GradientDescent(SGD(schedule=lambda t: t**-power_t))",
    "shuffle": "batches are always drawn in random order, leave it out",
}


class AdvisedConstructor:
    """Mixin whose constructor suggests the right parameter if an argument does not exist.

    Examples
    --------
    >>> from skbackprop.optimizers import Adam
    >>> Adam(lr=0.1)
    Traceback (most recent call last):
        ...
    TypeError: Adam has no parameter 'lr', got 0.1: write learning_rate=0.1
    """

    def __new__(cls, *args: Any, **kwargs: Any) -> Self:
        known = _keywords(cls.__init__)
        for name, value in kwargs.items():
            if known is not None and name not in known:
                raise TypeError(
                    f"{cls.__name__} has no parameter {name!r}, got {value!r}: "
                    f"{instead_of(cls, name, value) or _known_parameters(name, known)}"
                )
        return super().__new__(cls)

    class _OfInit:
        """The signature of `__init__`, which `__new__` would hide from `inspect`."""

        def __get__(self, instance: object, owner: Any) -> Signature:
            if owner.__init__ is object.__init__:  # its signature shows arguments it does not take
                return Signature()
            own = signature(owner.__init__)
            return own.replace(parameters=[*own.parameters.values()][1:])

    __signature__: ClassVar = _OfInit()


@cache
def _keywords(init: Any) -> tuple[str, ...] | None:
    """Names of the keyword arguments of a constructor; None if it accepts any name."""
    if init is object.__init__:
        return ()
    parameters = [*signature(init).parameters.values()][1:]
    if any(parameter.kind is Parameter.VAR_KEYWORD for parameter in parameters):
        return None
    return tuple(parameter.name for parameter in parameters)


def _known_parameters(name: str, known: tuple[str, ...]) -> str:
    close = get_close_matches(name, known, n=1, cutoff=0.8)
    if close:
        return f"did you mean {close[0]!r}?"
    return f"its parameters are {', '.join(known)}" if known else "it has no parameters"


def instead_of(kind: Any, name: str, value: object) -> str:
    """Return a suggestion for a parameter that a class does not have; "" if there is none.

    Parameters
    ----------
    kind : class
        The class. If it has `_choices`, they map each parameter to its possible classes.
    name : str
    value : object
        The value from the user.

    Returns
    -------
    str

    Examples
    --------
    >>> from skbackprop import BackpropRegressor
    >>> from skbackprop._params._advice import instead_of
    >>> instead_of(BackpropRegressor, "max_iter", 9)
    'it is an option of GradientDescent, write solver=GradientDescent(max_iter=9)'
    >>> instead_of(BackpropRegressor, "hidden_layer_sizes", (10, 10))
    'there is one hidden layer, write n_hidden=10'
    """
    ours = _RENAMED.get(name, name)
    if ours == "learning_rate" and isinstance(value, str):
        ours = "schedule"
    if ours in (_keywords(kind.__init__) or ()):
        if ours == "n_hidden":
            return one_layer(value)
        return f"write {ours}={value!r}"
    if name in _WITHOUT:
        return _WITHOUT[name]
    owner, call = _call_with(kind, ours, value)
    return f"it is an option of {owner.__name__}, write {call}" if owner else ""


def one_layer(value: Any) -> str:
    """Return the suggestion for a list of layers.

    Examples
    --------
    >>> from skbackprop._params._advice import one_layer
    >>> one_layer([5])
    'there is one hidden layer, write n_hidden=5'
    """
    try:
        (size, *_) = value
    except (TypeError, ValueError):
        size = value
    if not isinstance(size, Integral):
        size = 10
    return f"there is one hidden layer, write n_hidden={int(size)!r}"


def _call_with(kind: Any, option: str, value: object) -> tuple[type | None, str]:
    """Find the class with an option, and the argument of `kind` that sets this option."""
    choices = [
        (part, choice)
        for part, registry in getattr(kind, "_choices", {}).items()
        if part in (_keywords(kind.__init__) or ())  # a subclass may not have it
        for choice in registry.values()
    ]
    for part, choice in choices:
        if option in (_keywords(choice.__init__) or ()):
            return choice, f"{part}={choice.__name__}({option}={value!r})"
    for part, choice in choices:
        owner, call = _call_with(choice, option, value)
        if owner:
            return owner, f"{part}={choice.__name__}({call})"
    return None, ""
