"""Predictions do not depend on the units of features and y."""

import pickle

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.testing import assert_allclose, assert_array_equal
from scipy import sparse
from sklearn.base import clone
from sklearn.datasets import load_breast_cancer, load_diabetes, load_iris, load_wine
from sklearn.model_selection import cross_val_score
from sklearn.preprocessing import scale

from conftest import same_network, some_now
from skbackprop import BackpropClassifier, BackpropRegressor
from skbackprop.inspection import CostSurfaceDisplay, check_gradient, record_path
from skbackprop.optimizers import SGD, Adam
from skbackprop.solvers import GradientDescent

pytestmark = pytest.mark.filterwarnings("ignore::sklearn.exceptions.ConvergenceWarning")

X, Y = load_diabetes(return_X_y=True, scaled=False)
X, Y = X[:150], Y[:150]
UNITS, SHIFTS = np.ones(10), np.zeros(10)
UNITS[[2, 3]] = 1e-6, 1e6
SHIFTS[5] = 1e3 * X[:, 5].std()
OPTIMIZERS = ["lm", "lbfgs", "sgd", "adam", "rprop"]


def regressor(optimizer, **options):
    options = {"n_hidden": 3, "alpha": 0.1, "random_state": 0} | options
    return BackpropRegressor(solver=GradientDescent(optimizer, max_iter=300), **options)


@pytest.mark.parametrize("optimizer", OPTIMIZERS)
@pytest.mark.parametrize("kind", [np.asarray, sparse.csr_array], ids=["dense", "sparse"])
def test_units_and_zeros_of_features_do_not_matter(optimizer, kind):
    one = regressor(optimizer).fit(kind(X), Y)
    other = regressor(optimizer).fit(kind(X * UNITS + SHIFTS), Y)
    assert one.loss_ == pytest.approx(other.loss_, rel=1e-7)
    assert_allclose(one.predict(kind(X)), other.predict(kind(X * UNITS + SHIFTS)), rtol=1e-6)


@settings(max_examples=10, deadline=None)
@given(
    optimizer=st.sampled_from(["lm", "lbfgs"]),
    factors=st.lists(st.floats(1e-6, 1e6), min_size=10, max_size=10),
    unit_of_y=st.floats(1e-6, 1e6),
)
def test_units_of_features_do_not_matter(optimizer, factors, unit_of_y):
    one = regressor(optimizer).fit(X, Y).predict(X)
    other = regressor(optimizer).fit(X * factors, unit_of_y * Y).predict(X * factors)
    assert_allclose(other, unit_of_y * one, rtol=1e-6)


@pytest.mark.parametrize("optimizer", OPTIMIZERS)
def test_standardised_features_give_the_same_fit(optimizer):
    raw, standardised = regressor(optimizer).fit(X, Y), regressor(optimizer).fit(scale(X), Y)
    assert raw.loss_ == pytest.approx(standardised.loss_, rel=1e-9)
    assert_allclose(raw.predict(X), standardised.predict(scale(X)), rtol=1e-7)


def test_without_intercepts_the_unit_does_not_matter():
    one = regressor("lm", fit_intercept=False).fit(X, Y)
    other = regressor("lm", fit_intercept=False).fit(X * UNITS, Y)
    assert_allclose(one.predict(X), other.predict(X * UNITS), rtol=1e-6)


TABLES = {
    "diabetes": (load_diabetes(return_X_y=True, scaled=False), BackpropRegressor),
    "iris": (load_iris(return_X_y=True), BackpropClassifier),
    "wine": (load_wine(return_X_y=True), BackpropClassifier),
    "breast-cancer": (load_breast_cancer(return_X_y=True), BackpropClassifier),
}


@pytest.mark.parametrize("name", some_now(TABLES, 1))
def test_scores_of_the_defaults_do_not_depend_on_units(name):
    (X, y), estimator = TABLES[name]
    rng = np.random.default_rng(0)
    units = 10.0 ** rng.integers(-6, 7, X.shape[1])
    other = (X + 1e3 * X.std(axis=0) * rng.integers(2, size=X.shape[1])) * units
    model = estimator(random_state=0)
    scores = [cross_val_score(model, data, y, cv=3).mean() for data in (X, other)]
    assert scores[0] == pytest.approx(scores[1], abs=0.005)


