"""Encoders of y: labels or numbers to targets of the network, and its outputs back.

An encoder is immutable. `fit` learns it from y, `transform` gives the targets and the weights of
the samples, and `inverse` turns outputs of the network into probabilities or numbers.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
from sklearn.base import clone

from .._params._intervals import is_interval

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from ..losses import Loss

    Encoded = tuple[NDArray[Any], NDArray[Any] | None]

__all__ = ["TargetEncoder", "check_target_range"]


def check_target_range(target_range: Sequence[float]) -> None:
    """Refuse a `target_range` that a sigmoid cannot reach.

    Raises
    ------
    ValueError
        If it is not two numbers in [0, 1], the first at least 0.001 below the second.
    """
    within = is_interval(target_range) and target_range[0] >= 0 and target_range[1] <= 1
    if not within or target_range[1] - target_range[0] < 1e-3:
        raise ValueError(
            f"target_range must be two numbers low < high within [0, 1], the range of the "
            f"sigmoid, at least 0.001 apart, got {target_range!r}"
        )


@dataclass(frozen=True, eq=False)
class TargetEncoder(ABC):
    """The base of both encoders.

    Parameters
    ----------
    target_range : tuple of two floats
        The targets of labels 0 and 1, or of the smallest and the largest y.
    """

    target_range: tuple[float, float]

    @abstractmethod
    def transform(self, y: Any, sample_weight: NDArray[Any] | None, name: str = "y") -> Encoded:
        """Targets and weights of samples.

        Parameters
        ----------
        y : ndarray of shape (n_samples,) or (n_samples, n_outputs), or sparse matrix
        sample_weight : ndarray of shape (n_samples,) or None
        name : str
            The user's name of y, for messages.

        Returns
        -------
        Y : ndarray of shape (n_samples, n_outputs)
            Targets within [0, 1].
        sample_weight : ndarray of shape (n_samples,) or None

        Raises
        ------
        ValueError
            If y is not as in the fit.
        """

    @abstractmethod
    def inverse(self, yhat: NDArray[Any]) -> NDArray[Any]:
        """Outputs of the network, (n_samples, n_outputs), in the user's terms."""

    @property
    def unit(self) -> NDArray[np.float64]:
        """How much the target of each output rises where y rises by 1, (n_outputs,) or (1,)."""
        low, high = self.target_range
        return np.array([high - low], dtype=np.float64)

    def check_weight(self, sample_weight: NDArray[Any] | None) -> None:  # noqa: B027 (most pass)
        """Refuse weights of samples, as `transform` returns them, that are all 0."""

    def loss_in_units(self, loss: Loss) -> Loss:
        """A copy of a loss for the targets of this encoder."""
        return clone(loss).in_units(self.unit)

    def strata(self, y: Any) -> NDArray[Any] | None:
        """Classes that both parts of a split have to represent; None if there are none."""
        return None

    def check_reach(self, y: Any) -> tuple[TargetEncoder, str]:
        """The encoder to go on with, and a warning if y is beyond the network's outputs."""
        return self, ""

    @property
    def attributes(self) -> dict[str, Any]:
        """What a fitted estimator has of it."""
        return {"_encoder": self}
