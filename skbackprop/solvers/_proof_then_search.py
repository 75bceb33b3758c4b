"""A proof, and a cyclic search with what is left of the budget where the proof was given up."""

__all__ = ["ProofThenSearch"]


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
            self._search = self._new_search(max_evals=self.proof.left, w0=self.proof.w)
            yield from self._search
