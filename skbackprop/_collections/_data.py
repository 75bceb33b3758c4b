"""Descriptions of all blocks of a collection, as a fit needs them."""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy import sparse

from ..model import Data
from ..model._data import Features
from ..model._moments import merged_moments
from ..model._standardisation import Standardisation
from ._block_sums import describe, rows_of_block
from ._blocks import Blocks

__all__ = ["CollectionData"]

# Number of random samples from which quantiles of the targets are estimated.
_SAMPLE = 20_000


@dataclass(frozen=True, eq=False)
class CollectionData(Features):
    """The samples of all blocks: the blocks themselves, and a description of each.

    Parameters
    ----------
    blocks : Blocks
        Blocks of tuples (X, Y, sample_weight). No block is empty.
    parts : list of dict
        The descriptions of the blocks that `describe` returns.
    """

    blocks: Blocks
    parts: list[dict[str, Any]]

    @classmethod
    def of(cls, blocks: Blocks) -> CollectionData:
        """Fetch a description of each block; blocks without samples are left out."""
        parts = blocks.map(describe)
        some = [number for number, part in enumerate(parts) if part is not None]
        return cls(blocks.select(some), [parts[number] for number in some])

    @property
    def dtype(self) -> np.dtype:
        return self.parts[0]["dtype"]

    @property
    def n_features(self) -> int:
        """Number of features."""
        return len(self.parts[0]["mean"])

    @property
    def n_samples(self) -> int:
        """Number of samples."""
        return int(self._all("n_samples").sum())

    @property
    def total_weight(self) -> float:
        """Sum of the sample weights; the number of samples if there are no weights."""
        return float(self._all("total").sum())

    @property
    def target_span(self) -> NDArray:
        """The largest minus the smallest target of each output, (n_outputs,)."""
        return self._all("target_high").max(axis=0) - self._all("target_low").min(axis=0)

    @property
    def target_means(self) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
        """The mean target of each block, (n_blocks, n_outputs), and the block's total weight."""
        return self._all("target_mean"), self._all("total")

    def _weighted_moments(self) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
        some = ("total", "mean", "deviation", "largest")
        return merged_moments(*map(self._all, some))

    def _all(self, name: str) -> NDArray:
        return np.array([part[name] for part in self.parts])

    def standardised(self, scaling: Standardisation) -> CollectionData:
        """The same samples with the moments of their standardised features."""
        mean, deviation = self.moments
        scaled = replace(self)
        vars(scaled)["moments"] = (mean - scaling.shift) / scaling.scale, deviation / scaling.scale
        return scaled

    def take(self, rows: NDArray[np.intp]) -> Data:
        """Some samples, fetched from their blocks.

        Parameters
        ----------
        rows : ndarray of int of shape (n_rows,)
            Numbers of samples, in the order of the blocks.
        """
        rows = np.asarray(rows)
        order = np.argsort(rows, kind="stable")
        ends = self._ends
        cuts = np.searchsorted(rows[order], ends)
        pieces = np.split(rows[order], cuts[:-1])
        begins = ends - self._all("n_samples")
        inside = [piece - begin for piece, begin in zip(pieces, begins, strict=True)]
        asked = [number for number, piece in enumerate(inside) if len(piece)]
        some = self.blocks.select(asked).map(
            rows_of_block, each=[inside[number] for number in asked]
        )
        X, Y, weight = (list(column) for column in zip(*some, strict=True))
        back = np.empty(len(rows), dtype=np.intp)
        back[order] = np.arange(len(rows))
        stacked = sparse.vstack(X, format="csr") if sparse.issparse(X[0]) else np.concatenate(X)
        weights = None if weight[0] is None else np.concatenate(weight)[back]
        return Data(stacked[back], np.concatenate(Y)[back], weights)

    @cached_property
    def sample(self) -> Data:
        """Random samples, fetched once; all of them if there are few."""
        n = self.n_samples
        rows = np.random.default_rng(0).choice(n, min(n, _SAMPLE), replace=False)
        return self.take(rows)

    @cached_property
    def _ends(self) -> NDArray[np.intp]:
        """The number of the sample after the last of each block."""
        return np.cumsum(self._all("n_samples"))
