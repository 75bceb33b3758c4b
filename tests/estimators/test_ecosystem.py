"""The estimators at work in scikit-learn's ecosystem: pipelines, searches, ensembles, pandas."""

import pickle
from functools import partial

import joblib
import numpy as np
import pandas as pd
import pytest
import scipy.sparse as sp
from scipy.stats import loguniform, randint
from sklearn.base import clone
from sklearn.calibration import CalibratedClassifierCV
from sklearn.compose import TransformedTargetRegressor, make_column_transformer
from sklearn.datasets import load_iris
from sklearn.ensemble import (
    AdaBoostClassifier,
    BaggingRegressor,
    StackingClassifier,
    VotingClassifier,
)
from sklearn.experimental import enable_halving_search_cv  # noqa: F401 (the import enables it)
from sklearn.inspection import partial_dependence, permutation_importance
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import log_loss
from sklearn.model_selection import (
    FixedThresholdClassifier,
    GridSearchCV,
    HalvingGridSearchCV,
    RandomizedSearchCV,
    cross_val_predict,
    cross_validate,
    learning_curve,
    validation_curve,
)
from sklearn.multiclass import OneVsRestClassifier
from sklearn.multioutput import ClassifierChain, MultiOutputClassifier, RegressorChain
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import OneHotEncoder, StandardScaler
from threadpoolctl import threadpool_limits

from conftest import same_network
from skbackprop import BackpropClassifier, BackpropRegressor
from skbackprop.losses import Exponential, LogLoss, SquaredError
from skbackprop.optimizers import LBFGS, SGD
from skbackprop.solvers import GradientDescent, Grid, MonteCarlo

IRIS, SPECIES = load_iris(return_X_y=True)
IRIS = StandardScaler().fit_transform(IRIS)
# Whether a point is in the band takes two hidden units, and larger weights than 1.
PLANE = np.random.RandomState(0).uniform(-2, 2, size=(90, 2))
IN_BAND = (np.abs(PLANE[:, 0]) < 1).astype(int)
FRAME = pd.DataFrame(PLANE, columns=["east", "north"])
# The first feature raises the height, the second lowers it, the third is noise.
SLOPE = np.random.RandomState(1).normal(size=(100, 3))
HEIGHT = np.tanh(SLOPE[:, 0]) - 0.3 * SLOPE[:, 1]

Classifier = partial(
    BackpropClassifier, n_hidden=3, loss="squared_error", alpha=1e-3, random_state=0
)
Botanist = partial(Classifier, n_hidden=2, alpha=0.1)
Regressor = partial(BackpropRegressor, n_hidden=3, alpha=0.03, random_state=0)

SOLVERS = {
    "lm": "gd",
    "sgd": GradientDescent(SGD(batch_size=20), max_iter=10),
    "lbfgs": GradientDescent("lbfgs", max_iter=10),
    "montecarlo": MonteCarlo(n_draws=300),
    "grid-whole": Grid(step=1.0),
    "grid-cyclic": Grid(step=0.5, max_evals=300),
}
ESTIMATORS = {"classifier": Classifier, "regressor": Regressor}
every_solver = pytest.mark.parametrize("solver", SOLVERS.values(), ids=SOLVERS.keys())
both = pytest.mark.parametrize("estimator", ESTIMATORS.values(), ids=ESTIMATORS.keys())
# Budgets are small on purpose, and the estimators say so.
small_budget = pytest.mark.filterwarnings("ignore::sklearn.exceptions.ConvergenceWarning")


@pytest.fixture(autouse=True, scope="module")
def one_thread():
    """Without threads of BLAS, which only get into each other's way on problems this small."""
    with threadpool_limits(1, user_api="blas"):
        yield


# Pipelines, column transformers and cross-validation


