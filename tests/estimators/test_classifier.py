"""Labels in and out, probabilities, weights of samples and classes."""

import numpy as np
import pytest
from numpy.testing import assert_allclose, assert_array_equal
from scipy import sparse
from sklearn.datasets import (
    load_breast_cancer,
    load_iris,
    make_classification,
    make_multilabel_classification,
)
from sklearn.ensemble import StackingClassifier, VotingClassifier
from sklearn.linear_model import LogisticRegression
from sklearn.preprocessing import scale

from skbackprop import BackpropClassifier
from skbackprop.losses import LOSSES
from skbackprop.solvers import GradientDescent, MonteCarlo, Status

IRIS_X, IRIS_Y = load_iris(return_X_y=True)
IRIS_X = scale(IRIS_X)
CANCER_X, CANCER_Y = load_breast_cancer(return_X_y=True)
CANCER_X = scale(CANCER_X)
QUICK = GradientDescent("lbfgs", tol=1e-3)


@pytest.mark.parametrize(
    ("solver", "least"), [("gd", 0.98), ("montecarlo", 0.9), ("grid", 0.95)], ids=str
)
@pytest.mark.filterwarnings("ignore:Grid")
def test_accuracy_on_real_data(solver, least):
    model = BackpropClassifier(4, solver=solver, loss="squared_error", alpha=1e-3, random_state=0)
    assert model.fit(CANCER_X, CANCER_Y).score(CANCER_X, CANCER_Y) > least


def test_accuracy_of_the_defaults():
    model = BackpropClassifier(random_state=0).fit(CANCER_X, CANCER_Y)
    assert model.score(CANCER_X, CANCER_Y) > 0.98


@pytest.mark.parametrize("loss", LOSSES)
def test_every_cost_learns_iris(loss):
    model = BackpropClassifier(5, loss=loss, target_range=(0.1, 0.9), alpha=0.01, random_state=0)
    assert model.fit(IRIS_X, IRIS_Y).score(IRIS_X, IRIS_Y) > 0.96


@pytest.mark.parametrize(
    "labels",
    [
        ["setosa", "versicolor", "virginica"],
        [10, -3, 7],
        [0.0, 1.0, 2.0],
        np.array(["a", "b", "c"], dtype=object),
    ],
    ids=["str", "int", "float", "object"],
)
def test_labels_of_every_type_come_back(labels):
    y = np.asarray(labels)[IRIS_Y]
    model = BackpropClassifier(alpha=1.0, solver=QUICK, random_state=0).fit(IRIS_X, y)
    assert_array_equal(model.classes_, np.unique(y))
    assert model.predict(IRIS_X).dtype == y.dtype
    assert np.mean(model.predict(IRIS_X) == y) > 0.95


def test_bool_labels():
    model = BackpropClassifier(alpha=1.0, solver=QUICK, random_state=0).fit(CANCER_X, CANCER_Y == 1)
    assert model.predict(CANCER_X).dtype == bool


@pytest.mark.parametrize(("y", "n_outputs"), [(IRIS_Y, 3), (IRIS_Y == 1, 1)], ids=["three", "two"])
@pytest.mark.parametrize("target_range", [(0, 1), (0.1, 0.9)])
def test_probabilities(y, n_outputs, target_range):
    model = BackpropClassifier(alpha=1.0, solver=QUICK, target_range=target_range, random_state=0)
    proba = model.fit(IRIS_X, y).predict_proba(IRIS_X)
    assert model.n_outputs_ == n_outputs
    assert proba.shape == (150, len(model.classes_))
    assert_allclose(proba.sum(axis=1), 1, rtol=1e-12)
    assert ((proba >= 0) & (proba <= 1)).all()
    assert_array_equal(model.classes_[proba.argmax(axis=1)], model.predict(IRIS_X))
    assert_allclose(np.exp(model.predict_log_proba(IRIS_X)), proba, rtol=1e-12)


def test_log_probability_of_the_impossible_is_minus_infinity_without_a_warning():
    model = BackpropClassifier(alpha=1.0, solver=QUICK, target_range=(0.4, 0.6), random_state=0)
    log_proba = model.fit(IRIS_X, IRIS_Y == 0).predict_log_proba(IRIS_X)
    assert np.isneginf(log_proba).any()


def test_all_outputs_zero_is_the_uniform_distribution():
    model = BackpropClassifier(alpha=1.0, solver=QUICK, target_range=(0.4, 0.6), random_state=0)
    model.fit(IRIS_X, IRIS_Y)
    model.intercepts_[1][:] = -100
    model.coefs_[1][:] = 0
    assert_allclose(model.predict_proba(IRIS_X), 1 / 3)


