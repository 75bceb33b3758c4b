"""The Gauss-Newton matrix: both of its forms against its definition, and which of them is taken."""

from dataclasses import replace

import numpy as np
import pytest
from numpy.testing import assert_allclose
from scipy import sparse
from sklearn import config_context

from conftest import random_objective
from skbackprop.losses import LOSSES
from skbackprop.model import Network
from skbackprop.model._gauss_newton import GaussNewton
from skbackprop.model._gauss_newton_forms import ByOutputs, ByPairs, fastest_form
from skbackprop.model._network import hidden_layer, output_layer

FORMS = pytest.mark.parametrize("form", [ByPairs, ByOutputs])
INTERCEPT = pytest.mark.parametrize("intercept", [True, False], ids=["intercept", "no-intercept"])
WITH_CURVATURE = [name for name in LOSSES if LOSSES[name]().has_curvature]
SHAPES = [(1, 1, 1), (1, 4, 1), (4, 1, 2), (2, 3, 1), (3, 4, 2), (5, 2, 4)]


def in_form(form, objective):
    """The objective, whose matrix is computed in this form, whichever is the faster one."""
    objective = replace(objective)
    vars(objective)["_gauss_newton"] = GaussNewton(objective)
    vars(objective._gauss_newton)["_form"] = form(objective.network)
    return objective


def z3_at(objective, w):
    W1, b1, W2, b2 = objective.network.unpack(w)
    return output_layer(hidden_layer(objective.data.X, W1, b1), W2, b2)


def from_derivatives(objective, w, D):
    """The matrix from the derivatives of z3 by the weights, (n_weights, n_samples, n_outputs)."""
    C = objective.loss.curvature(objective.data.Y, z3_at(objective, w))
    C = C * objective.data.sample_weight[:, None]
    penalty = np.diag(objective.penalty.factors)
    return np.einsum("iso,so,jso->ij", D, C, D) + penalty


def analytic_derivatives(objective, w):
    """dz3 by the weights, one weight after the other."""
    net, X = objective.network, objective.data.X
    W1, b1, W2, _ = net.unpack(w)
    a2 = hidden_layer(X, W1, b1)
    ones = np.ones((len(X), int(net.fit_intercept)))
    x, a, slope = np.hstack([X, ones]), np.hstack([a2, ones]), a2 * (1 - a2)
    D = np.zeros((net.n_weights, len(X), net.n_outputs))
    by_V1, by_V2 = net.split(np.arange(net.n_weights))
    for (i, j), number in np.ndenumerate(by_V1):
        D[number] = (x[:, i] * slope[:, j])[:, None] * W2[j]
    for (j, o), number in np.ndenumerate(by_V2):
        D[number, :, o] = a[:, j]
    return D


def numerical_derivatives(objective, w, h=1e-6):
    """dz3 by the weights, by central differences."""
    steps = h * np.eye(len(w))
    return np.stack([z3_at(objective, w + e) - z3_at(objective, w - e) for e in steps]) / (2 * h)


@FORMS
@INTERCEPT
@pytest.mark.parametrize("loss", WITH_CURVATURE)
def test_gauss_newton_against_finite_differences(loss, intercept, form):
    objective, w = random_objective(loss=loss, intercept=intercept, alpha=0.3, weights=True)
    value, grad, H = in_form(form, objective).gauss_newton(w)
    expected_value, expected_grad = objective.value_and_grad(w)
    assert value == pytest.approx(expected_value, rel=1e-13)
    assert_allclose(grad, expected_grad, rtol=1e-11)
    expected = from_derivatives(objective, w, numerical_derivatives(objective, w))
    assert_allclose(H, expected, rtol=1e-6, atol=1e-8)


@FORMS
@INTERCEPT
@pytest.mark.parametrize("shape", SHAPES, ids=str)
def test_both_forms_are_the_definition_up_to_rounding(shape, intercept, form):
    objective, w = random_objective(shape, intercept=intercept, alpha=0.3, weights=True)
    _, _, H = in_form(form, objective).gauss_newton(w)
    expected = from_derivatives(objective, w, analytic_derivatives(objective, w))
    assert_allclose(H, expected, rtol=1e-13, atol=1e-15 * np.abs(expected).max())


@FORMS
@pytest.mark.parametrize("dtype", [np.float32, np.float64])
@pytest.mark.parametrize("container", [np.asarray, sparse.csr_array])
@pytest.mark.parametrize("memory", [1024, 0.01, 0.001], ids=["one-block", "blocks", "small-blocks"])
def test_containers_dtypes_and_blocks_agree(memory, container, dtype, form):
    objective, w = random_objective((3, 4, 2), n_samples=200, weights=True, alpha=0.1)
    other = objective.with_data(
        X=container(objective.data.X.astype(dtype)),
        Y=objective.data.Y.astype(dtype),
        sample_weight=objective.data.sample_weight.astype(dtype),
    )
    _, _, expected = in_form(form, other.in_float64()).gauss_newton(w)
    with config_context(working_memory=memory):
        objective = in_form(form, other)
        for _ in range(3):  # from the second time on with inputs that are kept
            _, _, H = objective.gauss_newton(w)
            assert H.dtype == np.float64
            assert_allclose(H, expected, rtol=1e-11, atol=1e-13)


@pytest.mark.parametrize(
    ("n_samples", "shape", "form"),
    [
        pytest.param(500, (5, 5, 1), ByOutputs, id="smallest"),
        pytest.param(442, (10, 10, 1), ByOutputs, id="diabetes"),
        pytest.param(150, (4, 10, 3), ByPairs, id="iris"),
        pytest.param(1000, (20, 10, 1), ByPairs, id="20 features"),
        pytest.param(569, (30, 30, 1), ByPairs, id="breast cancer"),
        pytest.param(1797, (64, 30, 10), ByPairs, id="digits"),
        pytest.param(50_000, (10, 10, 3), ByPairs, id="many samples"),
        pytest.param(1000, (200, 2, 1), ByOutputs, id="many features for two units"),
        pytest.param(300, (1, 60, 1), ByOutputs, id="many units for one feature"),
        pytest.param(1000, (100, 3, 3), ByOutputs, id="many features for three units"),
    ],
)
def test_the_faster_form_is_chosen(n_samples, shape, form):
    # the faster one there; these shapes are among those by which the rule was chosen
    assert isinstance(fastest_form(Network(*shape), n_samples), form)


def test_inputs_are_kept_from_the_second_matrix_on_within_the_working_memory():
    objective, w = random_objective((3, 4, 2), n_samples=200)
    few = in_form(ByPairs, objective)
    few.gauss_newton(w)
    assert "_kept" not in vars(few._gauss_newton)
    few.with_alpha(0.3).gauss_newton(w)  # with another penalty the inputs are the same
    x, xx = vars(few._gauss_newton)["_kept"]
    assert (x.shape, xx.shape) == ((4, 200), (10, 200))
    with config_context(working_memory=0.01):  # 10 KiB, and both are 22 KiB
        many = in_form(ByPairs, objective)
        for _ in range(2):
            many.gauss_newton(w)
    assert many._gauss_newton._kept is None
