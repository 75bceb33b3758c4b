"""A proof, and a cyclic search with what is left of the budget where the proof was given up."""

__all__ = ["ProofThenSearch"]

# Evaluations of every weight at every grid value, in the search after a proof that was given up.
# Some 20,000 for 25 weights: ten times as many found nothing better on four such problems.
_SWEEPS = 40


class ProofThenSearch:
    """Both as one stream of improving points.

    Parameters
    ----------
    proof : BranchAndBound
    new_search : callable
        ``new_search(max_evals=..., w0=...) -> CyclicSearch``
    """

    def __init__(self, proof, new_search):
        self.proof, self._new_search, self._search = proof, new_search, None

    @property
    def settled(self):
        """The best point that no single-coordinate move improves, None if none was searched."""
        return self._search.settled if self._search else None

    def __iter__(self):
        """Yield (w, value, n_evaluations)."""
        yield from self.proof
        if self.proof.given_up and self.proof.left:
            most = _SWEEPS * self.proof.problem.n_coordinate_values
            self._search = self._new_search(max_evals=min(self.proof.left, most), w0=self.proof.w)
            yield from self._search
