"""A proof, and a coordinate descent with the rest of the budget if the proof is given up."""

from collections.abc import Callable, Iterator

import numpy as np

from .._incumbent import Piece
from ._coordinate_descent import CoordinateDescent
from .branch_and_bound import BranchAndBound

__all__ = ["ProofThenSearch"]

# Largest number of sweeps of the coordinate descent; a sweep evaluates every weight at every grid
# value. For 25 weights this is some 20,000 evaluations: on four such problems, ten times as many
# found nothing better.
_SWEEPS = 40


class ProofThenSearch:
    """A proof followed by a coordinate descent, as one iterable of points.

    Parameters
    ----------
    proof : BranchAndBound
    new_search : callable
        ``new_search(max_evals=..., w0=...) -> CoordinateDescent``
    """

    def __init__(self, proof: BranchAndBound, new_search: Callable[..., CoordinateDescent]) -> None:
        self.proof, self._new_search = proof, new_search
        self._search: CoordinateDescent | None = None

    @property
    def settled(self) -> np.ndarray | None:
        """The best point that no change of a single weight improves; None without a search."""
        return self._search.settled if self._search else None

    def __iter__(self) -> Iterator[Piece]:
        """Yield (w, value, n_evaluations)."""
        yield from self.proof
        if self.proof.given_up and self.proof.left:
            most = _SWEEPS * self.proof.problem.n_coordinate_values
            self._search = self._new_search(max_evals=min(self.proof.left, most), w0=self.proof.w)
            yield from self._search
