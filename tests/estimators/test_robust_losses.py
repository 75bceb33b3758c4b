"""Huber and quantiles in estimators: units of y, outliers, and what they refuse."""

import warnings

import numpy as np
import pytest
from numpy.testing import assert_allclose
from sklearn.datasets import make_friedman1
from sklearn.ensemble import GradientBoostingRegressor
from sklearn.linear_model import QuantileRegressor
from sklearn.metrics import mean_pinball_loss
from sklearn.model_selection import GridSearchCV
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

from conftest import some_now
from skbackprop import BackpropClassifier, BackpropRegressor
from skbackprop.losses import Huber, Quantile
from skbackprop.solvers import GradientDescent, Grid


def sine(n, seed):
    rng = np.random.default_rng(seed)
    X = rng.uniform(-2, 2, (n, 1))
    return X, np.sin(2 * X[:, 0]) + 0.3 * rng.normal(size=n)


def friedman(n, seed):
    return make_friedman1(n, noise=1.0, random_state=seed)


def with_outliers(y):
    rng = np.random.default_rng(0)
    far = rng.uniform(size=len(y)) < 0.03
    return y + far * 5 * y.std() * rng.choice([-1, 1], len(y))


X, Y = sine(200, 0)


@pytest.mark.parametrize("q", [0.1, 0.5, 0.9])
@pytest.mark.parametrize("table", some_now([sine, friedman], 1))
def test_pinball_loss_beside_other_estimators(table, q):
    (features, y), (new_features, new_y) = table(500, 0), table(2_000, 1)
    others = (
        QuantileRegressor(quantile=q, alpha=0),
        GradientBoostingRegressor(loss="quantile", alpha=q, random_state=0),
    )
    model = BackpropRegressor(loss=Quantile(q), random_state=0)
    costs = []
    for estimator in (model, *others):
        prediction = estimator.fit(features, with_outliers(y)).predict(new_features)
        costs.append(mean_pinball_loss(new_y, prediction, alpha=q))
    assert costs[0] < 1.2 * min(costs[1:])  # it is below both in five of six cases
    assert abs(np.mean(new_y <= model.predict(new_features)) - q) < 0.06


@pytest.mark.parametrize("q", [0.05, 0.1, 0.9, 0.95])
def test_outer_quantiles_lie_as_far_out_as_they_are_to(q):
    features, y = sine(4_000, 0)
    new_features, new_y = sine(4_000, 1)
    below = []
    for random_state in range(4):
        model = BackpropRegressor(5, loss=Quantile(q), random_state=random_state)
        predicted = model.fit(features, with_outliers(y)).predict(new_features)
        below.append(np.mean(with_outliers(new_y) <= predicted))
    # a tip rounded by two squares that meet at the error 0 leaves 0.016 to 0.031
    assert abs(np.mean(below) - q) < 0.015


@pytest.mark.parametrize("loss", ["huber", Huber(0.4), "quantile"], ids=str)
def test_outliers_pull_less_than_with_squares(loss):
    y = with_outliers(Y) + 3 * (np.arange(len(Y)) % 20 == 0)  # most of them on one side
    new_X = np.linspace(-2, 2, 100)[:, None]
    errors = []
    for choice in (loss, "squared_error"):
        model = BackpropRegressor(5, loss=choice, random_state=0).fit(X, y)
        errors.append(np.abs(model.predict(new_X) - np.sin(2 * new_X[:, 0])).mean())
    assert errors[0] < 0.8 * errors[1]


@pytest.mark.parametrize("factor", [1e-6, 1e6])
def test_delta_is_in_the_units_of_y(factor):
    options = {"alpha": 1e-4, "random_state": 0}
    plain = BackpropRegressor(3, loss=Huber(0.2), **options).fit(X, Y)
    scaled = BackpropRegressor(3, loss=Huber(0.2 * factor), **options).fit(X, factor * Y)
    assert_allclose(scaled.predict(X) / factor, plain.predict(X), rtol=1e-3, atol=1e-5)
    assert scaled.loss.delta == 0.2 * factor


