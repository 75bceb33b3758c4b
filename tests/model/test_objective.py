"""J and its derivatives: three ways for the gradient, and every way to compute many values."""

import pickle
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.testing import assert_allclose
from scipy import sparse
from sklearn import config_context

from conftest import lecture, random_objective
from skbackprop.losses import LOSSES, LogLoss, SquaredError
from skbackprop.model import Network, Objective

SHAPES = [(1, 1, 1), (2, 3, 1), (3, 4, 2), (5, 2, 4)]


def deviation(objective):
    """The standard deviations of the features, (n_features,), by the textbook."""
    X, weight = objective.data.X, objective.data.sample_weight
    mean = np.average(X, axis=0, weights=weight)
    return np.sqrt(np.average((X - mean) ** 2, axis=0, weights=weight))


def numerical_gradient(objective, w, h=1e-5):
    """Central differences of fourth order."""
    grad = np.empty_like(w)
    for i, unit in enumerate(np.eye(len(w))):
        f = [objective.value(w + k * h * unit) for k in (-2, -1, 1, 2)]
        grad[i] = (f[0] - 8 * f[1] + 8 * f[2] - f[3]) / (12 * h)
    return grad


@pytest.mark.parametrize("intercept", [True, False], ids=["intercept", "no-intercept"])
@pytest.mark.parametrize("shape", SHAPES, ids=str)
@pytest.mark.parametrize("loss", LOSSES)
def test_gradient_against_finite_differences(loss, shape, intercept):
    objective, w = random_objective(shape, loss=loss, intercept=intercept, alpha=0.3, weights=True)
    value, grad = objective.value_and_grad(w)
    expected = numerical_gradient(objective, w)
    assert value == pytest.approx(objective.value(w), rel=1e-12)
    assert_allclose(grad, expected, rtol=1e-6, atol=1e-8 * np.abs(expected).max())


