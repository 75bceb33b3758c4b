"""Fits that learned far less than there is to learn warn; fits of pure noise do not."""

import re
import warnings

import numpy as np
import pytest
from scipy import sparse
from sklearn.datasets import load_iris, load_wine
from sklearn.ensemble import AdaBoostClassifier
from sklearn.exceptions import ConvergenceWarning
from sklearn.preprocessing import scale

from conftest import XOR_X, XOR_Y, some_now
from skbackprop import BackpropClassifier, BackpropRegressor
from skbackprop.estimators._neighbours import comparable, explained, neighbours_explain
from skbackprop.optimizers import LBFGS, SGD, Adam, LevenbergMarquardt, Rprop
from skbackprop.solvers import GradientDescent, Grid, MonteCarlo, Status

XOR = XOR_X, XOR_Y[:, 0]
LONG = np.arange(0, 40, 0.1)[:, None]
SINE = scale(np.linspace(0, 4 * np.pi, 200)[:, None])
WINE, CULTIVAR = load_wine(return_X_y=True)
IRIS, SPECIES = load_iris(return_X_y=True)


def peaks():
    X = np.random.default_rng(0).uniform(-3, 3, size=(400, 2))
    a, b = X.T
    y = 3 * (1 - a) ** 2 * np.exp(-(a**2) - (b + 1) ** 2)
    y -= 10 * (a / 5 - a**3 - b**5) * np.exp(-(a**2) - b**2)
    return scale(X), y - np.exp(-((a + 1) ** 2) - b**2) / 3


def sine():
    return SINE, np.sin(np.linspace(0, 4 * np.pi, 200))


def fit(model, X, y, **options):
    """The fitted model and the sentences of its warnings."""
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        model.fit(X, y, **options)
    assert all(warning.category is ConvergenceWarning for warning in caught)
    return model, [str(warning.message) for warning in caught]


NOTHING = r"but the network has learned nothing \(J is no lower than .* constant prediction\): "
LITTLE = r"but the network explains \d+ % of the variance of y, the 5 nearest neighbours \d+ %: "


@pytest.mark.parametrize("solver", ["gd", "montecarlo", "grid"])
@pytest.mark.parametrize(
    ("model", "data", "message"),
    [
        (BackpropRegressor(alpha=0.1), sine(), LITTLE + "lower alpha=0.1"),
        (BackpropRegressor(alpha=0.1), peaks(), LITTLE + "lower alpha=0.1"),
        (BackpropClassifier(alpha=1.0), XOR, NOTHING + "lower alpha=1.0$"),
        (BackpropClassifier(alpha=200), (np.tile(XOR[0], (99, 1)), np.tile(XOR[1], 99)), LITTLE),
    ],
    ids=["sine", "peaks", "xor", "xor-again-and-again"],
)
def test_every_solver_reports_a_penalty_that_is_too_strong(model, data, message, solver):
    model, caught = fit(model.set_params(solver=solver, random_state=0), *data)
    assert caught == [model.message_]
    assert re.search(message, model.message_)
    assert isinstance(model.status_, Status)


@pytest.mark.parametrize("solver", ["gd", "montecarlo", "grid", MonteCarlo(weight_range=(-10, 10))])
def test_xor_is_learned_with_a_weak_penalty_in_silence(solver):
    model = BackpropClassifier(solver=solver, loss="squared_error", alpha=1e-3, random_state=0)
    model, caught = fit(model, *XOR)
    assert model.score(*XOR) == 1
    assert not [sentence for sentence in caught if "but the network" in sentence]


@pytest.mark.parametrize("weight_range", [(-1.0, 1.0), (-10.0, 10.0)], ids=str)
@pytest.mark.parametrize("kind", [MonteCarlo, Grid])
def test_where_the_penalty_is_the_cause_the_range_is_not(kind, weight_range):
    model = BackpropClassifier(2, alpha=1.0, solver=kind(weight_range=weight_range), random_state=0)
    with pytest.warns(ConvergenceWarning, match="lower alpha=1.0") as caught:
        model.fit(XOR_X, [0, 1, 1, 0])
    assert "widen" not in str(caught[0].message)


