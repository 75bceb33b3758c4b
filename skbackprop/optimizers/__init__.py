"""The variants of gradient descent, and the loop that runs all of them.

- `_base`: the interface of an optimizer
- `_sgd`, `_adam`, `_rprop`: first-order methods
- `_lbfgs`, `_levenberg_marquardt`: methods with a model of the curvature
- `_loop`: the loop
- `_stopping`: the stopping criteria
- `_state`, `_history`: what one step hands to the next, and the record of a descent
"""

from ._adam import Adam
from ._base import FirstOrder, Optimizer, WholeMethod
from ._lbfgs import LBFGS
from ._levenberg_marquardt import LevenbergMarquardt
from ._loop import minimize
from ._rprop import Rprop
from ._sgd import SGD
from ._state import DescentState, OptimizerState
from ._stopping import StoppingCriteria

__all__ = [
    "LBFGS",
    "OPTIMIZERS",
    "SGD",
    "Adam",
    "DescentState",
    "FirstOrder",
    "LevenbergMarquardt",
    "Optimizer",
    "OptimizerState",
    "Rprop",
    "StoppingCriteria",
    "WholeMethod",
    "minimize",
]

OPTIMIZERS: dict[str, type[Optimizer]] = {
    "sgd": SGD,
    "adam": Adam,
    "rprop": Rprop,
    "lbfgs": LBFGS,
    "lm": LevenbergMarquardt,
}
