"""The minimum of the weight grid with a proof, by branch and bound; docs/grid.md derives it.

- `_proof`: the loop, which chooses the next box, splits boxes, and decides when to give up
- `_first_incumbent`: a good grid point to start with
- `_problem`: J on the grid, with arrays laid out for boxes
- `_boxes`: boxes of grid points: order of the hidden units, and the side to split
- `_relaxation`: the lower bound of J over a box
- `_envelope`: convex envelopes of the costs
- `_mixture`: convex combinations of points, and Frank-Wolfe steps between them
- `_lattice`: the grid points of a box that are evaluated
"""

from ._problem import GridProblem
from ._proof import BranchAndBound, can_prove

__all__ = ["BranchAndBound", "GridProblem", "can_prove"]
