"""Quantities that every objective derives from its parts, wherever the samples are."""

from dataclasses import Field, replace
from typing import TYPE_CHECKING, Any, ClassVar, Self

import numpy as np
from numpy.typing import NDArray

from ._monotonicity import Monotonicity
from ._network import Network
from ._penalty import Penalty

if TYPE_CHECKING:
    from ..losses import Loss

__all__ = ["ObjectiveParts"]


class ObjectiveParts:
    """Base of `Objective` and of the objective of dask collections.

    Attributes
    ----------
    network : Network
    loss : Loss
    penalty : Penalty
    data : Data or CollectionData
    monotonicity : Monotonicity or None
        Bounds of the weights.
    without_penalty : tuple of str
        Names of the cached attributes that do not depend on the penalty.
    """

    network: Network
    loss: "Loss"
    penalty: Penalty
    data: Any
    monotonicity: Monotonicity | None
    without_penalty: ClassVar[tuple[str, ...]]
    # every subclass is a dataclass
    __dataclass_fields__: ClassVar[dict[str, Field[Any]]]

    @property
    def n_weights(self) -> int:
        """Number of weights, the length of w."""
        return self.network.n_weights

    @property
    def n_samples(self) -> int:
        """Number of samples."""
        return self.data.n_samples

    @property
    def total_weight(self) -> float:
        """Sum of the sample weights; the number of samples if there are no weights."""
        return self.data.total_weight

    @property
    def alpha(self) -> float:
        """Factor of the penalty."""
        return self.penalty.alpha

    def with_alpha(self, alpha: float) -> Self:
        """The objective with another factor of the penalty and the same scales.

        What has been computed without the penalty is kept.
        """
        other = replace(self, penalty=self.penalty.with_alpha(alpha))
        for name in self.without_penalty:
            if name in vars(self):
                vars(other)[name] = vars(self)[name]
        return other

    def projected(self, w: NDArray[np.float64]) -> NDArray[np.float64]:
        """The nearest weights within the bounds, (n_weights,); `w` itself if there are none."""
        return w if self.monotonicity is None else self.monotonicity.projected(w)
