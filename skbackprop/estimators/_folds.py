"""Samples to hold out in turn, for the choice of the penalty.

Folds depend on what the samples are, and neither on their order nor on how often each is written
down: a sample of weight 2 is the sample twice.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
from scipy import sparse

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from ..model import Objective

__all__ = ["Fold", "folds_of", "sample_groups"]

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


def sample_groups(objective: Objective, classes: NDArray[Any] | None) -> NDArray[np.intp]:
    """The group of each sample, (n_samples,): equal samples have the same number, from 0.

    Samples with different labels but the same features are equal, since one of them held out
    would be judged by a network that has learned the others' labels. The numbers are in random
    order, the same for any order of the samples.

    Parameters
    ----------
    objective : Objective
    classes : ndarray of shape (n_samples,) or None
        Labels; None if the targets are numbers.
    """
    X, Y = objective.data.X, objective.data.Y
    _, deviation = objective.data.moments
    # equal rows, and no others, have the same random combination; small features count in it
    random = np.random.default_rng(0)
    direction = random.normal(size=X.shape[1]) / np.where(deviation > 0, deviation, np.inf)
    key = X @ direction if sparse.issparse(X) else np.einsum("ij,j->i", X, direction)
    if classes is None:
        key = key + np.einsum("ij,j->i", Y, random.normal(size=Y.shape[1]))
    return np.unique(key, return_inverse=True)[1].ravel()


def folds_of(
    objective: Objective,
    groups: NDArray[np.intp],
    classes: NDArray[Any] | None,
    rng: np.random.RandomState,
) -> list[Fold]:
    """The folds of some samples, with whole groups held out, stratified by class.

    Parameters
    ----------
    objective : Objective
    groups : ndarray of int of shape (n_samples,)
    classes : ndarray of shape (n_samples,) or None
    rng : numpy.random.RandomState

    Returns
    -------
    list of Fold
        Three, or one for 1,000 groups and more; empty if there are fewer than 12 groups.
    """
    n_groups = groups.max() + 1
    if n_groups < _FEWEST:
        return []
    fold = _deal(n_groups, _class_of(groups, classes), rng)[groups]
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


def _class_of(groups: NDArray[np.intp], classes: NDArray[Any] | None) -> NDArray[np.intp]:
    """The number of each group's class: the largest among its samples."""
    class_of = np.zeros(groups.max() + 1, dtype=np.intp)
    if classes is not None:
        np.maximum.at(class_of, groups, np.unique(classes, return_inverse=True)[1].ravel())
    return class_of