@pytest.mark.parametrize("random_state", range(3))
@pytest.mark.parametrize(
    ("kind", "shift", "unit_of_y", "unit_of_weight"),
    [
        (np.asarray, SHIFTS, 1.0, 1.0),
        (np.asarray, 0, 1e6, 1.0),
        (np.asarray, 0, 1.0, 0.3),
        (sparse.csr_array, 0, 1.0, 1.0),
    ],
    ids=["shifted", "y", "weights", "sparse"],
)
def test_units_do_not_choose_the_penalty(kind, shift, unit_of_y, unit_of_weight, random_state):
    # noise, so that a long descent magnifies rounding errors
    rng = np.random.default_rng(random_state)
    y, weight = Y + 30 * rng.normal(size=len(Y)), rng.uniform(0.5, 2, len(Y))
    model = BackpropRegressor(random_state=random_state)
    one = clone(model).fit(kind(X), y, sample_weight=weight)
    features = kind(X * UNITS + shift)
    other = model.fit(features, unit_of_y * y, sample_weight=unit_of_weight * weight)
    assert_allclose(other.loss_path_, one.loss_path_, rtol=1e-8)
    assert other.alpha_ == pytest.approx(unit_of_weight * one.alpha_, rel=1e-8)
    error = other.predict(features) / unit_of_y - one.predict(kind(X))
    assert np.abs(error).max() < 1e-5 * np.ptp(y)


@pytest.mark.parametrize("digits", [8, 9, 16])
def test_nearly_standardised_features_do_not_choose_the_penalty(digits):
    rng = np.random.default_rng(0)
    y, features = Y + 30 * rng.normal(size=len(Y)), scale(X).round(digits)
    one = BackpropRegressor(random_state=3).fit(features, y)
    other = BackpropRegressor(random_state=3).fit(3 * features, y)
    assert other.alpha_ == pytest.approx(one.alpha_, rel=1e-7)
    assert_allclose(other.predict(3 * features), one.predict(features), atol=1e-5 * np.ptp(y))


@pytest.mark.parametrize("lowest", [1e-9, 1e-8])
def test_targets_near_0_stay_positive(lowest):
    x = np.linspace(-1, 1, 60)[:, None]
    model = BackpropRegressor(loss="itakura_saito", target_range=(lowest, 0.9), random_state=0).fit(
        x, np.exp(x[:, 0])
    )
    assert np.isfinite(model.loss_)


@pytest.mark.parametrize("kind", [np.asarray, sparse.csr_array], ids=["dense", "sparse"])
def test_a_weight_of_zero_leaves_a_sample_out_of_the_units_too(kind):
    outliers = np.vstack([X, 1e6 * X[:20]])
    y, weight = np.concatenate([Y, Y[:20]]), np.repeat([1.0, 0.0], [len(X), 20])
    weighted = regressor("lm").fit(kind(outliers), y, sample_weight=weight)
    without = regressor("lm").fit(kind(X), Y)
    assert_allclose(weighted.predict(kind(X)), without.predict(kind(X)), rtol=1e-9)


@pytest.mark.parametrize("early_stopping", [False, True], ids=["all", "early"])
@pytest.mark.parametrize("dtype", [np.float64, np.float32])
@pytest.mark.parametrize("optimizer", [SGD(), Adam(batch_size=20), "rprop", "lm"], ids=str)
def test_five_fits_of_ten_iterations_are_one_of_fifty_on_raw_features(
    optimizer, dtype, early_stopping
):
    solver = GradientDescent(optimizer, max_iter=50, tol=1e-6, early_stopping=early_stopping)
    model = BackpropRegressor(3, alpha=0.1, solver=solver, random_state=0)
    raw = X.astype(dtype)
    one = clone(model).fit(raw, Y)
    five = clone(model).set_params(warm_start=True, solver__max_iter=10)
    for _ in range(5):
        five = pickle.loads(pickle.dumps(five.fit(raw, Y)))
    assert_array_equal(five.loss_curve_, one.loss_curve_)
    assert same_network(five, one)


