"""Levenberg-Marquardt: its steps, its metric, and how often it solves XOR."""

import numpy as np
import pytest
from descents import solve, teacher
from numpy.testing import assert_allclose

from conftest import XOR_X, XOR_Y
from skbackprop import BackpropClassifier
from skbackprop.losses import SquaredError
from skbackprop.model import Network, Objective
from skbackprop.optimizers._levenberg_marquardt import _Model
from skbackprop.solvers import GradientDescent

pytestmark = pytest.mark.usefixtures("one_thread")


@pytest.mark.parametrize(("intercept", "least"), [(False, 96), (True, 98)])
def test_share_of_starts_that_levenberg_marquardt_solves_xor_from(intercept, least):
    network = Network(2, 3, 1, intercept)
    objective = Objective.from_arrays(network, SquaredError(), XOR_X, XOR_Y)
    solver = GradientDescent("lm", max_iter=1_000, tol=1e-8)
    starts = [np.random.default_rng(seed).normal(size=network.n_weights) for seed in range(100)]
    assert sum(solve(solver, objective, start).value < 0.01 for start in starts) >= least


@pytest.mark.parametrize("scale", [1e-3, 1e3])
def test_levenberg_marquardt_does_not_depend_on_the_units_of_a_feature(scale):
    objective, _, start = teacher()
    rescaled = objective.with_data(X=objective.data.X * [scale, 1])
    other = start.copy()
    objective.network.unpack(other)[0][0] /= scale
    solver = GradientDescent("lm", max_iter=8, tol=0)
    one, two = solve(solver, objective, start), solve(solver, rescaled, other)
    assert_allclose(two.loss_curve, one.loss_curve, rtol=1e-5)


@pytest.mark.parametrize("radius", [1e-3, 0.1, 1.0, 1e3])
@pytest.mark.parametrize("damping", [0.0, 1e-8, 1.0, 1e8])
@pytest.mark.parametrize("rank", [3, 8], ids=["singular", "regular"])
def test_a_step_minimises_the_model_within_the_radius(radius, damping, rank):
    rng = np.random.default_rng(0)
    D = rng.normal(size=(8, rank))
    H = D @ D.T
    grad = H @ rng.normal(size=8)
    q, used = _Model(grad, H, np.ones(8)).step(radius, damping)
    assert np.linalg.norm(q) <= 1.1 * radius * (1 + 1e-9)
    assert_allclose((H + used * np.eye(8)) @ q, -grad, rtol=1e-6, atol=1e-6 * np.abs(grad).max())
    # damped only where the undamped step is too long
    assert used == 0 or np.linalg.norm(q) >= 0.9 * radius or rank < 8


def test_levenberg_marquardt_names_the_loss_it_cannot_take():
    solver = GradientDescent("lm")
    with pytest.raises(ValueError, match=r"needs a loss with a Gauss-Newton form, got .*Exponent"):
        BackpropClassifier(alpha=1.0, solver=solver, loss="exponential").fit(XOR_X, XOR_Y[:, 0])
