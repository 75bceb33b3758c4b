"""The variants of gradient descent."""

from ._base import Optimizer
from ._monitor import Monitor, Patience, Record
from .first_order import SGD, Adam, Rprop
from .lbfgs import LBFGS
from .levenberg_marquardt import LevenbergMarquardt

__all__ = [
    "LBFGS",
    "OPTIMIZERS",
    "SGD",
    "Adam",
    "LevenbergMarquardt",
    "Monitor",
    "Optimizer",
    "Patience",
    "Record",
    "Rprop",
]

OPTIMIZERS = {"sgd": SGD, "adam": Adam, "rprop": Rprop, "lbfgs": LBFGS, "lm": LevenbergMarquardt}