def test_pipeline_trains_on_the_scaled_features():
    pipeline = make_pipeline(StandardScaler(), Botanist()).fit(IRIS * 1e3, SPECIES)
    by_hand = Botanist().fit(pipeline[0].transform(IRIS * 1e3), SPECIES)
    assert same_network(pipeline[-1], by_hand)
    assert pipeline.score(IRIS * 1e3, SPECIES) > 0.95


@pytest.mark.parametrize("sparse", [False, True], ids=["dense", "sparse"])
def test_column_transformer_joins_categories_and_numbers(sparse):
    frame = FRAME.assign(side=np.where(FRAME["north"] > 0, "up", "down"))
    y = IN_BAND | (frame["side"] == "up")
    columns = make_column_transformer(
        (StandardScaler(), ["east"]),
        (OneHotEncoder(sparse_output=sparse), ["side"]),
        sparse_threshold=float(sparse),
    )
    pipeline = make_pipeline(columns, Classifier(n_hidden=4)).fit(frame[["east", "side"]], y)
    assert sp.issparse(pipeline[0].transform(frame)) == sparse
    assert pipeline.feature_names_in_.tolist() == ["east", "side"]
    assert pipeline[-1].n_features_in_ == 3
    assert pipeline.score(frame[["side", "east"]], y) > 0.95


@pytest.mark.parametrize(
    ("model", "X", "y", "least"),
    [
        (
            Classifier(),
            PLANE,
            IN_BAND,
            {"accuracy": 0.9, "roc_auc": 0.95, "neg_log_loss": -0.4},
        ),
        (Regressor(), SLOPE, HEIGHT, {"r2": 0.95, "neg_mean_absolute_error": -0.1}),
    ],
    ids=["classifier", "regressor"],
)
def test_cross_validation_with_several_scorers(model, X, y, least):
    scores = cross_validate(model, X, y, cv=3, scoring=list(least), error_score="raise")
    means = {scorer: scores[f"test_{scorer}"].mean() for scorer in least}
    assert all(means[scorer] > least[scorer] for scorer in least), means


def test_cross_val_predict_gives_probabilities_of_samples_not_seen():
    proba = cross_val_predict(Botanist(), IRIS, SPECIES, cv=3, method="predict_proba")
    np.testing.assert_allclose(proba.sum(axis=1), 1)
    assert np.mean(proba.argmax(axis=1) == SPECIES) > 0.93


@small_budget
def test_validation_curve_over_an_option_of_a_solver_given_by_name():
    train, _ = validation_curve(
        Classifier(), PLANE, IN_BAND, param_name="solver__max_iter", param_range=[1, 60], cv=3
    )
    assert train[1].mean() > train[0].mean() + 0.2


def test_learning_curve_rises_with_the_number_of_samples():
    sizes, _, test = learning_curve(
        Classifier(), PLANE, IN_BAND, train_sizes=[6, 60], cv=3, shuffle=True, random_state=0
    )
    assert sizes.tolist() == [6, 60]
    assert test[1].mean() > test[0].mean() + 0.1


# Searches

