"""Leverages: derivatives against differences, the matrix against a dense inverse, any units."""

from dataclasses import replace

import numpy as np
import pytest
from numpy.testing import assert_allclose, assert_array_equal
from scipy import sparse
from sklearn import config_context

from conftest import random_objective
from skbackprop.losses import LOSSES, SquaredError
from skbackprop.model import Network
from skbackprop.model._leverage import Leverage, output_derivatives
from skbackprop.model._network import hidden_layer, output_layer

SHAPES = [(1, 1, 1), (2, 3, 1), (3, 4, 2)]
WITH_CURVATURE = [name for name, loss in LOSSES.items() if loss().has_curvature]
every_shape = pytest.mark.parametrize("shape", SHAPES, ids=str)
either_intercept = pytest.mark.parametrize("intercept", [True, False], ids=["with b", "without b"])


def derivatives(network, w, X):
    """The derivatives of z3 for all outputs, (n_outputs, n_samples, n_weights), and z3."""
    weights = network.unpack(w)
    a2 = hidden_layer(X, weights.W1, weights.b1)
    every = [output_derivatives(network, weights, X, a2, o) for o in range(network.n_outputs)]
    return np.array(every), output_layer(a2, weights.W2, weights.b2)


def dense_reference(objective, w, X):
    """g^T (G + P)^-1 g by the inverse, without a ridge."""
    D, z3 = derivatives(objective.network, w, X)
    g = D * np.sqrt(objective.loss.curvature(objective.network.forward(w, X), z3).T)[:, :, None]
    inverse = np.linalg.inv(objective.gauss_newton(w)[2])
    return np.einsum("oni,ij,onj->no", g, inverse, g)


@either_intercept
@every_shape
def test_derivatives_against_finite_differences(shape, intercept):
    objective, w = random_objective(shape, intercept=intercept)
    X, h = objective.data.X, 1e-6
    found, _ = derivatives(objective.network, w, X)
    for i, unit in enumerate(np.eye(len(w))):
        ends = [derivatives(objective.network, w + sign * h * unit, X)[1] for sign in (1, -1)]
        assert_allclose(found[:, :, i], (ends[0] - ends[1]).T / (2 * h), rtol=1e-6, atol=1e-8)


@either_intercept
@pytest.mark.parametrize("loss", WITH_CURVATURE)
def test_the_matrix_is_the_sum_of_these_derivatives(loss, intercept):
    objective, w = random_objective(loss=loss, intercept=intercept, weights=True)
    D, z3 = derivatives(objective.network, w, objective.data.X)
    curvature = objective.loss.curvature(objective.data.Y, z3)
    (weighted,) = objective.data.weighted(slice(None), curvature)
    G = np.einsum("oni,no,onj->ij", D, weighted, D)
    assert_allclose(objective.gauss_newton(w)[2], G, rtol=1e-9, atol=1e-12)


@either_intercept
@pytest.mark.parametrize("loss", WITH_CURVATURE)
@every_shape
def test_leverages_against_a_dense_inverse(shape, loss, intercept):
    objective, w = random_objective(shape, loss=loss, intercept=intercept, alpha=0.3, weights=True)
    X = np.random.default_rng(1).normal(size=(9, shape[0]))
    found = Leverage.at(objective, w)(w, X)
    assert found.shape == (9, shape[2])
    # intercepts, which nothing penalises, need a matrix that is not singular; beside the small
    # curvature of costs of the absolute error the ridge counts a little more
    assert_allclose(found, dense_reference(objective, w, X), rtol=2e-4)


def test_the_sum_of_weight_times_leverage_is_the_effective_number_of_weights():
    objective, w = random_objective(alpha=0.3, weights=True)
    H = objective.gauss_newton(w)[2]
    G = objective.with_alpha(0.0).gauss_newton(w)[2]
    leverage = Leverage.at(objective, w)
    h = leverage(w, objective.data.X)
    gamma = np.trace(G @ np.linalg.inv(H))
    assert 1 < gamma < objective.n_weights
    assert (objective.data.sample_weight @ h).sum() == pytest.approx(gamma, rel=1e-5)
    assert leverage.n_effective == pytest.approx(gamma, rel=1e-5)


@pytest.mark.parametrize(
    "factors", [(1e6, 1e-6, 1), (1e9, 1e9, 1e9), (1e-12, 1e100, 1e12)], ids=str
)
def test_units_of_features_do_not_matter(factors):
    objective, w = random_objective(n_samples=200)
    X, scaled = objective.data.X, w.copy()
    W1, *_ = objective.network.unpack(scaled)
    W1 /= np.array(factors)[:, None]
    others = objective.with_data(X=X * factors)
    expected = Leverage.at(objective, w)(w, X)
    found = Leverage.at(others, scaled)(scaled, X * factors)
    assert_allclose(found, expected, rtol=1e-5)  # they are stored in float32


