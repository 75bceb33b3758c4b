"""Standardised coordinates: the same J there and back, for every kind of X."""

import pickle

import numpy as np
import pytest
from numpy.testing import assert_allclose, assert_array_equal
from scipy import sparse
from sklearn import config_context

from conftest import random_objective
from skbackprop.model import Objective
from skbackprop.model._standardisation import Standardisation, StandardisedRows

UNITS, MEANS = np.array([1e-6, 1.0, 1e6]), np.array([0.0, 30.0, -1e7])
KINDS = {
    "dense": np.asarray,
    "fortran": np.asfortranarray,
    "csr_array": sparse.csr_array,
    "csr_matrix": sparse.csr_matrix,
}
each_kind = pytest.mark.parametrize("kind", KINDS.values(), ids=KINDS)
with_or_without_intercept = pytest.mark.parametrize(
    "intercept", [True, False], ids=["intercept", "no-intercept"]
)


def objective_in_units(kind=np.asarray, intercept=True, dtype=np.float64):
    """An objective on features of very different size, and weights of J's own coordinates."""
    objective, w = random_objective(n_samples=60, intercept=intercept, weights=True)
    data = objective.data
    X = kind((data.X * UNITS + MEANS).astype(dtype))
    arrays = X, data.Y.astype(dtype), data.sample_weight.astype(dtype)
    return Objective.from_arrays(objective.network, objective.loss, *arrays, alpha=0.3), w


@each_kind
@with_or_without_intercept
@pytest.mark.parametrize("memory", [1024, 0.001], ids=["one-block", "many-blocks"])
def test_j_is_the_same_function(kind, intercept, memory):
    objective, w = objective_in_units(kind, intercept)
    with config_context(working_memory=memory):
        scaling = Standardisation.of(objective)
        scaled, outside = objective.standardised(scaling), scaling.from_scaled(w)
        assert_allclose(scaling.to_scaled(outside), w, rtol=1e-7)
        value, grad = scaled.value_and_grad(w)
        assert value == pytest.approx(objective.value(outside), rel=1e-8)
        assert scaled.value(w) == pytest.approx(value, rel=1e-12)
        newton = scaled.gauss_newton(w)
        assert newton[0] == pytest.approx(value, rel=1e-12)
        assert_allclose(newton[1], grad, rtol=1e-9)
    # the chain rule: dJ/dw' = (dw/dw')^T dJ/dw
    change = np.stack([scaling.from_scaled(w + e) - outside for e in np.eye(len(w))])
    expected = change @ objective.value_and_grad(outside)[1]
    assert_allclose(grad, expected, rtol=1e-5, atol=1e-6 * np.abs(grad).max())


@each_kind
def test_features_have_mean_0_and_deviation_1(kind):
    objective, _ = objective_in_units(kind)
    scaled = objective.standardised(Standardisation.of(objective))
    X, weight = scaled.data.dense_rows(slice(None)), objective.data.sample_weight
    mean = np.average(X, axis=0, weights=weight)
    assert_allclose(mean, 0, atol=1e-9)
    assert_allclose(np.average((X - mean) ** 2, axis=0, weights=weight), 1, rtol=1e-9)
    assert_array_equal(scaled.data.moments, [[0, 0, 0], [1, 1, 1]])
    assert scaled.penalty.input_scale is None


def test_without_intercepts_features_have_root_mean_square_1():
    objective, _ = objective_in_units(intercept=False)
    scaled = objective.standardised(Standardisation.of(objective))
    square = np.average(scaled.data.X**2, axis=0, weights=scaled.data.sample_weight)
    assert_allclose(square, 1, rtol=1e-9)
    assert_array_equal(Standardisation.of(objective).shift, 0)


