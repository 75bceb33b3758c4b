"""Parameters: a name or an instance, and what to write instead of a wrong one."""

from ._names import Names, check_choice
from ._registry import Configuration, NamedChoices, resolve

__all__ = ["Configuration", "NamedChoices", "Names", "check_choice", "resolve"]