@pytest.mark.parametrize("n_rows", [0, 1, 150])
def test_blocks_of_rows_give_the_same(n_rows):
    objective, w = random_objective(alpha=0.1)
    leverage, X = Leverage.at(objective, w), np.random.default_rng(1).normal(size=(n_rows, 3))
    with config_context(working_memory=1e-3):
        in_blocks = leverage(w, X)
    assert in_blocks.shape == (n_rows, 2)
    assert_allclose(in_blocks, leverage(w, X), rtol=1e-10)


@pytest.mark.parametrize("kind", [sparse.csr_matrix, sparse.csr_array, np.float32], ids=str)
def test_other_forms_of_X_give_the_same(kind):
    objective, w = random_objective(alpha=0.1)
    X = np.round(objective.data.X)  # float32 holds them exactly
    objective = objective.with_data(X=X)
    others = objective.with_data(X=kind(X))
    expected = Leverage.at(objective, w)(w, X)
    assert_allclose(Leverage.at(others, w)(w, kind(X)), expected, rtol=1e-5)


def test_some_rows_estimate_the_matrix_of_all():
    objective, w = random_objective((2, 3, 1), n_samples=4000, alpha=5.0, weights=True)
    X = objective.data.X[:50]
    found = Leverage.at(objective, w, rows=np.arange(0, 4000, 2))(w, X)
    assert_allclose(found, Leverage.at(objective, w)(w, X), rtol=0.2)


def test_the_scale_is_a_factor_of_all_weights_and_of_the_penalty():
    objective, w = random_objective(alpha=0.2, weights=True)
    X, weight = objective.data.X, objective.data.sample_weight
    others = objective.with_data(sample_weight=10 * weight).with_alpha(2.0)
    found = Leverage.at(objective, w, scale=10)(w, X)
    assert_allclose(found, Leverage.at(others, w)(w, X), rtol=1e-5)


UNDETERMINED = {
    "two equal units": lambda X, W1, W2: (X, W1[:, [0, 0, 2]], W2[[0, 0, 2]]),
    "a feature twice": lambda X, W1, W2: (X[:, [0, 0]], W1, W2),
    "a constant feature": lambda X, W1, W2: (np.column_stack([X[:, 0], X[:, 0] * 0]), W1, W2),
    "a saturated unit": lambda X, W1, W2: (X, W1 + np.array([0, 0, 1e4]), W2),
    "units that are not used": lambda X, W1, W2: (X, W1, W2 * 0),
    "one sample": lambda X, W1, W2: (X[:1], W1, W2),
}


@pytest.mark.parametrize("case", UNDETERMINED)
@pytest.mark.parametrize("alpha", [0, 1e-3])
def test_weights_that_nothing_determines_leave_the_leverage_finite(case, alpha):
    objective, w = random_objective((2, 3, 1), alpha=alpha)
    W1, b1, W2, b2 = objective.network.unpack(w)
    X, W1, W2 = UNDETERMINED[case](objective.data.X, W1, W2)
    w = objective.network.pack(W1, b1, W2, b2)
    objective = objective.take(slice(0, len(X))).with_data(X=X)
    here = Leverage.at(objective, w)(w, X)
    elsewhere = Leverage.at(objective, w)(w, np.array([[30.0, -20.0]]))
    assert np.isfinite(elsewhere).all()
    assert (here >= 0).all()
    # without a penalty too, the samples determine their own predictions
    assert here.sum() <= min(len(X), objective.n_weights) * (1 + 1e-5)


def test_what_is_far_from_the_samples_has_a_larger_leverage():
    objective, w = random_objective((1, 3, 1), n_samples=100, alpha=1e-3)
    leverage = Leverage.at(objective, w)
    assert leverage(w, np.array([[4.0]])) > 10 * leverage(w, objective.data.X).mean()


class Negative(SquaredError):
    """A cost that lies about its curvature."""

    def curvature(self, y, z3):
        return -np.ones_like(z3)


def test_a_matrix_that_is_not_positive_is_refused():
    objective, w = random_objective(alpha=0.0)
    with pytest.raises(FloatingPointError, match="not positive"), np.errstate(invalid="ignore"):
        Leverage.at(replace(objective, loss=Negative()), w)


def test_it_is_as_small_as_can_be():
    objective, w = random_objective(alpha=0.1)
    n_weights = Network(3, 4, 2).n_weights
    inverse = Leverage.at(objective, w).inverse
    assert inverse.shape == (n_weights * (n_weights + 1) // 2,)
    assert inverse.dtype == np.float32


def test_the_weights_are_left_alone():
    objective, w = random_objective(alpha=0.1)
    before = w.copy()
    Leverage.at(objective, w)(w, objective.data.X)
    assert_array_equal(w, before)
