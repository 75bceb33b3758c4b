"""Lower bounds of J over boxes of grid points.

Let u_j be the contribution of unit j to z3 on the samples: J is a sum of costs of z3 = sum_j u_j.
Replace the costs by their convex envelopes, and let u_j be any convex combination of the unit's
possible contributions within its box. This relaxation is convex, and its dual function bounds J
from below for any slopes b,

    J >= sum min (cost(z3) - b z3) + sum_j min (b u_j + penalty),

where the first minimum is over an interval of z3 for each sample and output, and the second is
over the grid points of one unit. Good slopes are found by solving the relaxation with pairwise
Frank-Wolfe steps (Lacoste-Julien and Jaggi, NIPS 2015), whose linear subproblem is the second
minimum.
"""

from dataclasses import dataclass
from itertools import pairwise

import numpy as np

from ....model import Network
from ....model._sigmoid import activation
from ._envelope import Envelope
from ._lattice import Lattices
from ._mixture import Mixture
from ._problem import GridProblem

__all__ = ["MOST_PASSES", "Relaxation", "points_of_a_box"]

# Largest number of evaluations of the dual function, and number of Frank-Wolfe steps after each. An
# evaluation takes a pass over the lattices; the time for a step is negligible.
MOST_PASSES, _STEPS = 8, 3
# Passes continue while a pass could close this fraction of the gap to the incumbent.
_WORTHWHILE = 0.05
# Largest number of points of a lattice. A coarser lattice gives a looser bound, a finer lattice
# takes longer.
_MOST_POINTS = 3200
# max |f''|, which is at f = 1/2 -+ 1/(2 sqrt 3)
_MOST_CURVATURE = 1 / (6 * np.sqrt(3))


def points_of_a_box(network: Network, n_values: int) -> int:
    """Number of lattice points of the largest box, for all hidden units together."""
    n_inputs, n_hidden = network.shape1
    return n_hidden * max(2**n_inputs, min(n_values**n_inputs, _MOST_POINTS))


