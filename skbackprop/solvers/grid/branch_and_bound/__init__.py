"""The weight grid answered exactly, by branch and bound: docs/grid.md has the derivation."""

from ._problem import GridProblem
from ._search import BranchAndBound, can_prove
from ._start import STEPS, descend

__all__ = ["STEPS", "BranchAndBound", "GridProblem", "can_prove", "descend"]
