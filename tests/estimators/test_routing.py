"""Sample weights and validation data, requested through pipelines, searches and ensembles."""

from functools import partial

import numpy as np
import pytest
import sklearn
from sklearn.calibration import CalibratedClassifierCV
from sklearn.compose import TransformedTargetRegressor
from sklearn.datasets import load_iris
from sklearn.ensemble import StackingRegressor, VotingClassifier
from sklearn.exceptions import UnsetMetadataPassedError
from sklearn.metrics import get_scorer
from sklearn.model_selection import (
    GridSearchCV,
    GroupKFold,
    PredefinedSplit,
    StratifiedKFold,
    cross_val_predict,
    cross_val_score,
    cross_validate,
)
from sklearn.multioutput import MultiOutputClassifier, MultiOutputRegressor
from sklearn.pipeline import Pipeline, make_pipeline
from sklearn.preprocessing import StandardScaler
from sklearn.utils.fixes import parse_version

from conftest import same_network
from skbackprop import BackpropClassifier, BackpropRegressor
from skbackprop.solvers import GradientDescent, Status

RNG = np.random.RandomState(0)
PLANE = RNG.uniform(-2, 2, size=(90, 2))
IN_BAND = (np.abs(PLANE[:, 0]) < 1).astype(int)
HEIGHT = np.tanh(PLANE[:, 0]) - 0.3 * PLANE[:, 1]
WEIGHT = RNG.randint(1, 5, size=len(PLANE)).astype(float)
CV = StratifiedKFold(3)

Classifier = partial(
    BackpropClassifier, n_hidden=3, loss="squared_error", alpha=1e-3, random_state=0
)
Regressor = partial(BackpropRegressor, n_hidden=3, alpha=0.03, random_state=0)


@pytest.fixture
def routing():
    with sklearn.config_context(enable_metadata_routing=True):
        yield


def asking(estimator, **requests):
    """The estimator, which asks for weights in `fit` and `score` unless told otherwise."""
    requests = {"fit": True, "score": True} | requests
    estimator.set_fit_request(sample_weight=requests["fit"])
    return estimator.set_score_request(sample_weight=requests["score"])


def asking_scaler():
    return StandardScaler().set_fit_request(sample_weight=True)


def weighted_by_hand(train, weight=WEIGHT):
    """A weighted scaler and a weighted classifier, without a pipeline or a search."""
    scaler = StandardScaler().fit(PLANE[train], sample_weight=weight[train])
    model = Classifier().fit(scaler.transform(PLANE[train]), IN_BAND[train], weight[train])
    return scaler, model


# Pipelines


def test_without_routing_a_pipeline_takes_weights_by_the_name_of_the_step():
    pipeline = make_pipeline(StandardScaler(), Classifier())
    pipeline.fit(PLANE, IN_BAND, backpropclassifier__sample_weight=WEIGHT)
    scaled = pipeline[0].transform(PLANE)
    assert same_network(pipeline[-1], Classifier().fit(scaled, IN_BAND, WEIGHT))
    assert not same_network(pipeline[-1], Classifier().fit(scaled, IN_BAND))


@pytest.mark.usefixtures("routing")
@pytest.mark.parametrize("nested", [False, True], ids=["pipeline", "pipeline-in-pipeline"])
def test_weights_reach_the_steps_that_ask_for_them(nested):
    steps = asking_scaler(), asking(Classifier())
    pipeline = make_pipeline(steps[0], make_pipeline(steps[1])) if nested else make_pipeline(*steps)
    pipeline.fit(PLANE, IN_BAND, sample_weight=WEIGHT)
    scaler, model = weighted_by_hand(slice(None))
    network = pipeline[-1][-1] if nested else pipeline[-1]
    assert same_network(network, model)
    expected = model.score(scaler.transform(PLANE), IN_BAND, sample_weight=WEIGHT)
    assert pipeline.score(PLANE, IN_BAND, sample_weight=WEIGHT) == expected


