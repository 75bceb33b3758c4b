"""Copies of estimators, what goes in and comes out, and their parameters."""

import pickle

import joblib
import numpy as np
import pandas as pd
import pytest
import scipy.sparse as sp
from sklearn.base import clone
from sklearn.experimental import enable_halving_search_cv  # noqa: F401 (the import enables it)
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler
from toy_problems import (
    ESTIMATORS,
    FRAME,
    HEIGHT,
    IN_BAND,
    IRIS,
    PLANE,
    SLOPE,
    SPECIES,
    Botanist,
    Classifier,
    Regressor,
    both,
    every_solver,
    one_thread,  # noqa: F401 (pytest finds it here)
    small_budget,
)

from conftest import same_network
from skbackprop.losses import Exponential
from skbackprop.optimizers import LBFGS, SGD
from skbackprop.solvers import GradientDescent, Grid, MonteCarlo

# Copies


@small_budget
@every_solver
@pytest.mark.parametrize("copy", ["pickle", "joblib"])
def test_a_stored_model_predicts_the_same_bits(solver, copy, tmp_path):
    model = Classifier(n_hidden=1, solver=solver).fit(FRAME, IN_BAND)
    if copy == "pickle":
        twin = pickle.loads(pickle.dumps(model))
    else:
        joblib.dump(model, tmp_path / "model.joblib")
        twin = joblib.load(tmp_path / "model.joblib")
    np.testing.assert_array_equal(twin.predict_proba(FRAME), model.predict_proba(FRAME))
    assert (twin.status_, twin.message_) == (model.status_, model.message_)
    assert repr(twin.solver_) == repr(model.solver_)
    assert same_network(twin.fit(FRAME, IN_BAND), model)


def test_a_stored_regressor_predicts_the_same_bits():
    model = Regressor().fit(SLOPE, HEIGHT)
    twin = pickle.loads(pickle.dumps(model))
    np.testing.assert_array_equal(twin.predict(SLOPE), model.predict(SLOPE))


@small_budget
def test_a_clone_of_a_fitted_model_is_unfitted_and_shares_nothing():
    solver, loss = GradientDescent(SGD(0.5), max_iter=10), Exponential(tau=2.0)
    model = Regressor(solver=solver, loss=loss, target_range=(0.2, 0.8), alpha=1.0)
    copy = clone(model.fit(SLOPE, HEIGHT))
    assert not [name for name in vars(copy) if name.endswith("_")]
    assert copy.solver is not solver
    assert copy.solver.optimizer is not solver.optimizer
    assert copy.loss is not loss
    assert same_network(copy.fit(SLOPE, HEIGHT), model)
    copy.set_params(solver__optimizer__learning_rate=9.0, loss__tau=9.0)
    assert (solver.optimizer.learning_rate, loss.tau) == (0.5, 2.0)


@small_budget
@every_solver
def test_estimators_can_share_instances_which_no_fit_changes(solver):
    loss = Exponential(tau=2.0)
    if isinstance(solver, str):
        solver = GradientDescent()
    before = repr((solver.get_params(), loss.get_params()))
    models = [estimator(n_hidden=1, solver=solver, loss=loss) for estimator in ESTIMATORS.values()]
    for model in models:
        model.fit(PLANE, IN_BAND)
        assert model.solver is solver
        assert model.solver_ is not solver
        assert model.loss is loss
    assert repr((solver.get_params(), loss.get_params())) == before


# What goes in and comes out


def test_pandas_output_of_a_scaler_names_the_features_of_the_classifier():
    pipeline = make_pipeline(StandardScaler(), Classifier()).set_output(transform="pandas")
    pipeline.fit(FRAME, IN_BAND)
    assert isinstance(pipeline[:-1].transform(FRAME), pd.DataFrame)
    assert pipeline[-1].feature_names_in_.tolist() == ["east", "north"]
    assert isinstance(pipeline.predict(FRAME), np.ndarray)
    assert pipeline.score(FRAME, IN_BAND) > 0.95


@both
class TestFeatureNames:
    def test_a_frame_gives_its_names_and_the_numbers_of_its_array(self, estimator):
        model = estimator().fit(FRAME, IN_BAND)
        assert model.feature_names_in_.tolist() == ["east", "north"]
        assert same_network(model, estimator().fit(PLANE, IN_BAND))

    def test_wrong_names_are_an_error(self, estimator):
        model = estimator().fit(FRAME, IN_BAND)
        for wrong in (FRAME.rename(columns={"north": "south"}), FRAME[["north", "east"]]):
            with pytest.raises(ValueError, match="feature names should match"):
                model.predict(wrong)

    def test_no_names_are_a_warning(self, estimator):
        model = estimator().fit(FRAME, IN_BAND)
        with pytest.warns(UserWarning, match="does not have valid feature names"):
            answer = model.predict(PLANE)
        np.testing.assert_array_equal(answer, model.predict(FRAME))


LABELS = {
    "int": np.array([-7, 5, 100]),
    "float": np.array([0.0, 1.0, 5.0]),
    "bool": np.array([False, True]),
    "str": np.array(["a", "bb", "ccc"]),
    "object": np.array(["a", "bb", "ccc"], dtype=object),
    "two-str": np.array(["no", "yes"]),
}


