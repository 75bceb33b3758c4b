"""Samples to hold out in turn, for the choice of the penalty.

Folds depend on what the samples are, and neither on their order nor on how often each is given:
a sample of weight 2 is the sample twice.
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

_N_FOLDS = 3
# With fewer groups each fold is held out in turn; with more, one of them is, once.
_IN_TURN_BELOW = 1000
# Of more groups a random choice of so many takes part.
_MOST = 3000
# Of fewer groups none can be spared: XOR has four, parity of three bits eight.
_FEWEST = 12
# Instead of the number of a fold: of groups that are always trained on, and of those left out.
_ALWAYS_TRAINING, _LEFT_OUT = -1, -2


@dataclass(frozen=True, eq=False)
class Fold:
    """Samples to train on, and samples that are held out.

    Parameters
    ----------
    training, held_out : Objective
        The latter without a penalty.
    """

    training: Objective
    held_out: Objective


def sample_groups(objective: Objective, *, by_target: bool) -> NDArray[np.intp]:
    """The group of each sample, (n_samples,): equal samples have the same number, from 0.

    Parameters
    ----------
    objective : Objective
    by_target : bool
        Whether equal samples have equal targets too, or equal features only. The latter suits
        classes: of samples with the same features and different labels, one that is held out
        would be judged by a network that has learned the labels of the others.
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
    """The objective of the different samples, each with the sum of the weights of its equals.

    The order is that of random numbers that belong to the samples. So a fit is the same to the
    last bit for any order of the samples, and if a sample of weight 2 is given twice. Where a
    copy of X is too large for the working memory, the objective is returned as it is.

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
    )


def _keys(objective: Objective, by_target: bool) -> NDArray[np.float64]:
    """A random number for each sample, the same for equal samples and for no others."""
    X, Y = objective.data.X, objective.data.Y
    _, deviation = objective.data.moments
    # a random combination of the features, in which small ones count too
    random = np.random.default_rng(0)
    direction = random.normal(size=X.shape[1]) / np.where(deviation > 0, deviation, np.inf)
    if isinstance(X, np.ndarray):  # einsum rounds all rows alike, as a matrix product need not
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
    """The folds of some samples, with whole groups held out, and classes in each fold.

    Parameters
    ----------
    objective : Objective
    groups : ndarray of int of shape (n_samples,)
    stratify : bool
        Whether the targets are those of classes.
    rng : numpy.random.RandomState

    Returns
    -------
    list of Fold
        Three, or one for 1,000 groups and more; empty if there are fewer than 12 groups.
    """
    n_groups = groups.max() + 1
    if n_groups < _FEWEST:
        return []
    fold = _deal(n_groups, _class_of(groups, objective.data.Y if stratify else None), rng)[groups]
    n_judged = _N_FOLDS if n_groups < _IN_TURN_BELOW else 1
    return [
        Fold(
            objective.take(np.flatnonzero((fold != number) & (fold != _LEFT_OUT))),
            objective.take(np.flatnonzero(fold == number)).with_alpha(0.0),
        )
        for number in range(n_judged)
    ]


def _deal(
    n_groups: int, class_of: NDArray[np.intp], rng: np.random.RandomState
) -> NDArray[np.intp]:
    """The number of each group's fold; groups are dealt in turn, class by class."""
    taking_part = rng.permutation(n_groups)[:_MOST]
    taking_part = taking_part[np.argsort(class_of[taking_part], kind="stable")]
    fold = np.full(n_groups, _LEFT_OUT)
    fold[taking_part] = np.arange(len(taking_part)) % _N_FOLDS
    if class_of.any():  # the only group of a class has to be learned
        fold[np.bincount(class_of)[class_of] == 1] = _ALWAYS_TRAINING
    return fold


def _class_of(groups: NDArray[np.intp], Y: NDArray[Any] | None) -> NDArray[np.intp]:
    """The number of each group's class, by its targets: the largest among its samples."""
    class_of = np.zeros(groups.max() + 1, dtype=np.intp)
    if Y is not None:
        np.maximum.at(class_of, groups, Y.argmax(axis=1) if Y.shape[1] > 1 else Y[:, 0] > Y.mean())
    return class_of
