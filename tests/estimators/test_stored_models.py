"""Fitted models in files: those of earlier releases, and pickles of this one."""

import pickle
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from numpy.testing import assert_allclose, assert_array_equal

import skbackprop
from skbackprop import BackpropClassifier, BackpropRegressor, trusted_types

STORED = Path(__file__).parent / "stored"
RELEASES = sorted(path.name for path in STORED.iterdir() if path.name[0].isdigit())
MAJOR = skbackprop.__version__.split(".")[0]

X = np.random.default_rng(0).normal(size=(50, 3))
LOAD_AND_PREDICT = """
import pickle, sys
import numpy as np
with open(sys.argv[1], "rb") as file:
    X, *models = pickle.load(file)
np.savez(sys.argv[2], *(model.predict(X) for model in models))
"""


def types_of(release):
    """The types to trust, by the names that they had in a release."""
    return (STORED / release / "types.txt").read_text(encoding="utf-8").split()


@pytest.mark.parametrize("name", ["classifier", "regressor"])
@pytest.mark.parametrize("release", RELEASES)
def test_stored_models_predict_the_same(release, name):
    skops_io = pytest.importorskip(
        "skops.io", reason="needs the extra ecosystem: pip install skbackprop[ecosystem]"
    )
    if release.split(".")[0] != MAJOR:
        pytest.skip(f"stability.md promises nothing of {release} for {skbackprop.__version__}")
    model = skops_io.load(STORED / release / f"{name}.skops", trusted=types_of(release))
    with np.load(STORED / release / f"{name}.npz") as data:
        expected = {method: data[method] for method in data.files if method != "X"}
        inputs = data["X"]
    assert "predict" in expected
    for method, predictions in expected.items():
        if method == "std":
            _, found = model.predict(inputs, return_std=True)
        else:
            found = getattr(model, method)(inputs)
        if predictions.dtype.kind == "U":
            assert_array_equal(found, predictions)
        else:
            assert_allclose(found, predictions, rtol=1e-10, atol=1e-10)


@pytest.mark.parametrize("name", ["classifier", "regressor"])
def test_stored_predictions_vary(name):
    """A network that has learned nothing would keep its predictions whatever the code does."""
    for release in RELEASES:
        with np.load(STORED / release / f"{name}.npz") as data:
            assert len(np.unique(data["predict"])) > 2


@pytest.mark.parametrize("release", [r for r in RELEASES if r == skbackprop.__version__])
def test_the_types_of_this_release_are_listed(release):
    assert set(types_of(release)) <= set(trusted_types())


def test_this_series_has_stored_models():
    assert any(release.split(".")[0] == MAJOR for release in RELEASES)


@pytest.mark.slow
def test_a_pickle_predicts_the_same_in_a_fresh_process(tmp_path):
    models = [
        BackpropClassifier(2, alpha=1.0, random_state=0).fit(
            X, np.where(X[:, 0] > 0, "up", "down")
        ),
        BackpropRegressor(2, alpha=0.1, random_state=0).fit(X, X[:, 0]),
        BackpropRegressor(2, alpha=0.1, random_state=0).fit(X, X[:, :2]),
    ]
    source, answers = tmp_path / "models.pickle", tmp_path / "answers.npz"
    source.write_bytes(pickle.dumps([X, *models]))
    subprocess.run(
        [sys.executable, "-c", LOAD_AND_PREDICT, str(source), str(answers)], check=True, timeout=250
    )
    with np.load(answers) as found:
        for model, predictions in zip(models, found.values(), strict=True):
            assert_array_equal(predictions, model.predict(X))
