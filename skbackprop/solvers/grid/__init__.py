"""The weight grid of the lecture, searched completely, solved by a proof, or searched in part.

- `_grid`: the solver, which chooses one of the three searches
- `_enumeration`: the complete search, which evaluates every network once
- `branch_and_bound/`: the proof that a grid point is the minimum
- `_coordinate_descent`: the partial search, one weight after another, from several starts
- `_coordinate_moves`: one move of the partial search
- `_short_descents`: short gradient descents, whose ends are the starts of proof and partial search
- `_fallback`: the partial search after a proof that was given up
"""

from ._grid import Grid

__all__ = ["Grid"]