def test_samples_without_weight_do_not_count():
    objective, _ = objective_in_units()
    weight = np.where(np.arange(60) < 40, 1.0, 0.0)
    data = objective.data
    parts = objective.network, objective.loss
    weighted = Objective.from_arrays(*parts, data.X, data.Y, weight)
    fewer = Objective.from_arrays(*parts, data.X[:40], data.Y[:40], weight[:40])
    one, other = Standardisation.of(weighted), Standardisation.of(fewer)
    assert one.is_close(other)
    assert_allclose(weighted.penalty.input_scale, fewer.penalty.input_scale, rtol=1e-12)


def test_constant_features_are_kept_as_they_are():
    objective, _ = random_objective(n_samples=60)
    X = objective.data.X.copy()
    X[:, 1] = 1e17 / 3
    objective = Objective.from_arrays(objective.network, objective.loss, X, objective.data.Y)
    scaled = objective.standardised(Standardisation.of(objective))
    assert np.abs(scaled.data.X[:, 1]).max() < 1e-3
    assert objective.penalty.input_scale[1] == 1


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
@pytest.mark.parametrize("kind", [np.asarray, sparse.csr_array], ids=["dense", "csr"])
def test_standardised_features_are_not_copied(dtype, kind):
    objective, w = random_objective(n_samples=60)
    X = objective.data.X
    X = kind(((X - X.mean(axis=0)) / X.std(axis=0)).astype(dtype))
    objective = Objective.from_arrays(
        objective.network, objective.loss, X, objective.data.Y.astype(dtype), alpha=0.3
    )
    scaling = Standardisation.of(objective)
    assert scaling.is_identity
    assert objective.standardised(scaling) is objective
    assert scaling.to_scaled(w) is w
    assert objective.penalty.input_scale is None


@each_kind
def test_float32_stays_float32(kind):
    objective, w = objective_in_units(kind, dtype=np.float32)
    scaled = objective.standardised(Standardisation.of(objective))
    assert scaled.dtype == np.float32
    exact, _ = objective_in_units(kind)
    value = exact.standardised(Standardisation.of(exact)).value(w)
    assert scaled.value(w) == pytest.approx(value, rel=1e-2)  # -1e7 leaves a digit of 1e6


def test_a_large_x_is_read_row_by_row():
    objective, w = objective_in_units()
    scaling = Standardisation.of(objective)
    with config_context(working_memory=0.004):  # MiB; X takes 1,440 bytes
        lazy = objective.standardised(scaling)
        value, grad = lazy.value_and_grad(w)
    assert isinstance(lazy.data.X, StandardisedRows)
    copied = objective.standardised(scaling)
    assert isinstance(copied.data.X, np.ndarray)
    assert_array_equal(copied.data.X, lazy.data.X)
    assert_array_equal(copied.take(slice(7, 20)).data.X, lazy.take(slice(7, 20)).data.X)
    assert value == pytest.approx(copied.value(w), rel=1e-12)
    assert_allclose(grad, copied.value_and_grad(w)[1], rtol=1e-9)


def test_one_large_sample():
    objective, w = objective_in_units()
    scaling = Standardisation.of(objective)
    with config_context(working_memory=1e-6):
        one = objective.take(slice(1)).standardised(scaling)
        expected = objective.standardised(scaling).take(slice(1))
        assert one.value_and_grad(w)[0] == pytest.approx(expected.value(w), rel=1e-12)
        assert one.gauss_newton(w)[0] == pytest.approx(expected.value(w), rel=1e-12)


def test_sparse_features_share_their_indices():
    objective, _ = objective_in_units(sparse.csr_array)
    scaled = objective.standardised(Standardisation.of(objective)).data.X
    assert np.shares_memory(scaled.X.indices, objective.data.X.indices)
    assert scaled.nnz == objective.data.X.nnz


@each_kind
def test_it_can_be_pickled(kind):
    objective, w = objective_in_units(kind)
    scaled = objective.standardised(Standardisation.of(objective))
    other = pickle.loads(pickle.dumps(scaled))
    assert other.value(w) == scaled.value(w)
    assert_array_equal(other.data.moments, scaled.data.moments)
