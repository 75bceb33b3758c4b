"""Going on where the last fit ended."""

import pickle
from dataclasses import replace

import numpy as np
import pytest
from numpy.testing import assert_allclose, assert_array_equal
from sklearn.base import clone
from sklearn.datasets import load_diabetes, load_iris
from sklearn.exceptions import NotFittedError
from sklearn.neural_network import MLPClassifier
from sklearn.preprocessing import scale

from conftest import some_now
from skbackprop import BackpropClassifier, BackpropRegressor
from skbackprop.optimizers import LBFGS, SGD, Adam, LevenbergMarquardt, Rprop
from skbackprop.solvers import (
    GradientDescent,
    Grid,
    MonteCarlo,
    Solver,
    SolverResult,
    Status,
)

pytestmark = pytest.mark.filterwarnings("ignore::sklearn.exceptions.ConvergenceWarning")

X, Y = scale(load_iris().data), load_iris().target
EXACT = [
    SGD(),
    SGD(nesterov=True),
    SGD(schedule="invscaling"),
    SGD(20.0, schedule="adaptive"),
    SGD(batch_size=20),
    Adam(),
    Adam(batch_size=20),
    Rprop(),
    LevenbergMarquardt(),
]


def classifier(n_hidden, *, loss="squared_error", alpha=1e-3, random_state=0, **options):
    options |= {"loss": loss, "alpha": alpha, "random_state": random_state}
    return BackpropClassifier(n_hidden, **options)


def in_five_fits(model):
    """Five warm fits, of a fifth of the iterations each."""
    n = model.get_params()["solver__max_iter"] // 5
    model = clone(model).set_params(warm_start=True, solver__max_iter=n)
    for _ in range(5):
        model = pickle.loads(pickle.dumps(model.fit(X, Y)))
    return model


@pytest.mark.parametrize("early_stopping", [False, True], ids=["all", "early"])
@pytest.mark.parametrize("dtype", some_now([np.float64, np.float32], 1))
@pytest.mark.parametrize("optimizer", EXACT, ids=str)
def test_five_fits_of_ten_iterations_are_one_of_fifty(optimizer, dtype, early_stopping):
    solver = GradientDescent(optimizer, max_iter=50, tol=1e-6, early_stopping=early_stopping)
    model = classifier(4, solver=solver)
    data = X.astype(dtype), Y
    one = clone(model).fit(*data)
    five = clone(model).set_params(warm_start=True, solver__max_iter=10)
    for _ in range(5):
        five = pickle.loads(pickle.dumps(five.fit(*data)))
    assert five.n_iter_ == one.n_iter_
    assert five.status_ is one.status_
    assert_array_equal(five.loss_curve_, one.loss_curve_)
    assert five.loss_ == one.loss_
    for mine, other in zip(
        five.coefs_ + five.intercepts_, one.coefs_ + one.intercepts_, strict=True
    ):
        assert_array_equal(mine, other)
    if early_stopping:
        assert_array_equal(five.validation_loss_curve_, one.validation_loss_curve_)


def test_lbfgs_continues_from_the_last_weights_with_an_empty_memory():
    solver = GradientDescent(LBFGS(), max_iter=50, tol=0)
    five = in_five_fits(classifier(4, solver=solver))
    assert five.n_iter_ == len(five.loss_curve_) == 50
    assert (np.diff(five.loss_curve_) <= 0).all()


def test_the_split_stays_the_same_without_a_random_state():
    solver = GradientDescent("adam", max_iter=10, tol=0, early_stopping=True)
    model = classifier(4, solver=solver, warm_start=True, random_state=None).fit(X, Y)
    assert model.fit(X, Y).n_iter_ == 20


@pytest.mark.parametrize(
    "change",
    [
        lambda model: model.fit(X[:100], Y[:100] + (np.arange(100) == 0) * 2),
        lambda model: model.set_params(alpha=1.0).fit(X, Y),
        lambda model: model.set_params(loss="log_loss").fit(X, Y),
        lambda model: model.set_params(solver__optimizer="lm").fit(X, Y),
        lambda model: model.fit(X, Y, sample_weight=np.linspace(1, 2, 150)),
    ],
    ids=["data", "alpha", "loss", "optimizer", "sample_weight"],
)
def test_another_objective_begins_a_new_curve_at_the_best_weights(change):
    solver = GradientDescent("adam", max_iter=10, tol=0)
    model = classifier(4, solver=solver, warm_start=True).fit(X, Y)
    cold = clone(model).set_params(warm_start=False)
    change(model), change(cold)
    assert model.n_iter_ == 10
    assert model.loss_curve_[0] < cold.loss_curve_[0]


