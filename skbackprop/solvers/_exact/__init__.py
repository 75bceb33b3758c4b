"""The weight grid answered exactly, by branch and bound: docs/grid.md has the derivation."""

from .branch_and_bound import BranchAndBound, can_prove
from .problem import GridProblem
from .start import STEPS, descend

__all__ = ["STEPS", "BranchAndBound", "GridProblem", "can_prove", "descend"]
