"""predict(return_std=True): the formula, the coverage, what it does not depend on, and refusals."""

import importlib.util
import pickle

import numpy as np
import pandas as pd
import pytest
from numpy.testing import assert_allclose, assert_array_equal
from scipy import sparse
from sklearn.base import clone
from sklearn.compose import TransformedTargetRegressor
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

from skbackprop import BackpropClassifier, BackpropRegressor
from skbackprop.estimators import _uncertainty
from skbackprop.estimators._uncertainty import _upper_quantile
from skbackprop.losses import SquaredError
from skbackprop.model._leverage import Leverage
from skbackprop.solvers import GradientDescent

pytestmark = pytest.mark.filterwarnings(
    # budgets are small on purpose, and the estimators say so
    "ignore::sklearn.exceptions.ConvergenceWarning"
)

RNG = np.random.default_rng(0)
X = RNG.uniform(-2, 2, size=(60, 2))
Y = np.sin(2 * X[:, 0]) + X[:, 1] + RNG.normal(scale=0.2, size=60)
NEW = RNG.uniform(-3, 3, size=(25, 2))


def regressor(n_hidden=3, **options):
    return BackpropRegressor(n_hidden, **{"random_state": 0, **options})


def std(model, X=NEW):
    return model.predict(X, return_std=True)[1]


# The formula


@pytest.mark.parametrize("options", [{}, {"alpha": 0.01}], ids=["auto", "number"])
def test_the_mean_is_the_prediction(options):
    model = regressor(**options).fit(X, Y)
    mean, deviation = model.predict(NEW, return_std=True)
    assert_array_equal(mean, model.predict(NEW))
    assert deviation.shape == mean.shape == (25,)
    assert (deviation > 0).all()


def test_with_a_number_s_comes_from_the_cost_and_the_effective_number_of_weights():
    model = regressor(alpha=0.05, target_range=(0.3, 0.7)).fit(X, Y)
    bars = model._error_bars
    w = model._flat_weights(float)
    W1, W2 = model.coefs_
    penalty = 0.5 * 0.05 * (((X.std(axis=0)[:, None] * W1) ** 2).sum() + (W2**2).sum())
    E = model.loss_ - penalty

    def leverage(features):
        return bars.leverage(bars.scaling.to_scaled(w), bars.scaling.transform(features))

    gamma = leverage(X).sum()  # to the rounding of float32
    assert 3 < gamma < 13
    assert bars.leverage.n_effective == pytest.approx(gamma, rel=1e-6)
    gamma = bars.leverage.n_effective
    s = np.sqrt(2 * E / (60 - gamma)) * np.ptp(Y) / 0.4
    assert_allclose(std(model), s * np.sqrt(1 + leverage(NEW)[:, 0]), rtol=1e-9)


def test_with_auto_95_percent_of_the_residuals_held_out_are_within(monkeypatch):
    seen = []

    def spy(chosen):
        seen.append(chosen)
        return noise_held_out(chosen)

    noise_held_out = _uncertainty._noise_held_out
    monkeypatch.setattr(_uncertainty, "_noise_held_out", spy)
    model = regressor().fit(X, Y)
    (chosen,) = seen
    within = 0
    for fold, w in zip(chosen.folds, chosen.weights, strict=True):
        leverage = Leverage.at(fold.training.with_alpha(model.alpha_), w)
        data = fold.held_out.data
        deviation = model._error_bars.noise * np.sqrt(1 + leverage(w, data.X))
        error = np.abs(data.Y - fold.held_out.network.forward(w, data.X))
        within += (error <= 1.959964 * deviation * (1 + 1e-5)).sum()
    assert within == np.ceil(0.95 * 61)


def test_given_validation_data_are_what_is_held_out():
    X_val = RNG.uniform(-2, 2, size=(40, 2))
    y_val = np.sin(2 * X_val[:, 0]) + X_val[:, 1]
    quiet = regressor().fit(X, Y, X_val=X_val, y_val=y_val)
    noisy = regressor().fit(X, Y, X_val=X_val, y_val=y_val + 3 * RNG.normal(size=40))
    assert std(noisy).min() > 2 * std(quiet).max()


QUANTILES = {
    "the 58th of 60": (np.arange(60.0), np.ones(60), 60, 57.0),
    "the 95th of 99": (np.arange(99.0), np.full(99, 0.1), 99, 94.0),
    "the largest of a few": (np.arange(9.0), np.ones(9), 9, 8.0),
    "only one": (np.array([3.0]), np.array([7.0]), 1, 3.0),
    "a weight of 3 is the sample three times": (
        np.array([9.0, 1.0, 5.0]),
        np.array([2.0, 95.0, 3.0]),
        100,
        5.0,
    ),
}