@pytest.mark.usefixtures("routing")
def test_a_step_that_declines_weights_gets_none():
    pipeline = make_pipeline(asking_scaler(), asking(Classifier(), fit=False))
    pipeline.fit(PLANE, IN_BAND, sample_weight=WEIGHT)
    scaled = StandardScaler().fit(PLANE, sample_weight=WEIGHT).transform(PLANE)
    assert same_network(pipeline[-1], Classifier().fit(scaled, IN_BAND))


@pytest.mark.usefixtures("routing")
def test_weights_by_another_name():
    model = Classifier().set_fit_request(sample_weight="trust")
    pipeline = make_pipeline(model).fit(PLANE, IN_BAND, trust=WEIGHT)
    assert same_network(pipeline[-1], Classifier().fit(PLANE, IN_BAND, WEIGHT))


@pytest.mark.usefixtures("routing")
@pytest.mark.parametrize(
    "fit",
    [
        lambda: make_pipeline(Classifier()).fit(PLANE, IN_BAND, sample_weight=WEIGHT),
        lambda: make_pipeline(make_pipeline(Regressor())).fit(PLANE, HEIGHT, sample_weight=WEIGHT),
        lambda: GridSearchCV(Classifier(), {}).fit(PLANE, IN_BAND, sample_weight=WEIGHT),
        lambda: cross_validate(Classifier(), PLANE, IN_BAND, params={"sample_weight": WEIGHT}),
        lambda: make_pipeline(Classifier()).fit(PLANE, IN_BAND, X_val=PLANE, y_val=IN_BAND),
        lambda: GridSearchCV(Classifier().set_fit_request(sample_weight=True), {}).fit(
            PLANE, IN_BAND, sample_weight=WEIGHT
        ),
    ],
    ids=["pipeline", "nested", "search", "cross_validate", "validation-data", "score-not-asked"],
)
def test_what_nobody_asked_for_is_an_error(fit):
    with pytest.raises(UnsetMetadataPassedError, match="explicitly set as requested or not"):
        fit()


# Searches and cross-validation


@pytest.mark.usefixtures("routing")
# with alpha=1 the few samples are not learned
@pytest.mark.filterwarnings("ignore::sklearn.exceptions.ConvergenceWarning")
@pytest.mark.parametrize(
    ("inside", "scorer"),
    [
        ("alone", None),
        ("alone", "accuracy"),
        pytest.param(
            "pipeline",
            None,
            marks=pytest.mark.skipif(
                parse_version(sklearn.__version__) < parse_version("1.8"),
                reason="a search cannot ask the steps of a pipeline before scikit-learn 1.8",
            ),
        ),
        ("pipeline", "accuracy"),
    ],
)
def test_a_search_weighs_fits_and_scores(inside, scorer):
    model = asking(Classifier())
    prefix = "backpropclassifier__" if inside == "pipeline" else ""
    model = make_pipeline(model) if inside == "pipeline" else model
    if scorer is not None:
        scorer = get_scorer(scorer).set_score_request(sample_weight=True)
    search = GridSearchCV(model, {f"{prefix}alpha": [1e-3, 1.0]}, cv=CV, scoring=scorer)
    search.fit(PLANE, IN_BAND, sample_weight=WEIGHT)

    scores = [
        Classifier(alpha=alpha)
        .fit(PLANE[train], IN_BAND[train], WEIGHT[train])
        .score(PLANE[test], IN_BAND[test], WEIGHT[test])
        for alpha in (1e-3, 1.0)
        for train, test in CV.split(PLANE, IN_BAND)
    ]
    expected = np.reshape(scores, (2, 3)).mean(axis=1)
    np.testing.assert_allclose(search.cv_results_["mean_test_score"], expected)
    best = search.best_estimator_[-1] if inside == "pipeline" else search.best_estimator_
    alpha = (1e-3, 1.0)[expected.argmax()]
    assert same_network(best, Classifier(alpha=alpha).fit(PLANE, IN_BAND, WEIGHT))


