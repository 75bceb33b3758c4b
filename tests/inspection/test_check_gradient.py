"""The gradient check finds mistakes, and no others."""

import warnings

import numpy as np
import pytest
from pictures import CURVE, IRIS, LABELS, LINE, short
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

from conftest import XOR_X
from skbackprop import BackpropClassifier, BackpropRegressor
from skbackprop.inspection import (
    check_gradient,
)
from skbackprop.losses import LOSSES, SquaredError
from skbackprop.solvers import GradientDescent, MonteCarlo


# the gradient has to be right, not the fit good
@pytest.mark.filterwarnings("ignore::sklearn.exceptions.ConvergenceWarning")
@pytest.mark.parametrize("fitted", [False, True], ids=["unfitted", "fitted"])
@pytest.mark.parametrize("intercept", [True, False], ids=["intercept", "no-intercept"])
@pytest.mark.parametrize("loss", LOSSES)
def test_every_gradient_is_right(loss, intercept, fitted):
    options = {"loss": loss, "target_range": (0.1, 0.9), "fit_intercept": intercept}
    solver = MonteCarlo(300)  # any weights will do
    model = BackpropClassifier(3, solver=solver, alpha=0.3, random_state=0, **options)
    X, y = 1e3 * IRIS.data, LABELS  # whatever the units of the features
    weight = np.linspace(0, 2, 150)
    if fitted:
        model.fit(X, y)
    before = dict(vars(model))
    report = check_gradient(model, X, y, weight)
    assert report.ok
    assert report.max_error < 2e-6
    assert report.fitted is fitted
    assert vars(model) == before
    parts = {"W1": (4, 3), "b1": (3,), "W2": (3, 3), "b2": (3,)}
    parts = {name: parts[name] for name in parts if intercept or name[0] == "W"}
    assert {name: errors.shape for name, errors in report.errors.items()} == parts


@pytest.mark.parametrize("solver", ["lm", "lbfgs"])
def test_at_a_minimum_rounding_is_no_mistake(solver):
    solver = GradientDescent(solver, tol=1e-9)
    model = BackpropRegressor(3, solver=solver, alpha=0.1, random_state=0)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        model.fit(LINE, CURVE)
    report = check_gradient(model, LINE, CURVE)
    assert np.abs(report.analytic).max() < 1e-3 * report.value
    assert report.ok


def test_at_a_perfect_fit_rounding_is_no_mistake():
    solver = GradientDescent("lm", tol=1e-12, max_iter=2_000, n_init=5)
    model = BackpropClassifier(3, loss="squared_error", alpha=0, solver=solver, random_state=0)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        model.fit(XOR_X, [0, 1, 1, 0])
    assert model.loss_ < 1e-6
    assert check_gradient(model, XOR_X, [0, 1, 1, 0]).ok


@pytest.mark.parametrize("scale", [1e-6, 1.0, 1e6], ids=str)
def test_outliers_cause_no_warning(scale):
    X = scale * np.random.default_rng(0).standard_cauchy((200, 5))
    y = X[:, 0] > X[:, 1]
    report = check_gradient(BackpropClassifier(4), X, y)
    assert report.ok


class Shortcut(SquaredError):
    """The classic mistake: yhat - y is the gradient of log loss."""

    def value_and_grad(self, y, z3):
        a = 1 / (1 + np.exp(-z3))
        return (a - y) ** 2 / 2, a - y


class SmallMistake(SquaredError):
    """A factor that is wrong by a thousandth."""

    def value_and_grad(self, y, z3):
        value, grad = super().value_and_grad(y, z3)
        return value, 1.001 * grad


class NoNumber(SquaredError):
    """A gradient that is no number where y is large."""

    def value_and_grad(self, y, z3):
        value, grad = super().value_and_grad(y, z3)
        return value, np.where(y > 0.8, np.nan, grad)


@pytest.mark.parametrize("loss", [Shortcut, SmallMistake, NoNumber])
def test_a_wrong_gradient_is_found(loss):
    report = check_gradient(BackpropRegressor(3, loss=loss()), LINE, CURVE)
    assert not report.ok
    assert not report.max_error < 9e-4
    assert "does NOT agree" in str(report)


def test_a_wrong_gradient_is_found_where_its_fit_ended():
    solver = GradientDescent("rprop", max_iter=2_000)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        model = BackpropRegressor(3, loss=Shortcut(), solver=solver, random_state=0)
        model.fit(LINE, CURVE)
    report = check_gradient(model, LINE, CURVE)
    assert report.fitted
    assert not report.ok


def test_the_report_is_readable():
    report = check_gradient(short(), IRIS.data, LABELS)
    lines = str(report).splitlines()
    assert lines[0].startswith("The gradient agrees with differences of J: largest relative error")
    assert lines[1].startswith("at a random start, 19 weights, J = ")
    assert [line.split()[0] for line in lines[4:8]] == ["W1", "b1", "W2", "b2"]
    assert f"worst: {report.worst_weight}, dJ/dw = " in lines[-1]
    assert max(map(len, lines)) <= 120
    assert repr(report) == str(report)


def test_check_gradient_of_a_pipeline_and_of_bad_input():
    model = make_pipeline(StandardScaler(), short())
    assert check_gradient(model, IRIS.data, LABELS).ok
    assert not hasattr(model[0], "mean_")
    for tol in (0, "small"):
        with pytest.raises(ValueError, match=f"tol must be a number > 0, got {tol!r}"):
            check_gradient(model, IRIS.data, LABELS, tol=tol)
    with pytest.raises(ValueError, match="alpha"):
        check_gradient(short().set_params(alpha=-1), IRIS.data, LABELS)
