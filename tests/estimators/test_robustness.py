"""Inputs at the edge of the numbers, and combinations that once went wrong."""

import subprocess
import sys
import threading
import time
import warnings
from contextlib import contextmanager

import joblib
import numpy as np
import pytest
from numpy.testing import assert_array_equal
from scipy import sparse
from sklearn import config_context
from sklearn.datasets import load_iris
from sklearn.exceptions import ConvergenceWarning
from sklearn.preprocessing import scale

from conftest import random_objective, some_now
from skbackprop import BackpropClassifier, BackpropRegressor
from skbackprop.losses import Exponential
from skbackprop.optimizers import SGD
from skbackprop.solvers import GradientDescent, Grid, MonteCarlo, Status
from skbackprop.solvers._descent import descend

RNG = np.random.RandomState(0)
X = RNG.randn(60, 3)
Y = X[:, 0] * X[:, 1] + 0.1 * RNG.randn(60)
LABELS = (Y > 0).astype(int)


@pytest.mark.parametrize("solver", ["gd", "montecarlo", Grid(max_evals=500)], ids=str)
@pytest.mark.parametrize("kind", ["memory-mapped", "read-only", "strided", "fortran"])
def test_arrays_of_every_kind_give_the_same_answer(kind, solver, tmp_path):
    if kind == "memory-mapped":
        np.save(tmp_path / "X.npy", X)
        other = np.load(tmp_path / "X.npy", mmap_mode="r")
    elif kind == "read-only":
        other = X.copy()
        other.setflags(write=False)
    elif kind == "strided":
        other = np.repeat(np.repeat(X, 2, axis=0), 2, axis=1)[::2, ::2]
    else:
        other = np.asfortranarray(X)
    with _quiet():
        model = BackpropRegressor(3, alpha=0.1, solver=solver, random_state=0)
        expected, got = model.fit(X, Y).predict(X), model.fit(other, Y).predict(other)
    np.testing.assert_allclose(got, expected, rtol=1e-7)