def test_delta_of_several_outputs_is_in_the_units_of_each():
    targets = np.column_stack([Y, 30 * Y])
    solver = GradientDescent(tol=1e-8, max_iter=5_000)
    model = BackpropRegressor(2, loss=Huber(0.2), solver=solver, alpha=1e-4, random_state=0)
    first, second = model.fit(X, targets).predict(X).T
    assert np.abs(first - second / 30).max() > 1e-3  # 0.2 is much for one and little for the other
    assert np.corrcoef(first, second)[0, 1] > 0.9
    searched = BackpropRegressor(2, loss=Huber(0.2), solver=Grid(max_evals=3_000))
    with pytest.warns(match="max_evals"):  # it searches, but cannot prove
        assert np.isfinite(searched.fit(X, targets).loss_)


def test_a_delta_of_another_unit_is_refused():
    with pytest.raises(ValueError, match=r"delta of Huber must be at least .*, got 0\.001: raise"):
        BackpropRegressor(loss=Huber(1e-3)).fit(X, 1e6 * Y)


@pytest.mark.parametrize("q", [0.05, 0.95])
def test_a_quantile_far_from_the_mean_is_no_reason_to_warn(q):
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        model = BackpropRegressor(loss=Quantile(q), random_state=0).fit(X, Y)
    assert abs(np.mean(model.predict(X) >= Y) - q) < 0.05


def test_a_quantile_that_learned_nothing_says_so():
    model = BackpropRegressor(3, loss="quantile", alpha=1e6, random_state=0).fit(X, Y)
    assert "learned nothing" in model.message_


def test_error_bars_of_huber_and_none_of_quantiles():
    new_X, new_y = sine(2_000, 1)
    bars = BackpropRegressor(loss="huber", random_state=0).fit(X, with_outliers(Y))
    mean, std = bars.predict(new_X, return_std=True)
    assert 0.8 < np.mean(np.abs(new_y - mean) < 1.96 * std) <= 1.0
    model = BackpropRegressor(loss="quantile", random_state=0).fit(X, Y)
    with pytest.raises(ValueError, match=r"a centre of y, got loss=Quantile\(\): use loss='huber'"):
        model.predict(X, return_std=True)


def test_the_options_are_searched_through_a_pipeline():
    model = BackpropRegressor(3, loss="huber", alpha=1e-3, random_state=0)
    deltas = {"backpropregressor__loss__delta": [None, 0.1, 10.0]}
    search = GridSearchCV(make_pipeline(StandardScaler(), model), deltas, cv=3).fit(X, Y)
    assert search.best_score_ > 0.7
    assert model.set_params(loss="quantile", loss__quantile=0.3).loss.quantile == 0.3


def test_delta_of_a_classifier_is_in_units_of_the_labels():
    loss, labels = Huber(0.5), (Y > 0).astype(int)
    wide = BackpropClassifier(3, loss=loss, target_range=(0.2, 0.8), alpha=1e-2, random_state=0)
    given = BackpropClassifier(3, loss="huber", target_range=(0.2, 0.8), alpha=1e-2, random_state=0)
    assert wide.fit(X, labels).score(X, labels) > 0.8
    assert given.fit(X, labels).score(X, labels) > 0.8
    assert wide.loss_ != given.loss_


@pytest.mark.parametrize("q", [0.1, 0.5, 0.9])
@pytest.mark.parametrize("kind", ["log-normal", "one outlier", "two scales"])
def test_skewed_y_and_outliers_do_not_widen_the_smoothing(kind, q):
    rng = np.random.default_rng(0)
    features, y = rng.normal(size=(1_000, 1)), rng.normal(size=1_000)
    if kind == "log-normal":
        y = np.exp(2 * y)
    elif kind == "one outlier":
        y[0] = 1_000
    else:
        y[:10] *= 60
    prediction = BackpropRegressor(3, loss=Quantile(q), random_state=0).fit(features, y)
    # with a width of 1/80 of the range, predictions lay outside the data
    assert abs(np.mean(y <= prediction.predict(features)) - q) < 0.03