def test_a_range_that_is_too_wide_is_not_widened_further():
    solver = MonteCarlo(300, weight_range=(-10, 10), sampler="uniform")
    model, caught = fit(BackpropClassifier(4, alpha=1.0, solver=solver, random_state=0), *XOR)
    assert model.loss_ > 4 * np.log(2)
    assert "narrow weight_range=(-10, 10), or raise n_draws=300" in caught[0]
    assert "widen" not in caught[0]


@pytest.mark.parametrize(
    ("model", "data", "options", "words"),
    [
        (
            BackpropClassifier(alpha=1.0),
            (scale(IRIS), SPECIES),
            {"sample_weight": np.full(150, 1 / 150)},
            "sample weights of 0.0067 on average: multiply the weights so that they average 1, or "
            "lower alpha to 0.0067",
        ),
        (
            BackpropRegressor(40, alpha=1e-5, solver=GradientDescent("adam")),
            (scale(LONG), np.sin(LONG[:, 0])),
            {},
            "lower tol=0.0001, or raise n_init=1",
        ),
    ],
    ids=["light-weights", "plateau"],
)
def test_the_cause_determines_the_suggestion(model, data, options, words):
    model, caught = fit(model.set_params(random_state=0), *data, **options)
    assert caught == [model.message_]
    assert re.search(LITTLE, model.message_)
    assert model.message_.endswith(words)


@pytest.mark.parametrize("seed", range(3))
def test_features_of_very_different_size_are_the_cause(seed):
    solver = GradientDescent("adam", scale_features=False)
    model = BackpropClassifier(alpha=0.1, solver=solver, random_state=seed)
    # as it is, Adam comes to 90 % of it; whether it diverges here depends on rounding
    model, caught = fit(model, 10 * WINE, CULTIVAR)
    assert caught == [model.message_]
    assert re.search(r"the network explains \d+ % of the variance of y", model.message_)
    assert "standardise the features of X, or " in model.message_


def test_weights_that_sum_to_one_are_named_by_boosting_too():
    boost = AdaBoostClassifier(BackpropClassifier(alpha=1.0), n_estimators=2, random_state=0)
    _, caught = fit(boost, scale(IRIS), SPECIES)
    assert "multiply the weights so that they average 1" in caught[0]


def test_a_descent_that_stops_too_soon_keeps_its_own_advice():
    solver = GradientDescent(max_iter=2)
    model, caught = fit(BackpropRegressor(alpha=0.1, solver=solver, random_state=0), *sine())
    assert caught == [model.message_]
    assert re.search(r"raise max_iter to 4, or tol to 0.001; the network explains", caught[0])


@pytest.mark.parametrize("convert", [sparse.csr_array, np.float32], ids=["sparse", "float32"])
def test_all_kinds_of_data_are_looked_into(convert):
    X, y = sine()
    _, caught = fit(BackpropRegressor(alpha=0.1, random_state=0), convert(X), y)
    assert re.search(LITTLE, caught[0])


def test_a_long_sine_is_trained_beyond_the_plateau():
    model = BackpropRegressor(40, alpha=1e-5, random_state=0)
    model, _ = fit(model, scale(LONG), np.sin(LONG[:, 0]))
    assert model.n_iter_ > 100
    assert model.score(scale(LONG), np.sin(LONG[:, 0])) > 0.5


DRAWS = [
    lambda rng, size: rng.normal(size=size),
    lambda rng, size: rng.standard_t(2, size=size),
    lambda rng, size: rng.standard_cauchy(size=size),
    lambda rng, size: np.exp(2 * rng.normal(size=size)),
    lambda rng, size: rng.integers(3, size=size).astype(float),
]


