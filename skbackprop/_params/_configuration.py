"""Configuration, the base class of losses, optimizers and solvers, and `resolve` for names."""

from __future__ import annotations

from abc import ABC
from collections.abc import Mapping
from typing import Any, TypeVar

from sklearn.base import BaseEstimator

from ._advice import AdvisedConstructor

__all__ = ["Configuration", "resolve"]

Choice = TypeVar("Choice")


class Configuration(AdvisedConstructor, BaseEstimator, ABC):
    """Base class of losses, optimizers and solvers, whose only state is their options.

    A configuration can be cloned, searched over and shared by estimators; no code that uses it
    modifies it. `_parameter_constraints` defines the valid values of its options.
    """

    _parameter_constraints: dict[str, Any] = {}

    def check(self) -> None:
        """Validate the options.

        Raises
        ------
        InvalidParameterError
            A ValueError that names the option, its value and the expected values.
        """
        self._validate_params()


def resolve(choice: str | Choice, registry: Mapping[str, type[Choice]]) -> Choice:
    """Return the default instance for a name in `registry`; return an instance unchanged.

    Parameters
    ----------
    choice : str or instance
    registry : dict of str -> class

    Returns
    -------
    instance
    """
    return registry[choice]() if isinstance(choice, str) else choice
