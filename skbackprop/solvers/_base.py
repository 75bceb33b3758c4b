"""The solver interface: configuration only; all state is local to solve() and returned."""

from abc import abstractmethod

from sklearn.base import clone

from .._registry import Configuration

__all__ = ["Solver"]


class Solver(Configuration):
    """A way to find weights, the base class of every solver.

    Constructor parameters are options and nothing else. A solver is the same before and
    after a solve, can be cloned, and can be shared by estimators.
    """

    def resolve(self, objective):
        """A copy in which everything left to the solver is chosen for this objective.

        Parameters
        ----------
        objective : Objective

        Returns
        -------
        Solver
        """
        return clone(self)

    @abstractmethod
    def solve(self, objective, w0=None, *, rng, n_jobs=None, callback=None):
        """Minimise the objective.

        Parameters
        ----------
        objective : Objective
        w0 : ndarray of shape (n_weights,) or None
            Weights to begin with; None lets the solver choose.
        rng : numpy.random.RandomState
            The only source of randomness. Seeds are drawn from it before any parallel
            work, so that the answer does not depend on `n_jobs`.
        n_jobs : int or None
            Workers, as in joblib.
        callback : callable or None
            ``callback(Progress) -> bool`` after each iteration, batch or sweep; True stops
            the solve.

        Returns
        -------
        SolverResult
        """
