"""What every optimizer has in common: it comes down, stops, and is refused with wrong options."""

import numpy as np
import pytest
from descents import solve, teacher
from numpy.testing import assert_allclose
from sklearn.base import clone
from sklearn.datasets import load_iris
from sklearn.preprocessing import scale

from conftest import random_objective, some_now
from skbackprop import BackpropClassifier, BackpropRegressor
from skbackprop.losses import LOSSES
from skbackprop.optimizers import LBFGS, OPTIMIZERS, SGD, Adam, LevenbergMarquardt, Rprop
from skbackprop.solvers import GradientDescent, Status

pytestmark = pytest.mark.usefixtures("one_thread")

SECOND_ORDER = [
    (name, loss)
    for name in ("lbfgs", "lm")
    for loss in LOSSES
    if name != "lm" or LOSSES[loss]().has_curvature
]


@pytest.mark.parametrize(("optimizer", "loss"), SECOND_ORDER)
@pytest.mark.parametrize("weights", some_now([True, False], 1))
def test_the_known_minimum_is_reached(optimizer, loss, weights):
    objective, w, start = teacher(loss, weights=weights)
    result = solve(GradientDescent(optimizer, max_iter=6_000, tol=1e-6), objective, start)
    assert result.status in {Status.CONVERGED, Status.NO_PROGRESS}
    assert result.value - objective.value(w) < 1e-5
    assert result.value == pytest.approx(objective.value(result.w), rel=1e-10, abs=1e-15)


def test_lbfgs_evaluates_no_weights_twice(monkeypatch):
    objective, _, start = teacher()
    evaluated, evaluate = [], type(objective).value_and_grad

    def noted(self, w):
        evaluated.append(w.tobytes())
        return evaluate(self, w)

    monkeypatch.setattr(type(objective), "value_and_grad", noted)
    result = solve(GradientDescent("lbfgs"), objective, start)
    assert len(evaluated) == len(set(evaluated)) == result.n_evaluations


@pytest.mark.parametrize("optimizer", ["lm", "lbfgs"])
@pytest.mark.parametrize("factor", [1e-2, 1.0, 1e3, 1e6, 1e100])
def test_features_in_any_units_are_learnt_from(optimizer, factor):
    X, y = load_iris(return_X_y=True)
    X = scale(X) * [1, 1, factor, 1]
    model = BackpropClassifier(5, solver=GradientDescent(optimizer), alpha=0.01, random_state=0)
    assert model.fit(X, y).score(X, y) > 0.95


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

    def test_ctrl_c_keeps_the_best_weights(self, xor, optimizer):
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

    def test_huge_features_give_no_nan(self, optimizer):
        objective, _ = random_objective()
        huge = objective.with_data(X=objective.data.X * 1e150)
        result = solve(GradientDescent(optimizer, max_iter=30), huge)
        assert np.isfinite(result.w).all()
        assert np.isfinite(result.value)

    def test_the_solver_is_unchanged(self, xor, optimizer):
        solver = GradientDescent(clone(OPTIMIZERS[optimizer]()))
        before = repr(solver)
        solve(solver, xor)
        assert repr(solver) == before
        assert set(vars(solver)) == set(solver.get_params(deep=False))


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
        BackpropRegressor(5, alpha=0.1, solver=GradientDescent(optimizer)).fit(X, y)
