"""The lecture's three methods of finding the weights.

- `grid/`: the weight grid, searched completely, solved by a proof, or searched in part
- `monte_carlo/`: random points
- `_gradient_descent`: gradient descent; its variants are in `skbackprop.optimizers`
- `_base`: the interface of a solver

The parts of gradient descent:

- `_descent`: one descent and its initial weights; `_restarts`: the descents from several starts
- `_standardised`: a descent in the coordinates of standardised features
- `_path_descents`: the short descents by which `alpha="auto"` chooses a penalty
- `_epoch`: one pass over the data, for `partial_fit`

The parts of the two searches:

- `_incumbent`: their loop, which keeps the best point so far
- `_range`: their option `weight_range`
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