@pytest.mark.parametrize(("values", "weight", "n", "expected"), QUANTILES.values(), ids=QUANTILES)
def test_quantiles(values, weight, n, expected):
    assert _upper_quantile(values, weight, n) == expected
    assert _upper_quantile(values[::-1], 1e-9 * weight[::-1], n) == expected


# Coverage


def sine(rng, n):
    X = rng.uniform(-1, 1, size=(n, 1))
    return X, np.sin(6 * X[:, 0]) + rng.normal(scale=0.3, size=n)


def linear(rng, n):
    X = rng.normal(size=(n, 5))
    return X, X @ np.arange(5) + rng.normal(size=n)


def heavy_tails(rng, n):
    X = rng.normal(size=(n, 2))
    return X, X[:, 0] ** 2 + rng.standard_t(3, size=n)


def raw_units(rng, n):
    X, y = linear(rng, n)
    return X * [1e3, 1, 1e-3, 1, 1] + [1e3, 0, 0, 0, 5], 1e6 * y - 1e7


@pytest.mark.parametrize("alpha", ["auto", 0.003], ids=str)
@pytest.mark.parametrize("make", [sine, linear, heavy_tails], ids=lambda make: make.__name__)
def test_intervals_of_95_percent_cover(make, alpha):
    rng = np.random.default_rng(1)
    model = regressor(10, alpha=alpha).fit(*make(rng, 200))
    X_test, y_test = make(rng, 5000)
    mean, deviation = model.predict(X_test, return_std=True)
    # some 2 % are what 200 samples leave open
    assert 0.91 < np.mean(np.abs(y_test - mean) < 1.96 * deviation) < 0.985


def test_s_approximates_the_noise():
    model = regressor(10).fit(*sine(np.random.default_rng(2), 400))
    assert 0.25 < std(model, np.zeros((1, 1)))[0] < 0.38


def test_error_bars_grow_outside_the_samples():
    rng = np.random.default_rng(3)
    X, y = sine(rng, 200)
    model = regressor(10).fit(X[np.abs(X[:, 0]) > 0.3], y[np.abs(X[:, 0]) > 0.3])
    among, between = std(model, np.array([[0.7], [0.0]]))
    assert between > 1.1 * among


def test_units_of_y_do_not_matter():
    expected = std(regressor().fit(X, Y))
    assert_allclose(std(regressor().fit(X, 1e6 * Y - 1e7)), 1e6 * expected, rtol=1e-3)


# What it does not depend on


@pytest.mark.parametrize("alpha", ["auto", 0.05], ids=str)
def test_a_weight_of_2_is_the_sample_twice(alpha):
    weight = RNG.integers(0, 4, size=60)
    weighted = regressor(alpha=alpha).fit(X, Y, sample_weight=weight)
    repeated = regressor(alpha=alpha).fit(np.repeat(X, weight, axis=0), np.repeat(Y, weight))
    assert_allclose(std(weighted), std(repeated), rtol=0.01)


def test_all_weights_times_a_constant_change_nothing():
    weight = RNG.uniform(0.5, 2, size=60)
    expected = std(regressor().fit(X, Y, sample_weight=weight))
    found = std(regressor().fit(X, Y, sample_weight=weight / weight.sum()))
    assert_allclose(found, expected, rtol=0.01)


def test_the_order_of_samples_does_not_matter():
    order = RNG.permutation(60)
    assert_allclose(std(regressor().fit(X[order], Y[order])), std(regressor().fit(X, Y)), rtol=0.01)


@pytest.mark.parametrize("alpha", ["auto", 0.05], ids=str)
@pytest.mark.parametrize("kind", [sparse.csr_matrix, sparse.csc_array], ids=["csr", "csc"])
def test_sparse_features_give_the_same(kind, alpha):
    thin = np.where(np.abs(X) < 0.5, 0, X)
    expected = std(regressor(alpha=alpha).fit(thin, Y), NEW)
    assert_allclose(std(regressor(alpha=alpha).fit(kind(thin), Y), kind(NEW)), expected, rtol=0.01)