@contextmanager
def _quiet():
    """No ConvergenceWarning counts; every other warning still is an error."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", ConvergenceWarning)
        yield


OPTIMIZERS = ["lm", "lbfgs", "sgd", "adam", "rprop"]


@pytest.mark.parametrize("optimizer", OPTIMIZERS)
@pytest.mark.parametrize("loss", ["log_loss", "squared_error"])
def test_separable_classes_without_penalty_end(optimizer, loss):
    # the minimum is at infinity, and gradients fall below what can be squared
    solver = GradientDescent(optimizer, tol=0, max_iter=1_000, max_time=20)
    model = BackpropClassifier(4, alpha=0, loss=loss, solver=solver, random_state=0)
    start = time.perf_counter()
    with _quiet():
        model.fit(X[:, :1], (X[:, 0] > 0).astype(int))
    assert time.perf_counter() - start < 60
    assert np.isfinite(model.loss_)
    assert model.score(X[:, :1], (X[:, 0] > 0).astype(int)) > 0.95


@pytest.mark.parametrize("optimizer", OPTIMIZERS)
@pytest.mark.parametrize("scale", [1e-300, 1e-160, 1e100, 1e149])
def test_features_up_to_the_limit_never_give_nan(optimizer, scale):
    solver = GradientDescent(optimizer, max_iter=20)
    with _quiet():
        model = BackpropClassifier(3, alpha=1.0, solver=solver, random_state=0).fit(
            X * scale, LABELS
        )
    assert np.isfinite(model.loss_)
    assert np.isfinite(model.predict_proba(X * scale)).all()


@pytest.mark.parametrize("optimizer", ["lm", "lbfgs"])
@pytest.mark.parametrize("weight", [1e-320, 1e-100, 1e100, 1e200])
def test_sample_weights_of_any_size_never_give_nan(optimizer, weight):
    solver = GradientDescent(optimizer, max_iter=50)
    with _quiet():
        model = BackpropRegressor(3, alpha=0.1, solver=solver, random_state=0)
        model.fit(X, Y, sample_weight=np.full(60, weight))
    assert np.isfinite(model.predict(X)).all()


@pytest.mark.parametrize("optimizer", ["sgd", "adam"])
def test_a_learning_rate_beyond_numbers_never_gives_nan(optimizer):
    solver = GradientDescent(optimizer).set_params(optimizer__learning_rate=1e300)
    with pytest.warns(ConvergenceWarning, match="lower learning_rate"):
        model = BackpropRegressor(3, alpha=0.1, solver=solver, random_state=0).fit(X, Y)
    assert np.isfinite(model.predict(X)).all()


def test_float32_features_do_not_limit_y():
    y = Y * 1e39
    model = BackpropRegressor(3, alpha=1e-3, random_state=1).fit(X.astype(np.float32), y)
    assert np.isfinite(model.predict(X.astype(np.float32))).all()
    assert model.score(X.astype(np.float32), y) > 0.8


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_lbfgs_in_float32_continues_while_j_falls(dtype):
    x = np.linspace(-3, 3, 400, dtype=dtype)[:, None]
    solver = GradientDescent("lbfgs", max_iter=2_000)
    model = BackpropRegressor(6, alpha=0, solver=solver, random_state=0).fit(x, np.sin(x[:, 0]))
    assert model.loss_ < 0.005


@pytest.mark.parametrize("tau", [1.0, 30.0, 1e3])
def test_what_a_perfect_fit_costs_does_not_end_a_descent(tau):
    y = np.sin(2 * X[:, 0]) + X[:, 1] ** 2
    model = BackpropRegressor(8, loss=Exponential(tau), alpha=1e-4, random_state=0)
    with _quiet():
        assert model.fit(X, y).score(X, y) > 0.95


@pytest.mark.parametrize(
    ("first", "second"),
    [
        ((RNG.randn(50, 4), RNG.randn(50)), (RNG.randn(50, 1), RNG.randn(50, 3))),
        ((RNG.randn(50, 3), RNG.randn(50)), (RNG.randn(50, 4), RNG.randn(50))),
    ],
    ids=["as-many-weights", "more-features"],
)
def test_warm_start_refuses_another_network(first, second):
    model = BackpropRegressor(2, alpha=0.1, warm_start=True, random_state=0).fit(*first)
    with pytest.raises(
        ValueError, match=r"warm_start and partial_fit need the network .* got Network"
    ):
        model.fit(*second)


def test_warm_start_refuses_multilabel_after_multiclass():
    model = BackpropClassifier(2, alpha=1.0, warm_start=True, random_state=0).fit(
        X, np.arange(60) % 3
    )
    with pytest.raises(ValueError, match="classes of the previous fit"):
        model.fit(X, np.eye(3, dtype=int)[np.arange(60) % 3] | [[0, 1, 0]])


def test_no_restart_that_was_computed_is_thrown_away(monkeypatch):
    seen = []

    def remember(*piece):
        seen.append(descend(*piece))
        return seen[-1]

    monkeypatch.setattr("skbackprop.solvers._gradient_descent.descend", remember)
    objective, _ = random_objective((5, 6, 1), n_samples=2_000)
    solver = GradientDescent("lbfgs", n_init=8, max_iter=300, max_time=0.2)
    with joblib.parallel_config(backend="threading"):
        result = solver.solve(objective, rng=np.random.RandomState(0), n_jobs=2)
    assert result.value == min(run.value for run in seen)
    assert result.n_evaluations == sum(run.n_evaluations for run in seen)


def test_the_memory_setting_reaches_the_workers():
    features = np.random.RandomState(0).randn(20_000, 6)
    y = np.sin(features[:, 0]) * features[:, 1]
    solver = GradientDescent("lbfgs", n_init=2, max_iter=5)
    weights = []
    with config_context(working_memory=1), _quiet():
        for n_jobs in (1, 2):
            model = BackpropRegressor(5, alpha=0.1, solver=solver, n_jobs=n_jobs, random_state=0)
            weights.append(model.fit(features, y).coefs_[0])
    assert_array_equal(*weights)


@pytest.mark.slow
def test_a_fit_in_a_thread_that_outlives_the_main_one():
    # the interpreter no longer hands out helper threads then
    code = (
        "import threading, numpy as np\n"
        "from skbackprop import BackpropRegressor\n"
        "X = np.random.RandomState(0).randn(50_000, 10)\n"
        "def fit():\n"
        "    import time; time.sleep(0.5)\n"
        "    model = BackpropRegressor(10, solver='gd', random_state=0)\n"
        "    model.set_params(solver__max_iter=30)\n"
        "    print('R2', model.fit(X, X[:, 0]).score(X, X[:, 0]) > 0.9)\n"
        "threading.Thread(target=fit).start()\n"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, timeout=120)
    assert done.stdout.strip() == "R2 True", done.stderr


# catch_warnings is not for use in threads
@pytest.mark.filterwarnings("ignore::sklearn.exceptions.ConvergenceWarning")
def test_fits_in_threads_are_those_of_one_thread():
    def fit(seed, results):
        solver = GradientDescent("lbfgs", max_iter=20)
        results[seed] = (
            BackpropRegressor(4, alpha=0.1, solver=solver, random_state=seed).fit(X, Y).loss_
        )

    alone, together = {}, {}
    for seed in range(4):
        fit(seed, alone)
    threads = [threading.Thread(target=fit, args=(seed, together)) for seed in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert together == pytest.approx(alone, rel=1e-9)


def test_max_time_of_an_enumeration():
    objective, _ = random_objective((1, 2, 1), n_samples=2_000)
    start = time.perf_counter()
    solver = Grid(max_evals=10**10, max_time=0.3)
    result = solver.solve(objective, rng=np.random.RandomState(0))
    assert result.status is Status.MAX_TIME
    assert time.perf_counter() - start < 60


@pytest.mark.parametrize("step", [1 / 3, 2 / 7, 0.1, 2 / 11])
def test_steps_that_are_no_decimals(step):
    values = Grid(step).values()
    assert (values[0], values[-1]) == (-1, 1)
    np.testing.assert_allclose(np.diff(values), step, rtol=1e-6)


@pytest.mark.parametrize("max_evals", [1, 2, 20, 21, 22, 100])
def test_the_smallest_budgets_of_the_grid_are_kept(max_evals):
    objective, _ = random_objective((2, 3, 2))
    result = Grid(max_evals=max_evals).solve(objective, rng=np.random.RandomState(0))
    assert 1 <= result.n_evaluations <= max_evals
    assert result.value == pytest.approx(objective.value(result.w))


def test_a_fitted_model_does_not_change_with_its_parameters():
    optimizer = SGD(learning_rate=2.0)
    model = BackpropClassifier(
        3, alpha=1.0, solver=GradientDescent(optimizer, tol=1e-2), random_state=0
    )
    proba = model.fit(X, LABELS).predict_proba(X)
    model.set_params(target_range=(0.2, 0.8), solver__optimizer__learning_rate=9.0)
    assert_array_equal(model.predict_proba(X), proba)
    assert model.solver_.optimizer.learning_rate == 2.0


@pytest.mark.parametrize(
    ("estimator", "y", "error", "words"),
    [
        (BackpropClassifier(class_weight={0: np.nan, 1: 1}), LABELS, ValueError, "finite numbers"),
        (BackpropClassifier(class_weight={0: -1, 1: 1}), LABELS, ValueError, "finite numbers >= 0"),
        (BackpropClassifier(class_weight={0: 0, 1: 0}), LABELS, ValueError, "not all of them 0"),
        (BackpropRegressor(), np.r_[-1.7e308, np.zeros(58), 1.7e308], ValueError, "divide y by"),
        (BackpropRegressor(), sparse.csr_matrix(Y[:, None]), TypeError, r"use y.toarray\(\)"),
        (BackpropRegressor(target_range=(0.5, 0.50001)), Y, ValueError, "at least 0.001 apart"),
        (BackpropRegressor(n_jobs=0), Y, ValueError, "'n_jobs' parameter"),
        (BackpropRegressor(solver=Grid(1e-9)), Y, ValueError, "at most 10000 values"),
    ],
    ids=lambda x: x if isinstance(x, str) else "",
)
def test_what_cannot_work_is_refused_in_a_sentence(estimator, y, error, words):
    with pytest.raises(error, match=words):
        estimator.fit(X, y)


def test_weights_with_an_infinite_sum_are_refused():
    with pytest.raises(ValueError, match="finite sum, got a largest weight of 1e"):
        BackpropRegressor(alpha=0.1).fit(X, Y, sample_weight=np.full(60, 1e308))


@pytest.mark.parametrize("n_jobs", [1, 2])
@pytest.mark.parametrize(
    "solver",
    [
        "gd",
        MonteCarlo(2_000, weight_range=(-30, 30)),
        MonteCarlo(2_000, weight_range=(-30, 30), sampler="uniform"),
        Grid(weight_range=(-30, 30), step=1, max_evals=2_000),
    ],
    ids=str,
)
@pytest.mark.filterwarnings("ignore:(Grid|Gradient)")
@pytest.mark.filterwarnings("ignore::sklearn.exceptions.ConvergenceWarning")  # poor fits do
def test_what_overflows_is_no_warning(solver, n_jobs):
    huge = (1e17 * X).astype(np.float32)
    model = BackpropRegressor(3, alpha=0.1, solver=solver, random_state=0, n_jobs=n_jobs).fit(
        huge, Y
    )
    assert np.isfinite(model.loss_)


@pytest.mark.parametrize("solver", some_now(["gd", "montecarlo", "grid"], 1))
@pytest.mark.parametrize("loss", some_now(["log_loss", "squared_error"], 1))
def test_floating_point_errors_that_the_user_has_raised_are_not_ours(solver, loss):
    """exp(-z) underflows where a sigmoid saturates, which is no error."""
    X, y = load_iris(return_X_y=True)
    X = 500 * scale(X)
    with np.errstate(all="raise"), _quiet():
        model = BackpropClassifier(2, alpha=1.0, solver=solver, loss=loss, random_state=0).fit(X, y)
        assert np.isfinite(model.predict_proba(1_000 * X)).all()


class Unhashable(BackpropRegressor):
    """With `__eq__` and no `__hash__`, as a dataclass."""

    def __eq__(self, other):
        return type(self) is type(other) and self.get_params() == other.get_params()

    __hash__ = None


def test_an_estimator_need_not_be_hashable():
    X = np.linspace(-1, 1, 30)[:, None]
    assert Unhashable(2, alpha=1e-3, random_state=0).fit(X, X[:, 0]).score(X, X[:, 0]) > 0.9
