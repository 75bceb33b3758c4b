"""The weight grid of the lecture, searched whole, solved by a proof, or searched in part.

- `_grid`: the solver, which chooses one of the three searches
- `_enumeration`: the whole grid, every network once
- `branch_and_bound/`: the proof that a grid point is the minimum
- `_coordinate_descent`: the search in part, one weight after another, from several starts
- `_coordinate_moves`: one move of that search
- `_short_descents`: short descents by gradient, at whose ends the last two begin
- `_proof_then_search`: coordinate descent after a proof that was given up
"""

from ._grid import Grid

__all__ = ["Grid"]
