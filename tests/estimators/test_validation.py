"""Validation data and early stopping, with every optimizer and solver."""

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
from numpy.testing import assert_allclose, assert_array_equal
from scipy import sparse
from sklearn import config_context
from sklearn.base import clone
from sklearn.datasets import load_diabetes, load_iris
from sklearn.exceptions import ConvergenceWarning
from sklearn.pipeline import Pipeline
from sklearn.preprocessing import StandardScaler, scale

from skbackprop import BackpropClassifier, BackpropRegressor
from skbackprop.estimators._held_out import held_out_rows
from skbackprop.losses import Exponential
from skbackprop.optimizers import OPTIMIZERS, SGD
from skbackprop.solvers import (
    GradientDescent,
    Grid,
    MonteCarlo,
    Solver,
    SolverResult,
    Status,
)

IRIS_X, IRIS_Y = scale(load_iris().data), load_iris().target
DIABETES_X, DIABETES_Y = load_diabetes(return_X_y=True)
DIABETES_X = scale(DIABETES_X)
TRAIN, VAL = slice(0, None, 2), slice(1, None, 2)


def classifier(n_hidden, *, loss="squared_error", alpha=1e-3, **options):
    """With the lecture's cost, which is easily computed by hand."""
    options = {"solver": "gd", "random_state": 0} | options
    return BackpropClassifier(n_hidden, loss=loss, alpha=alpha, **options)


def noise(n_samples=120):
    """Labels that no feature explains: whatever is learnt of them is wrong elsewhere."""
    rng = np.random.default_rng(0)
    return rng.normal(size=(n_samples, 5)), rng.integers(2, size=n_samples)


def cost(model, X, Y, weights=1.0):
    """The lecture's J, without the penalty."""
    W1, W2, (b1, b2) = *model.coefs_, model.intercepts_
    yhat = 1 / (1 + np.exp(-(1 / (1 + np.exp(-(X @ W1 + b1))) @ W2 + b2)))
    return float(np.sum(weights * 0.5 * np.sum((Y - yhat) ** 2, axis=1)))


@pytest.mark.filterwarnings("ignore::sklearn.exceptions.ConvergenceWarning")
@pytest.mark.parametrize("optimizer", OPTIMIZERS)
class TestEveryOptimizer:
    def test_the_weights_with_the_lowest_validation_cost_are_returned(self, optimizer):
        X, y = noise()
        solver = GradientDescent(optimizer, early_stopping=True, max_iter=300)
        model = classifier(8, solver=solver, alpha=0)
        model.fit(X[TRAIN], y[TRAIN], X_val=X[VAL], y_val=y[VAL])
        assert model.status_ is Status.EARLY_STOPPED
        curve = model.validation_loss_curve_
        assert len(curve) == len(model.loss_curve_) == model.n_iter_
        lowest = cost(model, X[VAL], y[VAL, None])
        assert lowest <= curve.min() * (1 + 1e-12)
        # ten iterations without a gain, and the cost of the training data fell meanwhile
        assert curve[-10:].min() >= lowest * (1 - 1e-5)
        assert model.loss_curve_.min() < model.loss_

    def test_validation_data_alone_are_recorded_and_change_nothing(self, optimizer):
        X, y = noise()
        solver = GradientDescent(optimizer, max_iter=20, tol=0)
        plain = classifier(4, solver=solver).fit(X[TRAIN], y[TRAIN])
        model = clone(plain).fit(X[TRAIN], y[TRAIN], X_val=X[VAL], y_val=y[VAL])
        assert_array_equal(model.coefs_[0], plain.coefs_[0])
        assert len(model.validation_loss_curve_) == len(model.loss_curve_)
        if model.loss_curve_.argmin() == len(model.loss_curve_) - 1:
            expected = cost(model, X[VAL], y[VAL, None])
            assert model.validation_loss_curve_[-1] == pytest.approx(expected, rel=1e-9)
        assert not hasattr(plain, "validation_loss_curve_")


