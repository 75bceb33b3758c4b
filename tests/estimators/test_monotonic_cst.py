"""monotonic_cst: the signs of weights and of derivatives, in every way to fit; what is refused."""

import numpy as np
import pandas as pd
import pytest
from numpy.testing import assert_allclose
from scipy import sparse
from sklearn.base import clone
from sklearn.model_selection import GridSearchCV
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler
from toy_problems import small_budget

from conftest import some_now
from skbackprop import BackpropClassifier, BackpropRegressor
from skbackprop.estimators._objectives import training_objective
from skbackprop.inspection import check_gradient, input_gradient, record_path
from skbackprop.model._monotonicity import Monotonicity
from skbackprop.optimizers import SGD, LevenbergMarquardt, Optimizer, OptimizerState
from skbackprop.solvers import GradientDescent, MonteCarlo, Solver, Status

RNG = np.random.default_rng(0)
X = RNG.normal(loc=[5, 0, -300], scale=[1, 0.01, 50], size=(80, 3))
STANDARD = (X - X.mean(axis=0)) / X.std(axis=0)
# It rises with the first feature and falls with the last; the noise makes a free network wiggle.
Y = STANDARD[:, 0] + np.sin(3 * STANDARD[:, 1]) - STANDARD[:, 2] + RNG.normal(scale=0.7, size=80)
LABELS = np.where(np.median(Y) < Y, "yes", "no")
SIGNS = [1, 0, -1]
NAMED = {"rises": 1, "falls": -1}
FRAME = pd.DataFrame(X, columns=["rises", "free", "falls"])


def Regressor(n_hidden=4, **options):
    return BackpropRegressor(n_hidden, random_state=0, **{"monotonic_cst": SIGNS} | options)


def Classifier(n_hidden=4, **options):
    return BackpropClassifier(n_hidden, random_state=0, **{"monotonic_cst": SIGNS} | options)


def assert_obeys(model, signs=SIGNS):
    """The signs of the weights prove it; the derivatives in random boxes agree."""
    signs = np.array(signs)
    W1, W2 = model.coefs_
    assert (W2 >= 0).all()
    assert (signs[:, None] * W1 >= 0).all()
    part = X[:, : len(signs)]
    rng, k = np.random.default_rng(1), len(signs)
    centers, widths = rng.uniform(-3, 3, size=(10, 1, k)), rng.uniform(0, 3, size=(10, 1, k))
    boxes = (centers + widths * rng.uniform(-1, 1, size=(10, 50, k))).reshape(-1, k)
    points = part.mean(axis=0) + part.std(axis=0) * boxes
    if hasattr(model, "feature_names_in_"):
        points = pd.DataFrame(points, columns=model.feature_names_in_)
    slopes = input_gradient(model, points)
    assert (signs * slopes >= 0).all()


@pytest.mark.parametrize(
    "optimizer", some_now(["auto", "adam", SGD(batch_size=16), "lbfgs", "rprop", "sgd"], 3)
)
@pytest.mark.parametrize("alpha", some_now(["auto", 0, 0.3], 1))
@small_budget
def test_every_optimizer_obeys(optimizer, alpha):
    solver = GradientDescent(optimizer, max_iter=60)
    assert_obeys(Regressor(solver=solver, alpha=alpha).fit(X, Y))


@pytest.mark.parametrize("seed", range(12))
@small_budget
def test_random_tables_and_signs(seed):
    rng = np.random.default_rng(seed)
    n_features = int(rng.integers(1, 4))
    features, signs = X[:, :n_features], rng.integers(-1, 2, size=n_features)
    y = rng.normal(size=80)  # noise asks for every direction
    model = Regressor(int(rng.integers(1, 12)), monotonic_cst=signs, alpha=0).fit(features, y)
    if signs.any():
        assert_obeys(model, signs)