@pytest.mark.parametrize("as_series", [False, True], ids=["array", "series"])
@pytest.mark.parametrize("labels", LABELS.values(), ids=LABELS.keys())
def test_labels_of_any_type_come_back(labels, as_series):
    codes = np.minimum(SPECIES, len(labels) - 1)
    y = labels[codes]
    model = Botanist().fit(IRIS, pd.Series(y) if as_series else y)
    by_code = Botanist().fit(IRIS, codes)
    assert same_network(model, by_code)
    assert model.classes_.tolist() == labels.tolist()
    assert model.predict(IRIS).tolist() == labels[by_code.predict(IRIS)].tolist()
    assert model.predict(IRIS).dtype.kind in (y.dtype.kind, "O")  # of pandas
    assert model.score(IRIS, y) > 0.9


def test_categories_of_pandas_are_labels():
    y = pd.Series(pd.Categorical.from_codes(SPECIES, ["setosa", "versicolor", "virginica"]))
    model = Botanist().fit(IRIS, y)
    assert model.classes_.tolist() == ["setosa", "versicolor", "virginica"]
    assert np.mean(model.predict(IRIS) == y.to_numpy()) > 0.95


@small_budget
@every_solver
@pytest.mark.parametrize("layout", [sp.csr_matrix, sp.csc_matrix, sp.csr_array, sp.csc_array])
def test_sparse_features_give_the_answers_of_dense_ones(solver, layout):
    X = np.where(PLANE > 0.3, PLANE, 0)
    dense = Classifier(n_hidden=1, solver=solver).fit(X, IN_BAND)
    sparse = Classifier(n_hidden=1, solver=solver).fit(layout(X), IN_BAND)
    for model, features in ((dense, layout(X)), (sparse, layout(X)), (sparse, X)):
        proba = model.predict_proba(features)
        np.testing.assert_allclose(proba, dense.predict_proba(X), rtol=0, atol=1e-9)


# Parameters


@pytest.mark.parametrize(
    ("params", "expected"),
    [
        ({"solver__max_iter": 5}, {"solver": GradientDescent(max_iter=5)}),
        ({"solver": "montecarlo", "solver__n_draws": 10}, {"solver": MonteCarlo(n_draws=10)}),
        ({"solver__n_draws": 10, "solver": "montecarlo"}, {"solver": MonteCarlo(n_draws=10)}),
        ({"solver": Grid(), "solver__step": 0.5}, {"solver": Grid(step=0.5)}),
        ({"loss": "exponential", "loss__tau": 2.0}, {"loss": Exponential(tau=2.0)}),
        ({"solver__optimizer": "sgd"}, {"solver": GradientDescent("sgd")}),
        (
            {"solver__optimizer__learning_rate": 0.5, "solver__optimizer": "sgd"},
            {"solver": GradientDescent(SGD(0.5))},
        ),
        (
            {"solver__optimizer": LBFGS(), "solver__optimizer__memory": 3, "alpha": 0.5},
            {"solver": GradientDescent(LBFGS(memory=3)), "alpha": 0.5},
        ),
    ],
    ids=[
        "named-solver",
        "name-first",
        "name-last",
        "solver-instance",
        "named-loss",
        "named-optimizer",
        "two-levels",
        "optimizer-instance",
    ],
)
@both
def test_set_params_reaches_the_parts_of_named_choices(estimator, params, expected):
    model = estimator()
    assert model.set_params(**params) is model
    assert repr(model.get_params()) == repr(estimator(**expected).get_params())


def test_set_params_in_two_calls_keeps_what_the_first_has_set():
    model = Classifier().set_params(solver__optimizer="sgd", solver__max_iter=7)
    model.set_params(solver__optimizer__learning_rate=0.5)
    params = model.get_params()
    assert params["solver__max_iter"] == 7
    assert params["solver__optimizer__learning_rate"] == 0.5


@pytest.mark.parametrize(
    ("params", "named"),
    [
        ({"nope": 1}, "nope"),
        ({"nope__max_iter": 1}, "nope"),
        ({"solver__nope": 1}, "nope"),
        ({"solver": "grid", "solver__max_iter": 1}, "max_iter"),
        ({"solver": MonteCarlo(), "solver__max_iter": 1}, "max_iter"),
        ({"loss__tau": 1.0}, "tau"),
        ({"solver__optimizer": "sgd", "solver__optimizer__nope": 1}, "nope"),
        ({"solver__optimizer": "auto", "solver__optimizer__learning_rate": 1}, "learning_rate"),
        ({"solver": "nope", "solver__max_iter": 1}, "nope"),
    ],
    ids=[
        "parameter",
        "part",
        "option-of-named-solver",
        "option-of-another-named-solver",
        "option-of-another-instance",
        "option-of-named-loss",
        "option-of-named-optimizer",
        "option-of-auto-optimizer",
        "named-solver",
    ],
)
def test_set_params_names_what_does_not_exist(params, named):
    with pytest.raises(ValueError, match=named):
        Classifier().set_params(**params)


def test_get_params_lists_the_options_of_instances():
    deep = Classifier(solver=GradientDescent(SGD()), loss=Exponential()).get_params()
    assert {"solver__max_iter", "solver__optimizer__learning_rate", "loss__tau"} <= deep.keys()
    assert deep["solver__optimizer__learning_rate"] == SGD().learning_rate


@both
def test_html_shows_the_solver_and_the_loss(estimator):
    model = estimator(solver=MonteCarlo(n_draws=123), loss=Exponential(tau=4.5))
    html = make_pipeline(StandardScaler(), model)._repr_html_()
    for word in (type(model).__name__, "MonteCarlo", "123", "Exponential", "4.5"):
        assert word in html