def noise(seed):
    """A model and data in which y does not depend on X, every kind in turn."""
    rng = np.random.default_rng(seed)
    n_samples, n_features = rng.choice([12, 20, 50, 200, 600]), rng.choice([1, 2, 5, 20])
    X = DRAWS[rng.integers(5)](rng, (n_samples, n_features))
    if seed % 2:
        y = DRAWS[rng.integers(4)](rng, n_samples)
        return BackpropRegressor(alpha=[0.1, 10.0][seed // 2 % 2], random_state=0), X, y
    n_classes = rng.integers(2, 6)
    y = rng.choice(n_classes, size=n_samples, p=rng.dirichlet(np.full(n_classes, 2)))
    return BackpropClassifier(alpha=[1.0, 30.0][seed // 2 % 2], random_state=0), X, y


@pytest.mark.parametrize(
    "seeds", some_now([range(i, i + 50) for i in range(0, 200, 50)], 1), ids=str
)
def test_pure_noise_causes_no_warning(seeds):
    for seed in seeds:
        model, X, y = noise(seed)
        _, caught = fit(model, X, y)
        assert not [sentence for sentence in caught if "the network" in sentence], seed


@pytest.mark.parametrize("seed", range(6))
def test_noise_drawn_with_replacement_causes_no_warning(seed):
    rng = np.random.default_rng(seed)
    rows = rng.integers(100, size=100)
    X, y = rng.normal(size=(100, 2))[rows], rng.normal(size=100)[rows]
    assert not fit(BackpropRegressor(alpha=10.0, random_state=0), X, y)[1]


def test_a_constant_fit_of_noise_is_reported_without_a_warning():
    rng = np.random.default_rng(0)
    X, y = rng.normal(size=(100, 2)), rng.normal(size=100)
    model, caught = fit(BackpropRegressor(alpha=100.0, random_state=0), X, y)
    assert not caught
    assert model.message_.endswith("y may not depend on X")


@pytest.mark.parametrize(
    "optimizer",
    [
        SGD(),
        SGD(batch_size=20),
        Adam(),
        Adam(batch_size=20),
        Rprop(),
        LBFGS(),
        LevenbergMarquardt(),
    ],
    ids=str,
)
@pytest.mark.parametrize("dtype", [np.float32, np.float64])
@pytest.mark.parametrize("estimator", [BackpropRegressor, BackpropClassifier])
def test_a_constant_y_is_answered_at_once(estimator, optimizer, dtype):
    model = estimator(3, solver=GradientDescent(optimizer), random_state=0)
    model, caught = fit(model, WINE.astype(dtype), np.full(len(WINE), 7))
    assert (model.status_, model.n_iter_, caught) == (Status.CONVERGED, 0, [])
    np.testing.assert_array_equal(model.predict(WINE), 7)


@pytest.mark.parametrize(
    ("model", "words"),
    [
        (BackpropClassifier(alpha=1.0, solver=GradientDescent(max_iter=1)), "raise max_iter"),
        (BackpropClassifier(alpha=1.0, solver=Grid(max_evals=50)), "Grid searched a part"),
    ],
    ids=["gd", "grid"],
)
def test_a_warning_that_is_an_error_leaves_the_finished_fit(model, words):
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        with pytest.raises(ConvergenceWarning, match=words):
            model.set_params(random_state=0).fit(IRIS, SPECIES)
    assert words in model.message_
    assert model.predict(IRIS).shape == (150,)


def test_a_pass_whose_warning_is_an_error_leaves_the_weights():
    model = BackpropRegressor(alpha=0.1, solver=GradientDescent(SGD(1e300)), random_state=0)
    with warnings.catch_warnings():
        warnings.simplefilter("error", ConvergenceWarning)
        with pytest.raises(ConvergenceWarning, match="diverged"):
            model.partial_fit(WINE, CULTIVAR)
    assert model.status_ is Status.DIVERGED
    assert "diverged" in model.message_


@pytest.mark.parametrize("weighted", [False, True])
def test_the_neighbours_tell_a_pattern_from_noise(weighted):
    rng = np.random.default_rng(0)
    X = comparable(rng.normal(size=(300, 2)))
    weight = rng.uniform(0.5, 2, size=300) if weighted else np.ones(300)
    Y = np.stack([np.sin(X[:, 0]), X[:, 1]], axis=1)
    assert neighbours_explain(X, Y, weight) > 0.9
    assert neighbours_explain(X, rng.permutation(Y), weight) < 0
    assert explained(Y, Y, weight) == 1
    assert explained(Y, np.average(Y, axis=0, weights=weight), weight) == pytest.approx(0)
