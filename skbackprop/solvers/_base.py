"""The solver interface: configuration only; all state is local to solve() and returned."""

from abc import abstractmethod

from sklearn.base import clone

from .._params._registry import Configuration

__all__ = ["Solver"]


class Solver(Configuration):
    """A way to find weights, the base class of every solver.

    Constructor parameters are options and nothing else. A solver is the same before and
    after a solve, can be cloned, and can be shared by estimators.

    Attributes
    ----------
    supports_validation : bool
        Whether `solve` takes `validation`. False (the default) has `fit` refuse validation
        data.
    supports_state : bool
        Whether `solve` takes `resume`, the `state` of an earlier result. False (the default)
        has a warm start begin at the weights alone.
    supports_partial_fit : bool
        Whether it offers ``epoch(objective, w0, *, rng, resume)``, which `partial_fit`
        calls. False by default.
    held_out : float
        Share of the samples that the estimator is to set aside as validation data when the
        user gives none, in (0, 1); 0 (the default) asks for none.
    """

    supports_validation = False
    supports_state = False
    supports_partial_fit = False
    held_out = 0.0

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

    def budget(self, objective):
        """Cost evaluations that a search spends at most, by which its progress is measured.

        Parameters
        ----------
        objective : Objective

        Returns
        -------
        int or None
            Evaluations at most; None if that is not known beforehand.
        """
        return getattr(self, "n_draws", None)

    def remedies(self, objective, result, penalised):
        """What to change of this solver where its fit has learned too little.

        Parameters
        ----------
        objective : Objective
        result : SolverResult
        penalised : bool
            Whether the penalty may be the cause, which the user is told anyway.

        Returns
        -------
        list of str
            Each ends the sentence "The network has learned too little: ...".
        """
        return []

    @abstractmethod
    def solve(
        self, objective, w0=None, *, rng, n_jobs=None, callback=None, validation=None, resume=None
    ):
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
            the solve. Where there are several starts it stops the start; at the end of a
            start, which `Progress.status` tells, True stops the solve.
        validation : Objective or None
            The cost of validation data, scaled to that of the training data. Passed only if
            there are any and `supports_validation` is True.
        resume : object or None
            The `state` of the result that left `w0`, to go on exactly there. Passed only if
            there is one and `supports_state` is True.

        Returns
        -------
        SolverResult
        """
