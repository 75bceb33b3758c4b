"""Shapes, layout and forward pass of the network."""

import numpy as np
import pytest
from numpy.testing import assert_allclose, assert_array_equal
from scipy import sparse
from scipy.special import expit
from sklearn import config_context

from conftest import lecture
from skbackprop.model import Network, sigmoid
from skbackprop.model._sigmoid import activation


@pytest.mark.parametrize(
    ("shape", "intercept", "n_weights"),
    [((2, 3, 1), True, 13), ((2, 3, 1), False, 9), ((4, 10, 3), True, 83), ((1, 1, 1), False, 2)],
)
def test_number_of_weights(shape, intercept, n_weights):
    assert Network(*shape, intercept).n_weights == n_weights


@pytest.mark.parametrize("intercept", [True, False])
def test_pack_is_the_inverse_of_unpack(intercept):
    network = Network(3, 4, 2, intercept)
    w = np.arange(float(network.n_weights))
    assert_array_equal(network.pack(*network.unpack(w)), w)


def test_unpack_gives_views():
    network = Network(3, 4, 2)
    w = np.zeros(network.n_weights)
    for part in network.unpack(w):
        part[:] = 1
    assert w.all()


@pytest.mark.parametrize("intercept", [True, False])
def test_only_intercepts_are_not_penalised(intercept):
    network = Network(3, 4, 2, intercept)
    assert network.penalised.sum() == 3 * 4 + 4 * 2


def test_forward_is_the_lecture_s():
    rng = np.random.default_rng(0)
    network = Network(3, 4, 2, fit_intercept=False)
    X, w = rng.normal(size=(5, 3)), rng.normal(size=network.n_weights)
    W1, _, W2, _ = network.unpack(w)
    y_hat = lecture(X, np.zeros((5, 2)), W1, W2)[0]
    assert_allclose(network.forward(w, X), y_hat, rtol=1e-14)


def test_intercepts_are_columns_of_ones():
    rng = np.random.default_rng(0)
    network = Network(3, 4, 2)
    X, w = rng.normal(size=(5, 3)), rng.normal(size=network.n_weights)
    V1, V2 = network.split(w)
    ones = np.ones((5, 1))
    a2 = expit(np.hstack([X, ones]) @ V1)
    assert_allclose(network.forward(w, X), expit(np.hstack([a2, ones]) @ V2), rtol=1e-14)


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
@pytest.mark.parametrize("container", [np.asarray, sparse.csr_array, sparse.csr_matrix])
def test_dtype_and_sparse_input_are_kept(dtype, container):
    rng = np.random.default_rng(0)
    network = Network(3, 4, 2)
    X, w = rng.normal(size=(50, 3)), rng.normal(size=network.n_weights)
    yhat = network.forward(w.astype(dtype), container(X.astype(dtype)))
    assert yhat.dtype == dtype
    assert_allclose(yhat, network.forward(w, X), rtol=1e-5 if dtype == np.float32 else 1e-14)


def test_forward_in_blocks_is_forward_at_once():
    rng = np.random.default_rng(0)
    network = Network(3, 4, 2)
    X, w = rng.normal(size=(5000, 3)), rng.normal(size=network.n_weights)
    at_once = network.forward(w, X)
    with config_context(working_memory=0.01):
        assert_allclose(network.forward(w, X), at_once, rtol=1e-14)


def test_outputs_near_zero_keep_their_digits():
    network = Network(1, 1, 1)
    w = np.array([0.0, 0.0, 0.0, -40.0])
    assert network.forward(w, np.ones((1, 1))).item() == pytest.approx(np.exp(-40), rel=1e-14)


def test_initial_weights_saturate_nothing_on_standardised_features():
    rng = np.random.default_rng(0)
    network = Network(100, 50, 1)
    X = rng.normal(size=(200, 100))
    z2 = X @ network.unpack(network.initial_weights(rng))[0]
    assert 0.8 < z2.std() < 1.2
    assert np.abs(z2).max() < 6


def test_numpy_integers_become_pythons_own():
    network = Network(np.int8(100), np.int8(100), np.int8(2), np.bool_(True))
    assert network.n_weights == 101 * 100 + 101 * 2
    assert network == Network(100, 100, 2)
    assert 21**network.n_weights > 0


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_the_activation_of_hidden_units_is_the_sigmoid(dtype):
    z = np.concatenate([np.linspace(-40, 40, 801), [-np.inf, np.inf]]).astype(dtype)
    a = activation(z)
    assert a.dtype == dtype
    assert_allclose(a, sigmoid(z), rtol=0, atol=2 * np.finfo(dtype).eps)
    out = z.copy()
    assert activation(out, out=out) is out
    assert_array_equal(out, a)
