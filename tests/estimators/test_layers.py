"""The layers of a fitted network: logits, hidden features, and the best of a validation curve."""

import numpy as np
import pytest
from numpy.testing import assert_allclose, assert_array_equal
from scipy import sparse
from scipy.special import expit
from sklearn.datasets import load_iris, make_multilabel_classification
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import roc_auc_score
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

from skbackprop import BackpropClassifier, BackpropRegressor
from skbackprop.solvers import GradientDescent, Grid

X, SPECIES = load_iris(return_X_y=True)
LABELS = make_multilabel_classification(150, 4, n_classes=3, random_state=0)
TARGETS = {
    "two": (X, SPECIES == 2, (150,)),
    "three": (X, SPECIES, (150, 3)),
    "multilabel": (*LABELS, (150, 3)),
}


@pytest.mark.parametrize("target_range", [(0.0, 1.0), (0.2, 0.6)], ids=str)
@pytest.mark.parametrize("name", TARGETS)
def test_scores_agree_with_predictions(name, target_range):
    features, y, shape = TARGETS[name]
    model = BackpropClassifier(4, target_range=target_range, alpha=0.1, random_state=0)
    scores = model.fit(features, y).decision_function(features)
    assert scores.shape == shape
    if name == "three":
        predicted = model.predict(features)
        taken = np.take_along_axis(scores, predicted[:, None], axis=1)[:, 0]
        proba = model.predict_proba(features)
        tied = (proba == proba.max(axis=1, keepdims=True)).sum(axis=1) > 1
        assert_array_equal((taken == scores.max(axis=1))[~tied], True)
    else:
        assert_array_equal(scores > 0, model.predict(features))
    if name == "two" and target_range == (0.0, 1.0):
        assert_allclose(expit(scores), model.predict_proba(features)[:, 1], rtol=1e-9)
        assert roc_auc_score(y, scores) > 0.98


def test_scores_tell_apart_what_probabilities_round():
    model = BackpropClassifier(2, alpha=0.1, random_state=0).fit(X, SPECIES == 0)
    model.coefs_[1] *= 100
    model.intercepts_[1] *= 100
    scores = model.decision_function(X[:50])
    assert scores.dtype == np.float64
    assert len(np.unique(model.predict_proba(X[:50])[:, 1])) < len(np.unique(scores))
    assert model.decision_function(sparse.csr_matrix(X.astype(np.float32))).dtype == np.float32


@pytest.mark.parametrize("make", [BackpropClassifier, BackpropRegressor])
def test_hidden_units_are_features(make):
    model = make(5, alpha=0.1, random_state=0).fit(X, SPECIES)
    hidden = model.transform(X)
    # hidden units are computed to the absolute precision that sums need
    assert_allclose(hidden, expit(X @ model.coefs_[0] + model.intercepts_[0]), atol=1e-14)
    names = [f"{make.__name__.lower()}{j}" for j in range(5)]
    assert model.get_feature_names_out().tolist() == names
    frame = model.set_output(transform="pandas").transform(X)
    assert frame.columns.tolist() == names
    assert isinstance(model.predict(X), np.ndarray)


def test_a_network_before_the_last_step_and_as_the_last_step():
    network = BackpropClassifier(5, alpha=0.1, random_state=0)
    before = make_pipeline(StandardScaler(), network, LogisticRegression()).fit(X, SPECIES)
    last = make_pipeline(StandardScaler(), network).fit(X, SPECIES)
    assert before.score(X, SPECIES) > 0.95
    assert last.score(X, SPECIES) > 0.95
    assert last.transform(X).shape == (150, 5)
    assert last.decision_function(X).shape == (150, 3)


@pytest.mark.parametrize(
    "solver", [GradientDescent("adam", max_iter=30, early_stopping=True), Grid(max_evals=300)]
)
@pytest.mark.filterwarnings("ignore::sklearn.exceptions.ConvergenceWarning")
def test_the_best_of_the_validation_curve(solver):
    model = BackpropRegressor(3, solver=solver, alpha=0.01, random_state=0)
    model.fit(X[::2], SPECIES[::2], X_val=X[1::2], y_val=SPECIES[1::2])
    curve = model.validation_loss_curve_
    assert model.best_validation_loss_ == curve.min() == curve[model.best_iter_ - 1]
    assert not hasattr(BackpropRegressor(3, random_state=0).fit(X, SPECIES), "best_iter_")
