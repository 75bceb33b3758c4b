"""The samples that are held out in turn: whole groups, all classes, in any order."""

import numpy as np
import pytest
from scipy import sparse
from sklearn import config_context

from skbackprop.estimators._folds import folds_of, merged, sample_groups
from skbackprop.losses import SquaredError
from skbackprop.model import Network, Objective

RNG = np.random.default_rng(0)


def objective_of(X, y=None, weight=None):
    y = np.linspace(0.1, 0.9, X.shape[0]) if y is None else y
    network = Network(X.shape[1], 2, 1)
    return Objective.from_arrays(network, SquaredError(), X, y[:, None], weight)


def folds(X, y=None, stratify=False, weight=None):
    objective = objective_of(X, y, weight)
    groups = sample_groups(objective, by_target=not stratify)
    return folds_of(objective, groups, stratify, np.random.RandomState(0))


def rows_of(objective):
    return {tuple(row) for row in np.hstack([objective.data.X, objective.data.Y])}


@pytest.mark.parametrize(
    ("n", "n_folds", "n_training", "n_held_out"),
    [
        (11, 0, 0, 0),
        (15, 5, 12, 3),
        (295, 5, 236, 59),
        (300, 3, 200, 100),
        (999, 3, 666, 333),
        (1000, 1, 666, 334),
        (4000, 1, 2000, 1000),
    ],
)
def test_networks_of_many_sizes(n, n_folds, n_training, n_held_out):
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
    assert sample_groups(objective_of(X, np.full(60, 0.5)), by_target=True).max() == 59


def test_sparse_groups_are_dense_groups():
    X = RNG.integers(2, size=(80, 3)).astype(float)
    dense, thin = (objective_of(one, np.full(80, 0.5)) for one in (X, sparse.csr_array(X)))
    both = [sample_groups(one, by_target=True) for one in (dense, thin)]
    np.testing.assert_array_equal(*both)
    assert both[0].max() == 7


def test_classes_keep_their_shares_and_a_single_sample_is_learned():
    code = np.repeat([0, 1, 2], [60, 10, 1])
    X, Y = np.column_stack([code, RNG.normal(size=71)]), np.eye(3)[code]
    objective = Objective.from_arrays(Network(2, 2, 3), SquaredError(), X, Y)
    groups = sample_groups(objective, by_target=False)
    for fold in folds_of(objective, groups, True, np.random.RandomState(0)):
        counts = fold.held_out.data.Y.sum(axis=0)
        assert counts.tolist() == [12, 2, 0]
        assert fold.training.data.Y[:, 2].sum() == 1


def test_labels_of_the_same_features_stay_together():
    X = np.repeat(RNG.normal(size=(20, 2)), 2, axis=0)
    objective = objective_of(X, 0.1 + 0.8 * np.tile([0, 1], 20))
    groups = sample_groups(objective, by_target=False)
    np.testing.assert_array_equal(groups[::2], groups[1::2])
    assert sample_groups(objective, by_target=True).max() == 39


@pytest.mark.parametrize("kind", [np.asarray, sparse.csr_array], ids=["dense", "sparse"])
def test_equal_samples_are_merged(kind):
    X, y = RNG.normal(size=(30, 2)), RNG.uniform(size=30)
    counts = RNG.integers(1, 4, size=30)
    rows = RNG.permutation(np.repeat(np.arange(30), counts))
    one = merged(objective_of(kind(X), y, counts.astype(float))).data
    other = merged(objective_of(kind(X[rows]), y[rows])).data
    assert one.n_samples == other.n_samples == 30
    np.testing.assert_array_equal(one.Y, other.Y)
    np.testing.assert_array_equal(one.sample_weight, other.sample_weight)
    assert abs(one.X - other.X).max() == 0


def test_different_samples_have_no_weights():
    assert merged(objective_of(RNG.normal(size=(30, 2)))).data.sample_weight is None


def test_what_is_large_beside_the_working_memory_is_left_as_it_is():
    objective = objective_of(np.repeat(RNG.normal(size=(3000, 10)), 2, axis=0))
    with config_context(working_memory=1):
        assert merged(objective) is objective
