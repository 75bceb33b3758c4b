"""Folds of held-out samples for the choice of the penalty.

Folds depend only on the values of the samples, not on their order or multiplicity: a sample of
weight 2 is equivalent to the sample twice.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from ..model import Objective
from ..model._standardisation import fits_in_memory

if TYPE_CHECKING:
    from numpy.typing import NDArray

__all__ = ["Fold", "folds_of", "merged", "n_different", "sample_groups"]

# Number of folds, and of those that are held out in turn, below a number of groups. On the
# development tables, five folds instead of three raise R2 by up to 0.025 below 300 groups, in 1.5
# times the time; from there on they change it by -0.002 to 0.003.
_N_FOLDS = {300: (5, 5), 1000: (3, 3)}
_N_FOLDS_BEYOND = (3, 1)
# If there are more groups, a random subset of this size is used.
_MOST = 3000
# If there are fewer groups, none is held out: XOR has four, parity of three bits eight.
_FEWEST = 12
# Codes in place of the index of a fold: for groups that are always in the training part, and for
# groups that are not used.
_ALWAYS_TRAINING, _LEFT_OUT = -1, -2


@dataclass(frozen=True, eq=False)
class Fold:
    """Training samples and held-out samples.

    Parameters
    ----------
    training, held_out : Objective
        `held_out` has no penalty.
    n_held_out : int
        Number of different held-out samples, counted before their numbers were rounded, which can
        make two of them equal.
    """

    training: Objective
    held_out: Objective
    n_held_out: int


def sample_groups(objective: Objective, *, by_target: bool) -> NDArray[np.intp]:
    """Return the group index of each sample, (n_samples,), from 0; equal samples form a group.

    Parameters
    ----------
    objective : Objective
    by_target : bool
        Whether equal samples must have equal targets as well as equal features. For classes use
        False: otherwise, if samples have the same features but different labels, a held-out
        sample would be predicted by a network that has learned the labels of the others.
    """
    return np.unique(_keys(objective, by_target), return_inverse=True)[1].ravel()


def n_different(objective: Objective) -> int:
    """The number of different samples; of a dask collection that of all samples."""
    if not objective.in_memory:
        return objective.n_samples
    keys = _keys(objective, True)
    keys.sort()  # in place: there may be very many
    return 1 + int(np.count_nonzero(keys[1:] != keys[:-1]))


def merged(objective: Objective) -> Objective:
    """Merge equal samples of an objective by adding up their weights.

    The samples are sorted by a random number computed from each of them. A fit is therefore
    bit-identical for any order of the samples, and if a sample of weight 2 is given twice. If a
    copy of X would be too large for the working memory, the objective is returned unchanged.

    Parameters
    ----------
    objective : Objective
    """
    data = objective.data
    if not (objective.in_memory and fits_in_memory(data.X)):
        return objective
    _, first, group = np.unique(_keys(objective, True), return_index=True, return_inverse=True)
    weight = np.bincount(group.ravel(), data.sample_weight).astype(data.dtype)
    different = data.take(first)
    return Objective.from_arrays(
        objective.network,
        objective.loss,
        different.X,
        different.Y,
        None if (weight == 1).all() else weight,
        objective.alpha,
        monotonicity=objective.monotonicity,
    )


def _keys(objective: Objective, by_target: bool) -> NDArray[np.float64]:
    """Compute a random number for each sample, which is the same only for equal samples."""
    X, Y = objective.data.X, objective.data.Y
    _, deviation = objective.data.moments
    # a random combination of the features, scaled so that small features contribute
    random = np.random.default_rng(0)
    direction = random.normal(size=X.shape[1]) / np.where(deviation > 0, deviation, np.inf)
    if isinstance(X, np.ndarray):  # unlike BLAS, einsum rounds all rows in the same way
        keys = np.einsum("ij,j->i", np.ascontiguousarray(X), direction)
    else:
        keys = X @ direction
    if by_target:
        keys += np.einsum("ij,j->i", Y, random.normal(size=Y.shape[1]))
    return keys


def folds_of(
    objective: Objective,
    groups: NDArray[np.intp],
    stratify: bool,
    rng: np.random.RandomState,
) -> list[Fold]:
    """Divide samples into folds, with whole groups held out and all classes in each fold.

    Parameters
    ----------
    objective : Objective
    groups : ndarray of int of shape (n_samples,)
    stratify : bool
        Whether the targets are classes.
    rng : numpy.random.RandomState

    Returns
    -------
    list of Fold
        Five folds, three from 300 groups on, one from 1,000 groups on; empty for fewer than 12.
    """
    n_groups = groups.max() + 1
    if n_groups < _FEWEST:
        return []
    fitting = (numbers for limit, numbers in _N_FOLDS.items() if n_groups < limit)
    n_folds, n_judged = next(fitting, _N_FOLDS_BEYOND)
    class_of = _class_of(groups, objective.data.Y if stratify else None)
    fold = _deal(n_groups, class_of, n_folds, rng)[groups]
    return [_fold(objective, fold, number) for number in range(n_judged)]


def _fold(objective: Objective, fold: NDArray[np.intp], number: int) -> Fold:
    """Hold out the samples of one fold; `fold` has the index of each sample's fold."""
    training = np.flatnonzero((fold != number) & (fold != _LEFT_OUT))
    held_out = np.flatnonzero(fold == number)
    return Fold(objective.take(training), objective.take(held_out).with_alpha(0.0), len(held_out))


def _deal(
    n_groups: int, class_of: NDArray[np.intp], n_folds: int, rng: np.random.RandomState
) -> NDArray[np.intp]:
    """Return the fold index of each group; groups are assigned in turn, class by class."""
    taking_part = rng.permutation(n_groups)[:_MOST]
    taking_part = taking_part[np.argsort(class_of[taking_part], kind="stable")]
    fold = np.full(n_groups, _LEFT_OUT)
    fold[taking_part] = np.arange(len(taking_part)) % n_folds
    if class_of.any():  # the only group of a class stays in the training part
        fold[np.bincount(class_of)[class_of] == 1] = _ALWAYS_TRAINING
    return fold


def _class_of(groups: NDArray[np.intp], Y: NDArray[Any] | None) -> NDArray[np.intp]:
    """Return the class index of each group: the largest class among its samples."""
    class_of = np.zeros(groups.max() + 1, dtype=np.intp)
    if Y is not None:
        np.maximum.at(class_of, groups, Y.argmax(axis=1) if Y.shape[1] > 1 else Y[:, 0] > Y.mean())
    return class_of
