"""The interface of a solver. A solver holds only options; `solve` returns all state."""

from abc import abstractmethod
from collections.abc import Callable
from typing import Self

import numpy as np
from sklearn.base import clone

from .._execution._result import Progress, SolverResult
from .._params import Configuration
from ..model._objective import Objective

__all__ = ["Callback", "Solver"]

Callback = Callable[[Progress], bool | None]


class Solver(Configuration):
    """Base class of the solvers, the methods of finding weights.

    Constructor parameters are the only state. A solver is not modified by a solve, can be cloned,
    and can be shared by estimators.

    Attributes
    ----------
    supports_validation : bool
        Whether `solve` accepts `validation`. If False (the default), `fit` raises an error for
        validation data.
    supports_state : bool
        Whether `solve` accepts `resume`, the `state` of an earlier result. If False (the
        default), a warm start uses only the previous weights.
    supports_partial_fit : bool
        Whether the solver has a method ``epoch(objective, w0, *, rng, resume)``, which
        `partial_fit` calls. False by default.
    supports_penalty_path : bool
        Whether the solver has the method ``path_descents`` of `GradientDescent`, which returns
        the descents with which ``alpha="auto"`` chooses a penalty. If False (the default), "auto"
        means no penalty.
    supports_bounds : bool
        Whether the solver keeps the weights within the bounds of the objective, which
        `monotonic_cst` sets. If False (the default), `fit` raises an error for `monotonic_cst`.
    scale_features : bool
        Whether the solver allows for the units of the features. If False (the default) and a fit
        on features of very different size has learned too little, its warning recommends to
        standardise them.
    held_out : float
        Fraction of the samples, in [0, 1), that the estimator holds out as validation data if
        the user passes none; 0 by default.
    """

    supports_validation = False
    supports_state = False
    supports_partial_fit = False
    supports_penalty_path = False
    supports_bounds = False
    scale_features = False
    held_out = 0.0

    def resolve(self, objective: Objective) -> Self:
        """Return a copy in which every automatic choice is made for this objective.

        Parameters
        ----------
        objective : Objective

        Returns
        -------
        Solver
        """
        return clone(self)

    def budget(self, objective: Objective) -> int | None:
        """Return the largest number of cost evaluations, used to display progress.

        Parameters
        ----------
        objective : Objective

        Returns
        -------
        int or None
            None if the number is not known before the solve.
        """
        return getattr(self, "n_draws", None)

    def remedies(self, objective: Objective, result: SolverResult, penalised: bool) -> list[str]:
        """Return changes of this solver's options that may help if a fit has learned too little.

        Parameters
        ----------
        objective : Objective
        result : SolverResult
        penalised : bool
            Whether the penalty may be the cause. The estimator mentions the penalty itself.

        Returns
        -------
        list of str
            Each one completes the sentence "The network has learned too little: ...".
        """
        return []

    @abstractmethod
    def solve(
        self,
        objective: Objective,
        w0: np.ndarray | None = None,
        *,
        rng: np.random.RandomState,
        n_jobs: int | None = None,
        callback: Callback | None = None,
        validation: Objective | None = None,
        resume: object | None = None,
    ) -> SolverResult:
        """Minimise the objective.

        Parameters
        ----------
        objective : Objective
        w0 : ndarray of shape (n_weights,) or None
            Initial weights; None lets the solver choose.
        rng : numpy.random.RandomState
            The only source of randomness. Seeds are drawn from it before any parallel
            work, so that the result does not depend on `n_jobs`.
        n_jobs : int or None
            Number of workers, as in joblib.
        callback : callable or None
            ``callback(Progress) -> bool``, called after each iteration, batch or sweep; True
            stops the solve. If there are several starts, True stops the current start. At the
            end of a start, when `Progress.status` is not None, True stops the solve.
        validation : Objective or None
            The cost of the validation data, scaled to that of the training data. Passed only if
            there are validation data and `supports_validation` is True.
        resume : object or None
            The `state` of the result whose weights are `w0`; the solve continues exactly from
            it. Passed only if there is a state and `supports_state` is True.

        Returns
        -------
        SolverResult
        """