FITS = {
    "restarts": lambda: Regressor(solver=GradientDescent(n_init=3)).fit(X, Y),
    "early stopping": lambda: Regressor(solver=GradientDescent(early_stopping=True)).fit(X, Y),
    "weights": lambda: Regressor().fit(X, Y, sample_weight=np.arange(80.0)),
    "sparse": lambda: Regressor().fit(sparse.csr_matrix(X), Y),
    "float32": lambda: Regressor().fit(X.astype(np.float32), Y),
    "unscaled steps": lambda: Regressor(solver=GradientDescent(scale_features=False)).fit(X, Y),
    "absolute error": lambda: Regressor(loss="quantile").fit(X, Y),
    "constant y": lambda: Regressor().fit(X, np.ones(80)),
    "two classes": lambda: Classifier().fit(X, LABELS),
    "squares of two classes": lambda: Classifier(loss="squared_error").fit(X, LABELS),
    "names": lambda: Regressor(monotonic_cst=NAMED).fit(FRAME, Y),
    "names, two classes": lambda: Classifier(monotonic_cst=NAMED).fit(FRAME, LABELS),
}


@pytest.mark.parametrize("kind", some_now(FITS, 6))
@small_budget
def test_every_fit_obeys(kind):
    assert_obeys(FITS[kind]())


def test_a_stream_obeys():
    model = Classifier(solver=GradientDescent("adam"))
    for batch in np.split(np.arange(80), 8) * 3:
        model.partial_fit(STANDARD[batch], LABELS[batch], classes=["no", "yes"])
        W1, W2 = model.coefs_
        assert (W2 >= 0).all()
        assert (np.array(SIGNS)[:, None] * W1 >= 0).all()
    assert model.score(STANDARD, LABELS) > 0.7


@pytest.mark.parametrize("optimizer", ["lbfgs", "adam"])
@small_budget
def test_a_warm_start_from_a_free_network_obeys(optimizer):
    solver = GradientDescent(optimizer, max_iter=1)
    model = Regressor(monotonic_cst=None, solver=solver, warm_start=True, alpha=0).fit(X, Y)
    with pytest.raises(AssertionError):
        assert_obeys(model)
    assert_obeys(model.set_params(monotonic_cst=SIGNS).fit(X, Y))
    assert model.n_iter_ == 1  # a new descent


@small_budget
def test_a_warm_start_goes_on_exactly():
    short = GradientDescent("adam", max_iter=10, tol=0)
    model = Regressor(solver=short, warm_start=True, alpha=0.1)
    model.fit(X, Y).fit(X, Y)
    whole = clone(model).set_params(solver__max_iter=20).fit(X, Y)
    assert_allclose(model.loss_curve_, whole.loss_curve_, rtol=1e-12)


def test_units_turned_by_hand_are_taken_as_they_are():
    model = Regressor(2, alpha=0.1).fit(X, Y)
    (W1, W2), (b1, b2) = model.coefs_, model.intercepts_
    again = clone(model).set_params(warm_start=True)
    again.coefs_, again.intercepts_ = [-W1, -W2], [-b1, b2 + W2.sum(axis=0)]
    assert_allclose(again.fit(X, Y).loss_, model.loss_, rtol=1e-3)


def test_the_fit_is_the_minimum_within_the_bounds():
    solver = GradientDescent("lbfgs", max_iter=5_000, tol=1e-7)
    y = Y + 2 * np.cos(2 * STANDARD[:, 0])  # a free network would fall somewhere
    model = Regressor(solver=solver, alpha=0.01).fit(X, y)
    assert model.status_ is Status.CONVERGED
    (W1, W2), (b1, b2) = model.coefs_, model.intercepts_
    assert (W1[[0, 2]] == 0).any() or (W2 == 0).any(), "no bound is active"
    samples = type("Samples", (), {"X": STANDARD, "y": y, "weight": None})
    J = training_objective(model, samples, model._encoder, 0.01)
    w = J.network.pack(W1 * X.std(axis=0)[:, None], b1 + X.mean(axis=0) @ W1, W2, b2)
    value, grad = J.value_and_grad(w)
    assert_allclose(value, model.loss_, rtol=1e-9)
    assert np.abs(J.monotonicity.free_gradient(w, grad)).max() < 1e-3 * value
    projected = clone(model).set_params(solver__optimizer="rprop", solver__tol=1e-6).fit(X, y)
    assert projected.loss_ > 0.97 * model.loss_  # another optimizer finds no lower minimum


def test_true_constraints_cost_little_and_false_ones_much():
    new = RNG.normal(size=(500, 3)) * X.std(axis=0) + X.mean(axis=0)
    scaled = (new - X.mean(axis=0)) / X.std(axis=0)
    new_y = scaled[:, 0] + np.sin(3 * scaled[:, 1]) - scaled[:, 2]
    free, true = (Regressor(10, monotonic_cst=signs).fit(X, Y) for signs in (None, SIGNS))
    assert true.score(new, new_y) > free.score(new, new_y) - 0.05
    with pytest.warns(match="check the signs of monotonic_cst"):
        Regressor(monotonic_cst=[-1, 0, 1], alpha=0.3).fit(X, Y)


