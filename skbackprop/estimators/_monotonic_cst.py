"""The parameter `monotonic_cst`: from the user's list or dict to bounds of the weights."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import numpy as np
from sklearn.base import ClassifierMixin

from .._params import resolve
from ..model._monotonicity import Monotonicity
from ..solvers import SOLVERS

if TYPE_CHECKING:
    from numpy.typing import ArrayLike, NDArray

    from ..model._network import Network

__all__ = ["directions_of", "monotonicity_of"]


def monotonicity_of(estimator: Any, network: Network) -> Monotonicity | None:
    """The bounds of the weights that an estimator's `monotonic_cst` means; None if it is free.

    Parameters
    ----------
    estimator : BaseBackprop
        With the names of its features, if they have any.
    network : Network

    Raises
    ------
    ValueError
        If `monotonic_cst` is not what is expected, or if the network or the solver cannot obey it.
    """
    if estimator.monotonic_cst is None:
        return None
    names = getattr(estimator, "feature_names_in_", None)
    directions = directions_of(estimator.monotonic_cst, network.n_features, names)
    if not directions.any():
        return None
    if network.n_outputs > 1:
        kind, change = "multiple outputs", "fit an estimator for each output"
        if isinstance(estimator, ClassifierMixin):
            kind, change = "multiclass or multilabel classification", "use two classes"
        raise ValueError(
            f"Monotonicity constraints are not supported with {kind}, got monotonic_cst="
            f"{estimator.monotonic_cst!r} and {network.n_outputs!r} outputs: {change}"
        )
    if not network.fit_intercept:
        raise ValueError(
            f"monotonic_cst needs fit_intercept=True, got monotonic_cst="
            f"{estimator.monotonic_cst!r} and fit_intercept=False: set fit_intercept=True"
        )
    if not resolve(estimator.solver, SOLVERS).supports_bounds:
        raise ValueError(
            f"monotonic_cst needs solver='gd', got solver={estimator.solver!r}, which does not "
            f"keep the signs of weights: use solver='gd', or leave out monotonic_cst"
        )
    return Monotonicity(network, directions)


def directions_of(
    monotonic_cst: ArrayLike | Mapping[str, int], n_features: int, names: Any = None
) -> NDArray[np.int8]:
    """The direction of each feature, (n_features,): 1 rises, -1 falls, 0 is free.

    Parameters
    ----------
    monotonic_cst : array-like of shape (n_features,), or dict by feature name
    n_features : int
    names : array-like of str of shape (n_features,), or None
        The names of the features.

    Raises
    ------
    ValueError
        If it does not have a direction for each feature, or names that X does not have.

    Examples
    --------
    >>> from skbackprop.estimators._monotonic_cst import directions_of
    >>> directions_of({"age": 1, "speed": -1}, 3, ["speed", "weight", "age"])
    array([-1,  0,  1], dtype=int8)
    """
    given: Any = monotonic_cst
    # a Series by feature name; with other labels it is in the order of the features
    if hasattr(given, "to_dict") and all(isinstance(label, str) for label in given.index):
        given = given.to_dict()
    if isinstance(given, Mapping):
        if names is None:
            raise ValueError(
                f"monotonic_cst must be a list where X has no feature names, got "
                f"{monotonic_cst!r}: give -1, 0 or 1 for each of {n_features!r} features"
            )
        unknown = [name for name in given if name not in set(names)]
        if unknown:
            raise ValueError(
                f"monotonic_cst must have names of features of X, got {unknown!r}: use names of "
                f"{list(names)!r}"
            )
        given = [given.get(name, 0) for name in names]
    directions = np.asarray(given)
    if directions.shape != (n_features,):
        raise ValueError(
            f"monotonic_cst must have a number for each of {n_features!r} features, got "
            f"{monotonic_cst!r} of shape {directions.shape!r}: give -1, 0 or 1 for each"
        )
    if directions.dtype.kind not in "iufb" or not np.isin(directions, [-1, 0, 1]).all():
        raise ValueError(
            f"monotonic_cst must be an array-like of -1, 0 or 1, got {monotonic_cst!r}: give 1 "
            f"where the prediction rises with a feature, -1 where it falls, 0 where it is free"
        )
    return directions.astype(np.int8)