# Each search space with what it must find; the losers cannot learn the band.
SEARCHES = {
    "solver-names": ({"solver": ["montecarlo", "gd"]}, {"solver": "gd"}),
    "option-of-named-solver": ({"solver__max_iter": [1, 60]}, {"solver__max_iter": 60}),
    "name-and-option": (
        {"solver": ["gd"], "solver__max_iter": [1, 60]},
        {"solver": "gd", "solver__max_iter": 60},
    ),
    "option-of-named-optimizer": (
        {"solver__optimizer": ["sgd"], "solver__optimizer__learning_rate": [1e-9, 10.0]},
        {"solver__optimizer": "sgd", "solver__optimizer__learning_rate": 10.0},
    ),
    "optimizer-instances": (
        {
            "solver": [GradientDescent()],
            "solver__optimizer": [SGD(1e-9), SGD(10.0)],
            "solver__optimizer__momentum": [0.9],
        },
        {"solver__optimizer__momentum": 0.9},
    ),
    "conditional-spaces": (
        [
            {"solver": [MonteCarlo()], "solver__n_draws": [10, 100]},
            {"solver": [Grid(step=0.5)], "solver__max_evals": [100, 200]},
            {"solver": [GradientDescent()], "solver__optimizer": ["lm", "lbfgs"]},
        ],
        {"solver__optimizer": "lm"},
    ),
    "loss-names": ({"loss": ["hellinger", "log_loss"]}, {}),
    "option-of-named-loss": (
        {"loss": ["exponential"], "loss__tau": [2.0], "solver": ["montecarlo", "gd"]},
        {"loss": "exponential", "loss__tau": 2.0, "solver": "gd"},
    ),
    "loss-instances": ({"loss": [SquaredError(), LogLoss()]}, {}),
    "alpha": ({"alpha": [1e3, 1e-3]}, {"alpha": 1e-3}),
    "n_hidden": ({"n_hidden": [1, 4]}, {"n_hidden": 4}),
}


def instances(spaces):
    """Every solver, optimizer and loss instance in search spaces."""
    values = [value for space in spaces for values in space.values() for value in values]
    return [value for value in values if hasattr(value, "get_params")]


@small_budget
@pytest.mark.parametrize("prefix", ["", "backpropclassifier__"], ids=["bare", "pipeline"])
@pytest.mark.parametrize(("spaces", "best"), SEARCHES.values(), ids=SEARCHES.keys())
def test_grid_search_finds_the_best_and_leaves_the_instances_alone(spaces, best, prefix):
    spaces = spaces if isinstance(spaces, list) else [spaces]
    spaces = [{prefix + name: values for name, values in space.items()} for space in spaces]
    before = [(part, part.get_params(deep=False)) for part in instances(spaces)]
    estimator = make_pipeline(StandardScaler(), Classifier()) if prefix else Classifier()
    search = GridSearchCV(estimator, spaces, cv=3, error_score="raise").fit(PLANE, IN_BAND)

    assert search.best_score_ > 0.9
    assert {prefix + name: value for name, value in best.items()}.items() <= (
        search.best_params_.items()
    )
    by_hand = clone(estimator).set_params(**clone(search.best_params_, safe=False))
    by_hand.fit(PLANE, IN_BAND)
    np.testing.assert_array_equal(search.predict_proba(PLANE), by_hand.predict_proba(PLANE))
    assert all(vars(part) == options for part, options in before)


def test_a_search_leaves_a_named_solver_of_the_estimator_a_name():
    model = Classifier()
    GridSearchCV(model, {"solver__n_init": [1, 2]}, cv=2).fit(PLANE, IN_BAND)
    assert vars(model) == vars(Classifier())


def test_grid_search_does_not_depend_on_threads():
    search = GridSearchCV(Classifier(n_jobs=2), {"solver__n_init": [1, 3]}, cv=3)
    one = clone(search).fit(PLANE, IN_BAND)
    with joblib.parallel_config(backend="threading", n_jobs=2):
        two = clone(search).fit(PLANE, IN_BAND)
    assert same_network(one.best_estimator_, two.best_estimator_)
    for score in ("mean_test_score", "std_test_score"):
        np.testing.assert_array_equal(one.cv_results_[score], two.cv_results_[score])


@small_budget
def test_random_search_over_solvers_and_distributions():
    solvers = [MonteCarlo(n_draws=100), GradientDescent(max_iter=60)]
    space = {"solver": solvers, "alpha": loguniform(1e-4, 1e-2), "n_hidden": randint(2, 5)}
    search = RandomizedSearchCV(Classifier(), space, n_iter=8, cv=3, random_state=0)
    search.fit(PLANE, IN_BAND)
    assert isinstance(search.best_estimator_.solver_, GradientDescent)
    assert search.best_estimator_.coefs_[0].shape == (2, search.best_params_["n_hidden"])
    assert search.best_score_ > 0.9
    assert {type(value) for value in search.cv_results_["param_solver"]} == set(map(type, solvers))
    assert [vars(solver) for solver in solvers] == [
        vars(MonteCarlo(n_draws=100)),
        vars(GradientDescent(max_iter=60)),
    ]


