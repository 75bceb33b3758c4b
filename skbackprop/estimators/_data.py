"""Samples as they go in: features, targets and weights, together."""

from dataclasses import dataclass
from typing import Any

import numpy as np
from sklearn.utils.validation import _check_sample_weight

__all__ = ["Samples"]


@dataclass(frozen=True, eq=False)
class Samples:
    """Features, y and weights of some samples.

    Parameters
    ----------
    X : ndarray or CSR matrix of shape (n_samples, n_features)
    y : ndarray of shape (n_samples,) or (n_samples, n_outputs), or sparse matrix
    weight : ndarray of shape (n_samples,), or None
    rows : ndarray of int of shape (n_samples,), or None
        Which of the user's samples these are; None means all, in order.
    """

    X: Any
    y: Any
    weight: np.ndarray | None = None
    rows: np.ndarray | None = None

    @classmethod
    def weighted(cls, X, y, weight, name="sample_weight"):
        """Samples with the user's weights checked.

        Parameters
        ----------
        X, y : as for `Samples`
        weight : array-like of shape (n_samples,), or None
        name : str
            What the user calls the weights.

        Raises
        ------
        ValueError
            If the weights are not numbers >= 0 with a finite, positive sum.
        """
        if weight is None:
            return cls(X, y)
        weight = _check_sample_weight(weight, X, dtype=X.dtype, ensure_non_negative=True)
        if weight.max() > np.finfo(weight.dtype).max / len(weight):
            raise ValueError(
                f"{name} must have a finite sum, got a largest weight of "
                f"{float(weight.max())!r}: divide the weights by their largest"
            )
        if not weight.any():
            raise ValueError(
                f"{name} must have at least one positive number, got weights that are all zero"
            )
        return cls(X, y, weight)

    def with_weight(self):
        """Those that weigh something."""
        if self.weight is None or self.weight.all():
            return self
        return self.take(np.flatnonzero(self.weight))

    def take(self, rows):
        """Some of the samples.

        Parameters
        ----------
        rows : ndarray of int
        """
        weight = None if self.weight is None else self.weight[rows]
        return Samples(
            self.X[rows], self.y[rows], weight, rows if self.rows is None else self.rows[rows]
        )
