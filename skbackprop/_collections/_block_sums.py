"""Functions of one block of rows: its contribution to each sum over samples.

A block is a tuple (X, Y, sample_weight) of arrays as in `Data`, so that dask knows its size. All
functions here run where the block is.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any, TypeAlias

import numpy as np
from numpy.typing import NDArray

from ..model import Data, Network, Objective, Penalty
from ..model._blocks import Scratch
from ..model._moments import largest_values, weighted_moments
from ..model._standardisation import Standardisation

if TYPE_CHECKING:
    from ..losses import Loss

__all__ = [
    "Block",
    "Cost",
    "constant_value",
    "describe",
    "gauss_newton",
    "lower_bound",
    "output_values",
    "rows_of_block",
    "squared_residuals",
    "unit_values",
    "value",
    "value_and_grad",
]

Block: TypeAlias = tuple[Any, NDArray, NDArray | None]

# Scratch arrays of a worker. Each thread keeps them from one evaluation to the next.
_OF_WORKER = Scratch()


@dataclass(frozen=True, eq=False)
class Cost:
    """The cost of a block, without the penalty, as a function of the weights.

    It is sent to the workers together with the weights.

    Parameters
    ----------
    network : Network
    loss : Loss
    scaling : Standardisation
        The change of coordinates that the rows take when they are read, for features that the
        weights cannot absorb: `Standardisation.parts`.
    """

    network: Network
    loss: Loss
    scaling: Standardisation

    @cached_property
    def scratch(self) -> Scratch:
        """Arrays for intermediate results, in this process."""
        return Scratch()

    def of(self, block: Block) -> Objective:
        """J of a block, without a penalty."""
        X, Y, weight = block
        data = Data(self.scaling.view(X), Y, weight)
        objective = Objective(self.network, self.loss, Penalty(self.network), data)
        vars(objective)["scratch"] = self.scratch
        return objective

    def __reduce__(self) -> tuple:
        return _on_worker, (self.network, self.loss, self.scaling)


def _on_worker(network: Network, loss: Loss, scaling: Standardisation) -> Cost:
    cost = Cost(network, loss, scaling)
    vars(cost)["scratch"] = _OF_WORKER
    return cost


def describe(block: Block | None) -> dict[str, Any] | None:
    """Describe the samples of a block as a fit needs it; None if the block has none."""
    if block is None:
        return None
    X, Y, weight = block
    data = Data(X, Y, weight)
    mean, deviation = weighted_moments(X, weight)
    return {
        "dtype": data.dtype,
        "n_samples": data.n_samples,
        "total": data.total_weight,
        "mean": mean,
        "deviation": deviation,
        "largest": largest_values(X),
        "target_mean": np.average(Y.astype(np.float64), axis=0, weights=weight),
        "target_low": Y.min(axis=0),
        "target_high": Y.max(axis=0),
    }


def value(block: Block, cost: Cost, w: NDArray) -> tuple[Any, ...]:
    """The cost, as a tuple of one number."""
    return (cost.of(block).value(w),)


def value_and_grad(block: Block, cost: Cost, w: NDArray) -> tuple[Any, ...]:
    """The cost and its gradient."""
    return cost.of(block).value_and_grad(w)


def gauss_newton(block: Block, cost: Cost, w: NDArray) -> tuple[Any, ...]:
    """The cost, its gradient and the Gauss-Newton matrix."""
    return cost.of(block).gauss_newton(w)


def squared_residuals(block: Block, cost: Cost, w: NDArray) -> tuple[Any, ...]:
    """The squared residuals of each output."""
    return (cost.of(block).squared_residuals(w),)


def lower_bound(block: Block, cost: Cost) -> tuple[Any, ...]:
    """The cost of a perfect fit."""
    return (cost.of(block).lower_bound,)


def constant_value(block: Block, cost: Cost, z3: NDArray) -> tuple[Any, ...]:
    """The cost of a constant prediction."""
    return (cost.of(block).cost_of_constant(z3),)


def output_values(
    block: Block, cost: Cost, V1: NDArray, V2: NDArray, dtype: np.dtype | None
) -> tuple[Any, ...]:
    """The costs of many networks, as of `Candidates.output_values`."""
    return (cost.of(block).candidates.output_values(V1, V2, dtype),)


def unit_values(
    block: Block, cost: Cost, w: NDArray, unit: int, incoming: NDArray
) -> tuple[Any, ...]:
    """The costs for many incoming weights of one unit, as of `Candidates.of_unit`."""
    return (cost.of(block).candidates.of_unit(w, unit)(incoming),)


def rows_of_block(block: Block, rows: NDArray[np.intp]) -> Block:
    """Some samples of a block."""
    X, Y, weight = block
    return X[rows], Y[rows], None if weight is None else weight[rows]
