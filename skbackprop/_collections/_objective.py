"""J of samples in blocks that dask holds, with the interface of `Objective`."""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import cached_property
from typing import TYPE_CHECKING, Any, ClassVar

import numpy as np
from numpy.typing import ArrayLike, NDArray

from ..model import Data, Network, Objective, Penalty
from ..model._feature_scaling import FeatureScaling
from ..model._monotonicity import Monotonicity
from ..model._objective import constant_z3
from ..model._objective_parts import ObjectiveParts
from ..model._standardisation import Standardisation
from . import _block_sums as block_sums
from ._block_sums import Cost
from ._candidates import CollectionCandidates
from ._data import CollectionData

if TYPE_CHECKING:
    from ..losses import Loss

__all__ = ["CollectionObjective"]


@dataclass(frozen=True, eq=False)
class CollectionObjective(ObjectiveParts):
    """J(w) of samples in blocks, beside `Objective` for samples in one process.

    J, its gradient and its Gauss-Newton matrix are sums over samples. An evaluation sends w to
    the blocks and adds their sums in a fixed order. For any number of workers, the result is that
    of `Objective` up to the rounding of sums.

    Parameters
    ----------
    network : Network
    loss : Loss
    penalty : Penalty
        As a function of the weights in the coordinates of `scaling`.
    data : CollectionData
    scaling : Standardisation
        The coordinates of the weights.
    monotonicity : Monotonicity or None, default=None
        Bounds of the weights.
    """

    network: Network
    loss: Loss
    penalty: Penalty
    data: CollectionData
    scaling: Standardisation
    monotonicity: Monotonicity | None = None

    in_memory: ClassVar[bool] = False
    # several workers always share an evaluation
    is_one_block: ClassVar[bool] = False
    without_penalty: ClassVar[tuple[str, ...]] = (
        "constant_value",
        "constant_z3",
        "feature_scaling",
        "lower_bound",
    )

    @classmethod
    def of(
        cls,
        network: Network,
        loss: Loss,
        data: CollectionData,
        alpha: float,
        monotonicity: Monotonicity | None = None,
    ) -> CollectionObjective:
        """Create J, with a penalty that weighs each feature by its deviation in these data."""
        penalty = Penalty(network, alpha, data.unit_deviation)
        return cls(network, loss, penalty, data, Standardisation.identity(network), monotonicity)

    @property
    def dtype(self) -> np.dtype:
        """The dtype of the samples, in which costs are computed."""
        return self.data.dtype

    @cached_property
    def lower_bound(self) -> float:
        """Lower bound of J: the cost of a perfect fit without penalty."""
        return float(self.sums(block_sums.lower_bound)[0])

    @cached_property
    def constant_value(self) -> float:
        """Cost of the best constant prediction, or of one close to it."""
        return float(self.sums(block_sums.constant_value, self.constant_z3)[0])

    @cached_property
    def constant_z3(self) -> NDArray:
        """The z3 of the constant prediction of `constant_value`, (n_outputs,)."""
        if self.loss.centred:  # a mean of means
            return constant_z3(self.loss.best_constant(*self.data.target_means))
        sample = self.data.sample
        return constant_z3(self.loss.best_constant(sample.Y, sample.sample_weight))

    @cached_property
    def feature_scaling(self) -> FeatureScaling:
        """Initial weights and scales of steps that suit the sizes of the features."""
        return FeatureScaling(self.network, self.data, self.monotonicity)

    @cached_property
    def candidates(self) -> CollectionCandidates:
        """J of many weight vectors at once, for the searches."""
        return CollectionCandidates(self)

    def value(self, w: ArrayLike) -> float:
        """J(w), as `Objective.value`."""
        w = np.asarray(w)
        (value,) = self.sums(block_sums.value, self._of_weights.from_scaled(w))
        return float(value) + self.penalty.value(w)

    def values(self, W: ArrayLike) -> NDArray[np.float64]:
        """J of many weight vectors, (n_candidates, n_weights), as (n_candidates,)."""
        return self.candidates.values(W)

    def value_and_grad(self, w: ArrayLike) -> tuple[float, NDArray[np.float64]]:
        """J(w) and dJ/dw, as `Objective.value_and_grad`."""
        w, change = np.asarray(w), self._of_weights
        value, gradient = self.sums(
            block_sums.value_and_grad, change.from_scaled(w), size=self.n_weights
        )
        gradient = change.gradient_to_scaled(gradient)
        penalty = self.penalty.add_gradient(w, gradient)
        return float(value) + penalty, gradient

    def gauss_newton(self, w: ArrayLike) -> tuple[float, NDArray[np.float64], NDArray[np.float64]]:
        """J(w), dJ/dw and the Gauss-Newton matrix, (n_weights, n_weights)."""
        w, change = np.asarray(w, dtype=np.float64), self._of_weights
        size = self.n_weights**2
        value, gradient, H = self.sums(block_sums.gauss_newton, change.from_scaled(w), size=size)
        gradient = change.gradient_to_scaled(gradient)
        H = change.gradient_to_scaled(change.gradient_to_scaled(H).T)
        penalty = self.penalty.add_gradient(w, gradient)
        self.penalty.add_curvature(H)
        return float(value) + penalty, gradient, H

    def squared_residuals(self, w: ArrayLike) -> NDArray[np.float64]:
        """The weighted sum of (y - yhat)^2 of each output, (n_outputs,)."""
        w = self._of_weights.from_scaled(np.asarray(w))
        return self.sums(block_sums.squared_residuals, w)[0]

    def take(self, rows: NDArray[np.intp]) -> Objective:
        """The objective of some rows, given by their numbers and fetched to this process."""
        data = self.data.take(rows)
        if not self.scaling.is_identity:
            data = self.scaling.data(data)
        return Objective(self.network, self.loss, self.penalty, data, self.monotonicity)

    def with_data(self, **changes: Any) -> Objective:
        """The objective of other samples, which are in this process."""
        data = Data(**changes)
        return Objective(self.network, self.loss, self.penalty, data, self.monotonicity)

    def standardised(self, scaling: Standardisation) -> CollectionObjective:
        """The same J as a function of the weights in standardised coordinates."""
        if scaling.is_identity:
            return self
        penalty, data = scaling.penalty(self.penalty), self.data.standardised(scaling)
        return replace(self, penalty=penalty, data=data, scaling=scaling)

    @cached_property
    def _parts(self) -> tuple[Standardisation, Standardisation]:
        return self.scaling.parts(self.dtype)

    @property
    def _of_weights(self) -> Standardisation:
        """The part of the standardisation that the weights absorb, so that rows need no copy."""
        return self._parts[0]

    @cached_property
    def _cost(self) -> Cost:
        return Cost(self.network, self.loss, self._parts[1])

    def sums(
        self, function: Any, *args: Any, size: int = 1, cost: Cost | None = None
    ) -> list[NDArray[np.float64]]:
        """The sums over the blocks of what a function of `_block_sums` returns for each.

        Parameters
        ----------
        function : callable
            ``function(block, cost, *args)`` returns a tuple of numbers and arrays.
        *args : object
            Sent to the workers.
        size : int, default=1
            Number of elements of the largest array.
        cost : Cost or None, default=None
            None for the cost as a function of the weights that have absorbed `scaling`.
        """
        cost = self._cost if cost is None else cost
        return self.data.blocks.sums(function, cost, *args, size=size)

    def __reduce__(self) -> tuple:
        raise TypeError(
            "the objective of a dask collection belongs to the process of the fit and cannot be "
            "sent to another one: set n_jobs=None"
        )
