"""First-order optimizers: each rule by hand, and descents with them."""

import numpy as np
import pytest
from descents import solve, teacher
from numpy.testing import assert_allclose
from sklearn.datasets import load_iris
from sklearn.preprocessing import scale

from conftest import random_objective, some_now
from skbackprop import BackpropClassifier
from skbackprop.optimizers import SGD, Adam, Rprop
from skbackprop.solvers import GradientDescent

pytestmark = pytest.mark.usefixtures("one_thread")


@pytest.mark.parametrize(
    "optimizer",
    [
        SGD(5),
        SGD(2, nesterov=True),
        SGD(0.5, batch_size=10),
        Adam(),
        Adam(0.01, batch_size=10),
        Rprop(),
    ],
    ids=str,
)
@pytest.mark.parametrize("loss", some_now(["squared_error", "log_loss"], 1))
def test_first_order_methods_come_near_the_known_minimum(optimizer, loss):
    objective, w, start = teacher(loss)
    result = solve(GradientDescent(optimizer, max_iter=1_000, tol=0), objective, start)
    before, minimum = objective.value(start), objective.value(w)
    assert result.value - minimum < 0.02 * (before - minimum)


def test_full_batch_descent_is_the_lecture_s_step_by_step():
    objective, w = random_objective(weights=True, alpha=0.1)
    sgd = SGD(0.7, momentum=0)
    solver = GradientDescent(sgd, max_iter=5, tol=0, scale_features=False)
    result = solve(solver, objective, w)
    for _ in range(5):
        w = w - 0.7 * objective.value_and_grad(w)[1] / objective.total_weight
    assert_allclose(result.w, w, rtol=1e-12)
    assert result.loss_curve[-1] == pytest.approx(objective.value(w), rel=1e-12)
    assert result.n_evaluations == 6


@pytest.mark.parametrize("nesterov", [False, True])
def test_momentum_by_hand(nesterov):
    rule = SGD(0.1, momentum=0.5, nesterov=nesterov)
    one, two = np.array([1.0]), np.array([2.0])
    first, state = rule.update(one, rule.init(one))
    second, _ = rule.update(two, state)
    # velocities -0.1 and 0.5 * -0.1 - 0.1 * 2 = -0.25
    expected = [-0.15, -0.325] if nesterov else [-0.1, -0.25]
    assert_allclose([first.item(), second.item()], expected, rtol=1e-14)


@pytest.mark.parametrize(
    ("schedule", "expected"),
    [
        ("constant", [1, 1, 1, 1]),
        ("invscaling", [1, 2**-0.5, 3**-0.5, 0.5]),
        ("adaptive", [1, 1, 1, 1]),
        (lambda t: 1 / t, [1, 1 / 2, 1 / 3, 1 / 4]),
    ],
    ids=["constant", "invscaling", "adaptive", "callable"],
)
def test_schedules_by_hand(schedule, expected):
    rule, slope, steps = SGD(1.0, schedule=schedule, momentum=0), np.array([-1.0]), []
    state = rule.init(slope)
    for value in (0.5, 0.5, 0.6, 0.4):
        step, state = rule.update(slope, state)
        state = rule.adapt(value, state)
        steps.append(step.item())
    assert_allclose(steps, expected, rtol=1e-14)


def test_an_adaptive_rate_waits_for_ten_iterations_without_a_new_lowest_cost():
    rule, slope = SGD(1.0, schedule="adaptive", momentum=0), np.array([-1.0])
    state, rates = rule.init(slope), []
    for value in [0.5] + [0.6] * 9 + [0.4] + [0.6] * 10 + [0.3]:
        step, state = rule.update(slope, state)
        rates.append(step.item())
        state = rule.adapt(value, state)
    assert rates == [1.0] * 21 + [0.2]


def test_an_adaptive_rate_with_momentum_comes_to_the_minimum():
    X, y = load_iris(return_X_y=True)
    model = BackpropClassifier(10, alpha=1.0, random_state=0).fit(scale(X), y)
    lowest = model.loss_
    model.set_params(solver=GradientDescent(SGD(schedule="adaptive"), max_iter=2_000))
    assert model.fit(scale(X), y).loss_ < 1.05 * lowest


@pytest.mark.parametrize("schedule", ["adaptive", "invscaling"])
def test_a_falling_rate_ends_the_noise_of_batches(schedule):
    objective, _ = random_objective((3, 4, 1), n_samples=100)
    solver = GradientDescent(SGD(10.0, momentum=0.5, batch_size=5), max_iter=60, tol=0)
    noisy = solve(solver, objective).loss_curve[-20:]
    quiet = solve(solver.set_params(optimizer__schedule=schedule), objective).loss_curve[-20:]
    assert np.ptp(quiet) < 0.2 * np.ptp(noisy)
    assert quiet.mean() < noisy.mean()


def test_adam_by_hand():
    rule, one, two = Adam(0.1, beta1=0.5, beta2=0.75), np.array([1.0]), np.array([3.0])
    first, state = rule.update(one, rule.init(one))
    second, _ = rule.update(two, state)
    # means 0.5 / 0.5 = 1 and (0.25 + 1.5) / 0.75 = 7/3, squares 1 and (3/16 + 9/4) / (7/16) = 39/7
    expected = [-0.1, -0.1 * (7 / 3) / np.sqrt(39 / 7)]
    assert_allclose([first.item(), second.item()], expected, rtol=1e-7)


def test_rprop_by_hand():
    rule, state, steps = Rprop(), Rprop().init(np.zeros(1)), []
    for slope in (1.0, 5.0, -0.1, -0.1, -0.1):
        step, state = rule.update(np.array([slope]), state)
        steps.append(step.item())
    # grows by 1.2, halves and rests when the sign changes, goes back, grows again
    assert_allclose(steps, [-0.1, -0.12, 0, 0.06, 0.072], rtol=1e-14)


def test_a_learning_rate_keeps_its_meaning_when_samples_are_repeated():
    objective, w = random_objective(n_samples=40)
    twice = objective.take(np.repeat(np.arange(40), 2))
    solver = GradientDescent(SGD(1.0), max_iter=20, tol=0)
    once, doubled = solve(solver, objective, w), solve(solver, twice, w)
    assert doubled.value / 2 == pytest.approx(once.value, rel=1e-9)
