"""Snapshots of a fit: when they are written, what is in them, and that none is lost."""

import os
import pickle
import signal
import subprocess
import sys
import time

import numpy as np
import pytest
from callback_fits import IRIS_X, IRIS_Y, Record, classifier
from joblib import parallel_config
from numpy.testing import assert_array_equal

from conftest import some_now
from skbackprop import BackpropClassifier, BackpropRegressor
from skbackprop.callbacks import Snapshot
from skbackprop.solvers import Status

pytestmark = pytest.mark.filterwarnings("ignore::sklearn.exceptions.ConvergenceWarning")


def test_a_directory_that_is_not_there(tmp_path):
    model = classifier().set_callbacks(Snapshot(tmp_path / "no" / "a.pickle"))
    with pytest.raises(ValueError, match=r"path of Snapshot must be in a directory.*create"):
        model.fit(IRIS_X, IRIS_Y)


def test_snapshots_are_written_at_the_given_interval(tmp_path, monkeypatch):
    written = []
    monkeypatch.setattr(Snapshot, "_write", lambda self, model: written.append(model.n_iter_))
    classifier().set_callbacks(Snapshot(tmp_path / "a", every=15)).fit(IRIS_X, IRIS_Y)
    assert written == [15, 30, 40, 40]


def test_of_several_restarts_the_best(tmp_path):
    losses = []
    path = tmp_path / "a"

    class Reader(Record):
        def on_fit_task_end(self, estimator, context):
            if path.exists():
                losses.append(pickle.loads(path.read_bytes()).loss_)

    model = classifier("restarts").set_callbacks(Snapshot(path), Reader())
    model.fit(IRIS_X, IRIS_Y)
    assert losses == sorted(losses, reverse=True)
    assert losses[-1] == model.loss_


def test_of_restarts_in_other_processes_the_best(tmp_path, monkeypatch):
    written = []
    monkeypatch.setattr(Snapshot, "_write", lambda self, model: written.append(model.loss_))
    model = classifier("restarts", n_jobs=2).set_callbacks(Snapshot(tmp_path / "a"))
    with parallel_config(backend="loky"):
        model.fit(IRIS_X, IRIS_Y)
    assert len(written) > 1
    assert written == sorted(written, reverse=True)
    assert written[-1] == model.loss_


def test_what_is_in_it_is_the_fitted_estimator_without_callbacks(tmp_path):
    path = tmp_path / "a"
    model = classifier().set_callbacks(Record(), Snapshot(str(path), every=1000), Record())
    model.fit(IRIS_X, IRIS_Y)
    saved = pickle.loads(path.read_bytes())
    assert not [name for name in vars(saved) if "callback" in name]
    assert (saved.status_, saved.message_) == (model.status_, model.message_)
    assert_array_equal(saved.coefs_[0], model.coefs_[0])


@pytest.mark.parametrize("path", ["", "."])
def test_a_path_that_is_no_file(path, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    model = BackpropClassifier(alpha=1.0).set_callbacks(Snapshot(path))
    with pytest.raises(ValueError, match=f"that of a file, got '{path}'"):
        model.fit(IRIS_X, IRIS_Y)
    assert not list(tmp_path.iterdir())


def test_a_writing_that_fails_leaves_the_old_file_and_nothing_beside_it(tmp_path, monkeypatch):
    path = tmp_path / "a"
    path.write_text("old")

    def fail(*args):
        args[1].write(b"half")
        raise OSError("disk full")

    monkeypatch.setattr("skbackprop.callbacks._snapshot.pickle.dump", fail)
    with pytest.raises(OSError, match="disk full"):
        classifier().set_callbacks(Snapshot(path)).fit(IRIS_X, IRIS_Y)
    assert path.read_text() == "old"
    assert os.listdir(tmp_path) == ["a"]


@pytest.mark.skipif(not hasattr(signal, "SIGKILL"), reason="no SIGKILL on Windows")
@pytest.mark.parametrize("optimizer", some_now(["adam", "lm"], 1))
def test_a_process_killed_in_mid_fit_loses_nothing(tmp_path, optimizer):
    path = tmp_path / "net.pickle"
    process = subprocess.Popen([sys.executable, "-c", KILLED, str(path), optimizer])
    try:
        deadline = time.monotonic() + 120
        while not path.exists() or pickle.loads(path.read_bytes()).n_iter_ < 5:
            assert process.poll() is None, "the fit ended before it could be killed"
            assert time.monotonic() < deadline
            time.sleep(0.01)
    finally:
        os.kill(process.pid, signal.SIGKILL)
    assert process.wait() == -signal.SIGKILL
    model = pickle.loads(path.read_bytes())
    done = model.n_iter_
    assert model.status_ == Status.STOPPED
    assert np.isfinite(model.predict(IRIS_X)).all()
    model.set_params(warm_start=True, solver__max_iter=20).fit(IRIS_X, IRIS_X[:, 0])
    through = BackpropRegressor(3, random_state=0, alpha=0).set_params(
        solver__optimizer=optimizer, solver__max_iter=done + 20, solver__tol=0
    )
    through.fit(IRIS_X, IRIS_X[:, 0])
    assert done >= 5
    assert model.n_iter_ == through.n_iter_ == done + 20
    assert_array_equal(model.coefs_[0], through.coefs_[0])
    assert_array_equal(model.loss_curve_, through.loss_curve_)


KILLED = """
import sys, time
from sklearn.datasets import load_iris
from sklearn.preprocessing import scale
from skbackprop import BackpropRegressor
from skbackprop.callbacks import Snapshot

class Slowly:
    def setup(self, estimator, context): pass
    def on_fit_task_begin(self, estimator, context): pass
    def on_fit_task_end(self, estimator, context): time.sleep(0.05)
    def teardown(self, estimator, context): pass

X = scale(load_iris().data)
model = BackpropRegressor(3, random_state=0, alpha=0).set_params(
    solver__optimizer=sys.argv[2], solver__max_iter=100_000, solver__tol=0
)
model.set_callbacks(Snapshot(sys.argv[1]), Slowly()).fit(X, X[:, 0])
"""
