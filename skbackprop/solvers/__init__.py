"""The three ways of the lecture to find the weights."""

from .._execution._result import Progress, SolverResult, Status
from ._base import Solver
from ._gradient_descent import GradientDescent
from .grid._grid import Grid
from .monte_carlo._monte_carlo import MonteCarlo

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

SOLVERS: dict[str, type[Solver]] = {"gd": GradientDescent, "montecarlo": MonteCarlo, "grid": Grid}