def test_multilabel():
    X, Y = make_multilabel_classification(n_features=8, n_classes=3, random_state=0)
    model = BackpropClassifier(solver=QUICK, alpha=1e-3, random_state=0).fit(scale(X), Y)
    assert model.predict_proba(scale(X)).shape == Y.shape
    assert set(np.unique(model.predict(scale(X)))) == {0, 1}
    assert np.mean(model.predict(scale(X)) == Y) > 0.95
    sparse_y = BackpropClassifier(solver=QUICK, alpha=1e-3, random_state=0)
    sparse_y.fit(scale(X), sparse.csr_matrix(Y))
    assert_array_equal(sparse_y.predict(scale(X)), model.predict(scale(X)))


@pytest.mark.parametrize("solver", ["gd", "montecarlo", "grid"])
@pytest.mark.filterwarnings("ignore:Grid")
@pytest.mark.parametrize(
    ("X", "y"),
    [
        ([[0.0, 1.0], [1.0, 1.0], [2.0, 0.0]], ["a", "a", "a"]),
        ([[0.5]], ["a"]),
        ([[0.0], [1.0]], ["a", "b"]),
    ],
    ids=["one-class", "one-sample", "one-feature"],
)
def test_small_data(solver, X, y):
    model = BackpropClassifier(2, solver=solver, alpha=1e-4, random_state=0).fit(X, y)
    assert model.predict_proba(X).shape == (len(X), len(set(y)))
    assert set(model.predict(X)) <= set(y)
    if len(set(y)) == 1:
        assert_array_equal(model.predict(X), y)
        assert_allclose(model.predict_proba(X), 1)


def test_the_lecture_s_network_has_no_intercepts():
    model = BackpropClassifier(3, alpha=1.0, fit_intercept=False, solver=QUICK, random_state=0)
    model.fit(IRIS_X, IRIS_Y)
    assert [W.shape for W in model.coefs_] == [(4, 3), (3, 3)]
    assert_array_equal(np.concatenate(model.intercepts_), 0)
    y_hat = 1 / (1 + np.exp(-1 / (1 + np.exp(-IRIS_X @ model.coefs_[0])) @ model.coefs_[1]))
    expected = y_hat / y_hat.sum(axis=1, keepdims=True)
    assert_allclose(model.predict_proba(IRIS_X), expected, rtol=1e-12)


@pytest.mark.parametrize("solver", ["gd", "montecarlo"])
def test_a_weight_of_two_is_the_sample_twice_and_of_zero_the_sample_left_out(solver):
    X, y = make_classification(40, 5, random_state=0)
    counts = np.random.default_rng(0).integers(0, 3, 40)
    model = BackpropClassifier(3, solver=solver, alpha=0.1, random_state=0)
    weighted = model.fit(X, y, sample_weight=counts).predict_proba(X)
    repeated = model.fit(X.repeat(counts, axis=0), y.repeat(counts)).predict_proba(X)
    assert_allclose(weighted, repeated, rtol=1e-6)


@pytest.mark.parametrize("absent", [0, 1, 2])
@pytest.mark.parametrize("class_weight", [None, "balanced", {0: 2.0, 1: 1.0, 2: 3.0}], ids=str)
def test_a_class_without_weight_stays_a_class_and_is_never_predicted(class_weight, absent):
    model = BackpropClassifier(alpha=1.0, solver=QUICK, class_weight=class_weight, random_state=0)
    present = np.not_equal(IRIS_Y, absent)
    model.fit(IRIS_X, IRIS_Y, sample_weight=present)
    assert_array_equal(model.classes_, [0, 1, 2])
    assert model.predict_proba(IRIS_X).shape == (150, 3)
    assert absent not in model.predict(IRIS_X[present])


def test_a_class_of_two_without_weight_stays_a_class():
    y = np.minimum(IRIS_Y, 1)
    model = BackpropClassifier(alpha=1.0, solver=QUICK, random_state=0).fit(
        IRIS_X, y, sample_weight=y
    )
    assert_array_equal(model.classes_, [0, 1])
    assert (model.predict_proba(IRIS_X)[:, 1] > 0.9).all()


@pytest.mark.parametrize(
    ("ensemble", "options"),
    [(VotingClassifier, {"voting": "soft"}), (StackingClassifier, {})],
    ids=["voting", "stacking"],
)
def test_ensembles_take_a_class_without_weight(ensemble, options):
    members = [
        ("net", BackpropClassifier(alpha=1.0, solver=QUICK, random_state=0)),
        ("lr", LogisticRegression()),
    ]
    model = ensemble(members, **options).fit(
        IRIS_X, IRIS_Y, sample_weight=(IRIS_Y != 1).astype(float)
    )
    assert set(model.predict(IRIS_X)) <= {0, 1, 2}