@pytest.mark.parametrize("solver", [MonteCarlo(5_000), Grid(max_evals=2_000)], ids=str)
@pytest.mark.filterwarnings("ignore::sklearn.exceptions.ConvergenceWarning")
def test_searches_record_the_validation_cost_of_their_best_point(solver):
    model = classifier(2, solver=solver)
    model.fit(IRIS_X[TRAIN], IRIS_Y[TRAIN], X_val=IRIS_X[VAL], y_val=IRIS_Y[VAL])
    assert len(model.validation_loss_curve_) == len(model.loss_curve_)
    expected = cost(model, IRIS_X[VAL], np.eye(3)[IRIS_Y[VAL]])
    assert model.validation_loss_curve_[-1] == pytest.approx(expected, rel=1e-9)
    assert not hasattr(model.fit(IRIS_X, IRIS_Y), "validation_loss_curve_")


def test_the_validation_cost_is_in_units_of_J():
    model = classifier(3, alpha=0)
    few = slice(1, None, 10)
    weights = np.linspace(0.5, 2, len(IRIS_Y[few]))
    model.fit(IRIS_X, IRIS_Y, X_val=IRIS_X[few], y_val=IRIS_Y[few], sample_weight_val=weights)
    mean = cost(model, IRIS_X[few], np.eye(3)[IRIS_Y[few]], weights) / weights.sum()
    assert model.validation_loss_curve_[-1] == pytest.approx(150 * mean, rel=1e-6)


def test_a_validation_weight_is_a_repetition():
    weight = np.arange(len(IRIS_Y[VAL])) % 3
    solver = GradientDescent("adam", early_stopping=True, tol=1e-3)
    model = classifier(3, solver=solver)
    weighted = clone(model).fit(
        IRIS_X[TRAIN],
        IRIS_Y[TRAIN],
        X_val=IRIS_X[VAL],
        y_val=IRIS_Y[VAL],
        sample_weight_val=weight,
    )
    X_val, y_val = (np.repeat(array[VAL], weight, axis=0) for array in (IRIS_X, IRIS_Y))
    repeated = clone(model).fit(IRIS_X[TRAIN], IRIS_Y[TRAIN], X_val=X_val, y_val=y_val)
    assert_allclose(weighted.validation_loss_curve_, repeated.validation_loss_curve_, rtol=1e-12)
    assert_allclose(weighted.coefs_[0], repeated.coefs_[0], rtol=1e-9)


def test_class_weights_hold_for_the_validation_cost_too():
    X, y = noise()
    weights = {0: 1.0, 1: 5.0}
    model = classifier(3, class_weight=weights, alpha=0)
    model.fit(X, y, X_val=X, y_val=y)
    assert model.validation_loss_curve_[-1] == pytest.approx(model.loss_curve_[-1], rel=1e-9)


@pytest.mark.parametrize("loss", ["squared_error", "log_loss", "itakura_saito"])
def test_y_beyond_the_range_of_training_costs_a_finite_number(loss):
    model = BackpropRegressor(3, alpha=0.1, loss=loss, random_state=0)
    model.fit(DIABETES_X, DIABETES_Y, X_val=DIABETES_X[:2], y_val=[-1e6, 1e6])
    assert np.isfinite(model.validation_loss_curve_).all()