@small_budget
@pytest.mark.parametrize("solver", [GradientDescent(), "gd"], ids=["instance", "name"])
def test_halving_search_spends_iterations_on_the_promising(solver):
    search = HalvingGridSearchCV(
        Classifier(solver=solver),
        {"alpha": [1e3, 1e2, 1e-3]},
        resource="solver__max_iter",
        min_resources=20,
        max_resources=60,
        cv=3,
    ).fit(PLANE, IN_BAND)
    assert search.n_resources_ == [20, 60]
    assert search.best_params_ == {"alpha": 1e-3, "solver__max_iter": 60}
    assert search.best_estimator_.solver.max_iter == 60
    assert search.best_score_ > 0.9


# Ensembles and other meta-estimators


def test_calibration_mends_probabilities_that_a_large_penalty_made_timid():
    timid = Classifier(alpha=1.0).fit(IRIS, SPECIES == 0)
    calibrated = CalibratedClassifierCV(timid, cv=3).fit(IRIS, SPECIES == 0)
    losses = [log_loss(SPECIES == 0, m.predict_proba(IRIS)) for m in (calibrated, timid)]
    assert losses[0] < losses[1] / 2


def test_soft_vote_is_the_mean_of_the_members_probabilities():
    members = [("lm", Classifier()), ("lbfgs", Classifier(solver=GradientDescent("lbfgs")))]
    vote = VotingClassifier(members, voting="soft").fit(PLANE, IN_BAND)
    probas = [clone(member).fit(PLANE, IN_BAND).predict_proba(PLANE) for _, member in members]
    assert not np.array_equal(*probas)
    np.testing.assert_allclose(vote.predict_proba(PLANE), np.mean(probas, axis=0), rtol=1e-12)


def test_stacking_learns_from_probabilities_of_the_network():
    members = [("net", Classifier()), ("line", LogisticRegression())]
    stack = StackingClassifier(members, LogisticRegression(), cv=3).fit(PLANE, IN_BAND)
    assert stack.transform(PLANE).shape == (len(PLANE), 2)
    trust_in_net, trust_in_line = np.abs(stack.final_estimator_.coef_[0])
    assert trust_in_net > trust_in_line
    assert stack.score(PLANE, IN_BAND) > 0.95


def test_bagging_averages_regressors_with_different_seeds():
    bag = BaggingRegressor(BackpropRegressor(2), n_estimators=5, random_state=0)
    bag.fit(SLOPE, HEIGHT)
    answers = [member.predict(SLOPE) for member in bag.estimators_]
    assert len({member.random_state for member in bag.estimators_}) == 5
    assert np.ptp(answers, axis=0).min() > 0
    np.testing.assert_allclose(bag.predict(SLOPE), np.mean(answers, axis=0))
    assert bag.score(SLOPE, HEIGHT) > 0.95


@pytest.mark.filterwarnings("ignore::sklearn.exceptions.ConvergenceWarning")  # poor fits do
def test_boosting_raises_the_weight_of_errors_and_lifts_a_weak_network():
    weak = BackpropClassifier(1, alpha=1e-4)
    boost = AdaBoostClassifier(weak, n_estimators=8, random_state=0).fit(PLANE, IN_BAND)
    assert len(boost.estimators_) == 8
    stages = list(boost.staged_score(PLANE, IN_BAND))
    assert stages[0] < 0.8
    assert stages[-1] > stages[0] + 0.1


