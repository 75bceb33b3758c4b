"""The costs of many candidates at once, of samples in blocks."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import DTypeLike, NDArray

from ..model._batched import Candidates
from . import _block_sums as block_sums
from ._block_sums import Cost

if TYPE_CHECKING:
    from ._objective import CollectionObjective

__all__ = ["CollectionCandidates"]


class CollectionCandidates(Candidates):
    """J of many weight vectors at once; each batch is sent to all blocks.

    Parameters
    ----------
    objective : CollectionObjective
    """

    objective: Any

    def __init__(self, objective: CollectionObjective) -> None:
        super().__init__(objective)  # type: ignore[arg-type]  # it has the same interface

    @property
    def _cost(self) -> Cost:
        """The cost as a function of weights in the coordinates of the objective."""
        return Cost(self.objective.network, self.objective.loss, self.objective.scaling)

    def output_values(
        self, V1: NDArray, V2: NDArray, dtype: DTypeLike | None = None
    ) -> NDArray[np.float64]:
        # the penalty of each output's column, and of all of them if the loss is not separable
        columns = V2.swapaxes(2, 3)[..., None]
        penalty = self.objective.penalty.of_output_layers(columns)
        if not self.objective.loss.separable:
            penalty = penalty.sum(axis=2, keepdims=True)
        (total,) = self.objective.sums(block_sums.output_values, V1, V2, dtype, cost=self._cost)
        return penalty + total

    def of_unit(self, w: NDArray, unit: int) -> Callable[[NDArray], NDArray[np.float64]]:
        objective, net = self.objective, self.objective.network
        others = np.array(w, dtype=np.float64)
        V1, _ = net.split(others)
        of_unit = objective.penalty.of_hidden_layers(V1[:, unit, None])
        penalty = objective.penalty.value(others) - of_unit

        def values(incoming: NDArray) -> NDArray[np.float64]:
            (total,) = objective.sums(block_sums.unit_values, w, unit, incoming, cost=self._cost)
            return penalty + objective.penalty.of_hidden_layers(incoming[:, :, None]) + total

        return values