@pytest.mark.parametrize(
    "shape", ["dense", "csr", "float32", "multilabel", "sparse-multilabel", "multioutput"]
)
def test_early_stopping_takes_every_kind_of_data(shape):
    solver = GradientDescent(early_stopping=True, validation_fraction=0.3)
    if shape == "multioutput":
        Y = np.column_stack([DIABETES_Y, -DIABETES_Y])
        model = BackpropRegressor(4, alpha=0.1, solver=solver, random_state=0).fit(DIABETES_X, Y)
        assert model.score(DIABETES_X, Y) > 0.4
        return
    X = {"csr": sparse.csr_matrix, "float32": np.float32}.get(shape, np.asarray)(IRIS_X)
    y = np.eye(3, dtype=int)[IRIS_Y] if "multilabel" in shape else IRIS_Y
    y = sparse.csr_matrix(y) if "sparse" in shape else y
    model = classifier(4, solver=solver, random_state=1).fit(X, y)
    assert model.score(X, y) > 0.85
    assert model.coefs_[0].dtype == X.dtype


def test_early_stopping_generalises_better_on_noise():
    X, y = noise()
    ratios = []
    for seed in range(5):  # single starts vary
        model = classifier(8, alpha=0, random_state=seed)
        stopped = clone(model).set_params(solver__early_stopping=True).fit(X[TRAIN], y[TRAIN])
        model.fit(X[TRAIN], y[TRAIN])
        ratios.append(cost(stopped, X[VAL], y[VAL, None]) / cost(model, X[VAL], y[VAL, None]))
    assert np.median(ratios) < 0.8


def test_of_several_starts_the_one_with_the_lowest_validation_cost_is_kept():
    X, y = noise()
    solver = GradientDescent("lm", early_stopping=True)
    model = classifier(4, alpha=0, solver=solver)
    data = {"X_val": X[VAL], "y_val": y[VAL]}
    one = clone(model).fit(X[TRAIN], y[TRAIN], **data)
    many = model.set_params(solver__n_init=8).fit(X[TRAIN], y[TRAIN], **data)
    values = [cost(fitted, X[VAL], y[VAL, None]) for fitted in (many, one)]
    assert values[0] < values[1]
    in_parallel = clone(many).set_params(n_jobs=2).fit(X[TRAIN], y[TRAIN], **data)
    assert_array_equal(in_parallel.coefs_[0], many.coefs_[0])


def test_divergence_is_not_called_early_stopping():
    solver = GradientDescent(SGD(1e6), early_stopping=True)
    model = BackpropRegressor(4, alpha=0.1, solver=solver, random_state=0)
    with pytest.warns(ConvergenceWarning, match="lower learning_rate"):
        model.fit(DIABETES_X, DIABETES_Y)
    assert model.status_ is Status.DIVERGED


def test_what_a_perfect_fit_costs_does_not_hide_the_falls_of_the_validation_cost():
    X = np.linspace(-3, 3, 200)[:, None]
    solver = GradientDescent("lbfgs", early_stopping=True)
    model = BackpropRegressor(10, loss=Exponential(1e4), solver=solver, alpha=0, random_state=0)
    assert model.fit(X, np.sin(X[:, 0])).score(X, np.sin(X[:, 0])) > 0.98


def test_weights_of_samples_that_are_set_aside_count():
    X, y = noise()
    heavy = np.where(np.arange(len(y)) % 3, 1.0, 10.0)
    solver = GradientDescent("adam", early_stopping=True, validation_fraction=0.3, tol=0)
    # a seed with which the start, which the curve has not, is not the best
    model = classifier(8, solver=solver, random_state=1).fit(X, y, sample_weight=heavy)
    rng = np.random.RandomState(1)
    train, held_out = held_out_rows(len(y), 0.3, y, rng.randint(np.iinfo(np.int32).max))
    lowest = cost(model, X[held_out], y[held_out, None], heavy[held_out])
    lowest *= heavy[train].sum() / heavy[held_out].sum()
    assert lowest == pytest.approx(model.validation_loss_curve_.min(), rel=1e-9)