def test_balanced_does_not_count_a_class_without_weight():
    weight = (IRIS_Y != 1) * np.linspace(0.5, 2, 150)
    kept = weight > 0
    model = BackpropClassifier(3, alpha=1.0, class_weight="balanced", random_state=0)
    factors = model.fit(IRIS_X, IRIS_Y, sample_weight=weight)._encoder.class_factors[[0, 2]]
    model.fit(IRIS_X[kept], IRIS_Y[kept], sample_weight=weight[kept])
    assert_allclose(factors, model._encoder.class_factors)


@pytest.mark.parametrize(
    "sample_weight", [None, np.linspace(0.5, 2, 150)], ids=["plain", "weighted"]
)
def test_balanced_is_what_its_formula_says(sample_weight):
    y = np.minimum(IRIS_Y, 1)
    weights = np.ones(150) if sample_weight is None else sample_weight
    totals = np.bincount(y, weights)
    factors = weights.sum() / (2 * totals)
    models = [
        BackpropClassifier(3, alpha=1.0, class_weight=w, random_state=0) for w in ("balanced", None)
    ]
    balanced = models[0].fit(IRIS_X, y, sample_weight=sample_weight)
    by_hand = models[1].fit(IRIS_X, y, sample_weight=weights * factors[y])
    assert_allclose(balanced.predict_proba(IRIS_X), by_hand.predict_proba(IRIS_X), rtol=1e-9)


def test_class_weight_moves_the_boundary():
    y = (IRIS_Y == 1).astype(int)
    shares = []
    for weight in (0.01, 1, 100):
        model = BackpropClassifier(2, class_weight={1: weight}, alpha=0.1, random_state=0)
        shares.append(model.fit(IRIS_X, y).predict(IRIS_X).mean())
    assert shares[0] < shares[1] < shares[2]


def test_warm_start_continues_from_another_solver():
    model = BackpropClassifier(
        4, alpha=1.0, solver=MonteCarlo(500), warm_start=True, random_state=0
    )
    searched = model.fit(IRIS_X, IRIS_Y).loss_
    model.set_params(solver=GradientDescent("lbfgs", max_iter=1))
    with pytest.warns(UserWarning, match="raise max_iter to 2"):
        one_step = model.fit(IRIS_X, IRIS_Y).loss_
    assert one_step < searched
    cold = BackpropClassifier(
        4, alpha=1.0, solver=GradientDescent("lbfgs", max_iter=1), random_state=0
    )
    with pytest.warns(UserWarning, match="raise max_iter to 2"):
        assert cold.fit(IRIS_X, IRIS_Y).loss_ > one_step


def test_warm_start_after_convergence_stays():
    model = BackpropClassifier(3, warm_start=True, alpha=0.1, random_state=0).fit(IRIS_X, IRIS_Y)
    weights, n_iter = model.coefs_, model.n_iter_
    model.fit(IRIS_X, IRIS_Y)
    assert model.n_iter_ == n_iter
    assert_array_equal(model.coefs_[0], weights[0])


@pytest.mark.parametrize(
    ("change", "y", "words"),
    [
        (
            {"n_hidden": 5},
            IRIS_Y,
            r"warm_start and partial_fit need the network of the previous fit, .* got .*n_hidden=5",
        ),
        ({}, IRIS_Y + 1, "warm_start and partial_fit need the classes of the previous fit"),
        ({"loss": "itakura_saito"}, IRIS_Y, r"use target_range=\(0.1, 0.9\)"),
        ({"n_hidden": 0}, IRIS_Y, "'n_hidden' parameter"),
    ],
    ids=["network", "classes", "targets", "parameter"],
)
def test_a_fit_that_fails_leaves_the_estimator_as_it_was(change, y, words):
    model = BackpropClassifier(3, alpha=1.0, solver=QUICK, warm_start=True, random_state=0)
    before = model.fit(IRIS_X, IRIS_Y).predict_proba(IRIS_X)
    state = {k: v for k, v in vars(model).items() if k.endswith("_")}
    model.set_params(**change)
    with pytest.raises(ValueError, match=words):
        model.fit(IRIS_X, y)
    assert all(vars(model)[name] is value for name, value in state.items())
    assert_array_equal(model.predict_proba(IRIS_X), before)


