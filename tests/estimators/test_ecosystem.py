"""The estimators at work in scikit-learn's ecosystem: pipelines, ensembles, inspection."""

import numpy as np
import pandas as pd
import pytest
import scipy.sparse as sp
from sklearn.base import clone
from sklearn.calibration import CalibratedClassifierCV
from sklearn.compose import TransformedTargetRegressor, make_column_transformer
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
    cross_val_predict,
    cross_validate,
    learning_curve,
    validation_curve,
)
from sklearn.multiclass import OneVsRestClassifier
from sklearn.multioutput import ClassifierChain, MultiOutputClassifier, RegressorChain
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import OneHotEncoder, StandardScaler
from toy_problems import (
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
    one_thread,  # noqa: F401 (pytest finds it here)
    small_budget,
)

from conftest import same_network
from skbackprop import BackpropClassifier, BackpropRegressor
from skbackprop.solvers import GradientDescent

# Pipelines, column transformers and cross-validation


def test_pipeline_trains_on_the_scaled_features():
    pipeline = make_pipeline(StandardScaler(), Botanist()).fit(IRIS * 1e3, SPECIES)
    by_hand = Botanist().fit(pipeline[0].transform(IRIS * 1e3), SPECIES)
    assert same_network(pipeline[-1], by_hand)
    assert pipeline.score(IRIS * 1e3, SPECIES) > 0.95


@pytest.mark.parametrize("estimator", [Regressor, Classifier])
def test_a_table_with_categories_dates_and_missing_values(estimator):
    skrub = pytest.importorskip(
        "skrub", reason="needs the extra ecosystem: pip install skbackprop[ecosystem]"
    )
    rng, day = np.random.default_rng(0), pd.to_timedelta(np.arange(120), "D")
    table = pd.DataFrame(
        {
            "kind": rng.choice(["ash", "birch", "cedar"], 120),
            "seen": pd.Timestamp("2024-01-01") + day,
            "height": rng.normal(size=120),
        }
    )
    y = table["height"] + 2 * (table["kind"] == "cedar") + np.arange(120) / 60
    y = y > y.median() if estimator is Classifier else y
    table.loc[::10, "height"] = np.nan
    table.loc[::13, "kind"] = None
    model = skrub.tabular_pipeline(estimator()).fit(table, y)
    assert model.score(table, y) > 0.75  # a tenth of the heights are missing
    assert model[:-1].transform(table).shape[1] == model[-1].n_features_in_ > 5


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
    bag = BaggingRegressor(BackpropRegressor(2, alpha=0.1), n_estimators=5, random_state=0)
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


def test_regressor_chain_uses_predictions_as_features():
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
