"""The split into training and validation samples."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
from sklearn.model_selection import train_test_split

from ._data import Samples, check_supports_validation

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from ..solvers import Solver
    from ._target_encoder import TargetEncoder

__all__ = ["held_out_rows", "set_aside"]


def held_out_rows(
    n_samples: int, share: float, strata: NDArray[Any] | None, seed: int
) -> tuple[NDArray[np.intp], NDArray[np.intp]]:
    """Split rows into training and validation rows.

    Unlike in a stratified split of scikit-learn, each class has a sample in both parts.

    Parameters
    ----------
    n_samples : int
    share : float
        The fraction of each stratum to hold out, in (0, 1). At least one sample is held out, and
        at least one remains.
    strata : ndarray of shape (n_samples,) or None
        Classes that both parts should contain in the same proportions.
    seed : int

    Returns
    -------
    train, held_out : ndarray of int

    Raises
    ------
    ValueError
        If a stratum has less than two samples.

    Examples
    --------
    >>> import numpy as np
    >>> from skbackprop.estimators._held_out import held_out_rows
    >>> train, held_out = held_out_rows(10, 0.2, np.repeat([0, 1], 5), seed=0)
    >>> len(train), sorted((held_out // 5).tolist())
    (8, [0, 1])
    """
    one_stratum = strata is None
    strata = np.zeros(n_samples) if strata is None else strata
    _, codes, counts = np.unique(strata, return_inverse=True, return_counts=True)
    if counts.min() < 2:
        of_each, of_one = ("", "") if one_stratum else (" of each class", " of one class")
        raise ValueError(
            f"early_stopping=True holds out samples and needs at least two{of_each}, got "
            f"{int(counts.min())!r}{of_one}: pass X_val and y_val to fit, or set "
            f"early_stopping=False"
        )
    rng = np.random.RandomState(seed)
    splits = [
        train_test_split(
            np.flatnonzero(codes == code),
            test_size=int(np.clip(round(share * count), 1, count - 1)),
            random_state=rng,
        )
        for code, count in enumerate(counts)
    ]
    train, held_out = (np.sort(np.concatenate(part)) for part in zip(*splits, strict=True))
    return train, held_out


def set_aside(
    solver: Solver, samples: Samples, encoder: TargetEncoder, seed: int
) -> tuple[Samples, Samples]:
    """Samples to train on and samples to validate on, where the solver asks for the latter."""
    check_supports_validation(solver, f"held_out={solver.held_out!r}")
    if not isinstance(samples, Samples):
        raise ValueError(
            "early_stopping=True needs X_val and y_val if X is a dask collection, got none: pass "
            "them to fit, as arrays in memory"
        )
    strata = encoder.strata(samples.y)
    train, held_out = held_out_rows(samples.y.shape[0], solver.held_out, strata, seed)
    return samples.take(train), samples.take(held_out)
