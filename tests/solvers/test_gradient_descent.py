"""Gradient descent: its optimizers, restarts and reasons to stop."""

import re
import warnings
from dataclasses import replace

import numpy as np
import pytest
from numpy.testing import assert_allclose, assert_array_equal
from sklearn.base import clone
from sklearn.datasets import load_iris
from sklearn.exceptions import ConvergenceWarning
from sklearn.preprocessing import scale
from threadpoolctl import threadpool_limits

from conftest import XOR_X, XOR_Y, random_objective
from skbackprop import BackpropClassifier, BackpropRegressor
from skbackprop.losses import LOSSES, SquaredError
from skbackprop.model import Network, Objective
from skbackprop.optimizers import LBFGS, OPTIMIZERS, SGD, Adam, LevenbergMarquardt, Rprop
from skbackprop.optimizers._levenberg_marquardt import _Model
from skbackprop.solvers import GradientDescent, Status


def solve(solver, objective, w0=None, seed=0, **options):
    return solver.solve(objective, w0, rng=np.random.RandomState(seed), **options)


def teacher(loss="squared_error", n_samples=80, weights=False):
    """A network's own answers as targets, so that the smallest J is known, and a near start."""
    objective, w = random_objective((2, 3, 1), n_samples=n_samples, weights=weights)
    Y = objective.network.forward(w, objective.X)
    objective = replace(objective, Y=Y, loss=LOSSES[loss]())
    return objective, w, w + 0.1 * np.random.default_rng(0).normal(size=len(w))


SECOND_ORDER = [
    (name, loss)
    for name in ("lbfgs", "lm")
    for loss in LOSSES
    if name != "lm" or LOSSES[loss]().has_curvature
]


@pytest.mark.parametrize(("optimizer", "loss"), SECOND_ORDER)
@pytest.mark.parametrize("weights", [False, True], ids=["unweighted", "weighted"])
def test_the_known_minimum_is_reached(optimizer, loss, weights):
    objective, w, start = teacher(loss, weights=weights)
    result = solve(GradientDescent(optimizer, max_iter=3_000, tol=1e-6), objective, start)
    assert result.status in {Status.CONVERGED, Status.NO_PROGRESS}
    assert result.value - objective.value(w) < 1e-5
    assert result.value == pytest.approx(objective.value(result.w), rel=1e-10, abs=1e-15)


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
@pytest.mark.parametrize("loss", ["squared_error", "log_loss"])
def test_first_order_methods_come_near_the_known_minimum(optimizer, loss):
    objective, w, start = teacher(loss)
    result = solve(GradientDescent(optimizer, max_iter=1_000, tol=0), objective, start)
    before, minimum = objective.value(start), objective.value(w)
    assert result.value - minimum < 0.02 * (before - minimum)


def test_full_batch_descent_is_the_lecture_s_step_by_step():
    objective, w = random_objective(weights=True, alpha=0.1)
    solver = GradientDescent(SGD(0.7, momentum=0), max_iter=5, tol=0)
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
    model = BackpropClassifier(10, random_state=0).fit(scale(X), y)
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


@pytest.mark.parametrize(("intercept", "least"), [(False, 96), (True, 98)])
def test_share_of_starts_that_levenberg_marquardt_solves_xor_from(intercept, least):
    network = Network(2, 3, 1, intercept)
    objective = Objective(network, SquaredError(), XOR_X, XOR_Y)
    solver = GradientDescent("lm", max_iter=1_000, tol=1e-8)
    starts = [np.random.default_rng(seed).normal(size=network.n_weights) for seed in range(100)]
    assert sum(solve(solver, objective, start).value < 0.01 for start in starts) >= least


