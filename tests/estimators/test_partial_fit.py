"""`partial_fit`: data that come in pieces."""

import warnings
from copy import copy

import joblib
import numpy as np
import pytest
from numpy.testing import assert_allclose, assert_array_equal
from scipy import sparse
from sklearn.base import clone
from sklearn.datasets import load_diabetes, load_iris
from sklearn.exceptions import ConvergenceWarning
from sklearn.preprocessing import scale

from conftest import some_now
from skbackprop import BackpropClassifier, BackpropRegressor
from skbackprop.optimizers import SGD, Adam, Rprop
from skbackprop.optimizers._state import extended
from skbackprop.solvers import GradientDescent, MonteCarlo, Status

IRIS_X, IRIS_Y = scale(load_iris().data), load_iris().target
DIABETES_X, DIABETES_Y = load_diabetes(return_X_y=True)
DIABETES_X = scale(DIABETES_X)
FIRST_ORDER = [SGD(), SGD(batch_size=20), Adam(), Adam(batch_size=20), Rprop()]


def classifier(optimizer="adam", **options):
    options = {"alpha": 1e-3, "random_state": 0} | options
    return BackpropClassifier(4, solver=GradientDescent(optimizer), **options)


def regressor(optimizer="adam", **options):
    options = {"alpha": 0.1, "random_state": 0} | options
    return BackpropRegressor(4, solver=GradientDescent(optimizer), **options)


@pytest.mark.filterwarnings("ignore::sklearn.exceptions.ConvergenceWarning")
@pytest.mark.parametrize("optimizer", FIRST_ORDER, ids=str)
def test_calls_on_all_samples_are_the_iterations_of_fit(optimizer):
    one = classifier(optimizer).set_params(solver__max_iter=30, solver__tol=0)
    one.fit(IRIS_X, IRIS_Y)
    many = classifier(optimizer)
    for _ in range(30):
        many.partial_fit(IRIS_X, IRIS_Y, classes=[2, 0, 1])
    assert_allclose(many.loss_curve_, one.loss_curve_, rtol=1e-9)
    assert many.n_iter_ == 30
    assert many.status_ is Status.EPOCH


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_pieces_teach_what_all_together_teach(dtype):
    rng, model = np.random.default_rng(0), classifier(Adam(0.02))
    for _ in range(400):
        rows = rng.choice(150, size=30, replace=False)
        model.partial_fit(IRIS_X[rows].astype(dtype), IRIS_Y[rows], classes=[0, 1, 2])
    assert model.score(IRIS_X, IRIS_Y) > 0.95
    assert model.coefs_[0].dtype == dtype


def test_a_piece_need_not_hold_every_class():
    model = classifier(Adam(0.02))
    for row in np.random.default_rng(0).permutation(150):
        model.partial_fit(IRIS_X[row : row + 1], IRIS_Y[row : row + 1], [0, 1, 2])
    assert model.classes_.tolist() == [0, 1, 2]
    assert model.score(IRIS_X, IRIS_Y) > 0.6


def test_partial_fit_continues_after_fit():
    model = classifier("sgd").set_params(solver__tol=1e-3).fit(IRIS_X, IRIS_Y)
    n_iter, loss = model.n_iter_, model.loss_
    model.partial_fit(IRIS_X, IRIS_Y)
    assert model.n_iter_ == n_iter + 1
    assert model.loss_ < 1.01 * loss


@pytest.mark.filterwarnings("ignore::sklearn.exceptions.ConvergenceWarning")
@pytest.mark.parametrize("seed", some_now(range(4), 2))
@pytest.mark.parametrize("optimizer", [Adam(0.1), SGD(5.0), Rprop()], ids=str)
def test_after_fit_it_keeps_the_memory_whether_or_not_the_last_weights_are_the_best(
    optimizer, seed
):
    X = np.random.default_rng(0).uniform(-2, 2, (200, 2))
    y = np.sin(2 * X[:, 0]) * X[:, 1]
    solver = GradientDescent(optimizer, max_iter=1_000)
    model = BackpropRegressor(10, solver=solver, alpha=1e-4, random_state=seed).fit(X, y)
    score = model.score(X, y)
    assert model.partial_fit(X, y).score(X, y) > score - 0.01


