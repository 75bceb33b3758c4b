"""The descents by which `alpha="auto"` chooses a penalty: short ones, and many of them."""

from collections.abc import Callable
from copy import copy
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from .._execution._budget import Budget
from .._execution._result import SolverResult
from ..model import Objective
from ..optimizers import Optimizer, StoppingCriteria, minimize
from ..optimizers._loop import overflow_allowed
from ._base import Solver
from ._descent import first_weights
from ._standardised import Standardised

__all__ = ["PathDescents"]

_MOST_SEED = np.iinfo(np.int32).max
# Steps of the last leg, twice those of a refinement.
_LAST_STEPS = 20
# When a refinement has come far enough, as for `tol` and the `window` of optimizers.
_ROUGH_TOL, _ROUGH_WINDOW = 1e-3, 3


@dataclass(frozen=True, eq=False)
class PathDescents:
    """What a walk along a ladder of penalties asks of a solver that descends.

    Parameters
    ----------
    solver : Solver
        One with the options `max_iter` and `scale_features`.
    optimizer_for : callable
        ``optimizer_for(objective)`` is the optimizer that the solver takes for an objective.
    """

    solver: Any
    optimizer_for: Callable[[Objective], Optimizer]

    def standardised(
        self, objective: Objective, validation: Objective | None = None
    ) -> Standardised:
        """The objective in the coordinates in which the solver descends.

        Parameters
        ----------
        objective : Objective
        validation : Objective or None

        Returns
        -------
        Standardised
        """
        return Standardised.of(objective, validation, scale_features=self.solver.scale_features)

    def initial_weights(
        self, objective: Objective, rng: np.random.RandomState
    ) -> NDArray[np.float64]:
        """Random weights to begin with, (n_weights,).

        Parameters
        ----------
        objective : Objective
            In the coordinates of the descent.
        rng : numpy.random.RandomState

        Returns
        -------
        w : ndarray of shape (n_weights,)
        """
        with overflow_allowed():
            return first_weights(objective, np.random.default_rng(rng.randint(_MOST_SEED)))

    def refine(
        self,
        objective: Objective,
        w0: NDArray[np.float64],
        *,
        n_steps: int,
        rng: np.random.Generator,
        budget: Budget,
    ) -> SolverResult:
        """Go some steps downhill.

        Parameters
        ----------
        objective : Objective
            In the coordinates of the descent, as are the weights.
        w0 : ndarray of shape (n_weights,)
        n_steps : int
            Iterations of Levenberg-Marquardt, or as many of another optimizer as do the same.
        rng : numpy.random.Generator
            For optimizers that draw batches.
        budget : Budget

        Returns
        -------
        SolverResult
        """
        optimizer = self.optimizer_for(objective)
        criteria = StoppingCriteria.of(
            objective, max_iter=n_steps * optimizer.pace, tol=_ROUGH_TOL, window=_ROUGH_WINDOW
        )
        return minimize(objective, w0, optimizer, criteria, budget, rng=rng)

    def last_leg(self, objective: Objective) -> Solver:
        """A copy of the solver that goes about as far as the refinements.

        A network that descends much further is another one than those that were judged, and may
        over-fit. Where the user asks for more, by restarts, a warm start or early stopping, the
        estimator does not ask for this copy.

        Parameters
        ----------
        objective : Objective

        Returns
        -------
        Solver
        """
        leg = copy(self.solver)
        leg.max_iter = min(leg.max_iter, _LAST_STEPS * self.optimizer_for(objective).pace)
        return leg