@pytest.mark.parametrize("scale", [1e-3, 1e3])
def test_levenberg_marquardt_does_not_depend_on_the_units_of_a_feature(scale):
    objective, _, start = teacher()
    rescaled = replace(objective, X=objective.X * [scale, 1])
    other = start.copy()
    objective.network.unpack(other)[0][0] /= scale
    solver = GradientDescent("lm", max_iter=8, tol=0)
    one, two = solve(solver, objective, start), solve(solver, rescaled, other)
    assert_allclose(two.loss_curve, one.loss_curve, rtol=1e-5)


def test_restarts_find_a_better_minimum_than_one_start(xor):
    no_intercept = Objective(Network(2, 2, 1), xor.loss, xor.X, xor.Y)
    one = [solve(GradientDescent("lm"), no_intercept, seed=seed).value for seed in range(10)]
    many = [solve(GradientDescent("lm", n_init=20), no_intercept, seed=s).value for s in range(3)]
    assert max(one) > 0.2
    assert max(many) < 0.01


@pytest.mark.parametrize("n_jobs", [2, -1])
def test_restarts_give_the_same_answer_for_every_n_jobs(xor, n_jobs):
    solver = GradientDescent("lbfgs", n_init=7)
    one, many = (solve(solver, xor, n_jobs=j) for j in (1, n_jobs))
    assert_array_equal(one.w, many.w)
    assert one.n_evaluations == many.n_evaluations


@pytest.mark.filterwarnings("ignore::sklearn.exceptions.ConvergenceWarning")
@pytest.mark.parametrize("n_samples", [300, 40_000], ids=["one-block", "many-blocks"])
@pytest.mark.parametrize("optimizer", OPTIMIZERS)
def test_the_answer_does_not_depend_on_the_threads_of_blas(optimizer, n_samples):
    rng = np.random.default_rng(0)
    X, models = rng.normal(size=(n_samples, 20)), []
    y = np.sin(X[:, 0]) * X[:, 1] + 0.1 * rng.normal(size=n_samples)
    solver = GradientDescent(optimizer, max_iter=5, tol=0)
    for n_threads in (1, 2, 4):
        with threadpool_limits(n_threads):
            model = BackpropRegressor(8, solver=solver, random_state=0).fit(X, y)
            models.append((model, model.predict(X)))
    for model, prediction in models[1:]:
        assert_array_equal(model.coefs_[0], models[0][0].coefs_[0])
        # the product of `predict` is BLAS's own, on all its threads
        assert_allclose(prediction, models[0][1], rtol=0, atol=1e-14 * np.ptp(y))


@pytest.mark.parametrize("optimizer", ["lm", "lbfgs"])
@pytest.mark.parametrize("factor", [1e-2, 1.0, 1e3, 1e6, 1e100])
def test_features_in_any_units_are_learnt_from(optimizer, factor):
    X, y = load_iris(return_X_y=True)
    X = scale(X) * [1, 1, factor, 1]
    model = BackpropClassifier(5, solver=GradientDescent(optimizer), alpha=0.01, random_state=0)
    assert model.fit(X, y).score(X, y) > 0.95


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


def test_the_first_of_several_starts_is_the_one_given(xor):
    good = solve(GradientDescent("lm", n_init=20), xor)
    on = solve(GradientDescent("lbfgs", n_init=2, max_iter=1), xor, good.w)
    # the last bits of J differ between a cost and a cost with its gradient
    assert on.value <= good.value * (1 + 1e-12)