def test_no_constraint_is_the_free_fit():
    free, zeros = (Regressor(monotonic_cst=signs).fit(X, Y) for signs in (None, [0, 0, 0]))
    assert free.loss_ == zeros.loss_
    assert repr(free.solver_) == "GradientDescent(optimizer=LevenbergMarquardt())"
    assert repr(Regressor().fit(X, Y).solver_) == "GradientDescent(optimizer=LBFGS())"


@pytest.mark.filterwarnings("ignore::sklearn.exceptions.ConvergenceWarning")  # of the wrong signs
def test_pipelines_and_searches():
    model = make_pipeline(StandardScaler().set_output(transform="pandas"), Regressor())
    model.set_params(backpropregressor__monotonic_cst=NAMED).fit(FRAME, Y)
    assert_obeys(model[-1])
    wrong = [-1, 0, 1]
    grid = {"monotonic_cst": [None, SIGNS, wrong]}
    search = GridSearchCV(Regressor(alpha=0.1), grid, cv=3).fit(X, Y)
    assert search.best_params_["monotonic_cst"] != wrong


class Unbounded(Optimizer):
    def start(self, objective, w, memory=None):
        return OptimizerState(w, *objective.value_and_grad(w))

    def step(self, objective, state, rng):
        raise AssertionError("it is refused before the first step")


class Zeros(Solver):
    def solve(self, objective, w0=None, **options):
        raise AssertionError("it is refused before the solve")


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"monotonic_cst": [1, 0]}, r"for each of 3 features, got \[1, 0\] of shape \(2,\)"),
        ({"monotonic_cst": [1, 0, 2]}, r"-1, 0 or 1, got \[1, 0, 2\]"),
        ({"monotonic_cst": ["up", "", ""]}, r"-1, 0 or 1, got \['up'"),
        ({"monotonic_cst": {"rises": 1}}, "X has no feature names"),
        ({"fit_intercept": False}, "needs fit_intercept=True"),
        ({"solver": "grid"}, "needs solver='gd', got solver='grid'"),
        ({"solver": MonteCarlo(n_draws=10)}, "needs solver='gd', got solver=MonteCarlo"),
        ({"solver": Zeros()}, "needs solver='gd', got solver=Zeros"),
        ({"solver": GradientDescent("lm")}, "got optimizer=LevenbergMarquardt.*: use optimizer="),
        ({"solver": GradientDescent(LevenbergMarquardt())}, "keeps weights within bounds"),
        ({"solver": GradientDescent(Unbounded())}, "keeps weights within bounds, got"),
    ],
    ids=str,
)
def test_what_cannot_be_obeyed_is_refused(options, message):
    with pytest.raises(ValueError, match=message):
        Regressor(**options).fit(X, Y)


def test_unknown_names_and_several_outputs_are_refused():
    with pytest.raises(ValueError, match=r"got \['risse'\]: use names of \['rises', 'free'"):
        Regressor(monotonic_cst={"risse": 1}).fit(FRAME, Y)
    with pytest.raises(ValueError, match=r"-1, 0 or 1, got \{'rises': 'up'\}"):
        Regressor(monotonic_cst={"rises": "up"}).fit(FRAME, Y)
    with pytest.raises(ValueError, match="not supported with multiple outputs"):
        Regressor().fit(X, np.column_stack([Y, -Y]))
    with pytest.raises(ValueError, match="not supported with multiclass"):
        Classifier().fit(X, np.digitize(Y, [-1, 1]))
    with pytest.raises(ValueError, match="not supported with multiclass or multilabel"):
        Classifier().fit(X, np.column_stack([LABELS == "yes", LABELS == "no"]).astype(int))


def test_error_bars_and_inspection():
    model = Regressor(monotonic_cst=NAMED).fit(FRAME, Y)
    _, std = model.predict(FRAME, return_std=True)
    assert (std > 0.3).all()
    assert check_gradient(model, FRAME, Y).ok
    assert check_gradient(Regressor(monotonic_cst=NAMED), FRAME, Y).ok
    fitted, path = record_path(Regressor(alpha=0.1), X, Y)
    low, high = Monotonicity(fitted._network, np.array(SIGNS)).bounds
    assert len(path) > 5
    assert ((low <= path) & (path <= high)).all()  # each step obeys, not only the last


