"""Parameters that are names or instances, and suggestions for wrong parameters.

- `_configuration`: the base class of losses, optimizers and solvers
- `_named_choices`: ``set_params(solver__max_iter=500)`` while `solver` is a name
- `_names`: validation of names; `_intervals`: validation of pairs of numbers
- `_advice`: what to use instead of a parameter that does not exist
"""

from ._configuration import Configuration, resolve
from ._named_choices import NamedChoices
from ._names import Names, check_choice

__all__ = ["Configuration", "NamedChoices", "Names", "check_choice", "resolve"]
