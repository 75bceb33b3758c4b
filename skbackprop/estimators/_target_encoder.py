"""Encoders of y, which map labels or numbers to targets, and outputs of the network back.

An encoder is immutable. `fit` creates it from y, `transform` returns the targets and the weights of
samples, and `inverse` converts outputs of the network to probabilities or numbers.
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
    """Raise an error if a `target_range` is not a valid range of sigmoid outputs.

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
    """Base class of both encoders.

    Parameters
    ----------
    target_range : tuple of two floats
        The targets of labels 0 and 1, or of the smallest and the largest y.
    """

    target_range: tuple[float, float]

    @abstractmethod
    def transform(self, y: Any, sample_weight: NDArray[Any] | None, name: str = "y") -> Encoded:
        """Compute the targets and weights of samples.

        Parameters
        ----------
        y : ndarray of shape (n_samples,) or (n_samples, n_outputs), or sparse matrix
        sample_weight : ndarray of shape (n_samples,) or None
        name : str
            Name of y in messages.

        Returns
        -------
        Y : ndarray of shape (n_samples, n_outputs)
            Targets within [0, 1].
        sample_weight : ndarray of shape (n_samples,) or None

        Raises
        ------
        ValueError
            If y does not match the encoder.
        """

    @abstractmethod
    def inverse(self, yhat: NDArray[Any]) -> NDArray[Any]:
        """Convert outputs of the network, (n_samples, n_outputs), to probabilities or y."""

    @property
    def unit(self) -> NDArray[np.float64]:
        """Change of each output's target when y changes by 1, (n_outputs,) or (1,)."""
        low, high = self.target_range
        return np.array([high - low], dtype=np.float64)

    def check_weight(self, sample_weight: NDArray[Any] | None) -> None:  # noqa: B027 (most pass)
        """Refuse weights of samples, as `transform` returns them, that are all 0."""

    def loss_in_units(self, loss: Loss) -> Loss:
        """A copy of a loss for the targets of this encoder."""
        return clone(loss).in_units(self.unit)

    def strata(self, y: Any) -> NDArray[Any] | None:
        """Classes that must be represented in both parts of a split; None if there are none."""
        return None

    def check_reach(self, y: Any) -> tuple[TargetEncoder, str]:
        """Return the encoder for later calls, and a warning if y is outside the network's range."""
        return self, ""

    @property
    def attributes(self) -> dict[str, Any]:
        """Attributes of the encoder for the fitted estimator."""
        return {"_encoder": self}