def test_multilabel_needs_no_classes():
    Y, model = np.eye(3, dtype=int)[IRIS_Y], classifier()
    for _ in range(100):
        model.partial_fit(sparse.csr_matrix(IRIS_X), Y)
    assert model.score(IRIS_X, Y) > 0.7


def test_the_weight_of_a_sample_is_its_repetition():
    weight = np.arange(150) % 3
    weighted, repeated = classifier(SGD()), classifier(SGD())
    many = [np.repeat(array, weight, axis=0) for array in (IRIS_X, IRIS_Y)]
    for _ in range(20):
        weighted.partial_fit(IRIS_X, IRIS_Y, [0, 1, 2], weight)
        repeated.partial_fit(*many, [0, 1, 2])
    assert_allclose(weighted.coefs_[0], repeated.coefs_[0], rtol=1e-9)


def test_class_weights():
    heavy = classifier(class_weight={0: 1.0, 1: 1.0, 2: 50.0})
    for _ in range(100):
        heavy.partial_fit(IRIS_X, IRIS_Y, [0, 1, 2])
    assert heavy.score(IRIS_X[100:], IRIS_Y[100:]) == 1


def test_y_range_sets_the_range_of_the_regressor():
    model = regressor(Adam(0.02))
    extremes = (DIABETES_Y.min(), DIABETES_Y.max())
    for _ in range(20):
        for start in range(0, 442, 50):
            rows = slice(start, start + 50)
            model.partial_fit(DIABETES_X[rows], DIABETES_Y[rows], y_range=extremes)
    assert model.score(DIABETES_X, DIABETES_Y) > 0.4


def test_several_outputs_have_ranges_of_their_own():
    Y = np.column_stack([DIABETES_Y, 1e3 * DIABETES_Y])
    model = regressor().partial_fit(DIABETES_X, Y, y_range=([0, 0], [400, 4e5]))
    assert model.predict(DIABETES_X)[:, 1].mean() > 1e4


def test_y_beyond_the_range_causes_a_warning():
    model = regressor().partial_fit(DIABETES_X[:50], np.linspace(0, 1, 50))
    with pytest.warns(UserWarning, match=r"values from 5.0 to 6.0, outside .* start again"):
        model.partial_fit(DIABETES_X[:50], np.linspace(5, 6, 50))
    assert np.isfinite(model.predict(DIABETES_X)).all()


@pytest.mark.parametrize("optimizer", ["auto", "lm", "lbfgs"])
def test_only_first_order_optimizers_have_it(optimizer):
    for model in (classifier(optimizer), regressor(optimizer)):
        assert not hasattr(model, "partial_fit")
    # the chained reason of available_if
    with pytest.raises(AttributeError) as caught:
        model.partial_fit(IRIS_X, IRIS_Y)
    assert "use fit, or set_params(solver__optimizer='adam')" in str(caught.value.__cause__)


@pytest.mark.parametrize("solver", ["gd", "grid", MonteCarlo(), GradientDescent("lm")], ids=str)
def test_the_advice_for_partial_fit_is_accepted(solver):
    model = BackpropClassifier(alpha=1.0, solver=solver)
    with pytest.raises(AttributeError) as caught:
        model.partial_fit(IRIS_X, IRIS_Y)
    advice = str(caught.value.__cause__).split(", or ")[-1]
    eval(f"model.{advice}", {"model": model, "GradientDescent": GradientDescent})
    assert hasattr(model, "partial_fit")


@pytest.mark.parametrize("solver", ["montecarlo", "grid", "gd"])
def test_no_solver_by_name_has_it(solver):
    assert not hasattr(BackpropClassifier(alpha=1.0, solver=solver), "partial_fit")
    assert hasattr(BackpropClassifier(alpha=1.0, solver=GradientDescent("sgd")), "partial_fit")


