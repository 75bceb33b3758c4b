"""The map before the network of a fitted model, with a centre near the data.

In x A + b, the map of `affine_model`, the terms nearly cancel if the mean of a column is far from
0 compared with its spread, and b is rounded relative to this mean. The steps of a pipeline
subtract their means first. So does this map: (x - center) A + b.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any, Self

import numpy as np
from numpy.typing import NDArray
from sklearn.base import BaseEstimator
from sklearn.compose import ColumnTransformer, TransformedTargetRegressor
from sklearn.decomposition import PCA
from sklearn.pipeline import Pipeline
from sklearn.preprocessing import MinMaxScaler, RobustScaler, StandardScaler

from ..estimators._affine_steps import _affine
from ..estimators._base import BaseBackprop

__all__ = ["CenteredMap", "first_step", "input_names", "steps_before", "unpacked"]


@dataclass(frozen=True, eq=False)
class CenteredMap:
    """The map from x to (x - center) A + b.

    Parameters
    ----------
    center : ndarray of shape (n_inputs,)
        A point near the data; 0 in columns for which no step knows one.
    is_known : ndarray of bool, shape (n_inputs,)
        Whether a step knows the centre of a column.
    A : ndarray of shape (n_inputs, n_outputs)
    b : ndarray of shape (n_outputs,)
        The value at the centre.
    """

    center: NDArray[np.float64]
    is_known: NDArray[np.bool_]
    A: NDArray[np.float64]
    b: NDArray[np.float64]

    @classmethod
    def of(cls, steps: Sequence[Any], n_outputs: int) -> Self:
        """Create the map of steps that `affine_model` accepts, applied one after the other.

        Parameters
        ----------
        steps : sequence of fitted transformers, "passthrough" or None
        n_outputs : int
            Number of outputs of the last step.
        """
        if not steps:
            steps = ["passthrough"]
        result = cls._of_step(steps[-1], n_outputs)
        for step in reversed(steps[:-1]):
            result = cls._of_step(step, len(result.A))._followed_by(result)
        return result

    @classmethod
    def _of_step(cls, step: Any, n_outputs: int) -> Self:
        if isinstance(step, Pipeline):
            return cls.of(unpacked(step.steps), n_outputs)
        A, shift = _affine(step, n_outputs)
        if isinstance(step, ColumnTransformer):
            return cls._of_columns(step, A)
        center, is_subtracted = _center(step)
        if center is None:
            return cls(np.zeros(len(A)), np.zeros(len(A), bool), A, shift)
        b = np.zeros(n_outputs) if is_subtracted else center @ A + shift
        return cls(center, np.ones(len(A), bool), A, b)

    @classmethod
    def _of_columns(cls, step: ColumnTransformer, A: NDArray[np.float64]) -> Self:
        """The centre of a column is that of the first transformer that knows it."""
        center, is_known, b = np.zeros(len(A)), np.zeros(len(A), bool), np.zeros(A.shape[1])
        blocks = []
        for name, transformer, _ in step.transformers_:
            place = step.output_indices_[name]
            if place.stop > place.start:
                block = cls._of_step(transformer, place.stop - place.start)
                rows = np.asarray(step._transformer_to_input_indices[name])
                blocks.append((name, rows, place, block))
                found = block.is_known & ~is_known[rows]
                center[rows[found]] = block.center[found]
                is_known[rows[found]] = True
        for name, rows, place, block in blocks:
            weight = (step.transformer_weights or {}).get(name, 1.0)
            b[place] = weight * block.moved_to(center[rows]).b
        return cls(center, is_known, A, b)

    def moved_to(self, center: NDArray[np.float64]) -> Self:
        """Return the same map with another centre."""
        return replace(self, center=center, b=self.b + (center - self.center) @ self.A)

    def _followed_by(self, other: Self) -> Self:
        """Compose with a map of the outputs, which may know the centre of further columns."""
        first = self
        if other.is_known.any() and not self.is_known.all():
            first = self._with_center_before(other)
        b = (first.b - other.center) @ other.A + other.b
        return replace(first, A=first.A @ other.A, b=b)

    def _with_center_before(self, other: Self) -> Self:
        """Take over centres from the next map: a column by itself in an output has its centre."""
        is_single = (self.A != 0) & ((self.A != 0).sum(axis=0) == 1) & other.is_known
        found = is_single.any(axis=1) & ~self.is_known
        column, output = np.flatnonzero(found), is_single[found].argmax(axis=1)
        center = self.center.copy()
        center[column] = (other.center[output] - self.b[output]) / self.A[column, output]
        return replace(self.moved_to(center), is_known=self.is_known | found)


def _center(step: Any) -> tuple[NDArray[np.float64] | None, bool]:
    """The centre of the data that a step knows or None, and whether it subtracts this centre."""
    if isinstance(step, StandardScaler):
        center, is_subtracted = step.mean_, step.with_mean
    elif isinstance(step, PCA):
        center, is_subtracted = step.mean_, True
    elif isinstance(step, RobustScaler):
        center, is_subtracted = step.center_, True  # None if it does not centre
    elif isinstance(step, MinMaxScaler):
        center, is_subtracted = step.data_min_ / 2 + step.data_max_ / 2, False
    else:
        return None, False
    return None if center is None else np.asarray(center, dtype=np.float64), is_subtracted


def steps_before(model: Any) -> list[Any]:
    """All steps before the network of a fitted model, in order; nested pipelines are unpacked."""
    if isinstance(model, Pipeline):
        return [*unpacked(model.steps[:-1]), *steps_before(model.steps[-1][1])]
    if isinstance(model, TransformedTargetRegressor):
        return steps_before(model.regressor_)
    return steps_before(model.best_estimator_) if hasattr(model, "best_estimator_") else []


def unpacked(steps: Sequence[tuple[str, Any]]) -> list[Any]:
    """The steps of a pipeline, with the steps of pipelines among them in their places."""
    result = []
    for _, step in steps:
        result += unpacked(step.steps) if isinstance(step, Pipeline) else [step]
    return result


def first_step(steps: Sequence[Any], network: BaseBackprop) -> BaseEstimator:
    """The first of the steps, or the network after them, that knows the user's columns.

    The pipeline itself knows their number and names only if its first step does, which is not so
    if this step is "passthrough".
    """
    return next((step for step in steps if hasattr(step, "n_features_in_")), network)


def input_names(first: BaseEstimator) -> list[str] | None:
    """Names of the user's columns in the fit, or None if there were none."""
    names = getattr(first, "feature_names_in_", None)
    return None if names is None else [str(name) for name in names]
