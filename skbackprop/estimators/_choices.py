"""Validation of `solver` and `loss`, with suggestions for the names in other libraries."""

from collections.abc import Mapping

from .._params import check_choice
from ..losses import LOSSES, Loss
from ..optimizers import OPTIMIZERS, Optimizer
from ..solvers import SOLVERS, Solver

__all__ = ["check_choices"]

# Names of losses in other libraries, and ours.
_LOSSES_ELSEWHERE = {
    "mse": "squared_error",
    "crossentropy": "log_loss",
    "cross_entropy": "log_loss",
    "binary_crossentropy": "log_loss",
}


def check_choices(solver: object, loss: object) -> None:
    """Raise an error, with a suggestion, if a solver or loss is neither a name nor an instance.

    Parameters
    ----------
    solver, loss : object
        The values from the user.

    Raises
    ------
    ValueError
        If one of them is invalid.

    Examples
    --------
    >>> from skbackprop.estimators._choices import check_choices
    >>> check_choices("gd", "squared_error")
    """
    instead = ""
    if isinstance(solver, Optimizer) or _is_in(OPTIMIZERS, solver):
        instead = f"GradientDescent({solver!r})"
    check_choice("solver", solver, SOLVERS, Solver, instead)
    instead = repr(_LOSSES_ELSEWHERE[str(loss)]) if _is_in(_LOSSES_ELSEWHERE, loss) else ""
    check_choice("loss", loss, LOSSES, Loss, instead)


def _is_in(names: Mapping[str, object], choice: object) -> bool:
    return isinstance(choice, str) and choice in names