def test_early_stopping_between_warm_fits_begins_a_new_record():
    data = {"X_val": IRIS_X[VAL], "y_val": IRIS_Y[VAL]}
    model = classifier(4, solver=GradientDescent("adam", max_iter=60, tol=0), warm_start=True)
    with pytest.warns(ConvergenceWarning):
        model.fit(IRIS_X[TRAIN], IRIS_Y[TRAIN], **data)
    model.set_params(solver__early_stopping=True, solver__max_iter=20)
    with pytest.warns(ConvergenceWarning):
        model.fit(IRIS_X[TRAIN], IRIS_Y[TRAIN], **data)
    assert model.n_iter_ == 20


def test_frames_are_checked_for_the_order_of_their_columns():
    frame = pd.DataFrame(IRIS_X, columns=list("abcd"))
    with pytest.raises(ValueError, match="feature names should match"):
        classifier(3).fit(frame, IRIS_Y, X_val=frame[list("bacd")], y_val=IRIS_Y)


class Zero(Solver):
    """A solver that knows nothing of validation data."""

    def solve(self, objective, w0=None, *, rng, n_jobs=None, callback=None):
        w = np.zeros(objective.n_weights)
        return SolverResult(w, objective.value(w), 1, 1, Status.EXHAUSTED, np.zeros(1))


def test_a_solver_that_takes_no_validation_data_says_so():
    with pytest.raises(ValueError, match=r"solver=Zero\(\) does not support validation data"):
        classifier(3, solver=Zero()).fit(IRIS_X, IRIS_Y, X_val=IRIS_X, y_val=IRIS_Y)


class Options(Zero):
    """A solver that takes validation data among others, and says so."""

    supports_validation = True

    def solve(self, objective, w0=None, **options):
        value = options.pop("validation").value(np.zeros(objective.n_weights))
        result = super().solve(objective, w0, **options)
        return replace(result, validation_loss_curve=np.array([value]), validation_value=value)


class HoldingOut(Options):
    held_out = 0.2


class HoldingOutInVain(Zero):
    held_out = 0.2


@pytest.mark.filterwarnings("ignore::sklearn.exceptions.ConvergenceWarning")  # a poor fit
def test_a_solver_takes_validation_data_if_it_says_so():
    model = classifier(3, solver=Options())
    model.fit(IRIS_X, IRIS_Y, X_val=IRIS_X, y_val=IRIS_Y)
    assert len(model.validation_loss_curve_) == 1
    assert len(classifier(3, solver=HoldingOut()).fit(IRIS_X, IRIS_Y).validation_loss_curve_) == 1


def test_a_solver_that_sets_samples_aside_and_does_not_take_them_is_refused():
    with pytest.raises(ValueError, match=r"support validation data, got held_out=0.2; .*supports"):
        classifier(3, solver=HoldingOutInVain()).fit(IRIS_X, IRIS_Y)


def test_the_smallest_weights_are_weights():
    tiny = np.full(75, 1e-320)
    model = classifier(3).fit(
        IRIS_X[TRAIN], IRIS_Y[TRAIN], X_val=IRIS_X[VAL], y_val=IRIS_Y[VAL], sample_weight_val=tiny
    )
    assert np.isfinite(model.validation_loss_curve_).all()


def test_verbose_shows_the_validation_cost(capsys):
    model = classifier(3, verbose=1)
    model.fit(IRIS_X, IRIS_Y, X_val=IRIS_X, y_val=IRIS_Y)
    header, first, *_ = capsys.readouterr().out.splitlines()
    assert "validation J" in header
    assert float(first.split()[3]) == pytest.approx(model.validation_loss_curve_[0], rel=1e-4)


def test_fit_with_validation_data_in_a_pipeline_that_scales_them_too():
    with config_context(enable_metadata_routing=True):
        model = classifier(3).set_fit_request(X_val=True, y_val=True)
        steps = [("scale", StandardScaler()), ("net", model)]
        pipeline = Pipeline(steps, transform_input=["X_val"])
        X = 1e3 * IRIS_X + 50
        pipeline.fit(X, IRIS_Y, X_val=X, y_val=IRIS_Y)
    net = pipeline[-1]
    penalty = 0.5e-3 * sum(np.sum(W**2) for W in net.coefs_)
    assert net.validation_loss_curve_[-1] + penalty == pytest.approx(net.loss_, rel=1e-6)


