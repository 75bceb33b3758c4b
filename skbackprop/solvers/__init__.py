"""The three ways of the lecture to find the weights."""

from .._result import Progress, SolverResult, Status
from ._base import Solver
from .gradient_descent import GradientDescent
from .grid import Grid
from .montecarlo import MonteCarlo

__all__ = [
    "SOLVERS",
    "GradientDescent",
    "Grid",
    "MonteCarlo",
    "Progress",
    "Solver",
    "SolverResult",
    "Status",
]

SOLVERS = {"gd": GradientDescent, "montecarlo": MonteCarlo, "grid": Grid}