@pytest.mark.parametrize("learning_rate", [1e300])
def test_divergence_keeps_the_weights_and_says_what_to_change(learning_rate):
    model = classifier(SGD(0.1)).partial_fit(IRIS_X, IRIS_Y, [0, 1, 2])
    before = model.coefs_[0]
    model.set_params(solver__optimizer__learning_rate=learning_rate, alpha=1.0)
    with pytest.warns(ConvergenceWarning, match="lower learning_rate") as caught:
        model.partial_fit(IRIS_X, IRIS_Y)
    assert caught[0].filename == __file__
    assert model.status_ is Status.DIVERGED
    assert_array_equal(model.coefs_[0], before)


@pytest.mark.parametrize(
    ("model", "calls", "words"),
    [
        (classifier(), [(IRIS_X, IRIS_Y)], "classes must list all labels .* got None"),
        (
            classifier(),
            [(IRIS_X, IRIS_Y, [0, 1, 2]), (IRIS_X, IRIS_Y, [0, 1])],
            r"need the classes of the previous fit, array\(\[0, 1, 2\]\), got array\(\[0, 1\]\)",
        ),
        (classifier(), [(IRIS_X, IRIS_Y, [0, 1])], r"got \[2\], which did not occur"),
        (
            classifier(class_weight="balanced"),
            [(IRIS_X, IRIS_Y, [0, 1, 2])],
            "class_weight must be a dict or None for partial_fit",
        ),
        (
            classifier(class_weight={0: 0.0, 1: 0.0}),
            [(IRIS_X[:50], IRIS_Y[:50], [0, 1, 2])],
            "class_weight must leave some sample with a positive weight",
        ),
        (
            classifier(),
            [(IRIS_X, IRIS_Y, [0, 1, 2]), (IRIS_X, np.eye(3, dtype=int)[IRIS_Y])],
            "y must be as in the first fit, one label per sample",
        ),
        (
            classifier(),
            [(IRIS_X, IRIS_Y, [0, 1, 2]), (IRIS_X[:, :2], IRIS_Y)],
            "X has 2 features, but BackpropClassifier is expecting 4",
        ),
        (
            regressor(),
            [(DIABETES_X, DIABETES_Y), (DIABETES_X, np.column_stack([DIABETES_Y] * 2))],
            "as many outputs as in the first fit, 1, got 2",
        ),
    ],
)
def test_what_does_not_fit_is_refused_and_changes_nothing(model, calls, words):
    model = clone(model)
    *good, bad = calls
    for call in good:
        model.partial_fit(*call)
    before = dict(vars(model))
    with pytest.raises(ValueError, match=words):
        model.partial_fit(*bad)
    assert vars(model) == before


@pytest.mark.parametrize("y_range", [(1, 0), 3, (0, np.inf), (0, 1, 2), ([0, 0], [1, 1])], ids=str)
def test_y_range_is_checked(y_range):
    with pytest.raises(ValueError, match="y_range must be the smallest and the largest y"):
        regressor().partial_fit(DIABETES_X, DIABETES_Y, y_range=y_range)


def test_y_range_stays():
    model = regressor().partial_fit(DIABETES_X, DIABETES_Y, y_range=(0, 400))
    model.partial_fit(DIABETES_X, DIABETES_Y, y_range=(0, 400))
    with pytest.raises(ValueError, match="y_range must be the same as in the first call"):
        model.partial_fit(DIABETES_X, DIABETES_Y, y_range=(0, 500))


def test_partial_fit_after_early_stopping_continues_from_the_kept_weights():
    rng = np.random.default_rng(0)
    X, y = rng.normal(size=(120, 5)), rng.integers(2, size=120)
    model = classifier(Adam(0.05)).set_params(solver__early_stopping=True)
    model.fit(X, y)
    assert model.status_ is Status.EARLY_STOPPED
    kept = model.coefs_[0]
    model.set_params(solver__optimizer__learning_rate=1e-12).partial_fit(X, y)
    assert_allclose(model.coefs_[0], kept, atol=1e-9)