class Relaxation:
    """The relaxation on several boxes at once.

    Parameters
    ----------
    problem : GridProblem
    low, high : ndarray of int, shape (n_boxes, n_weights)
        Grid indices, ends included.
    incumbent : float
        Only points with a smaller J are of interest.

    Attributes
    ----------
    bound : ndarray of shape (n_boxes,)
        No grid point in the box has a smaller J.
    low, high : ndarray of int, shape (n_boxes, n_weights)
        The reduced boxes: no point with a J below the incumbent was removed.
    n_passes : int
        Number of evaluations of the dual function, the same for all boxes.
    n_points : ndarray of int, shape (n_boxes,)
        Number of lattice points of each box. Every pass visits all of them.
    """

    def __init__(
        self, problem: GridProblem, low: np.ndarray, high: np.ndarray, incumbent: float
    ) -> None:
        self._problem = problem
        self.low, self.high = low.copy(), high.copy()
        (c_low, v_low), (c_high, v_high) = problem.split(low), problem.split(high)
        self._v_low, self._v_high = problem.values[v_low], problem.values[v_high]
        self._fill_lattices(c_low, c_high)
        self._fill_envelope(c_low, c_high)
        self._mixture = Mixture(problem, low, high, 1 + MOST_PASSES)
        self._solve(incumbent)
        self._tighten()

    def _fill_lattices(self, c_low: np.ndarray, c_high: np.ndarray) -> None:
        """Compute the activations and the penalty of each unit at the lattice points."""
        problem, (n_boxes, units, _) = self._problem, self._v_low.shape
        low, high = np.zeros((2, n_boxes, units, c_low.shape[2]), dtype=np.intp)
        n_hidden = c_low.shape[1]
        low[:, :n_hidden], high[:, :n_hidden] = c_low, c_high
        shape = n_boxes * units, -1
        lattice = Lattices.fill(low.reshape(shape), high.reshape(shape), _MOST_POINTS)
        c = problem.values[lattice.points]
        factors, _ = problem.penalties
        self._penalty = 0.5 * (c * c) @ factors
        z2 = c @ problem.X
        self._activations = activation(z2, out=z2)
        if units > n_hidden:  # the activation of the output intercept is 1
            intercepts = lattice.starts[n_hidden::units]
            self._penalty[intercepts], self._activations[intercepts] = 0, 1
        self._lattice = lattice
        ends = np.append(lattice.starts[::units], len(lattice.points))
        self._rows = [slice(*pair) for pair in pairwise(ends)]
        self.n_points: np.ndarray = np.diff(ends)

    def _fill_envelope(self, c_low: np.ndarray, c_high: np.ndarray) -> None:
        """Compute the intervals of z3 and the envelopes of the costs on them."""
        problem, n_hidden = self._problem, c_low.shape[1]
        c_low, c_high = problem.values[c_low], problem.values[c_high]
        positive, negative = np.maximum(problem.X, 0), np.minimum(problem.X, 0)
        shape = *self._v_low.shape[:2], positive.shape[1]
        least, most = np.ones((2, *shape))
        z_low, z_high = c_low @ positive, c_high @ positive
        z_low += c_high @ negative
        z_high += c_low @ negative
        least[:, :n_hidden] = activation(z_low, out=z_low)
        most[:, :n_hidden] = activation(z_high, out=z_high)
        v_low, v_high = self._v_low.swapaxes(1, 2), self._v_high.swapaxes(1, 2)
        low = np.maximum(v_low, 0) @ least + np.minimum(v_low, 0) @ most
        high = np.maximum(v_high, 0) @ most + np.minimum(v_high, 0) @ least
        self._envelope = Envelope(problem, low, high)

    def _solve(self, incumbent: float) -> None:
        """Raise the bounds pass by pass, and keep the dual functions with the highest bounds."""
        box = self._lattice.box // self._v_low.shape[1]
        self.bound = np.full(len(self._v_low), -np.inf)
        for self.n_passes in range(1, MOST_PASSES + 1):
            dual = self._evaluate(self._mixture.z)
            limit = dual.least + (incumbent - dual.bound)[:, None]
            limit = limit.ravel()[self._lattice.box]
            better = dual.bound > self.bound
            if self.n_passes == 1:
                self._best, self._limit = dual, limit
            else:
                rows = better[box]
                np.copyto(self._best.each, dual.each, where=rows)
                np.copyto(self._best.gain, dual.gain, where=rows[:, None])
                np.copyto(self._limit, limit, where=rows)
            self.bound = np.maximum(self.bound, dual.bound)
            if (dual.relaxed - self.bound <= _WORTHWHILE * (incumbent - self.bound)).all():
                break
            self._add_winners(dual)
            for _ in range(_STEPS):
                self._mixture.step(self._envelope)
        # use a single pass, not all of them: a cell between lattice points is ruled out only if
        # the same pass rules out all its corners
        self._kept = ~(self._best.each > self._limit)

    def _evaluate(self, z: np.ndarray) -> "_Dual":
        """Evaluate the dual function at the slopes of the envelopes at z."""
        slope, lowest = self._envelope.support(z)
        relaxed = lowest + (slope * z).sum(axis=(1, 2)) + self._mixture.penalty
        gain = np.empty((len(self._activations), slope.shape[1]))
        for rows, b in zip(self._rows, slope, strict=True):
            np.matmul(self._activations[rows], b.T, out=gain[rows])
        v, cost = self._best_outgoing(gain)
        each = cost.sum(axis=1) + self._penalty
        least = np.minimum.reduceat(each, self._lattice.starts).reshape(len(z), -1)
        skipped = self._between_lattice_points(slope)
        bound = lowest + least.sum(axis=1) - skipped
        return _Dual(bound, relaxed - skipped, each, least, gain, v)

    def _best_outgoing(
        self, gain: np.ndarray, rows: np.ndarray | slice = slice(None)
    ) -> tuple[np.ndarray, np.ndarray]:
        """Return the v in its interval that minimises v gain + 1/2 alpha v^2, and the minimum."""
        low, high, alpha = self._outgoing(rows)
        v = np.where(gain > 0, low, high)
        if alpha is None:
            return v, v * gain
        with np.errstate(divide="ignore", invalid="ignore"):
            v = np.where(alpha > 0, np.clip(-gain / alpha, low, high), v)
        return v, v * gain + 0.5 * alpha * v * v

    def _outgoing(
        self, rows: np.ndarray | slice
    ) -> tuple[np.ndarray, np.ndarray, np.ndarray | None]:
        """Intervals of v at some lattice points, and the factors of its penalty, or None."""
        unit, (n_boxes, _, n_outputs) = self._lattice.box[rows], self._v_low.shape
        _, factors = self._problem.penalties
        low, high = (v.reshape(-1, n_outputs)[unit] for v in (self._v_low, self._v_high))
        return low, high, np.tile(factors, (n_boxes, 1))[unit] if factors.any() else None

    def _between_lattice_points(self, slope: np.ndarray) -> np.ndarray:
        """Bound on the difference between the second minimum and its value on the lattices.

        On a cell of the lattice, a function is at least its multilinear interpolation minus
        1/8 sum_i gap_i^2 max d^2/dc_i^2, and the interpolation is smallest at a corner. The
        second derivative of v b f(x c) is at most |v b| x_i^2 max |f''|, and that of the penalty
        is alpha.
        """
        gap = self._lattice.gap
        if (gap == 1).all():
            return np.zeros(len(slope))
        width = np.where(gap > 1, gap * self._problem.step, 0).reshape(*self._v_low.shape[:2], -1)
        largest = np.maximum(np.abs(self._v_low), np.abs(self._v_high))
        factors, _ = self._problem.penalties
        curvature = _MOST_CURVATURE * largest @ (np.abs(slope) @ (self._problem.X**2).T) + factors
        return (curvature * width**2).sum(axis=(1, 2)) / 8

    def _add_winners(self, dual: "_Dual") -> None:
        """Add the minimising point of every unit to the mixture."""
        box, shape = self._lattice.box, dual.least.shape
        matches = np.flatnonzero(dual.each == dual.least.ravel()[box])
        winners = matches[np.searchsorted(box[matches], np.arange(dual.least.size))]
        self._mixture.add(
            dual.v[winners].reshape(*shape, -1),
            self._activations[winners].reshape(*shape, -1),
            self._penalty[winners].reshape(shape),
        )

    def _tighten(self) -> None:
        """Remove points whose bound, at the best slopes, is above the incumbent."""
        problem, (n_boxes, units, _) = self._problem, self._v_low.shape
        (c_low, v_low), (c_high, v_high) = problem.split(self.low), problem.split(self.high)
        first, last = (c.reshape(n_boxes, units, -1) for c in self._lattice.shrunk(self._kept))
        c_low[:], c_high[:] = first[:, : c_low.shape[1]], last[:, : c_low.shape[1]]
        least, most = self._outgoing_range()
        # a grid value that is outside only by a rounding error counts as inside
        least = np.ceil((least - problem.values[0]) / problem.step - 1e-6)
        most = np.floor((most - problem.values[0]) / problem.step + 1e-6)
        v_low[:] = np.maximum(v_low, np.clip(least, 0, len(problem.values)))
        v_high[:] = np.minimum(v_high, np.clip(most, -1, len(problem.values)))

    def _outgoing_range(self) -> tuple[np.ndarray, np.ndarray]:
        """Range of each outgoing weight over points that may be below the incumbent."""
        rows = np.flatnonzero(self._kept)
        gain = self._best.gain[rows]
        _, cost = self._best_outgoing(gain, rows)
        room = (self._limit[rows] - self._best.each[rows])[:, None] + cost
        low, high, alpha = self._outgoing(rows)
        if alpha is not None:
            room = room - 0.5 * alpha * np.clip(0, low, high) ** 2
        with np.errstate(divide="ignore", invalid="ignore"):
            end = room / gain  # v gain <= room
        unit, shape = self._lattice.box[rows], self._v_low.shape
        least, most = np.full((2, shape[0] * shape[1], shape[2]), [[[np.inf]], [[-np.inf]]])
        np.minimum.at(least, unit, np.where(gain < 0, np.maximum(end, low), low))
        np.maximum.at(most, unit, np.where(gain > 0, np.minimum(end, high), high))
        return least.reshape(shape), most.reshape(shape)


@dataclass(frozen=True, eq=False)
class _Dual:
    """The dual function at some slopes b.

    Parameters
    ----------
    bound : ndarray of shape (n_boxes,)
        The dual function, a lower bound of J.
    relaxed : ndarray of shape (n_boxes,)
        The value of the relaxation at the mixture, which is an upper limit of such bounds.
    each : ndarray of shape (n_points,)
        b u_j + penalty at every lattice point, for the best outgoing weights.
    least : ndarray of shape (n_boxes, units)
        The minimum of `each` over the lattice of a unit.
    gain : ndarray of shape (n_points, n_outputs)
        Factors of the outgoing weights in b u_j.
    v : ndarray of shape (n_points, n_outputs)
        The best outgoing weights.
    """

    bound: np.ndarray
    relaxed: np.ndarray
    each: np.ndarray
    least: np.ndarray
    gain: np.ndarray
    v: np.ndarray