def test_one_vs_rest_equals_a_network_for_each_class():
    model = OneVsRestClassifier(Botanist()).fit(IRIS, SPECIES)
    for label, member in enumerate(model.estimators_):
        assert same_network(member, Botanist().fit(IRIS, (label == SPECIES).astype(int)))
    assert model.score(IRIS, SPECIES) > 0.95


def test_classifier_chain_feeds_labels_forward():
    labels = np.column_stack([IN_BAND, IN_BAND ^ (PLANE[:, 1] > 0)])
    chain = ClassifierChain(Classifier(), order=[0, 1]).fit(PLANE, labels)
    second = Classifier().fit(np.column_stack([PLANE, labels[:, 0]]), labels[:, 1])
    assert same_network(chain.estimators_[1], second)
    assert np.mean(chain.predict(PLANE) == labels) > 0.9


def test_regressor_chain_feeds_answers_forward():
    heights = np.column_stack([HEIGHT, HEIGHT**2])
    chain = RegressorChain(Regressor(alpha=1e-3)).fit(SLOPE, heights)
    assert same_network(
        chain.estimators_[1],
        Regressor(alpha=1e-3).fit(np.column_stack([SLOPE, HEIGHT]), heights[:, 1]),
    )
    assert chain.score(SLOPE, heights) > 0.95


def test_multi_output_classifier_takes_what_the_network_refuses():
    labels = np.column_stack([SPECIES, 2 - SPECIES])
    with pytest.raises(ValueError, match="MultiOutputClassifier"):
        Botanist().fit(IRIS, labels)
    model = MultiOutputClassifier(Botanist()).fit(IRIS, labels)
    alone = Botanist().fit(IRIS, labels[:, 1])
    np.testing.assert_array_equal(model.predict(IRIS)[:, 1], alone.predict(IRIS))
    np.testing.assert_array_equal(model.predict_proba(IRIS)[1], alone.predict_proba(IRIS))


def test_fixed_threshold_moves_the_decision():
    model = Classifier().fit(PLANE, IN_BAND)
    strict = FixedThresholdClassifier(Classifier(), threshold=0.99).fit(PLANE, IN_BAND)
    expected = model.predict_proba(PLANE)[:, 1] >= 0.99
    np.testing.assert_array_equal(strict.predict(PLANE), expected.astype(int))
    assert 0 < expected.sum() < model.predict(PLANE).sum()


def test_transformed_target_equals_the_transform_by_hand():
    model = TransformedTargetRegressor(Regressor(), func=np.log, inverse_func=np.exp)
    steep = np.exp(3 * HEIGHT)
    expected = np.exp(Regressor().fit(SLOPE, np.log(steep)).predict(SLOPE))
    np.testing.assert_allclose(model.fit(SLOPE, steep).predict(SLOPE), expected, rtol=1e-12)


def test_permutation_importance_finds_the_features_that_matter():
    model = Regressor(alpha=0.01).fit(SLOPE, HEIGHT)
    importance = permutation_importance(model, SLOPE, HEIGHT, random_state=0).importances_mean
    assert importance.argsort().tolist() == [2, 1, 0]
    assert importance[2] < 0.01 < importance[1]


@pytest.mark.parametrize(("feature", "sign"), [(0, 1), (1, -1)], ids=["rising", "falling"])
def test_partial_dependence_follows_the_slope(feature, sign):
    model = Regressor(alpha=0.01).fit(SLOPE, HEIGHT)
    average = partial_dependence(model, SLOPE, [feature], grid_resolution=8)["average"][0]
    assert (np.diff(sign * average) > 0).all()


def test_partial_dependence_of_a_class_is_its_mean_probability():
    model = Classifier().fit(FRAME, IN_BAND)
    result = partial_dependence(model, FRAME, ["east"], grid_resolution=5)
    for place, average in zip(result["grid_values"][0], result["average"][0], strict=True):
        proba = model.predict_proba(FRAME.assign(east=place))
        assert average == pytest.approx(proba[:, 1].mean())


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