def test_partial_fit_after_divergence_continues_from_the_kept_weights():
    model = classifier(SGD(1e6)).set_params(alpha=1.0)
    with pytest.warns(ConvergenceWarning):
        model.fit(IRIS_X, IRIS_Y)
    loss = model.loss_
    model.set_params(solver__optimizer__learning_rate=0.01).partial_fit(IRIS_X, IRIS_Y)
    assert model.loss_ < loss


@pytest.mark.filterwarnings("ignore::sklearn.exceptions.ConvergenceWarning")
def test_a_descent_after_it_keeps_weights_that_are_better():
    model = classifier(SGD(1.0), warm_start=True)
    for _ in range(50):
        model.partial_fit(IRIS_X, IRIS_Y, [0, 1, 2])
    loss = model.loss_
    model.set_params(solver__optimizer__learning_rate=1e5).fit(IRIS_X, IRIS_Y)
    assert model.loss_ <= loss
    assert model.status_ is Status.DIVERGED


def test_an_adaptive_rate_adapts():
    model = classifier(SGD(100.0, schedule="adaptive"))
    for _ in range(30):
        model.partial_fit(IRIS_X, IRIS_Y, [0, 1, 2])
    assert model._solver_state[1].memory.divided < 1


def test_batches_of_different_precision_can_follow_each_other():
    model = classifier()
    for dtype in (np.float32, np.float64, np.float32, np.float64):
        model.partial_fit(IRIS_X.astype(dtype), IRIS_Y, [0, 1, 2])
    assert model.n_iter_ == 4


def test_the_penalty_stands_beside_the_samples_of_the_call():
    whole = classifier(SGD(0.1, momentum=0), alpha=3.0)
    batches = classifier(SGD(0.1, momentum=0, batch_size=75), alpha=3.0)
    for model in (whole, batches):
        model.partial_fit(IRIS_X, IRIS_Y, [0, 1, 2])
        model.coefs_, model.intercepts_ = [4 * W for W in model.coefs_], model.intercepts_
    start = np.linalg.norm(whole.coefs_[0])
    for model in (whole, batches):
        for _ in range(20):
            model.partial_fit(IRIS_X, IRIS_Y)
    shrunk = [np.linalg.norm(model.coefs_[0]) for model in (whole, batches)]
    # two batches a pass shrink twice as often, by the same factor
    assert shrunk[0] < start
    assert shrunk[1] < shrunk[0]


def test_class_weights_may_change_between_calls():
    model = classifier(SGD(0.1)).partial_fit(IRIS_X, IRIS_Y, [0, 1, 2])
    plain = clone(model).partial_fit(IRIS_X, IRIS_Y, [0, 1, 2]).partial_fit(IRIS_X, IRIS_Y)
    model.set_params(class_weight={0: 9.0}).partial_fit(IRIS_X, IRIS_Y)
    assert not np.allclose(model.coefs_[0], plain.coefs_[0])


def test_y_beyond_the_range_is_said_in_the_first_call_too():
    with pytest.warns(UserWarning, match="outside the range of predictions"):
        regressor().partial_fit(DIABETES_X, DIABETES_Y, y_range=(0, 1))


@pytest.mark.parametrize("model", [classifier(), regressor()], ids=["classifier", "regressor"])
def test_the_target_range_stays(model):
    model = clone(model)
    y, told = (IRIS_Y, [[0, 1, 2]]) if hasattr(model, "predict_proba") else (DIABETES_Y[:150], [])
    model.partial_fit(IRIS_X, y, *told).set_params(target_range=(0.2, 0.8))
    with pytest.raises(ValueError, match="target_range must be the same"):
        model.partial_fit(IRIS_X, y)


@pytest.mark.parametrize("classes", [[], 3, "abc", [[0, 1], [2, 3]]], ids=str)
def test_classes_are_checked(classes):
    with pytest.raises(ValueError, match="classes must list all labels to expect"):
        classifier().partial_fit(IRIS_X, IRIS_Y, classes)