def test_several_starts_on_raw_features_do_not_depend_on_n_jobs():
    solver = GradientDescent("lm", n_init=4, max_iter=20)
    models = [
        BackpropRegressor(3, alpha=0.1, solver=solver, n_jobs=n, random_state=0) for n in (1, 2)
    ]
    one, two = (model.fit(X, Y) for model in models)
    assert same_network(one, two)


def test_validation_data_are_standardised_as_the_training_data():
    rows = np.arange(len(X)) % 3 > 0
    fits = []
    for features in (X, X * UNITS + SHIFTS):
        model = regressor("lm").fit(features[rows], Y[rows], X_val=features[~rows], y_val=Y[~rows])
        fits.append(model.validation_loss_curve_)
    assert_allclose(*fits, rtol=1e-6)


def test_the_lecture_s_steps_are_those_of_the_weights_as_they_are():
    raw = X / 10
    solver = GradientDescent(SGD(0.01, momentum=0), max_iter=5, tol=0, scale_features=False)
    model = BackpropRegressor(2, solver=solver, alpha=0.1, random_state=0)
    _, path = record_path(model, raw, Y)
    steps = np.diff(path, axis=0)
    gradients = []
    for w in path[:-1]:
        fitted = clone(model).fit(raw, Y)
        network = fitted._network
        W1, b1, W2, b2 = network.unpack(w)
        fitted.coefs_, fitted.intercepts_ = [W1, W2], [b1, b2]
        gradients.append(check_gradient(fitted, raw, Y).analytic)
    assert_allclose(steps, -0.01 * np.array(gradients) / len(X), rtol=1e-6, atol=1e-12)


@pytest.mark.parametrize("n_init", [1, 3])
def test_inspection_sees_the_j_of_the_fit(n_init):
    solver = GradientDescent("lm", n_init=n_init, max_iter=30)
    model = BackpropRegressor(3, alpha=0.1, solver=solver, random_state=0)
    fitted, path = record_path(model, X, Y)
    report = check_gradient(fitted, X, Y)
    assert report.ok
    assert report.value == pytest.approx(fitted.loss_, rel=1e-9)
    assert len(path) == fitted.n_iter_ + 1
    assert_array_equal(path[-1], report.w)
    surface = CostSurfaceDisplay.from_estimator(fitted, X, Y, path=path)
    assert surface.path[-1, 2] == pytest.approx(fitted.loss_, rel=1e-9)
    assert_allclose(surface.path[1:, 2], fitted.loss_curve_, rtol=1e-6)
    # the scale of the penalty is that of the fit, whatever the data
    assert check_gradient(fitted, X[:50], Y[:50]).ok


def test_partial_fit_takes_the_features_as_they_are_or_as_the_fit_did():
    raw, solver = X * UNITS + SHIFTS, GradientDescent("adam", max_iter=50)
    stream = BackpropRegressor(3, alpha=0.1, solver=solver, random_state=0)
    stream.partial_fit(X, Y, y_range=(0, 400))
    assert stream._input_scale is None  # ones
    one, other = (clone(stream).fit(data, Y) for data in (X, raw))
    before = one.loss_
    for start in range(0, 150, 50):
        rows = slice(start, start + 50)
        one.partial_fit(X[rows], Y[rows])
        other.partial_fit(raw[rows], Y[rows])
    assert_allclose(one.predict(X), other.predict(raw), rtol=1e-6)
    assert one.set_params(warm_start=True).fit(X, Y).loss_ < 1.1 * before


@pytest.mark.parametrize("solver", ["grid", "montecarlo"])
def test_searches_weigh_the_penalty_by_the_units_too(solver):
    x, y = X[:, [2]], Y
    model = BackpropRegressor(2, solver=solver, alpha=1.0, random_state=0).fit(x, y)
    W1, W2 = model.coefs_
    penalty = 0.5 * (x.var() * np.sum(W1**2) + np.sum(W2**2))
    J = model.loss_
    model.alpha_ = 0.0  # of which the report computes the cost
    cost = check_gradient(model, x, y).value
    assert pytest.approx(cost + penalty, rel=1e-9) == J