@pytest.mark.parametrize("optimizer", OPTIMIZERS)
class TestEveryOptimizer:
    def test_max_iter(self, xor, optimizer):
        result = solve(GradientDescent(optimizer, max_iter=3, tol=0), xor)
        assert result.status is Status.MAX_ITER
        assert result.n_iter == len(result.loss_curve) == 3
        assert "max_iter=3" in result.warning
        assert "raise max_iter to 6" in result.warning

    def test_tol(self, xor, optimizer):
        result = solve(GradientDescent(optimizer, tol=0.5), xor)
        assert result.status is Status.CONVERGED
        assert "max_iter" not in result.warning

    def test_max_time(self, optimizer):
        objective, _ = random_objective((10, 20, 2), n_samples=3_000)
        result = solve(GradientDescent(optimizer, max_iter=10**6, tol=0, max_time=0.1), objective)
        assert result.status is Status.MAX_TIME

    def test_callback(self, xor, optimizer):
        seen = []

        def stop_at_second(progress):
            seen.append(progress)
            return len(seen) == 2

        result = solve(GradientDescent(optimizer, tol=0), xor, callback=stop_at_second)
        assert result.status is Status.STOPPED
        assert [progress.n_iter for progress in seen] == [1, 2]
        assert_allclose([p.value for p in seen], [xor.value(p.w) for p in seen], rtol=1e-10)

    def test_keyboard(self, xor, optimizer):
        def interrupt(progress):
            raise KeyboardInterrupt

        result = solve(GradientDescent(optimizer, tol=0), xor, callback=interrupt)
        assert result.status is Status.INTERRUPTED
        assert np.isfinite(result.value)

    def test_the_best_weights_are_returned(self, optimizer):
        objective, w = random_objective()
        result = solve(GradientDescent(optimizer, max_iter=20, tol=0), objective, w)
        assert result.value == pytest.approx(objective.value(result.w), rel=1e-10)
        assert result.value <= min(result.loss_curve.min(), objective.value(w)) * (1 + 1e-12)

    def test_no_nan_from_huge_features(self, optimizer):
        objective, _ = random_objective()
        huge = replace(objective, X=objective.X * 1e150)
        result = solve(GradientDescent(optimizer, max_iter=30), huge)
        assert np.isfinite(result.w).all()
        assert np.isfinite(result.value)

    def test_the_solver_is_unchanged(self, xor, optimizer):
        solver = GradientDescent(clone(OPTIMIZERS[optimizer]()))
        before = repr(solver)
        solve(solver, xor)
        assert repr(solver) == before
        assert set(vars(solver)) == set(solver.get_params(deep=False))


NOISE = np.random.default_rng(0).normal(size=(300, 11))


@pytest.mark.parametrize(
    ("model", "X", "y", "advice"),
    [
        (BackpropClassifier(), XOR_X, XOR_Y[:, 0], ": lower alpha=1.0"),
        (BackpropClassifier(alpha=1e-3), XOR_X, XOR_Y[:, 0], None),
        (BackpropClassifier(loss="hellinger"), XOR_X, XOR_Y[:, 0], ": lower alpha=1.0"),
        (BackpropRegressor(), 1e-3 * NOISE[:, :1], NOISE[:, 0], ": standardise the features of X"),
        (BackpropRegressor(alpha=1e-7), 1e-3 * NOISE[:, :1], NOISE[:, 0], None),
        (BackpropRegressor(alpha=0, solver=GradientDescent(tol=0.9)), XOR_X, XOR_Y, "lower tol"),
        (BackpropRegressor(), NOISE[:, :10], NOISE[:, 10], None),
        (BackpropRegressor(), NOISE[:, :10], np.ones(300), None),
        (BackpropClassifier(), NOISE, np.ones(300), None),
    ],
    ids=[
        "xor", "xor-little-alpha", "xor-hellinger", "small-x", "small-x-little-alpha", "tol",
        "noise", "constant-y", "one-class",
    ],
)  # fmt: skip
def test_a_network_that_has_learned_nothing(model, X, y, advice):
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        model.set_params(random_state=0).fit(X, np.ravel(y))
    assert model.status_ is Status.CONVERGED
    assert [str(warning.message) for warning in caught] == [model.message_] * bool(advice)
    if advice is None:
        assert model.message_ == str(Status.CONVERGED)
    else:
        assert re.search("but the network (has learned nothing|explains 0 %)", model.message_)
        assert advice in model.message_