def test_float32():
    model = regressor(alpha=0.05).fit(X.astype(np.float32), Y)
    mean, deviation = model.predict(NEW.astype(np.float32), return_std=True)
    assert mean.dtype == deviation.dtype == np.float32
    assert_allclose(deviation, std(model), rtol=1e-4)
    # where J is flat, the two fits do not end at the same weights
    assert_allclose(deviation, std(regressor(alpha=0.05).fit(X, Y)), rtol=0.25)


def test_y_beyond_float32_is_answered_in_float64():
    model = regressor(alpha=0.05).fit(X.astype(np.float32), 1e60 * Y)
    assert std(model, NEW.astype(np.float32)).dtype == np.float64


def test_the_matrix_is_estimated_from_a_subset_of_the_samples(monkeypatch):
    model = regressor(alpha=0.05)
    expected = std(model.fit(X, Y))
    monkeypatch.setattr(_uncertainty, "_FEWEST_ROWS", 1)
    monkeypatch.setattr(_uncertainty, "_ROWS_PER_WEIGHT", 3)
    found = std(model.fit(X, Y))
    assert (found != expected).any()
    assert_allclose(found, expected, rtol=0.3)


@pytest.mark.parametrize(
    "options",
    [
        {"fit_intercept": False},
        {"loss": "log_loss"},
        {"loss": "hellinger"},
        {"loss": "itakura_saito"},
        {"solver": "montecarlo"},
        {"solver": "grid", "n_hidden": 1},
        {"solver": GradientDescent("lbfgs")},
        {"solver": GradientDescent(early_stopping=True)},
        {"solver": GradientDescent(max_time=1e-6)},
        {"alpha": 0.05, "loss": "kullback_leibler"},
    ],
    ids=str,
)
def test_error_bars_of_every_kind_of_fit(options):
    model = regressor(**options).fit(X, Y)
    spread = np.abs(Y - model.predict(X)).mean()
    deviation = std(model, X)
    assert np.isfinite(deviation).all()
    assert 0.3 * spread < np.median(deviation) < 30 * spread


# Several outputs


@pytest.mark.parametrize("alpha", ["auto", 0.02], ids=str)
def test_each_output_has_its_own_noise(alpha):
    noise = np.random.default_rng(1).normal(size=(60, 3)) * [0.1, 0.5, 0]
    several = np.column_stack([np.tanh(X), np.full(60, 7.0)]) + noise
    mean, deviation = regressor(4, alpha=alpha).fit(X, several).predict(X, return_std=True)
    assert mean.shape == deviation.shape == (60, 3)
    first, second, constant = deviation.mean(axis=0)
    assert 0.08 < first < 0.2
    assert 0.4 < second < 0.8
    assert constant == 0


@pytest.mark.parametrize("alpha", ["auto", 0, 0.1], ids=str)
@pytest.mark.parametrize("n_samples", [2, 60])
def test_a_constant_y_is_certain(n_samples, alpha):
    model = regressor(alpha=alpha).fit(X[:n_samples], np.full(n_samples, 3.0))
    assert_array_equal(std(model), 0)


# Refusals


def partially_fitted():
    model = regressor().set_params(solver__optimizer="adam")
    return model.partial_fit(X, Y)


def without_bars(model):
    """As a model of an older version, or a copy in the middle of a fit."""
    vars(model).pop("_error_bars")
    return model


REFUSED = {
    "partial_fit": (partially_fitted, "weights of a finished fit"),
    "after partial_fit": (
        lambda: regressor().set_params(solver__optimizer="adam").fit(X, Y).partial_fit(X, Y),
        "weights of a finished fit",
    ),
    "older version": (lambda: without_bars(regressor().fit(X, Y)), "older version: call fit"),
    "no curvature": (
        lambda: regressor(loss="exponential").fit(X, Y),
        r"Gauss-Newton form, got loss=Exponential\(\): use loss='squared_error'",
    ),
    "too many weights": (
        lambda: regressor(200, alpha=0.1).fit(X, Y),
        "at most 750 weights, got 801: lower n_hidden",
    ),
    "more weights than samples": (
        lambda: regressor(10, alpha=0).fit(X[:20], Y[:20]),
        r"got 20 samples and (19|20)\.\d effective weights.* raise alpha",
    ),
    "four samples": (
        lambda: regressor().fit([[0, 0], [0, 1], [1, 0], [1, 1]], [0, 1, 1, 0]),
        r"got 4 samples and [34]\.\d effective weights",
    ),
}


