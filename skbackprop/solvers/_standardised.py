"""A descent in standardised coordinates, with conversion from and to the user's coordinates."""

from dataclasses import dataclass, replace
from functools import partial
from typing import Any

import numpy as np
from numpy.typing import NDArray

from .._execution._result import Progress, SolverResult
from ..model import Objective
from ..model._standardisation import Standardisation
from ..optimizers import DescentState
from ._base import Callback

__all__ = ["Standardised"]


@dataclass(frozen=True, eq=False)
class Standardised:
    """The objectives of a descent in standardised coordinates, and the conversion of weights.

    Parameters
    ----------
    scaling : Standardisation
    objective : Objective
        The training objective in standardised coordinates.
    validation : Objective or None
        The cost of the validation data, standardised by the training data.
    """

    scaling: Standardisation
    objective: Objective
    validation: Objective | None = None

    @classmethod
    def of(
        cls,
        objective: Objective,
        validation: Objective | None = None,
        resume: Any = None,
        scale_features: bool = True,
    ) -> "Standardised":
        """Standardise the features of a fit, unless `scale_features` is False.

        Parameters
        ----------
        objective : Objective
            In the user's coordinates.
        validation : Objective or None
            The cost of the validation data, in the user's coordinates.
        resume : object
            If it is a state whose coordinates are the same up to rounding, these are used, so
            that the descent continues bit for bit.
        scale_features : bool, default=True
            False keeps the user's coordinates.
        """
        scaling = Standardisation.identity(objective.network)
        if scale_features:
            scaling = Standardisation.of(objective)
        before = resume.scaling if isinstance(resume, DescentState) else None
        if before is not None and before.is_close(scaling):
            scaling = before
        if validation is not None:
            validation = validation.standardised(scaling)
        return cls(scaling, objective.standardised(scaling), validation)

    @classmethod
    def rounded(cls, objective: Objective, validation: Objective | None = None) -> "Standardised":
        """Standardise the features, and remove the rounding errors that units leave in X and y.

        Parameters
        ----------
        objective : Objective
            In the user's coordinates.
        validation : Objective or None
            The cost of the validation data, in the user's coordinates. It is not rounded.
        """
        scaling = Standardisation.in_full(objective)
        standardised = objective.standardised(scaling)
        is_copy = standardised is not objective
        if validation is not None:
            validation = validation.standardised(scaling)
        return cls(scaling, standardised.rounded(overwrite_X=is_copy), validation)

    @classmethod
    def as_before(cls, objective: Objective, state: DescentState | None) -> "Standardised":
        """Use the coordinates of an earlier descent, or the user's if there was none.

        Parameters
        ----------
        objective : Objective
            In the user's coordinates.
        state : DescentState or None
        """
        scaling = None if state is None else state.scaling
        if scaling is None:
            scaling = Standardisation.identity(objective.network)
        return cls(scaling, objective.standardised(scaling))

    def holds(self, state: DescentState) -> bool:
        """Whether the weights of a state are in these coordinates."""
        identity = state.scaling is None or state.scaling.is_identity
        return self.scaling.is_identity if identity else state.scaling is self.scaling

    @property
    def advice(self) -> str:
        """Start of a recommendation; "" unless the descent used features of very different size."""
        as_they_are = self.scaling.is_identity and self.objective.feature_scaling.is_unscaled
        return "standardise the features of X, or " if as_they_are else ""

    def start(self, w0: NDArray[np.float64] | None) -> NDArray[np.float64] | None:
        """Convert the user's initial weights to standardised coordinates; None stays None."""
        return None if w0 is None else self.scaling.to_scaled(w0)

    def result(self, result: SolverResult) -> SolverResult:
        """Convert a result to the user's coordinates; its state stays in standardised ones."""
        state = result.state
        if state is not None:
            state = replace(state, scaling=self.scaling)
        return replace(result, w=self.scaling.from_scaled(result.w), state=state)

    def callback(self, callback: Callback | None) -> Callback | None:
        """Wrap the callback so that it receives weights in the user's coordinates."""
        return None if callback is None else partial(self._call, callback)

    def _call(self, callback: Callback, progress: Progress) -> bool | None:
        w, before, so_far = progress.w, progress.previous_w, progress.so_far
        return callback(
            replace(
                progress,
                w=self.scaling.from_scaled(w),
                previous_w=None if before is None else self.scaling.from_scaled(before),
                so_far=None if so_far is None else lambda: self.result(so_far()),
            )
        )