@pytest.mark.parametrize(
    ("counts", "share", "expected"),
    [
        ([50, 50, 50], 0.1, [5, 5, 5]),
        ([90, 10], 0.1, [9, 1]),
        ([4, 4, 4], 0.1, [1, 1, 1]),  # one of each class at least
        ([20, 2], 0.5, [10, 1]),
        ([200, 2, 2], 0.1, [20, 1, 1]),
        ([200, 2, 2], 0.9, [180, 1, 1]),
    ],
    ids=str,
)
def test_the_split_represents_every_class(counts, share, expected):
    y = np.repeat(np.arange(len(counts)), counts)
    train, held_out = held_out_rows(len(y), share, y, seed=0)
    assert np.bincount(y[held_out]).tolist() == expected
    assert sorted([*train, *held_out]) == list(range(len(y)))


@pytest.mark.parametrize(
    ("y", "words"),
    [
        (np.r_[np.zeros(20), 1.0], "got 1 of one class"),
        (np.array([0, 0, 1, 1, 2]), "got 1 of one class"),
    ],
)
def test_too_few_samples_to_set_aside(y, words):
    model = classifier(3, solver=GradientDescent(early_stopping=True))
    with pytest.raises(ValueError, match=f"{words}: pass X_val and y_val to fit"):
        model.fit(np.arange(len(y))[:, None], y)


X_FEW, Y_FEW = IRIS_X[:10], IRIS_Y[:10]


@pytest.mark.parametrize(
    ("data", "words"),
    [
        ({"X_val": X_FEW}, r"must be given together, got only \['X_val'\]"),
        ({"y_val": Y_FEW}, r"must be given together, got only \['y_val'\]"),
        ({"sample_weight_val": [1.0]}, r"got only \['sample_weight_val'\]"),
        ({"X_val": X_FEW[:, :2], "y_val": Y_FEW}, "X_val has 2 features, but .* expecting 4"),
        ({"X_val": X_FEW * np.nan, "y_val": Y_FEW}, "Input X_val contains NaN"),
        ({"X_val": X_FEW, "y_val": Y_FEW[:5]}, "inconsistent numbers of samples"),
        ({"X_val": X_FEW, "y_val": Y_FEW + 7}, r"y_val must have .* got \[7\], which"),
        (
            {"X_val": X_FEW, "y_val": Y_FEW, "sample_weight_val": np.zeros(10)},
            "at least one (positive|non-zero) number",
        ),
    ],
    ids=str,
)
def test_validation_data_are_checked(data, words):
    with pytest.raises(ValueError, match=words):
        classifier(3).fit(IRIS_X, IRIS_Y, **data)


def test_validation_targets_need_as_many_outputs_as_training():
    two = np.column_stack([DIABETES_Y, DIABETES_Y])
    with pytest.raises(
        ValueError, match="y_val must have as many outputs as in the first fit, 1, got 2"
    ):
        BackpropRegressor(alpha=0.1).fit(DIABETES_X, DIABETES_Y, X_val=DIABETES_X, y_val=two)


@pytest.mark.parametrize(
    "option", [{"early_stopping": 2}, {"validation_fraction": 1.0}, {"n_iter_no_change": 0}]
)
def test_options_are_validated(option):
    (name,) = option
    with pytest.raises(ValueError, match=f"'{name}' parameter of GradientDescent"):
        classifier(3, solver=GradientDescent(**option)).fit(IRIS_X, IRIS_Y)


def test_one_sample_cannot_be_set_aside():
    model = BackpropRegressor(alpha=0.1, solver=GradientDescent(early_stopping=True))
    with pytest.raises(ValueError, match="needs at least two, got 1: pass X_val"):
        model.fit([[1.0]], [1.0])