@pytest.mark.usefixtures("routing")
@pytest.mark.parametrize("requested", [True, False])
def test_a_search_passes_weights_on_only_if_requested(requested):
    model = asking(Classifier(), fit=requested)
    search = GridSearchCV(model, {"solver__max_iter": [400, 500]}, cv=3)
    search.fit(PLANE, IN_BAND, sample_weight=WEIGHT)
    weighted = Classifier().fit(PLANE, IN_BAND, WEIGHT)
    unweighted = Classifier().fit(PLANE, IN_BAND)
    assert same_network(search.best_estimator_, weighted) == requested
    assert same_network(search.best_estimator_, unweighted) != requested


@pytest.mark.usefixtures("routing")
def test_cross_validation_weighs_each_part_that_asks():
    results = cross_validate(
        make_pipeline(asking_scaler(), asking(Classifier())),
        PLANE,
        IN_BAND,
        cv=CV,
        scoring=get_scorer("accuracy").set_score_request(sample_weight=True),
        params={"sample_weight": WEIGHT},
        return_estimator=True,
        return_indices=True,
    )
    folds = zip(results["indices"]["train"], results["indices"]["test"], strict=True)
    for i, (train, test) in enumerate(folds):
        scaler, model = weighted_by_hand(train)
        assert same_network(results["estimator"][i][-1], model)
        score = model.score(scaler.transform(PLANE[test]), IN_BAND[test], WEIGHT[test])
        assert results["test_score"][i] == score


@pytest.mark.usefixtures("routing")
def test_groups_and_weights_side_by_side():
    groups = np.arange(len(PLANE)) % 5
    scores = cross_val_score(
        asking(Classifier()),
        PLANE,
        IN_BAND,
        cv=GroupKFold(5),
        params={"sample_weight": WEIGHT, "groups": groups},
    )
    expected = [
        Classifier()
        .fit(PLANE[groups != group], IN_BAND[groups != group], WEIGHT[groups != group])
        .score(PLANE[groups == group], IN_BAND[groups == group], WEIGHT[groups == group])
        for group in range(5)
    ]
    np.testing.assert_array_equal(np.sort(scores), np.sort(expected))


@pytest.mark.usefixtures("routing")
def test_predictions_of_weighted_models():
    model = asking(Classifier())
    found = cross_val_predict(
        model, PLANE, IN_BAND, cv=CV, params={"sample_weight": WEIGHT}, method="predict_proba"
    )
    for train, test in CV.split(PLANE, IN_BAND):
        expected = Classifier().fit(PLANE[train], IN_BAND[train], WEIGHT[train])
        np.testing.assert_array_equal(found[test], expected.predict_proba(PLANE[test]))


# Ensembles

ENSEMBLES = {
    "voting": (
        lambda: VotingClassifier(
            [("a", asking(Classifier(n_hidden=2))), ("b", asking(Classifier()))]
        ),
        IN_BAND,
        lambda fitted: fitted.estimators_[1],
        Classifier,
    ),
    "calibration": (
        lambda: CalibratedClassifierCV(
            asking(Classifier()),
            cv=PredefinedSplit(np.where(np.arange(len(PLANE)) < 30, 0, -1)),
        ),
        IN_BAND,
        lambda fitted: fitted.calibrated_classifiers_[0].estimator,
        Classifier,
    ),
    "stacking": (
        lambda: StackingRegressor(
            [("a", asking(Regressor()))], final_estimator=asking(Regressor(n_hidden=2)), cv=3
        ),
        HEIGHT,
        lambda fitted: fitted.estimators_[0],
        Regressor,
    ),
    "transformed-target": (
        lambda: TransformedTargetRegressor(asking(Regressor()), transformer=None),
        HEIGHT,
        lambda fitted: fitted.regressor_,
        Regressor,
    ),
    "multi-output": (
        lambda: MultiOutputRegressor(asking(Regressor())),
        np.column_stack([HEIGHT, HEIGHT]),
        lambda fitted: fitted.estimators_[1],
        Regressor,
    ),
}


