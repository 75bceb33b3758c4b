"""Parameters that are names or instances, and suggestions for wrong parameters."""

from ._configuration import Configuration, resolve
from ._named_choices import NamedChoices
from ._names import Names, check_choice

__all__ = ["Configuration", "NamedChoices", "Names", "check_choice", "resolve"]
