"""Validation of names, with messages that are the same in every process."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sklearn.utils._param_validation import StrOptions

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable

__all__ = ["Names", "check_choice"]


class Names(StrOptions):
    """Constraint to one of several names; messages list the names in the given order.

    scikit-learn's `StrOptions` lists them in the order of a set, which varies between processes.

    Parameters
    ----------
    names : iterable of str

    Examples
    --------
    >>> from skbackprop._params._names import Names
    >>> print(Names(["sobol", "halton"]))
    one of 'sobol', 'halton'
    """

    def __init__(self, names: Iterable[str]) -> None:
        self._ordered = tuple(names)
        super().__init__({*self._ordered})

    def __str__(self) -> str:
        return f"one of {', '.join(map(repr, self._ordered))}"


def check_choice(
    part: str, choice: object, names: Collection[str], kind: type, instead: str = ""
) -> None:
    """Raise an error if a choice is neither a name nor an instance, with a suggestion.

    Parameters
    ----------
    part : str
        Name of the parameter.
    choice : object
        The value from the user.
    names : collection of str
    kind : class
    instead : str
        A valid value to suggest, if the caller knows one.

    Raises
    ------
    ValueError
    """
    if isinstance(choice, kind) or (isinstance(choice, str) and choice in names):
        return
    if isinstance(choice, type) and issubclass(choice, kind):
        instead = f"{choice.__name__}()"
    if isinstance(choice, str) and choice.lower() in names:
        instead = repr(choice.lower())
    article = "an" if kind.__name__[0] in "AEIOU" else "a"
    raise ValueError(
        f"{part} must be {Names(names)}, or {article} {kind.__name__} with its own options, "
        f"got {choice!r}{instead and f': write {part}={instead}'}"
    )