@pytest.mark.parametrize(
    ("parameters", "words"),
    [
        ({"n_hidden": 2.5}, "'n_hidden' parameter of BackpropClassifier"),
        ({"solver": "sgd"}, "solver must be one of 'gd'"),
        ({"solver": GradientDescent}, "solver must be one of 'gd'"),
        ({"loss": "hinge"}, "loss must be one of 'squared_error'"),
        ({"alpha": -1}, "'alpha' parameter of BackpropClassifier"),
        ({"class_weight": "equal"}, "'class_weight' parameter of BackpropClassifier"),
        ({"target_range": (0, 1.5)}, r"target_range must be two numbers low < high.*\(0, 1.5\)"),
        ({"target_range": (0.5, 0.5)}, r"target_range must be two numbers .*\(0.5, 0.5\)"),
        ({"target_range": (0, 0.5, 1)}, "target_range must be two numbers"),
        ({"target_range": ("a", 1)}, "target_range must be two numbers"),
        ({"loss": "itakura_saito"}, r"target of 0.0 from target_range=\(0.0, 1.0\): use"),
    ],
    ids=str,
)
def test_parameters_are_validated(parameters, words):
    with pytest.raises(ValueError, match=words):
        BackpropClassifier(**parameters).fit(IRIS_X, IRIS_Y)


@pytest.mark.parametrize(
    ("y", "parameters", "words"),
    [
        (IRIS_X[:, 0], {}, "continuous"),
        (np.c_[IRIS_Y, IRIS_Y], {}, "multilabel indicator of 0 and 1, got multiclass-multioutput"),
        (np.c_[IRIS_Y == 0, IRIS_Y == 1], {"class_weight": "balanced"}, "None for multilabel y"),
    ],
    ids=["continuous", "multioutput", "multilabel-class-weight"],
)
def test_targets_are_validated(y, parameters, words):
    with pytest.raises(ValueError, match=words):
        BackpropClassifier(**parameters).fit(IRIS_X, y)


def test_all_weights_zero_is_refused():
    with pytest.raises(ValueError, match=r"(?i)weight.*(zero|positive)"):
        BackpropClassifier(alpha=1.0).fit(IRIS_X, IRIS_Y, sample_weight=np.zeros(150))


def test_verbose_prints_a_table_and_silence_is_the_default(capsys):
    model = BackpropClassifier(alpha=1.0, solver=QUICK, random_state=0).fit(IRIS_X, IRIS_Y)
    assert capsys.readouterr().out == ""
    model.set_params(verbose=1).fit(IRIS_X, IRIS_Y)
    lines = capsys.readouterr().out.splitlines()
    assert lines[0].split() == ["iteration", "evaluations", "J", "step", "seconds", "note"]
    assert lines[1].split()[0] == "1"
    assert lines[-1].startswith("BackpropClassifier with GradientDescent(")
    assert str(model.status_) in lines[-1]


def test_the_same_seed_the_same_weights():
    one, two, other = (
        BackpropClassifier(alpha=1.0, solver=QUICK, random_state=seed).fit(IRIS_X, IRIS_Y).coefs_[0]
        for seed in (0, 0, 1)
    )
    assert_array_equal(one, two)
    assert (one != other).any()


def test_attributes_of_a_fit():
    model = BackpropClassifier(3, alpha=1.0, solver=QUICK, random_state=0).fit(IRIS_X, IRIS_Y)
    assert [W.shape for W in model.coefs_] == [(4, 3), (3, 3)]
    assert [b.shape for b in model.intercepts_] == [(3,), (3,)]
    assert model.loss_ == model.loss_curve_.min()
    assert model.n_iter_ == len(model.loss_curve_)
    assert model.n_evaluations_ > model.n_iter_
    assert model.status_ is Status.CONVERGED
    assert model.solver_ is not model.solver


def test_ctrl_c_ends_a_fit_with_a_warning_and_the_best_weights(monkeypatch):
    def interrupt(table, progress):
        if progress.n_iter == 5:
            raise KeyboardInterrupt
        return False

    monkeypatch.setattr("skbackprop.estimators._base.ProgressTable.__call__", interrupt)
    model = BackpropClassifier(
        alpha=1.0, solver=GradientDescent("lbfgs", tol=0), verbose=1, random_state=0
    )
    with pytest.warns(UserWarning, match="interrupted from the keyboard"):
        model.fit(IRIS_X, IRIS_Y)
    assert model.status_ is Status.INTERRUPTED
    assert model.n_iter_ == 5
    assert model.score(IRIS_X, IRIS_Y) > 0.6


def test_ctrl_c_before_the_first_weights_does_not_modify_the_estimator(monkeypatch):
    def interrupt(*args):
        raise KeyboardInterrupt

    model = BackpropClassifier(alpha=1.0, solver=QUICK, random_state=0)
    monkeypatch.setattr("skbackprop.model.Objective.value_and_grad", interrupt)
    with pytest.raises(KeyboardInterrupt):
        model.fit(IRIS_X, IRIS_Y)
    assert not hasattr(model, "coefs_")
    assert not hasattr(model, "n_features_in_")
