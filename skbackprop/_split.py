"""Which samples early stopping sets aside."""

from math import ceil

import numpy as np
from sklearn.model_selection import train_test_split

__all__ = ["held_out_rows"]


def held_out_rows(n_samples, share, strata, seed):
    """Rows to train on, and rows to validate on.

    Parameters
    ----------
    n_samples : int
    share : float
        Of the samples, to set aside, in (0, 1); at least one, and one for each stratum.
    strata : ndarray of shape (n_samples,) or None
        Classes that both parts are to hold in the same proportions.
    seed : int

    Returns
    -------
    train, held_out : ndarray of int

    Raises
    ------
    ValueError
        If there are too few samples for that.

    Examples
    --------
    >>> import numpy as np
    >>> from skbackprop._split import held_out_rows
    >>> train, held_out = held_out_rows(10, 0.2, np.repeat([0, 1], 5), seed=0)
    >>> len(train), sorted((held_out // 5).tolist())
    (8, [0, 1])
    """
    counts = np.array([n_samples]) if strata is None else np.unique(strata, return_counts=True)[1]
    smallest = int(counts.min())
    n_held_out = max(ceil(share * n_samples), len(counts))
    if smallest < 2 or n_samples - n_held_out < len(counts):
        raise ValueError(
            f"early_stopping=True sets samples aside and needs at least two of each class, and "
            f"one of each left to train on, got {n_samples!r} samples, {smallest!r} in the "
            f"smallest class: pass X_val and y_val to fit, or set early_stopping=False"
        )
    return train_test_split(
        np.arange(n_samples), test_size=n_held_out, random_state=seed, stratify=strata
    )
