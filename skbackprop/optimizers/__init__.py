"""The variants of gradient descent."""

from ._base import Optimizer
from ._monitor import Monitor
from .first_order import SGD
from .lbfgs import LBFGS
from .levenberg_marquardt import LevenbergMarquardt

__all__ = ["LBFGS", "OPTIMIZERS", "SGD", "LevenbergMarquardt", "Monitor", "Optimizer"]

OPTIMIZERS = {"sgd": SGD, "lbfgs": LBFGS, "lm": LevenbergMarquardt}
