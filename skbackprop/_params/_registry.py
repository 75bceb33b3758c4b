"""The former place of these names, for rooms that still import them from here."""

from ._configuration import Configuration, resolve
from ._named_choices import NamedChoices

__all__ = ["Configuration", "NamedChoices", "resolve"]