@pytest.mark.parametrize(
    ("container", "n_features", "most"),
    [
        pytest.param(np.asarray, 1, 87_381, id="few-features"),
        pytest.param(np.asarray, 4, 65_536, id="features-like-activations"),
        pytest.param(np.asarray, 20, 65_536, id="features-count-no-more-than-activations"),
        pytest.param(sparse.csr_array, 20, 11_915, id="blocks-of-sparse-X-are-copies"),
    ],
)
def test_the_length_of_a_block(container, n_features, most):
    """4 MiB of activations and inputs, 8 bytes each: two units, twice."""
    X = container(np.ones((200_000, n_features)))
    objective = Objective.from_arrays(
        Network(n_features, 2, 1), SquaredError(), X, np.full((200_000, 1), 0.5)
    )
    blocks = objective.row_blocks
    lengths = {rows.stop - rows.start for rows in blocks}
    assert len(blocks) % 4 == 0
    assert max(lengths) <= most
    assert len(blocks) <= 4 * -(-200_000 // (4 * most))


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
@pytest.mark.parametrize("shape", SHAPES, ids=str)
def test_intercepts_joined_to_the_weights_give_the_same(shape, dtype, monkeypatch):
    objective, w = random_objective(shape, alpha=0.3, weights=True)
    data = objective.data
    parts = {"X": data.X, "Y": data.Y, "sample_weight": data.sample_weight}
    joined = objective.with_data(**{name: part.astype(dtype) for name, part in parts.items()})
    assert joined.data.X1.shape == (joined.n_samples, shape[0] + 1)
    value, grad = joined.value_and_grad(w)
    monkeypatch.setattr("skbackprop.model._data._SMALL", 0)  # as for many samples
    apart = joined.with_data()
    assert apart.data.X1 is None
    rounding = 100 * float(np.finfo(dtype).eps)
    assert apart.value_and_grad(w)[0] == pytest.approx(value, rel=rounding)
    assert apart.value(w) == pytest.approx(joined.value(w), rel=rounding)
    assert_allclose(apart.value_and_grad(w)[1], grad, atol=rounding * np.abs(grad).max())


@pytest.mark.parametrize("shape", SHAPES, ids=str)
def test_the_equations_are_the_lecture_s(shape):
    objective, w = random_objective(shape, intercept=False)
    W1, _, W2, _ = objective.network.unpack(w)
    _, J, dJ_dW1, dJ_dW2 = lecture(objective.data.X, objective.data.Y, W1, W2)
    value, grad = objective.value_and_grad(w)
    assert value == pytest.approx(J, rel=1e-13)
    assert_allclose(grad, np.concatenate([dJ_dW1.ravel(), dJ_dW2.ravel()]), rtol=1e-11)


def test_one_network_by_hand():
    # X = (1, 1/2), y = 1, W1 = [[0, ln 3], [2 ln 3, 0]], W2 = [[0], [4/3 ln 3]]
    # z2 = (ln 3, ln 3), so a2 = (3/4, 3/4); z3 = ln 3, so yhat = 3/4
    # J = 1/2 (1/4)^2 = 1/32
    # sigma3 = -(1 - 3/4) 3/4 1/4 = -3/64
    # dJ/dW2 = a2^T sigma3 = (-9/256, -9/256)
    # sigma2 = sigma3 W2^T f'(z2) = -3/64 (0, 4/3 ln 3) 3/16 = (0, -3/256 ln 3)
    # dJ/dW1 = X^T sigma2 = [[0, -3/256 ln 3], [0, -3/512 ln 3]]
    ln3 = np.log(3)
    network = Network(2, 2, 1, fit_intercept=False)
    objective = Objective.from_arrays(
        network, SquaredError(), np.array([[1.0, 0.5]]), np.array([[1.0]])
    )
    w = np.array([0, ln3, 2 * ln3, 0, 0, 4 / 3 * ln3])
    value, grad = objective.value_and_grad(w)
    assert network.forward(w, objective.data.X).item() == pytest.approx(3 / 4, rel=1e-14)
    assert value == pytest.approx(1 / 32, rel=1e-14)
    by_hand = [0, -3 / 256 * ln3, 0, -3 / 512 * ln3, -9 / 256, -9 / 256]
    assert_allclose(grad, by_hand, rtol=1e-14)


def test_the_gradient_is_not_the_one_of_log_loss():
    # sigma3 = yhat - y belongs to the cross entropy; taken for J it is the classic mistake
    objective, w = random_objective()
    cross_entropy = replace(objective, loss=LogLoss())
    difference = objective.value_and_grad(w)[1] - cross_entropy.value_and_grad(w)[1]
    assert np.abs(difference).max() > 0.1


@pytest.mark.parametrize("weights", [False, True], ids=["unweighted", "weighted"])
@pytest.mark.parametrize("alpha", [0.0, 0.7])
@pytest.mark.parametrize("intercept", [True, False], ids=["intercept", "no-intercept"])
@pytest.mark.parametrize("loss", LOSSES)
class TestManyValues:
    @pytest.fixture
    def objective(self, loss, intercept, alpha, weights):
        return random_objective(loss=loss, intercept=intercept, alpha=alpha, weights=weights)[0]

    def test_values(self, objective):
        W = np.random.default_rng(1).normal(size=(40, objective.n_weights))
        J = [objective.value_and_grad(w)[0] for w in W]
        assert_allclose(objective.values(W), J, rtol=1e-12)

    @pytest.fixture
    def networks(self, objective):
        """Three hidden layers with five output layers each."""
        rng, net = np.random.default_rng(1), objective.network
        return rng.normal(size=(3, *net.shape1)), rng.normal(size=(3, 5, *net.shape2))

    def test_output_values(self, objective, networks):
        V1, V2 = networks
        net = objective.network
        J = objective.candidates.output_values(V1, V2).sum(axis=2)
        scale = deviation(objective)[:, None]
        penalty = 0.5 * objective.alpha * ((scale * V1[:, : net.n_features]) ** 2).sum(axis=(1, 2))
        W = np.concatenate(
            [np.repeat(V1.reshape(3, 1, -1), 5, axis=1), V2.reshape(3, 5, -1)], axis=2
        )
        for layer in range(3):
            assert_allclose(J[layer] + penalty[layer], objective.values(W[layer]), rtol=1e-12)
        rough = objective.candidates.output_values(V1, V2, np.float32).sum(axis=2)
        assert_allclose(rough, J, rtol=1e-5)
        assert (rough != J).any()

    def test_best_of(self, objective, networks):
        V1, V2 = networks
        w, value = objective.candidates.best_of(V1, V2)
        one, two = np.divmod(np.arange(25), 5)
        mixed = np.stack([V2[..., 0][:, one], V2[..., 1][:, two]], axis=3)
        candidates = mixed if objective.loss.separable else V2
        W = [
            np.concatenate([hidden.ravel(), output.ravel()])
            for hidden, outputs in zip(V1, candidates, strict=True)
            for output in outputs
        ]
        assert value == pytest.approx(objective.value(w), rel=1e-12)
        assert value == pytest.approx(objective.values(np.array(W)).min(), rel=1e-12)

    def test_values_of_one_unit(self, objective):
        rng, net = np.random.default_rng(1), objective.network
        w, incoming = rng.normal(size=net.n_weights), rng.normal(size=(6, net.shape1[0]))
        W = np.tile(w, (6, 1))
        for row, column in zip(W, incoming, strict=True):
            net.split(row)[0][:, 2] = column
        assert_allclose(
            objective.candidates.of_unit(w, 2)(incoming), objective.values(W), rtol=1e-12
        )


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
@pytest.mark.parametrize("container", [np.asarray, sparse.csr_array, sparse.csr_matrix])
@pytest.mark.parametrize("memory", [1024, 0.001], ids=["one-block", "many-blocks"])
def test_containers_dtypes_and_blocks_agree(dtype, container, memory):
    objective, w = random_objective(n_samples=200, weights=True, alpha=0.1)
    other = objective.with_data(
        X=container(objective.data.X.astype(dtype)),
        Y=objective.data.Y.astype(dtype),
        sample_weight=objective.data.sample_weight.astype(dtype),
    )
    tolerance = {"rtol": 1e-4, "atol": 1e-4} if dtype == np.float32 else {"rtol": 1e-11}
    value, grad = objective.value_and_grad(w)
    _, _, H = objective.gauss_newton(w)
    W = np.random.default_rng(1).normal(size=(11, objective.n_weights))
    with config_context(working_memory=memory):
        other_value, other_grad = other.value_and_grad(w)
        assert_allclose(other_value, value, **tolerance)
        assert_allclose(other_grad, grad, **tolerance)
        assert_allclose(other.gauss_newton(w)[2], H, **tolerance)
        assert_allclose(other.values(W), objective.values(W), **tolerance)
        assert_allclose(
            other.candidates.of_unit(w, 1)(W[:, :4]),
            objective.candidates.of_unit(w, 1)(W[:, :4]),
            **tolerance,
        )


@settings(max_examples=30, deadline=None)
@given(
    counts=st.lists(st.integers(0, 3), min_size=17, max_size=17).filter(any),
    loss=st.sampled_from(list(LOSSES)),
)
def test_a_weight_is_a_repeated_row(counts, loss):
    objective, w = random_objective(loss=loss, alpha=0.2)
    weighted = objective.with_data(sample_weight=np.array(counts, dtype=float))
    repeated = objective.take(np.repeat(np.arange(17), counts))
    for got, expected in zip(weighted.value_and_grad(w), repeated.value_and_grad(w), strict=True):
        assert_allclose(got, expected, rtol=1e-10, atol=1e-12)
    assert weighted.total_weight == repeated.total_weight
    assert_allclose(
        weighted.feature_scaling.largest_move, repeated.feature_scaling.largest_move, rtol=1e-12
    )


@settings(max_examples=20, deadline=None)
@given(order=st.permutations(range(17)))
def test_the_order_of_samples_does_not_matter(order):
    objective, w = random_objective(weights=True)
    value, grad = objective.value_and_grad(w)
    shuffled_value, shuffled_grad = objective.take(np.array(order)).value_and_grad(w)
    assert shuffled_value == pytest.approx(value, rel=1e-12)
    assert_allclose(shuffled_grad, grad, rtol=1e-9)


@settings(max_examples=20, deadline=None)
@given(factors=st.lists(st.floats(0.01, 100), min_size=3, max_size=3))
def test_scaled_features_are_scaled_weights(factors):
    objective, w = random_objective()
    scaled = objective.with_data(X=objective.data.X * factors)
    other = w.copy()
    objective.network.unpack(other)[0][:] /= np.array(factors)[:, None]
    assert scaled.value(other) == pytest.approx(objective.value(w), rel=1e-10)


@settings(max_examples=20, deadline=None)
@given(factors=st.lists(st.floats(1e-6, 1e6), min_size=3, max_size=3))
def test_the_penalty_does_not_depend_on_the_units_of_the_features(factors):
    objective, w = random_objective(alpha=0.3, weights=True)
    data, factors = objective.data, np.array(factors)
    parts = objective.network, objective.loss, data.X * factors, data.Y, data.sample_weight
    other, scaled = Objective.from_arrays(*parts, alpha=0.3), w.copy()
    objective.network.unpack(scaled)[0][:] /= factors[:, None]
    assert other.value(scaled) == pytest.approx(objective.value(w), rel=1e-10)
    W = np.stack([scaled, -scaled])
    assert_allclose(other.values(W), [other.value(each) for each in W], rtol=1e-12)


def test_other_data_and_other_factors_keep_the_scale_of_the_penalty():
    objective, w = random_objective(alpha=0.3)
    expected = objective.penalty.value(w)
    for other in (objective.take(slice(5)), objective.with_data(X=9 * objective.data.X)):
        assert other.penalty.value(w) == expected
    assert objective.with_alpha(0.6).penalty.value(w) == pytest.approx(2 * expected, rel=1e-14)
    assert objective.with_alpha(0.0).with_alpha(0.3).penalty.value(w) == expected


def test_another_alpha_is_another_penalty_of_the_same_cost():
    objective, w = random_objective(alpha=0.3, weights=True)
    for method in (objective.value, objective.value_and_grad, objective.gauss_newton):
        method(w)
    other = objective.with_alpha(2.0)
    assert other.scratch is objective.scratch
    fresh = Objective(other.network, other.loss, other.penalty, other.data)
    assert other.value(w) == fresh.value(w)
    for one, another in zip(other.value_and_grad(w), fresh.value_and_grad(w), strict=True):
        np.testing.assert_array_equal(one, another)
    for one, another in zip(other.gauss_newton(w), fresh.gauss_newton(w), strict=True):
        assert_allclose(one, another, rtol=1e-13)


def test_input_scale_bounds_the_move_of_z():
    objective, w = random_objective(n_samples=300)
    net = objective.network
    D, step = objective.feature_scaling.largest_move, np.random.default_rng(0).normal(size=len(w))

    def z2(w):
        V1, _ = net.split(w)
        return np.hstack([objective.data.X, np.ones((300, 1))]) @ V1

    move = np.sqrt(((z2(w + step) - z2(w)) ** 2).mean(axis=0))
    bound = np.linalg.norm(net.split(D * step)[0], axis=0)
    assert (move <= bound).all()


SCALES, MEANS = np.array([1e-3, 1.0, 1e6]), np.array([0.0, 10.0, 100.0])


@pytest.mark.parametrize("intercept", [True, False])
@pytest.mark.parametrize("container", [np.asarray, sparse.csr_matrix], ids=["dense", "csr"])
@pytest.mark.parametrize("weights", [False, True], ids=["unweighted", "weighted"])
def test_initial_weights_saturate_nothing_in_any_units(container, intercept, weights):
    objective, _ = random_objective(n_samples=300, intercept=intercept, weights=weights)
    X = SCALES * (objective.data.X + MEANS)
    objective = objective.with_data(X=container(X))
    w = objective.feature_scaling.initial_weights(np.random.default_rng(0))
    W1, b1, _, _ = objective.network.unpack(w)
    z2 = X @ W1 + (0 if b1 is None else b1)
    assert np.abs(z2).max() < 6
    if intercept:  # and 1e6 is seen, small as it is beside its mean
        assert (z2.std(axis=0) > 0.05).all()


def test_initial_weights_of_standardised_features_are_those_of_the_network():
    objective, _ = random_objective(n_samples=300)
    X = (objective.data.X - objective.data.X.mean(axis=0)) / objective.data.X.std(axis=0)
    drawn = objective.network.initial_weights(np.random.default_rng(0))
    started = objective.with_data(X=X).feature_scaling.initial_weights(np.random.default_rng(0))
    assert_allclose(started, drawn, rtol=1e-9, atol=1e-12)


def test_a_constant_feature_however_large_changes_no_start():
    objective, _ = random_objective(n_samples=300)
    X = objective.data.X.copy()
    X[:, 0] = 1e17 / 3
    start = objective.with_data(X=X).feature_scaling.initial_weights(np.random.default_rng(0))
    W1, b1, _, _ = objective.network.unpack(start)
    assert np.abs(X @ W1 + b1).max() < 6


@pytest.mark.parametrize("method", ["value", "value_and_grad", "gauss_newton"])
def test_nothing_overflows_at_huge_features(method):
    objective, w = random_objective()
    huge = objective.with_data(X=objective.data.X * 1e150)
    result = getattr(huge, method)(w)
    assert np.isfinite(result if method == "value" else result[0])


def test_an_objective_travels_without_what_it_keeps_for_speed():
    objective, w = random_objective(weights=True, alpha=0.1)
    value = objective.value(w)
    copy = pickle.loads(pickle.dumps(objective))
    assert copy.value(w) == value
    assert len(pickle.dumps(objective)) < objective.data.X.nbytes + objective.data.Y.nbytes + 2_000


@pytest.mark.parametrize(("n_samples", "by_columns"), [(100, True), (100_000, False)])
def test_small_features_lie_by_columns_in_every_copy(n_samples, by_columns):
    X = np.random.default_rng(0).normal(size=(n_samples, 2))
    objective = Objective.from_arrays(Network(2, 1, 1), SquaredError(), X, X[:, :1])
    copies = objective, pickle.loads(pickle.dumps(objective)), objective.take(slice(50))
    for copy in copies[: 2 + by_columns]:
        assert copy.data.X.flags.f_contiguous == by_columns
    assert_allclose(objective.data.X, X, rtol=0)
