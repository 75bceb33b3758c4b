"""Convex combinations of the points of units, and pairwise Frank-Wolfe steps between them."""

import numpy as np

from ....model._sigmoid import activation
from ._envelope import Envelope
from ._problem import GridProblem

__all__ = ["Mixture"]

# Number of evaluations of the slope in a line search, including the full step.
_LINE_SEARCH = 3


class Mixture:
    """A convex combination of points for each unit of each box; initially the middle of the box.

    Parameters
    ----------
    problem : GridProblem
    low, high : ndarray of int, shape (n_boxes, n_weights)
        The boxes.
    most_points : int
        Largest number of points of a unit.

    Attributes
    ----------
    z : ndarray of shape (n_boxes, n_outputs, n_samples)
        z3 of the mixture.
    penalty : ndarray of shape (n_boxes,)
        Penalty of the mixture.
    """

    def __init__(
        self, problem: GridProblem, low: np.ndarray, high: np.ndarray, most_points: int
    ) -> None:
        middle = 0.5 * (problem.values[low] + problem.values[high])
        c, v = problem.split(middle)
        n_boxes, units, n_outputs = v.shape
        a = np.ones((n_boxes, units, problem.X.shape[1]))
        z2 = c @ problem.X
        a[:, : c.shape[1]] = activation(z2, out=z2)
        factors, self._alpha = problem.penalties
        cost = np.zeros((n_boxes, units))
        cost[:, : c.shape[1]] = 0.5 * (c * c) @ factors

        shape = most_points, n_boxes, units
        self._v = np.empty((*shape, n_outputs))
        self._a = np.empty((*shape, a.shape[2]))
        self._penalties, self._shares = np.zeros((2, *shape))
        self._n_points = 0
        self.add(v, a, cost)
        self._shares[0] = 1
        self.z = v.swapaxes(1, 2) @ a
        self.penalty = self._penalties[0].sum(axis=1)

    def add(self, v: np.ndarray, a: np.ndarray, penalty: np.ndarray) -> None:
        """Add one point to each unit, with a coefficient of 0.

        Parameters
        ----------
        v : ndarray of shape (n_boxes, units, n_outputs)
            Outgoing weights.
        a : ndarray of shape (n_boxes, units, n_samples)
            Activations.
        penalty : ndarray of shape (n_boxes, units)
            Penalty of the incoming weights.
        """
        n = self._n_points
        self._v[n], self._a[n] = v, a
        self._penalties[n] = penalty + 0.5 * (self._alpha * v * v).sum(axis=2)
        self._n_points += 1

    def step(self, envelope: Envelope) -> None:
        """Shift weight from the worst point of each unit to its best point, by a line search."""
        n, (boxes, units) = self._n_points, np.ogrid[tuple(map(slice, self._shares.shape[1:]))]
        slope = envelope.slope(self.z)
        gain = self._a[:n] @ slope.swapaxes(1, 2)
        score = np.einsum("rnuk,rnuk->rnu", gain, self._v[:n]) + self._penalties[:n]
        best = score.argmin(axis=0), boxes, units
        worst = np.where(self._shares[:n] > 0, score, -np.inf).argmax(axis=0), boxes, units

        share = self._shares[worst]
        direction = (share[..., None] * self._v[best]).swapaxes(1, 2) @ self._a[best]
        direction -= (share[..., None] * self._v[worst]).swapaxes(1, 2) @ self._a[worst]
        penalty = (share * (self._penalties[best] - self._penalties[worst])).sum(axis=1)
        t = self._line_search(envelope, slope, direction, penalty)
        self.z += t[:, None, None] * direction
        self.penalty += t * penalty
        self._shares[best] += t[:, None] * share
        self._shares[worst] -= t[:, None] * share

    def _line_search(
        self, envelope: Envelope, slope: np.ndarray, direction: np.ndarray, penalty: np.ndarray
    ) -> np.ndarray:
        """Approximate the step in [0, 1] that minimises the relaxation, by regula falsi."""

        def derivative(slope: np.ndarray) -> np.ndarray:
            return (slope * direction).sum(axis=(1, 2)) + penalty

        left, right = np.zeros(len(penalty)), np.ones(len(penalty))
        at_left = derivative(slope)
        at_right = derivative(envelope.slope(self.z + direction))
        whole, t = at_right <= 0, right
        for _ in range(_LINE_SEARCH - 1):
            share = at_left / np.minimum(at_left - at_right, -1e-300)
            t = left + (right - left) * np.clip(share, 0.1, 0.9)
            now = derivative(envelope.slope(self.z + t[:, None, None] * direction))
            falling = now < 0
            left, at_left = np.where(falling, t, left), np.where(falling, now, at_left)
            right, at_right = np.where(falling, right, t), np.where(falling, at_right, now)
        return np.where(whole, 1.0, t)
