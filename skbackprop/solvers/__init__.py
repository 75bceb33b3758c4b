"""The lecture's three methods of finding the weights.

- `grid/`: the weight grid, searched completely, solved by a proof, or searched in part
- `monte_carlo/`: random points
- `_gradient_descent`: gradient descent; its variants are in `skbackprop.optimizers`
- `_restarts`: several random starts of a descent; `_epoch`: one pass, for `partial_fit`;
  `_path_descents`: the short descents by which `alpha="auto"` chooses a penalty
- `_base`: the interface of a solver
- `_incumbent`: the loop of the grid and of Monte Carlo, which keeps the best point so far
- `_range`: the option `weight_range` of these two searches
"""

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
