"""The weight grid answered exactly, by branch and bound: docs/grid.md has the derivation."""

from .branch_and_bound import BranchAndBound, can_prove
from .problem import GridProblem

__all__ = ["BranchAndBound", "GridProblem", "can_prove"]