@pytest.mark.parametrize("factor", [1.0, 1e3], ids=["standardised", "not"])
def test_standardised_features_are_not_asked_for_again(factor):
    model = BackpropRegressor(solver=GradientDescent(max_iter=1), random_state=0)
    with pytest.warns(ConvergenceWarning, match="raise max_iter to 2, or tol to 0.001") as caught:
        model.fit(factor * NOISE[:, :10], NOISE[:, 0])
    assert ("standardise" in str(caught[0].message)) == (factor > 1)


@pytest.mark.parametrize("alpha", [0.0, 1.0], ids=["bounded", "unbounded"])
@pytest.mark.parametrize("batch_size", [None, 10])
def test_divergence_keeps_the_best_weights_and_says_what_to_change(alpha, batch_size):
    X, y = np.random.default_rng(0).normal(size=(30, 3)), np.arange(30.0)
    solver = GradientDescent(SGD(1e6, batch_size=batch_size))
    with pytest.warns(UserWarning, match="lower learning_rate of the optimizer"):
        model = BackpropRegressor(solver=solver, alpha=alpha, random_state=0).fit(X, y)
    assert model.status_ is Status.DIVERGED
    assert np.isfinite(model.predict(X)).all()


@pytest.mark.parametrize(
    ("shape", "loss", "expected"),
    [
        ((4, 10, 1), "squared_error", LevenbergMarquardt),  # 61 weights
        ((4, 4, 2), "log_loss", LevenbergMarquardt),
        ((4, 10, 1), "exponential", LBFGS),
        ((4, 5, 2), "squared_error", LBFGS),
        ((30, 50, 1), "squared_error", LBFGS),
    ],
    ids=["small", "two-outputs", "no-gauss-newton-form", "several-outputs", "large"],
)
def test_auto(shape, loss, expected):
    objective, _ = random_objective(shape, loss=loss)
    solver = GradientDescent()
    assert type(solver.resolve(objective).optimizer) is expected
    assert solver.optimizer == "auto"


@pytest.mark.parametrize(
    ("optimizer", "words"),
    [
        (SGD(learning_rate=0), "'learning_rate' parameter of SGD"),
        (SGD(momentum=1), "'momentum' parameter of SGD"),
        (SGD(batch_size=0), "'batch_size' parameter of SGD"),
        (SGD(schedule="cosine"), "'schedule' parameter of SGD"),
        (Adam(beta2=1), "'beta2' parameter of Adam"),
        (Rprop(growth=1), "'growth' parameter of Rprop"),
        (Rprop(step_range=(1, 0.1)), r"step_range of Rprop must be .* got \(1, 0.1\)"),
        (LBFGS(memory=0), "'memory' parameter of LBFGS"),
        (LevenbergMarquardt(max_weights=0), "'max_weights' parameter of LevenbergMarquardt"),
        ("adamant", "optimizer must be one of 'auto', 'sgd', .* got 'adamant'"),
        (
            LevenbergMarquardt(max_weights=10),
            r"accepts networks of up to max_weights=10 weights, got 16: use optimizer='lbfgs'",
        ),
    ],
    ids=str,
)
def test_options_are_validated(optimizer, words):
    X, y = [[0.0], [1.0]], [0.0, 1.0]
    with pytest.raises(ValueError, match=words):
        BackpropRegressor(5, solver=GradientDescent(optimizer)).fit(X, y)


def test_levenberg_marquardt_names_the_loss_it_cannot_take():
    solver = GradientDescent("lm")
    with pytest.raises(ValueError, match=r"needs a loss with a Gauss-Newton form, got .*Exponent"):
        BackpropClassifier(solver=solver, loss="exponential").fit(XOR_X, XOR_Y[:, 0])


@pytest.mark.parametrize("option", [{"max_iter": 0}, {"tol": -1}, {"n_init": 0}, {"max_time": 0}])
def test_solver_options_are_validated(option):
    (name,) = option
    with pytest.raises(ValueError, match=f"'{name}' parameter of GradientDescent"):
        BackpropClassifier(solver=GradientDescent(**option)).fit(XOR_X, XOR_Y[:, 0])