def test_the_default_learns_as_well_as_a_longer_descent():
    rng = np.random.default_rng(0)
    features, new = rng.normal(size=(200, 3)), rng.normal(size=(1_000, 3))

    def truth(x):
        return x[:, 0] ** 3 - x[:, 1] + np.sin(x[:, 2])

    y = truth(features) + 0.3 * rng.normal(size=200)
    model = BackpropRegressor(6, monotonic_cst=[1, -1, 0], random_state=0).fit(features, y)
    assert model.score(new, truth(new)) > 0.95


def test_a_plateau_within_bounds_is_not_the_end():
    rng = np.random.default_rng(0)
    features = rng.normal(size=(300, 3))
    y = features[:, 0] ** 3 - features[:, 1] + np.sin(2 * features[:, 2]) + rng.normal(size=300)
    solver = GradientDescent("lbfgs", max_iter=2_000)
    model = BackpropRegressor(
        loss="quantile", alpha=1e-3, monotonic_cst=[1, -1, 0], solver=solver, random_state=0
    )
    deviation = np.abs(model.fit(features, y).predict(features) - y).mean()
    assert deviation < 0.6 * np.abs(y - np.median(y)).mean()


@pytest.mark.filterwarnings("ignore::sklearn.exceptions.ConvergenceWarning")  # of adam and rprop
@pytest.mark.parametrize("optimizer", ["auto", "lbfgs", "adam", "rprop"])
@pytest.mark.parametrize("then", [None, [1, 0]], ids=["free", "one-free"])
def test_a_warm_start_without_a_false_constraint_learns(optimizer, then):
    rng = np.random.default_rng(0)
    features = rng.normal(size=(300, 2))
    y = features[:, 0] - features[:, 1] + 0.1 * rng.normal(size=300)
    model = BackpropRegressor(
        4, alpha=1e-3, monotonic_cst=[1, 1], warm_start=True, random_state=0
    ).set_params(solver__optimizer=optimizer)
    assert model.fit(features, y).score(features, y) < 0.6
    assert model.set_params(monotonic_cst=then).fit(features, y).score(features, y) > 0.95


FAR = 1_000 + np.random.default_rng(0).normal(size=(300, 2))
FAR_Y = FAR[:, 0] - 1_000 + 0.5 * np.sin(2 * (FAR[:, 1] - 1_000))


@pytest.mark.parametrize("seed", range(4))
def test_a_warm_start_into_a_constraint_works_far_from_the_origin(seed):
    model = BackpropRegressor(4, alpha=1e-3, warm_start=True, random_state=seed).fit(FAR, FAR_Y)
    assert model.set_params(monotonic_cst=[1, 1]).fit(FAR, FAR_Y).score(FAR, FAR_Y) > 0.9


@pytest.mark.filterwarnings("ignore::sklearn.exceptions.ConvergenceWarning")  # of adam
def test_a_stream_keeps_the_scales_of_the_fit_when_a_constraint_is_added():
    model = BackpropRegressor(4, alpha=1e-3, random_state=0).set_params(solver__optimizer="adam")
    model.fit(FAR, FAR_Y).set_params(monotonic_cst=[1, 1])
    for _ in range(100):
        model.partial_fit(FAR, FAR_Y)
    assert model.score(FAR, FAR_Y) > 0.8


def test_a_series_counts_by_its_index():
    signs = pd.Series({"falls": -1, "rises": 1})
    by_series = Regressor(monotonic_cst=signs).fit(FRAME, Y)
    by_dict = Regressor(monotonic_cst=signs.to_dict()).fit(FRAME, Y)
    assert_allclose(by_series.predict(FRAME), by_dict.predict(FRAME), rtol=0, atol=0)


@pytest.mark.parametrize("features", [X, FRAME], ids=["array", "frame"])
def test_a_series_without_names_is_in_the_order_of_the_features(features):
    by_series = Regressor(monotonic_cst=pd.Series(SIGNS)).fit(features, Y)
    by_list = Regressor().fit(features, Y)
    assert_allclose(by_series.predict(features), by_list.predict(features), rtol=0, atol=0)
