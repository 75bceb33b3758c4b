"""Lattices of grid points in boxes of different sizes, concatenated in flat arrays."""

from dataclasses import dataclass

import numpy as np

__all__ = ["Lattices"]


@dataclass(frozen=True, eq=False)
class Lattices:
    """Lattices in boxes of grid indices, which contain the corners of the boxes.

    Parameters
    ----------
    points : ndarray of shape (n_points, n_dimensions)
        Grid indices.
    box : ndarray of shape (n_points,)
        Index of the box of each point; points of one box are consecutive.
    starts : ndarray of shape (n_boxes,)
        Index of the first point of each box.
    gap : ndarray of shape (n_boxes, n_dimensions)
        Distance between neighbouring points in grid steps; 1 if no grid point is omitted.
    low, high : ndarray of shape (n_boxes, n_dimensions)
        The boxes.
    """

    points: np.ndarray
    box: np.ndarray
    starts: np.ndarray
    gap: np.ndarray
    low: np.ndarray
    high: np.ndarray

    @classmethod
    def fill(cls, low: np.ndarray, high: np.ndarray, most_points: int) -> "Lattices":
        """Create lattices of at most `most_points` points per box, corners always included.

        Parameters
        ----------
        low, high : ndarray of int, shape (n_boxes, n_dimensions)
            The boxes, ends included.
        most_points : int

        Returns
        -------
        Lattices
        """
        width = high - low
        gap = _gaps(width, most_points)
        n = -(-width // gap) + 1
        starts = np.concatenate([[0], np.cumsum(n.prod(axis=1))])
        box = np.repeat(np.arange(len(n)), np.diff(starts))
        rest = np.arange(starts[-1]) - starts[box]
        points = np.empty((len(box), low.shape[1]), dtype=np.intp)
        for i in reversed(range(low.shape[1])):
            rest, k = np.divmod(rest, n[box, i])
            points[:, i] = np.minimum(low[box, i] + k * gap[box, i], high[box, i])
        return cls(points, box, starts[:-1], gap, low, high)

    def shrunk(self, kept: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Return the smallest boxes that contain every cell with a kept point, as (low, high).

        Grid points between two lattice points are removed only if neither of these is kept. For
        a box without a kept point, low and high are exchanged, which makes the box empty.

        Parameters
        ----------
        kept : ndarray of bool, shape (n_points,)
        """
        low, high = self.low[self.box], self.high[self.box]
        gap = self.gap[self.box]
        before, after = (
            np.maximum(self.points - gap + 1, low),
            np.minimum(self.points + gap - 1, high),
        )
        before, after = np.where(kept[:, None], before, high), np.where(kept[:, None], after, low)
        return np.minimum.reduceat(before, self.starts), np.maximum.reduceat(after, self.starts)


def _gaps(width: np.ndarray, most_points: int) -> np.ndarray:
    """Distances between lattice points so that a lattice has about `most_points` points.

    The narrowest dimension gets its points first, so that wider dimensions share the points that
    it does not need.
    """
    n_boxes, n_dimensions = width.shape
    gap, boxes = np.ones_like(width), np.arange(n_boxes)
    left = np.full(n_boxes, float(most_points))
    for rank, i in enumerate(np.argsort(width, axis=1).T):
        w = width[boxes, i]
        # number of points for this dimension, which has w + 1 grid points
        share = np.floor(left ** (1 / (n_dimensions - rank)) + 1e-9)
        n_cells = np.clip(share - 1, 1, np.maximum(w, 1)).astype(w.dtype)
        gap[boxes, i] = np.maximum(-(-w // n_cells), 1)
        left /= -(-w // gap[boxes, i]) + 1
    return gap