@pytest.mark.usefixtures("routing")
@pytest.mark.parametrize(("make", "y", "member", "alone"), ENSEMBLES.values(), ids=ENSEMBLES)
def test_members_of_ensembles_are_weighted(make, y, member, alone):
    fitted = make().fit(PLANE, y, sample_weight=WEIGHT)
    rows = np.arange(len(PLANE)) >= (30 if isinstance(fitted, CalibratedClassifierCV) else 0)
    target = y[rows] if y.ndim == 1 else y[rows, 0]
    assert same_network(member(fitted), alone().fit(PLANE[rows], target, WEIGHT[rows]))
    assert not same_network(member(fitted), alone().fit(PLANE[rows], target))


@pytest.mark.usefixtures("routing")
def test_partial_fit_of_members_is_weighted():
    def begin():
        return Classifier().set_params(solver__optimizer="adam")

    member = begin().set_partial_fit_request(sample_weight=True)
    Y = np.column_stack([IN_BAND, 1 - IN_BAND])
    both = MultiOutputClassifier(member)
    both.partial_fit(PLANE, Y, classes=[[0, 1], [0, 1]], sample_weight=WEIGHT)
    expected = begin().partial_fit(PLANE, IN_BAND, [0, 1], WEIGHT)
    assert same_network(both.estimators_[0], expected)
    assert not same_network(both.estimators_[0], begin().partial_fit(PLANE, IN_BAND, [0, 1]))


# Validation data

IRIS, SPECIES = load_iris(return_X_y=True)
IRIS = StandardScaler().fit_transform(IRIS)
TRAIN, HELD = np.arange(150) % 3 > 0, np.arange(150) % 3 == 0
DATA = {"X_val": IRIS[HELD], "y_val": SPECIES[HELD]}


def early():
    """A classifier that stops early, and asks for all that `fit` can take."""
    solver = GradientDescent("lbfgs", early_stopping=True, n_iter_no_change=5)
    model = BackpropClassifier(3, solver=solver, alpha=1e-3, random_state=0)
    return model.set_fit_request(X_val=True, y_val=True, sample_weight_val=True)


@pytest.mark.usefixtures("routing")
@pytest.mark.parametrize("weighted", [False, True])
def test_a_search_stops_early_on_validation_data(weighted):
    given = dict(DATA)
    if weighted:
        given["sample_weight_val"] = np.linspace(1, 2, HELD.sum())
    search = GridSearchCV(make_pipeline(early()), {"backpropclassifier__alpha": [1e-3]}, cv=3)
    search.fit(IRIS[TRAIN], SPECIES[TRAIN], **given)
    expected = early().fit(IRIS[TRAIN], SPECIES[TRAIN], **given)
    found = search.best_estimator_[-1]
    assert found.status_ is Status.EARLY_STOPPED
    assert same_network(found, expected)
    np.testing.assert_array_equal(found.validation_loss_curve_, expected.validation_loss_curve_)


@pytest.mark.usefixtures("routing")
def test_a_pipeline_scales_validation_data_like_the_training_data():
    pipeline = Pipeline(
        [("scale", StandardScaler()), ("network", early())], transform_input=["X_val"]
    )
    raw = 1e3 * IRIS + 50
    pipeline.fit(raw[TRAIN], SPECIES[TRAIN], X_val=raw[HELD], y_val=SPECIES[HELD])
    scaler = StandardScaler().fit(raw[TRAIN])
    scaled = {"X_val": scaler.transform(raw[HELD]), "y_val": SPECIES[HELD]}
    expected = early().fit(scaler.transform(raw[TRAIN]), SPECIES[TRAIN], **scaled)
    assert same_network(pipeline[-1], expected)
