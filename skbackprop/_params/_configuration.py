"""Configuration, the base of losses, optimizers and solvers; `resolve` turns a name into one."""

from __future__ import annotations

from abc import ABC
from collections.abc import Mapping
from typing import Any, TypeVar

from sklearn.base import BaseEstimator

from ._advice import AdvisedConstructor

__all__ = ["Configuration", "resolve"]

Choice = TypeVar("Choice")


class Configuration(AdvisedConstructor, BaseEstimator, ABC):
    """Options and nothing else: the base of losses, optimizers and solvers.

    A configuration can be cloned, searched over and shared by estimators; nothing that
    uses it writes to it. `_parameter_constraints` says what its options may be.
    """

    _parameter_constraints: dict[str, Any] = {}

    def check(self) -> None:
        """Validate the options.

        Raises
        ------
        InvalidParameterError
            A ValueError that names the option, what was got and what is expected.
        """
        self._validate_params()


def resolve(choice: str | Choice, registry: Mapping[str, type[Choice]]) -> Choice:
    """The default instance of a name in `registry`, or the instance itself.

    Parameters
    ----------
    choice : str or instance
    registry : dict of str -> class

    Returns
    -------
    instance
    """
    return registry[choice]() if isinstance(choice, str) else choice
