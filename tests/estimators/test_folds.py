"""The samples that are held out in turn: whole groups, all classes, in any order."""

import numpy as np
import pytest
from scipy import sparse

from skbackprop.estimators._folds import folds_of, sample_groups
from skbackprop.losses import SquaredError
from skbackprop.model import Network, Objective

RNG = np.random.default_rng(0)


def objective_of(X, y=None, weight=None):
    y = np.linspace(0.1, 0.9, X.shape[0]) if y is None else y
    network = Network(X.shape[1], 2, 1)
    return Objective.from_arrays(network, SquaredError(), X, y[:, None], weight)


def folds(X, y=None, classes=None, weight=None):
    objective = objective_of(X, y, weight)
    groups = sample_groups(objective, classes)
    return folds_of(objective, groups, classes, np.random.RandomState(0))


def rows_of(objective):
    return {tuple(row) for row in np.hstack([objective.data.X, objective.data.Y])}


@pytest.mark.parametrize(
    ("n", "n_folds", "n_training", "n_held_out"),
    [(11, 0, 0, 0), (12, 3, 8, 4), (999, 3, 666, 333), (1000, 1, 666, 334), (4000, 1, 2000, 1000)],
)
def test_sizes(n, n_folds, n_training, n_held_out):
    found = folds(RNG.normal(size=(n, 2)))
    assert len(found) == n_folds
    for fold in found:
        assert (fold.training.n_samples, fold.held_out.n_samples) == (n_training, n_held_out)
        assert fold.held_out.alpha == 0


def test_each_sample_is_held_out_once():
    X = RNG.normal(size=(50, 2))
    held_out = [rows_of(fold.held_out) for fold in folds(X)]
    assert sum(map(len, held_out)) == len(set.union(*held_out)) == 50
    assert all(
        not rows_of(fold.training) & rows_of(fold.held_out) and fold.training.n_samples > 30
        for fold in folds(X)
    )


def test_a_weight_is_a_repetition_in_any_order():
    X, y, counts = RNG.normal(size=(40, 3)), RNG.uniform(size=40), RNG.integers(1, 4, size=40)
    rows = RNG.permutation(np.repeat(np.arange(40), counts))
    repeated = folds(X[rows], y[rows])
    for one, other in zip(folds(X, y, weight=counts.astype(float)), repeated, strict=True):
        assert rows_of(one.training) == rows_of(other.training)
        assert rows_of(one.held_out) == rows_of(other.held_out)


@pytest.mark.parametrize("units", [1e-9, 1.0, 1e9])
def test_small_features_tell_samples_apart(units):
    X = np.column_stack([np.full(60, 7.0), RNG.integers(2, size=60), units * RNG.normal(size=60)])
    assert sample_groups(objective_of(X, np.full(60, 0.5)), None).max() == 59


def test_sparse_groups_are_dense_groups():
    X = RNG.integers(2, size=(80, 3)).astype(float)
    dense, thin = (objective_of(one, np.full(80, 0.5)) for one in (X, sparse.csr_array(X)))
    np.testing.assert_array_equal(sample_groups(dense, None), sample_groups(thin, None))
    assert sample_groups(dense, None).max() == 7


def test_classes_keep_their_shares_and_a_single_sample_is_learned():
    classes = np.repeat(["a", "b", "c"], [60, 12, 1])
    X = np.column_stack([np.unique(classes, return_inverse=True)[1], RNG.normal(size=73)])
    for fold in folds(X, classes=classes):
        counts = np.bincount(fold.held_out.data.X[:, 0].astype(int), minlength=3)
        assert counts.tolist() == [20, 4, 0]
        assert (fold.training.data.X[:, 0] == 2).sum() == 1


def test_labels_of_the_same_features_stay_together():
    X = np.repeat(RNG.normal(size=(20, 2)), 2, axis=0)
    classes = np.tile([0, 1], 20)
    groups = sample_groups(objective_of(X, 0.1 + 0.8 * classes), classes)
    np.testing.assert_array_equal(groups[::2], groups[1::2])
    numbers = sample_groups(objective_of(X, 0.1 + 0.8 * classes), None)
    assert numbers.max() == 39
