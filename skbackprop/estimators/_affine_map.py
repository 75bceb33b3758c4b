"""The map x -> (x - center) A + b, with a centre near the data."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any, Self

import numpy as np
from numpy.typing import NDArray

__all__ = ["AffineMap"]


@dataclass(frozen=True, eq=False)
class AffineMap:
    """The map from x to (x - center) A + b.

    In the shorter form x A + b, the two terms nearly cancel if the mean of a column is far from 0
    compared with its spread, and b is rounded relative to this mean. Scalers subtract the mean
    first, and so does this map.

    Parameters
    ----------
    center : ndarray of shape (n_inputs,)
        A point near the data; 0 in columns whose centre is not known.
    is_known : ndarray of bool, shape (n_inputs,)
        Whether the centre of a column is known.
    A : ndarray of shape (n_inputs, n_outputs)
    b : ndarray of shape (n_outputs,)
        The value at the centre.
    """

    center: NDArray[np.float64]
    is_known: NDArray[np.bool_]
    A: NDArray[np.float64]
    b: NDArray[np.float64]

    @classmethod
    def linear(cls, A: NDArray[np.float64]) -> Self:
        """The map x -> x A, without a known centre."""
        n_inputs, n_outputs = A.shape
        return cls(np.zeros(n_inputs), np.zeros(n_inputs, bool), A, np.zeros(n_outputs))

    @classmethod
    def identity(cls, n: int) -> Self:
        """The map x -> x of n columns."""
        return cls.linear(np.eye(n))

    @classmethod
    def at(
        cls, center: NDArray[Any], A: NDArray[np.float64], b: NDArray[np.float64] | None = None
    ) -> Self:
        """The map with the value b, or 0, at a known centre."""
        value = np.zeros(A.shape[1]) if b is None else b
        return cls(np.asarray(center, dtype=np.float64), np.ones(len(A), bool), A, value)

    @classmethod
    def side_by_side(
        cls, blocks: Sequence[tuple[NDArray[np.intp], slice, AffineMap]], shape: tuple[int, int]
    ) -> Self:
        """The map of which each block computes some outputs from some columns.

        The centre of a column is that of the first block that knows it.

        Parameters
        ----------
        blocks : sequence of tuples (columns, outputs, map)
        shape : tuple of int
            Shape of A.
        """
        n_inputs, n_outputs = shape
        center, is_known = np.zeros(n_inputs), np.zeros(n_inputs, bool)
        for columns, _, block in blocks:
            found = block.is_known & ~is_known[columns]
            center[columns[found]] = block.center[found]
            is_known[columns[found]] = True
        A, b = np.zeros(shape), np.zeros(n_outputs)
        for columns, outputs, block in blocks:
            # a column that is listed twice is added twice
            np.add.at(A[:, outputs], columns, block.A)
            b[outputs] = block.moved_to(center[columns]).b
        return cls(center, is_known, A, b)

    def __call__(self, X: NDArray[Any]) -> NDArray[np.float64]:
        """The values for the rows of X, (n_samples, n_outputs)."""
        return (X - self.center) @ self.A + self.b

    @property
    def at_zero(self) -> NDArray[np.float64]:
        """The value for x = 0, which is b in the form x A + b."""
        return self.moved_to(np.zeros_like(self.center)).b

    def moved_to(self, center: NDArray[np.float64]) -> Self:
        """The same map with another centre."""
        return replace(self, center=center, b=self.b + (center - self.center) @ self.A)

    def times(self, factor: float) -> Self:
        """The map with all outputs multiplied by a factor."""
        return replace(self, A=factor * self.A, b=factor * self.b)

    def followed_by(self, other: AffineMap) -> Self:
        """Compose this map and then `other`, which may know the centre of further columns."""
        first = self
        if other.is_known.any() and not self.is_known.all():
            first = self._with_centers_of(other)
        b = (first.b - other.center) @ other.A + other.b
        return replace(first, A=first.A @ other.A, b=b)

    def _with_centers_of(self, other: AffineMap) -> Self:
        """Take over centres of outputs that depend on a single column."""
        is_single = (self.A != 0) & ((self.A != 0).sum(axis=0) == 1) & other.is_known
        found = is_single.any(axis=1) & ~self.is_known
        column, output = np.flatnonzero(found), is_single[found].argmax(axis=1)
        center = self.center.copy()
        center[column] += (other.center[output] - self.b[output]) / self.A[column, output]
        return replace(self.moved_to(center), is_known=self.is_known | found)
