"""The callbacks of this package: their parameters, and that fits do not share a state."""

import pickle
from collections import defaultdict

import numpy as np
import pytest
from callback_fits import IRIS_X, IRIS_Y, classifier
from joblib import parallel_config
from numpy.testing import assert_array_equal
from sklearn.base import clone
from sklearn.model_selection import GridSearchCV
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

from skbackprop.callbacks import Snapshot, TargetLoss

pytestmark = pytest.mark.filterwarnings("ignore::sklearn.exceptions.ConvergenceWarning")


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (lambda: TargetLoss("low"), r"'value' parameter.*Got 'low'"),
        (lambda: Snapshot(3), r"'path' parameter.*Got 3"),
        (lambda: Snapshot("a", every=0), r"'every' parameter.*Got 0"),
    ],
    ids=["value", "path", "every"],
)
def test_bad_parameters(make, message):
    with pytest.raises(ValueError, match=message):
        make()


def test_callbacks_on_another_estimator_name_the_right_one():
    model = make_pipeline(StandardScaler(), classifier()).set_callbacks(TargetLoss(1))
    with pytest.raises(TypeError, match=r"TargetLoss must be set on a Backprop.*got Pipeline"):
        model.fit(IRIS_X, IRIS_Y)


@pytest.mark.parametrize("n_jobs", [1, 2])
def test_each_of_several_fits_at_once_has_its_own_state(n_jobs, tmp_path, monkeypatch):
    written = defaultdict(list)
    monkeypatch.setattr(
        Snapshot, "_write", lambda self, model: written[model.alpha].append(model.n_iter_)
    )
    snapshot = Snapshot(tmp_path / "a", every=15)
    search = GridSearchCV(
        classifier().set_callbacks(snapshot),
        {"alpha": [0.1, 10.0, 1000.0]},
        cv=[(np.arange(150), np.arange(150))],
        refit=False,
        n_jobs=n_jobs,
    )
    with parallel_config(backend="threading"):
        search.fit(IRIS_X, IRIS_Y)
    assert dict(written) == {alpha: [15, 30, 40, 40] for alpha in (0.1, 10.0, 1000.0)}
    assert snapshot._fits == {}


@pytest.mark.parametrize(
    "make", [lambda path: TargetLoss(1.0), Snapshot], ids=["TargetLoss", "Snapshot"]
)
def test_an_estimator_with_callbacks_can_be_pickled(make, tmp_path):
    model = classifier().set_callbacks(make(tmp_path / "a")).fit(IRIS_X, IRIS_Y)
    copy = pickle.loads(pickle.dumps(model))
    assert_array_equal(copy.predict(IRIS_X), model.predict(IRIS_X))
    assert clone(copy).fit(IRIS_X, IRIS_Y).n_iter_ == model.n_iter_