@pytest.mark.parametrize(("make", "message"), REFUSED.values(), ids=REFUSED)
def test_invalid_input_raises(make, message):
    model = make()
    assert np.isfinite(model.predict(NEW)).all()
    with pytest.raises(ValueError, match=r"^return_std=True needs .*" + message):
        model.predict(NEW, return_std=True)


class Negative(SquaredError):
    """A cost that lies about its curvature."""

    def curvature(self, y, z3):
        return -np.ones_like(z3)


def test_a_negative_curvature_is_refused_and_spoils_no_fit():
    model = regressor(loss=Negative(), alpha=0.05, solver=GradientDescent("lbfgs")).fit(X, Y)
    assert np.isfinite(model.predict(NEW)).all()
    with pytest.raises(ValueError, match=r"finite and positive definite .*, with loss=Neg"):
        model.predict(NEW, return_std=True)


def test_the_classifier_has_none():
    with pytest.raises(TypeError, match="return_std"):
        BackpropClassifier(2, random_state=0).fit(X, Y > 0).predict(X, return_std=True)


def test_extreme_features_leave_nothing_that_is_no_number():
    model = regressor(alpha=0.1).fit(X * 1e150 / 2, Y)
    deviation = std(model, np.full((3, 2), 9e149))
    assert not np.isnan(deviation).any()


# Copies, and other libraries


def test_pickles_and_clones():
    model = regressor().fit(X, Y)
    assert_array_equal(std(pickle.loads(pickle.dumps(model))), std(model))
    assert not hasattr(clone(model), "_error_bars")
    assert len(pickle.dumps(model)) < 12_000


def test_a_second_fit_replaces_the_error_bars():
    model = regressor(alpha=0.05, warm_start=True).fit(X, Y)
    before = std(model)
    model.fit(X, Y + RNG.normal(size=60))
    assert np.median(std(model)) > 1.5 * np.median(before)


def test_the_last_step_of_a_pipeline():
    frame = pd.DataFrame(X, columns=["a", "b"])
    pipeline = make_pipeline(StandardScaler(), regressor()).fit(frame, Y)
    _, deviation = pipeline.predict(frame, return_std=True)
    assert_array_equal(deviation, std(pipeline[-1], pipeline[0].transform(frame)))


def test_within_a_transformed_target():
    model = TransformedTargetRegressor(regressor(), transformer=StandardScaler()).fit(X, Y)
    found = std(model.regressor_) * model.transformer_.scale_
    assert_allclose(found, std(regressor().fit(X, Y)), rtol=1e-3)


@pytest.mark.skipif(
    not importlib.util.find_spec("mapie"),
    reason="needs the extra ecosystem: pip install skbackprop[ecosystem]",
)
@pytest.mark.parametrize("kind", ["split", "cross", "jackknife"])
def test_conformal_intervals_of_mapie_are_in_proportion_to_the_bars(kind):
    from mapie import regression
    from mapie.conformity_scores import StdConformityScore

    rng = np.random.default_rng(1)
    (X, y), (X_test, y_test) = sine(rng, 200), sine(rng, 1000)
    score = StdConformityScore()
    if kind == "split":
        model = regression.SplitConformalRegressor(regressor(10), 0.9, score, prefit=False)
        model.fit(X[:120], y[:120]).conformalize(X[120:], y[120:])
    elif kind == "cross":
        model = regression.CrossConformalRegressor(regressor(10), 0.9, score, cv=3, random_state=0)
        model.fit_conformalize(X, y)
    else:
        model = regression.JackknifeAfterBootstrapRegressor(
            regressor(10), 0.9, score, resampling=20, random_state=0
        ).fit_conformalize(X, y)
    _, ends = model.predict_interval(X_test)
    low, high = ends[:, :, 0].T
    assert 0.82 < np.mean((low <= y_test) & (y_test <= high)) < 0.97
    if kind == "split":
        deviation = std(regressor(10).fit(X[:120], y[:120]), X_test)
        factor = (high - low) / deviation
        assert_allclose(factor, factor[0])


def test_samples_that_rounding_makes_equal_count_as_different():
    rng = np.random.default_rng(0)
    x = rng.normal(size=(200, 1))
    y = np.round(2 * np.sin(x[:, 0]) + 0.7 * rng.normal(size=200))
    y[rng.random(200) < 0.01] = 6
    x[0] = 1e9  # the deviation of x is then so large that the other values are rounded to a few
    assert std(regressor(random_state=0).fit(x, y), x).mean() < 1.3