def test_a_warm_start_begins_at_weights_that_were_changed_by_hand():
    solver = GradientDescent("adam", max_iter=10, tol=0)
    model = classifier(4, solver=solver, warm_start=True).fit(X, Y)
    better = classifier(4).fit(X, Y)
    model.coefs_, model.intercepts_ = better.coefs_, better.intercepts_
    assert model.fit(X, Y).loss_ <= better.loss_
    assert model.n_iter_ == 10


@pytest.mark.parametrize("first", [MonteCarlo(2_000), Grid(max_evals=500)], ids=str)
def test_descent_continues_from_a_search(first):
    model = classifier(3, solver=first, warm_start=True).fit(X, Y)
    found = model.loss_
    model.set_params(solver="gd").fit(X, Y)
    assert model.loss_ < 0.5 * found
    assert model.loss_curve_[0] < found


def test_a_solver_after_another_forgets_what_only_that_one_knew():
    model = BackpropRegressor(
        2, alpha=0.1, solver=GradientDescent("sgd"), warm_start=True, random_state=0
    )
    X, y = load_diabetes(return_X_y=True)
    model.fit(X, y).set_params(solver=MonteCarlo(100)).fit(X, y)
    n_iter = model.set_params(solver=GradientDescent("sgd", max_iter=5, tol=0)).fit(X, y).n_iter_
    assert n_iter == 5


def test_a_descent_that_has_converged_stays():
    model = classifier(3, warm_start=True, alpha=0.1).fit(X, Y)
    assert model.status_ is Status.CONVERGED
    weights, n_iter = model.coefs_[0], model.n_iter_
    assert model.fit(X, Y).n_iter_ == n_iter
    assert_array_equal(model.coefs_[0], weights)
    model.set_params(solver__tol=1e-9).fit(X, Y)
    assert model.n_iter_ > n_iter


def test_more_starts_are_tried_in_addition_to_the_continued_one():
    model = classifier(2, alpha=0.01, warm_start=True, random_state=3).fit(X, Y)
    loss = model.loss_
    model.set_params(solver__n_init=5).fit(X, Y)
    assert model.loss_ <= loss


def test_a_warm_start_does_not_change_what_was_pickled_before():
    solver = GradientDescent("adam", max_iter=10, tol=0)
    model = classifier(4, solver=solver, warm_start=True).fit(X, Y)
    state, before = model._solver_state[1], pickle.dumps(model._solver_state[1])
    model.fit(X, Y)
    assert pickle.dumps(state) == before
    assert_allclose(pickle.loads(before).curve, model.loss_curve_[:10])


@pytest.mark.parametrize("regressor", [False, True], ids=["classifier", "regressor"])
def test_after_divergence_a_lower_rate_helps(regressor):
    model = BackpropRegressor(5, alpha=0.1) if regressor else classifier(5)
    y = load_iris().data[:, 3] if regressor else Y
    model.set_params(solver=GradientDescent(SGD(1e6)), warm_start=True, random_state=0, alpha=0.1)
    model.fit(X, y)
    assert model.status_ is Status.DIVERGED
    diverged = model.loss_
    model.set_params(solver__optimizer__learning_rate=0.1).fit(X, y)
    assert model.loss_ < 0.9 * diverged
    assert model.status_ is not Status.DIVERGED


def by_hand(model, coefs, intercepts=None):
    """The model with weights of one's own, before any fit."""
    model.coefs_ = coefs
    if intercepts is not None:
        model.intercepts_ = intercepts
    return model


@pytest.mark.parametrize("as_lists", [False, True], ids=["arrays", "lists"])
@pytest.mark.parametrize("fit_intercept", [True, False])
def test_weights_set_by_hand_are_where_the_first_fit_begins(fit_intercept, as_lists):
    donor = classifier(4, fit_intercept=fit_intercept).fit(X, Y)
    parts = [donor.coefs_, donor.intercepts_ if fit_intercept else None]
    if as_lists:
        parts = [part and [array.tolist() for array in part] for part in parts]
    solver = GradientDescent("adam", max_iter=1)
    model = classifier(4, fit_intercept=fit_intercept, solver=solver, warm_start=True)
    assert by_hand(model, *parts).fit(X, Y).loss_ <= donor.loss_ * (1 + 1e-9)