@pytest.mark.parametrize("compress", [0, 3])
def test_calls_continue_after_joblib_has_stored_the_model(compress, tmp_path):
    model = regressor()
    for _ in range(5):
        model.partial_fit(DIABETES_X, DIABETES_Y, y_range=(0, 400))
    joblib.dump(model, tmp_path / "model", compress=compress)
    kept = joblib.load(tmp_path / "model")
    for each in (model, kept):
        each.partial_fit(DIABETES_X, DIABETES_Y)
    assert_array_equal(kept.coefs_[0], model.coefs_[0])
    assert_array_equal(kept.loss_curve_, model.loss_curve_)
    assert kept.n_evaluations_ == model.n_evaluations_


def test_y_beyond_the_range_is_shown_once():
    model = regressor().partial_fit(DIABETES_X[:9], DIABETES_Y[:9])
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("default")
        for i in range(9, 300, 30):
            model.partial_fit(DIABETES_X[i : i + 30], DIABETES_Y[i : i + 30])
    assert len(caught) == 1
    assert "start again, and pass y_range" in str(caught[0].message)


@pytest.mark.parametrize(
    ("y", "constant"),
    [
        ([5.0], "5.0"),
        ([2.0, 2.0, 2.0], "2.0"),
        ([[0.0, 3.0], [1.0, 3.0]], "3.0"),
    ],
    ids=["one-sample", "constant", "one-output"],
)
def test_the_first_y_must_have_a_range(y, constant):
    model = regressor()
    with pytest.raises(ValueError, match=rf"y_range must be given .* got only {constant} from"):
        model.partial_fit(np.arange(len(y))[:, None], y)
    y_range = (0, 10) if np.ndim(y) == 1 else ([0, 0], [10, 10])
    assert model.partial_fit(np.arange(len(y))[:, None], y, y_range=y_range).n_iter_ == 1


def test_samples_without_weight_do_not_make_the_range():
    with pytest.raises(ValueError, match="y_range must be given"):
        regressor().partial_fit([[0], [1], [2]], [1.0, 1.0, 5.0], sample_weight=[1, 1, 0])


@pytest.mark.filterwarnings("ignore::sklearn.exceptions.ConvergenceWarning")
def test_a_range_of_no_width_from_fit_is_refused():
    model = regressor().fit(DIABETES_X, np.ones(442))
    with pytest.raises(ValueError, match=r"y_range must be given .* from the previous fit"):
        model.partial_fit(DIABETES_X, DIABETES_Y)


def test_the_curve_grows_in_place():
    curve, rooms = np.zeros(1), set()
    for value in range(1, 1000):
        curve = extended(curve, value)
        rooms.add(id(curve.base))
    assert_array_equal(curve, np.arange(1000))
    # it moves when the array is full, to one of twice the length
    assert len(rooms) <= 8


def test_the_curve_of_calls_grows_in_place():
    model = regressor()
    for _ in range(3):
        model.partial_fit(DIABETES_X, DIABETES_Y)
    three = model.loss_curve_
    model.partial_fit(DIABETES_X, DIABETES_Y)
    assert type(model.loss_curve_) is np.ndarray
    assert model.loss_curve_.base is three.base
    assert (len(three), len(model.loss_curve_)) == (3, 4)


def test_two_copies_that_continue_do_not_share_their_curves():
    model = regressor().partial_fit(DIABETES_X, DIABETES_Y)
    other = copy(model)
    model.partial_fit(DIABETES_X, DIABETES_Y)
    first = model.loss_curve_.copy()
    other.partial_fit(DIABETES_X[:100], DIABETES_Y[:100])
    assert_array_equal(model.loss_curve_, first)
    assert other.loss_curve_[1] != first[1]


def test_weights_of_ones_own_are_where_the_first_call_begins():
    donor = classifier(SGD(0.1)).partial_fit(IRIS_X, IRIS_Y, [0, 1, 2])
    model = classifier(SGD(0.1))
    model.coefs_, model.intercepts_ = donor.coefs_, donor.intercepts_
    model.partial_fit(IRIS_X, IRIS_Y, [0, 1, 2])
    assert model.loss_ < donor.loss_
