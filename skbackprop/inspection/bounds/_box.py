"""The user's box: the smallest and the largest value of each feature."""

from collections.abc import Mapping, Sequence
from typing import TypeAlias

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.optimize import Bounds

from ...estimators._data import check_size

__all__ = ["BoxLike", "check_box"]

BoxLike: TypeAlias = ArrayLike | Bounds | Mapping[str, Sequence[float]]


def check_box(
    box: BoxLike, feature_names: list[str], in_use: NDArray[np.bool_]
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Check the box; return its lower and upper ends, (n_features,) each.

    Parameters
    ----------
    box : array-like of shape (n_features, 2), scipy.optimize.Bounds, or dict of str -> pair
    feature_names : list of str
    in_use : ndarray of bool, shape (n_features,)
        Features that reach the network. The others may be missing in a dict, or hold NaN; their
        ends are then NaN.

    Raises
    ------
    ValueError
        If the box is not a pair low <= high of finite numbers for each feature, or if the numbers
        are too large for X.
    """
    n_features = len(feature_names)
    if isinstance(box, Mapping):
        used = [name for name, is_used in zip(feature_names, in_use, strict=True) if is_used]
        if not set(used) <= set(box) <= set(feature_names):
            raise ValueError(
                f"box must have a pair for each feature that the model uses, {used!r}, got "
                f"{list(box)!r}: add the missing features, and leave out others"
            )
        pairs: object = [box.get(name, (np.nan, np.nan)) for name in feature_names]
    else:
        pairs = box
    try:
        if isinstance(box, Bounds):  # a single number applies to all features
            pairs = np.stack([np.broadcast_to(end, n_features) for end in (box.lb, box.ub)], axis=1)
        ends = np.asarray(pairs, dtype=np.float64)
    except (TypeError, ValueError):
        ends = np.empty(0)
    if ends.shape != (n_features, 2):
        raise ValueError(
            f"box must be a pair of numbers (low, high) for each of the {n_features} features, got "
            f"{box!r}: pass an array of shape ({n_features}, 2)"
        )
    is_missing = ~in_use & np.isnan(ends).any(axis=1)
    low, high = (np.where(is_missing, np.nan, end) for end in ends.T)
    bad = ~(np.isfinite(low) & np.isfinite(high) & (low <= high)) & ~is_missing
    if bad.any():
        first = int(bad.argmax())
        raise ValueError(
            f"box must have finite numbers low <= high for each feature, got "
            f"({low[first]!s}, {high[first]!s}) for feature {feature_names[first]!r}: for a "
            f"feature with a fixed value, pass this value twice"
        )
    check_size(ends[~is_missing], "box")
    return low, high