def test_without_warm_start_weights_set_by_hand_do_not_count():
    donor = classifier(4).fit(X, Y)
    model = by_hand(classifier(4), donor.coefs_, donor.intercepts_).fit(X, Y)
    assert_array_equal(model.loss_curve_, donor.loss_curve_)


def test_weights_of_another_library_begin_where_they_end():
    mlp = MLPClassifier(4, activation="logistic", solver="lbfgs", alpha=1.0, random_state=0)
    y = np.minimum(Y, 1)
    mlp.fit(X, y)
    model = classifier(4, loss="log_loss", alpha=1.0, warm_start=True)
    model.set_params(target_range=(0, 1), solver__max_iter=1)
    by_hand(model, mlp.coefs_, mlp.intercepts_).fit(X, y)
    assert model.loss_ <= len(X) * mlp.loss_ * (1 + 1e-9)


W1, W2, B1, B2 = np.zeros((4, 4)), np.zeros((4, 3)), np.zeros(4), np.zeros(3)


@pytest.mark.parametrize(
    ("coefs", "intercepts", "words"),
    [
        ([W1[:2], W2], [B1, B2], r"coefs_ must be two arrays of shapes \(4, 4\) and \(4, 3\)"),
        ([W1], [B1, B2], r"coefs_ .* got shapes \[\(4, 4\)\]"),
        (None, [B1, B2], "coefs_ .* got None"),
        ([W1, [["a"]]], [B1, B2], "coefs_ must be two arrays"),
        ([W1, W2], None, r"intercepts_ must be two arrays of shapes \(4,\) and \(3,\)"),
        ([W1, W2], [B1, B2[:1]], r"intercepts_ .* got shapes \[\(4,\), \(1,\)\]"),
        ([W1, W2 + np.inf], [B1, B2], "coefs_ must hold finite numbers"),
    ],
    ids=["features", "one", "none", "text", "no-intercepts", "outputs", "infinite"],
)
def test_weights_set_by_hand_are_checked(coefs, intercepts, words):
    model = by_hand(classifier(4, warm_start=True), coefs, intercepts)
    with pytest.raises(ValueError, match=words):
        model.fit(X, Y)
    assert not hasattr(model, "classes_")


def test_weights_set_by_hand_are_no_fit():
    model = by_hand(classifier(4), [W1, W2], [B1, B2])
    with pytest.raises(NotFittedError):
        model.predict(X)


def test_an_estimator_whose_weights_were_deleted_begins_anew():
    model = classifier(4, warm_start=True).fit(X, Y)
    del model.coefs_, model.intercepts_
    assert model.set_params(n_hidden=3).fit(X, Y).coefs_[0].shape == (4, 3)


class Stateful(Solver):
    """A user's solver: what it leaves is nobody else's, and what others leave is not its own."""

    def solve(self, objective, w0=None, *, rng, n_jobs=None, callback=None):
        w = np.zeros(objective.n_weights) if w0 is None else w0
        value = objective.value(w)
        curve = np.array([value])
        return SolverResult(w, value, 1, 1, Status.EXHAUSTED, curve, state={"generation": 3})


def test_no_solver_gets_what_another_left():
    model = classifier(3, warm_start=True).fit(X, Y)
    loss = model.loss_
    model.set_params(solver=Stateful()).fit(X, Y)
    assert model.loss_ == pytest.approx(loss, rel=1e-12)
    assert model.set_params(solver="gd").fit(X, Y).loss_ <= loss * (1 + 1e-12)


def test_a_solver_that_takes_no_state_begins_at_the_weights_alone():
    model = classifier(3, solver=Stateful(), warm_start=True)
    assert model.fit(X, Y).fit(X, Y).n_iter_ == 1


class Counting(Stateful):
    """A user's solver that goes on with its own state, however its `solve` is written."""

    supports_state = True

    def solve(self, objective, w0=None, **options):
        generation = options.pop("resume", {"generation": 0})["generation"] + 1
        result = super().solve(objective, w0, **options)
        return replace(result, n_iter=generation, state={"generation": generation})


def test_a_solver_that_takes_a_state_gets_its_own():
    model = classifier(3, solver=Counting(), warm_start=True)
    assert [model.fit(X, Y).n_iter_ for _ in range(3)] == [1, 2, 3]


def test_further_starts_are_new_ones():
    solver = GradientDescent("lm", n_init=3, max_iter=3, tol=0)
    model = classifier(3, solver=solver, warm_start=True).fit(X, Y)
    first = model.n_evaluations_
    model.fit(X, Y)
    assert model.n_evaluations_ > first
    assert model._solver_state[1].n_starts == 6
