"""J on the weight grid, as bounds need it: dense, in float64, samples along the last axis."""

from dataclasses import dataclass
from functools import cached_property

import numpy as np

from ....model import Objective

__all__ = ["GridProblem"]


@dataclass(frozen=True, eq=False)
class GridProblem:
    """J as a function of grid indices.

    The output intercept b2 is treated as an additional hidden unit with activation 1 and without
    incoming weights. In this folder, `units` are the hidden units and, if there are intercepts,
    this additional one. Arrays over boxes have shapes (n_boxes, units, ...).

    Parameters
    ----------
    objective : Objective
    values : ndarray of shape (n_values,), ascending and equidistant
        The grid of every weight. Points of the grid are vectors of indices of these values,
        in the order of the flat weight vector.
    """

    objective: Objective
    values: np.ndarray

    @classmethod
    def of(cls, objective: Objective, values: np.ndarray) -> "GridProblem":
        """Create the problem in float64, whatever the dtype of the objective."""
        X = np.asfortranarray(objective.data.dense_rows(slice(None)))
        return cls(objective.with_data(X=X).in_float64(), values)

    @cached_property
    def X(self) -> np.ndarray:
        """The lecture's X, transposed, with a row of ones for intercepts: (n_inputs, n_samples)."""
        X = self.objective.data.X.T
        ones = np.ones((int(self.objective.network.fit_intercept), X.shape[1]))
        return np.ascontiguousarray(np.concatenate([X, ones]))

    @cached_property
    def Y(self) -> np.ndarray:
        """Targets, (n_outputs, n_samples)."""
        return np.ascontiguousarray(self.objective.data.Y.T)

    @cached_property
    def weight(self) -> np.ndarray | float:
        """Sample weights, (n_samples,), or 1."""
        weight = self.objective.data.sample_weight
        return 1.0 if weight is None else weight

    @cached_property
    def convex_part(self) -> tuple[np.ndarray, np.ndarray]:
        """The interval of z3 on which each cost is convex, two arrays (n_outputs, n_samples)."""
        part = self.objective.loss.convex_part(self.Y)
        assert part is not None, "can_prove excludes losses whose convex part is not known"
        return part

    @property
    def n_coordinate_values(self) -> int:
        """Number of evaluations in a sweep, which tries all grid values for every weight."""
        return self.objective.n_weights * len(self.values)

    @property
    def step(self) -> float:
        """Distance between neighbouring grid values."""
        return (self.values[-1] - self.values[0]) / (len(self.values) - 1)

    @cached_property
    def rms(self) -> np.ndarray:
        """Root mean square of each input, (n_inputs,)."""
        return np.sqrt((self.weight * self.X**2).sum(axis=1) / self.objective.total_weight)

    @cached_property
    def penalties(self) -> tuple[np.ndarray, np.ndarray]:
        """Factors of the penalty: for incoming weights (n_inputs,), for outgoing (units, 1)."""
        net = self.objective.network
        hidden, output = net.split(self.objective.penalty.factors)
        return hidden[:, 0], output[:, :1]

    def cost(self, z: np.ndarray) -> np.ndarray:
        """Weighted costs at z3, an array (..., n_outputs, n_samples)."""
        return self.weight * self.objective.loss.value(self.Y, z)

    def cost_and_slope(self, z: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Weighted costs at z3 and their derivatives with respect to z3."""
        cost, slope = self.objective.loss.value_and_grad(self.Y, z)
        return self.weight * cost, self.weight * slope

    def split(self, indices: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Split indices (n_boxes, n_weights) into those of incoming and of outgoing weights.

        Returns
        -------
        incoming : ndarray of shape (n_boxes, n_hidden, n_inputs)
        outgoing : ndarray of shape (n_boxes, units, n_outputs)
            Both are views.
        """
        V1, V2 = self.objective.network.split(indices)
        return V1.swapaxes(1, 2), V2

    def value(self, points: np.ndarray) -> np.ndarray:
        """J of grid points (n_points, n_weights)."""
        return self.objective.values(self.values[points])
