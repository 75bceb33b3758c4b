"""Which samples early stopping sets aside."""

import numpy as np

__all__ = ["held_out_rows"]


def held_out_rows(n_samples, share, strata, seed):
    """Rows to train on, and rows to validate on.

    Parameters
    ----------
    n_samples : int
    share : float
        Of each stratum, to set aside, in (0, 1); at least one sample, and one is left.
    strata : ndarray of shape (n_samples,) or None
        Classes that both parts are to hold in the same proportions.
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
    >>> from skbackprop.estimators._split import held_out_rows
    >>> train, held_out = held_out_rows(10, 0.2, np.repeat([0, 1], 5), seed=0)
    >>> len(train), sorted((held_out // 5).tolist())
    (8, [0, 1])
    """
    one_stratum = strata is None
    strata = np.zeros(n_samples) if one_stratum else strata
    _, codes, counts = np.unique(strata, return_inverse=True, return_counts=True)
    if counts.min() < 2:
        of_each, of_one = ("", "") if one_stratum else (" of each class", " of one class")
        raise ValueError(
            f"early_stopping=True sets samples aside and needs at least two{of_each}, got "
            f"{int(counts.min())!r}{of_one}: pass X_val and y_val to fit, or set "
            f"early_stopping=False"
        )
    is_held_out = np.zeros(n_samples, dtype=bool)
    rng = np.random.default_rng(seed)
    for code, count in enumerate(counts):
        n_held_out = int(np.clip(round(share * count), 1, count - 1))
        is_held_out[rng.permutation(np.flatnonzero(codes == code))[:n_held_out]] = True
    return np.flatnonzero(~is_held_out), np.flatnonzero(is_held_out)
