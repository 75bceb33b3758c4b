"""The short descents with which `alpha="auto"` chooses a penalty."""

from collections.abc import Callable
from copy import copy
from dataclasses import dataclass, replace
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

__all__ = ["PathDescents", "Refinement"]

_MOST_SEED = np.iinfo(np.int32).max
# Number of steps of the last leg of alpha="auto", from the network of a fold to that of all
# samples: twice the number of a refinement.
_LAST_STEPS = 20
# Within the bounds of monotone features, descents need this many times as many iterations.
_WITHIN_BOUNDS = 3
# The `window` of optimizers in a refinement: the iterations over which the fall of J is averaged.
_WINDOW = 3


@dataclass(frozen=True, eq=False)
class PathDescents:
    """The methods of a gradient-descent solver that a search for the penalty uses.

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
        """Return the objective in the coordinates in which this solver descends.

        Standardised data are rounded, so that rounding errors do not choose between two penalties
        of nearly equal cost. The penalty then does not depend on the units of X and y.

        Parameters
        ----------
        objective : Objective
        validation : Objective or None

        Returns
        -------
        Standardised
        """
        if not self.solver.scale_features:
            return Standardised.of(objective, validation, scale_features=False)
        return Standardised.rounded(objective, validation)

    def initial_weights(
        self, objective: Objective, rng: np.random.RandomState
    ) -> NDArray[np.float64]:
        """Return random initial weights for `alpha="auto"`.

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

    def refinement(self, objective: Objective) -> "Refinement":
        """Return the short descents on an objective.

        Parameters
        ----------
        objective : Objective
            In the coordinates of the descent; its penalty is ignored.

        Returns
        -------
        Refinement
        """
        return Refinement(objective, self.optimizer_for(objective))

    def last_leg(self, objective: Objective) -> Solver:
        """Return a copy with about as many iterations as the refinements that chose alpha.

        With many more iterations, the network would differ from those that were compared, and
        might over-fit. If the user asks for restarts, a warm start or early stopping, the
        estimator does not use this copy.

        Parameters
        ----------
        objective : Objective

        Returns
        -------
        Solver
        """
        leg = copy(self.solver)
        pace = _pace(self.optimizer_for(objective), objective)
        leg.max_iter = min(leg.max_iter, _LAST_STEPS * pace)
        return leg


class Refinement:
    """Short descents on one objective, each with a penalty of its own.

    What does not depend on the penalty is computed once.

    Parameters
    ----------
    objective : Objective
        In the coordinates of the descent.
    optimizer : Optimizer
    """

    def __init__(self, objective: Objective, optimizer: Optimizer) -> None:
        self._objective, self._optimizer = objective, optimizer
        self._criteria = StoppingCriteria.of(objective, max_iter=1, tol=0.0, window=_WINDOW)

    def descend(
        self,
        alpha: float,
        w0: NDArray[np.float64],
        *,
        n_steps: int,
        tol: float,
        rng: np.random.Generator,
        budget: Budget,
    ) -> SolverResult:
        """Perform a few steps.

        Parameters
        ----------
        alpha : float
            The penalty.
        w0 : ndarray of shape (n_weights,)
            In the coordinates of the descent.
        n_steps : int
            Number of iterations of Levenberg-Marquardt; other optimizers perform `pace` times as
            many.
        tol : float
            As for the solver.
        rng : numpy.random.Generator
            Used by optimizers that draw batches.
        budget : Budget

        Returns
        -------
        SolverResult
        """
        # the last objective passes on what does not depend on the penalty
        self._objective = self._objective.with_alpha(alpha)
        max_iter = n_steps * _pace(self._optimizer, self._objective)
        criteria = replace(self._criteria, max_iter=max_iter, tol=tol)
        return minimize(self._objective, w0, self._optimizer, criteria, budget, rng=rng)


def _pace(optimizer: Optimizer, objective: Objective) -> int:
    """The number of iterations that count as one step."""
    return optimizer.pace * (1 if objective.monotonicity is None else _WITHIN_BOUNDS)
