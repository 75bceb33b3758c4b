"""scikit-learn's callbacks, and those of this package."""

import os
import pickle
import re
import signal
import subprocess
import sys
import time
from collections import Counter
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from joblib import parallel_config
from numpy.testing import assert_array_equal
from scipy import sparse
from sklearn.base import clone
from sklearn.datasets import load_iris
from sklearn.metrics import accuracy_score
from sklearn.model_selection import GridSearchCV
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler, scale

from skbackprop import BackpropClassifier, BackpropRegressor
from skbackprop.estimators._callback_adapter import forget_callbacks
from skbackprop.optimizers import SGD, Adam
from skbackprop.solvers import GradientDescent, Grid, MonteCarlo, Progress, Solver, Status

callback = pytest.importorskip("sklearn.callback", reason="needs scikit-learn 1.9")
from skbackprop.callbacks import (  # noqa: E402
    EarlyStopping,
    ProgressBar,
    Snapshot,
    TargetLoss,
    TimeLimit,
    validation_data,
)

IRIS_X, IRIS_Y = load_iris(return_X_y=True)
IRIS_X = scale(IRIS_X)
TRAIN, VAL = slice(0, 150, 2), slice(1, 150, 2)

SOLVERS = {
    "gd": GradientDescent("adam", max_iter=40, tol=0),
    "restarts": GradientDescent("lbfgs", max_iter=20, n_init=3, tol=0),
    "montecarlo": MonteCarlo(20_000),
    "grid, whole": Grid(0.2, max_evals=10**6),
    "grid, proof": Grid(max_evals=3_000),
    "grid, cyclic": Grid(max_evals=3_000),
}
every_solver = pytest.mark.parametrize("name", SOLVERS)
pytestmark = pytest.mark.filterwarnings("ignore::sklearn.exceptions.ConvergenceWarning")


def classifier(name="gd", **options):
    if name == "grid, whole":
        options |= {"n_hidden": 1, "loss": "squared_error"}
    if name == "grid, cyclic":
        options |= {"loss": "hellinger"}
    options = {"n_hidden": 3, "random_state": 0, "solver": clone(SOLVERS[name]), **options}
    return BackpropClassifier(**options)


def data(name):
    # a grid over one output is small enough to be searched whole
    return (IRIS_X[:100, :2], IRIS_Y[:100]) if name == "grid, whole" else (IRIS_X, IRIS_Y)


class Record:
    """Keeps what it hears."""

    def __init__(self, stop=lambda context, n_heard: False):
        self.begun, self.ended, self.others, self.stop = [], [], Counter(), stop

    def setup(self, estimator, context):
        self.others["setup"] += 1

    def teardown(self, estimator, context):
        self.others["teardown"] += 1

    def on_fit_task_begin(self, estimator, context, *, X=None):
        self.begun.append(context)

    def on_fit_task_end(
        self, estimator, context, *, X=None, y=None, metadata=None, fitted_estimator=None
    ):
        self.ended.append((context, X, y, metadata, fitted_estimator))
        self.validation = validation_data(estimator)
        return self.stop(context, len(self.ended))

    def names(self):
        return Counter(context.task_name for context, *_ in self.ended)

    def fitted(self):
        return [fitted for *_, fitted in self.ended if fitted is not None]


@every_solver
def test_each_task_that_begins_ends_and_the_tree_has_the_promised_names(name):
    record = Record()
    model = classifier(name).set_callbacks(record).fit(*data(name))
    assert record.others == {"setup": 1, "teardown": 1}
    assert sorted(map(id, record.begun)) == sorted(id(context) for context, *_ in record.ended)
    names, first, last = record.names(), record.begun[0], record.ended[-1][0]
    assert first is last
    assert first.task_name == "fit"
    if name in {"gd", "restarts"}:
        n_init, max_iter = model.solver_.n_init, model.solver_.max_iter
        assert names == {"fit": 1, "restart": n_init, "iteration": n_init * max_iter}
    else:
        assert set(names) == {"fit", "batch"}
        assert 1 <= names["batch"] <= first.max_subtasks


@pytest.mark.parametrize("n_jobs", [1, 2])
@every_solver
def test_callbacks_change_nothing(name, n_jobs):
    model = classifier(name, n_jobs=n_jobs)
    alone = clone(model).fit(*data(name))
    scores = callback.ScoringMonitor(scoring="accuracy")
    heard = clone(model).set_callbacks(Record(), scores, TimeLimit(1e6)).fit(*data(name))
    for one, other in zip(alone.coefs_, heard.coefs_, strict=True):
        assert_array_equal(one, other)
    assert alone.status_ == heard.status_
    assert_array_equal(alone.loss_curve_, heard.loss_curve_)


def test_without_callbacks_the_solver_has_none_to_call():
    class Deaf(Solver):
        def solve(self, objective, w0=None, *, rng, n_jobs=None, callback=None):
            assert callback is None
            return MonteCarlo(100).solve(objective, rng=rng)

    assert classifier(solver=Deaf()).fit(IRIS_X, IRIS_Y).n_evaluations_ == 100
    model = classifier(solver=Deaf()).set_callbacks(Record()).set_callbacks()
    assert model.fit(IRIS_X, IRIS_Y).n_evaluations_ == 100


@every_solver
def test_the_fitted_estimator_of_a_task_is_that_of_a_fit_stopped_there(name):
    record = Record()
    X, y = data(name)
    model = classifier(name).set_callbacks(record).fit(X, y)
    fitted = record.fitted()
    assert len(fitted) > 2
    assert fitted[-1].loss_ == model.loss_
    assert_array_equal(fitted[-1].predict(X), model.predict(X))
    # none of them has changed since
    losses = [estimator.loss_curve_.min() for estimator in fitted[:-3]]
    assert losses == pytest.approx([estimator.loss_ for estimator in fitted[:-3]], rel=1e-6)
    assert fitted[0].loss_ >= fitted[-1].loss_


@pytest.mark.parametrize(
    "optimizer",
    ["sgd", "adam", "rprop", "lm", SGD(batch_size=40), Adam(batch_size=40)],
    ids=str,
)
def test_a_warm_start_goes_on_from_any_iteration_to_the_bit(optimizer):
    record = Record()
    model = classifier(solver=GradientDescent(optimizer, max_iter=20, tol=0))
    model.set_callbacks(record).fit(IRIS_X, IRIS_Y)
    iterations = [fitted for c, *_, fitted in record.ended if c.task_name == "iteration"]
    seventh = forget_callbacks(iterations[6])
    seventh.set_params(solver=GradientDescent(optimizer, max_iter=13, tol=0), warm_start=True)
    seventh.fit(IRIS_X, IRIS_Y)
    assert_array_equal(seventh.coefs_[0], model.coefs_[0])
    assert_array_equal(seventh.loss_curve_, model.loss_curve_)


@every_solver
def test_a_callback_stops_the_fit_and_the_best_weights_are_kept(name):
    record = Record(lambda context, n_heard: n_heard >= 2)
    X, y = data(name)
    model = classifier(name).set_callbacks(record).fit(X, y)
    assert model.status_ == Status.STOPPED
    assert model.n_iter_ <= classifier(name).fit(X, y).n_iter_
    assert model.loss_ == min(estimator.loss_ for estimator in record.fitted())
    assert_array_equal(model.coefs_[0], record.fitted()[-1].coefs_[0])


@pytest.mark.parametrize("n_jobs", [1, 2])
def test_a_stop_in_a_restart_ends_that_one_only(n_jobs):
    def stop(context, n_heard):
        return context.task_name == "iteration" and context.task_id == 4

    record = Record(stop)
    model = classifier("restarts", n_jobs=n_jobs).set_callbacks(record).fit(IRIS_X, IRIS_Y)
    assert record.names() == {"fit": 1, "restart": 3, "iteration": 15}
    assert model.n_iter_ == 5
    assert model.status_ == Status.STOPPED
    restarts = [fitted for context, *_, fitted in record.ended if context.task_name == "restart"]
    assert model.loss_ == min(restart.loss_ for restart in restarts)


@pytest.mark.parametrize("n_jobs", [1, 2])
def test_a_stop_at_the_end_of_a_restart_gives_up_the_later_ones(n_jobs):
    def stop(context, n_heard):
        return context.task_name == "restart" and context.task_id == 1

    model = classifier("restarts", n_jobs=n_jobs).set_params(solver__n_init=5)
    stopped = clone(model).set_callbacks(Record(stop)).fit(IRIS_X, IRIS_Y)
    two = model.set_params(solver__n_init=2).fit(IRIS_X, IRIS_Y)
    assert stopped.status_ == Status.STOPPED
    assert_array_equal(stopped.coefs_[0], two.coefs_[0])
    assert stopped.n_evaluations_ == two.n_evaluations_


def test_restarts_in_other_processes_are_heard_of_when_they_end():
    record = Record()
    model = classifier("restarts", n_jobs=2).set_callbacks(record)
    with parallel_config(backend="loky"):
        model.fit(IRIS_X, IRIS_Y)
    assert record.names() == {"fit": 1, "restart": 3}
    assert_array_equal(model.coefs_[0], classifier("restarts").fit(IRIS_X, IRIS_Y).coefs_[0])


def test_a_callback_that_fails_leaves_the_estimator_as_it_was():
    def fail(context, n_heard):
        raise RuntimeError("no")

    record = Record(fail)
    model = classifier().set_callbacks(record)
    before = set(vars(model))
    with pytest.raises(RuntimeError, match="no"):
        model.fit(IRIS_X, IRIS_Y)
    assert record.others == {"setup": 1, "teardown": 1}
    assert set(vars(model)) == before


def test_a_solver_of_ones_own_is_heard_too():
    class Random(Solver):
        def solve(self, objective, w0=None, *, rng, n_jobs=None, callback=None):
            for n in range(1, 4):
                w = rng.normal(size=objective.n_weights)
                progress = Progress(n, n, objective.value(w), w)
                if callback and callback(progress):
                    break
            return progress.result()

    record = Record()
    model = classifier(solver=Random()).set_callbacks(record).fit(IRIS_X, IRIS_Y)
    assert record.names() == {"batch": 3, "fit": 1}
    assert record.fitted()[2].loss_ == model.loss_


class TestWhatIsShown:
    @pytest.mark.parametrize("make", [sparse.coo_array, np.ndarray.tolist], ids=["coo", "list"])
    def test_any_kind_of_array_can_be_scored(self, make):
        weight = np.ones(150)
        weight[::3] = 0
        monitor = callback.ScoringMonitor(scoring="accuracy")
        model = classifier(solver=GradientDescent(early_stopping=True))
        model.set_callbacks(monitor, EarlyStopping()).fit(make(IRIS_X), IRIS_Y, weight)
        assert 0.5 < monitor.get_logs().data[-1]["accuracy"] <= 1

    def test_x_is_the_users_so_that_feature_names_agree(self):
        X = pd.DataFrame(IRIS_X, columns=list("abcd"))
        record, monitor = Record(), callback.ScoringMonitor(scoring="accuracy")
        classifier().set_callbacks(record, monitor).fit(X, IRIS_Y)  # warnings are errors
        _, shown, y, metadata, _ = record.ended[0]
        assert shown is X
        assert_array_equal(y, IRIS_Y)
        assert metadata is None

    def test_samples_without_weight_and_those_set_aside_are_left_out(self):
        weight = np.ones(150)
        weight[::3] = 0
        record = Record()
        model = classifier(solver=GradientDescent(early_stopping=True)).set_callbacks(record)
        model.fit(pd.DataFrame(IRIS_X, columns=list("abcd")), IRIS_Y, weight)
        _, X, y, metadata, _ = record.ended[0]
        held_out = record.validation
        assert len(X) == len(y) == len(metadata["sample_weight"]) == 91
        assert len(held_out.X) == len(held_out.y) == len(held_out.sample_weight) == 9
        both = np.vstack([X, held_out.X])
        assert_array_equal(np.unique(both, axis=0), np.unique(IRIS_X[weight > 0], axis=0))

    def test_validation_data_of_fit(self):
        record = Record()
        classifier().set_callbacks(record).fit(
            IRIS_X[TRAIN], IRIS_Y[TRAIN], X_val=IRIS_X[VAL], y_val=IRIS_Y[VAL]
        )
        held_out = record.validation
        assert held_out.X is not None
        assert_array_equal(held_out.X, IRIS_X[VAL])
        assert_array_equal(held_out.y, IRIS_Y[VAL])
        assert held_out.sample_weight is None


@every_solver
def test_scoring_monitor_records_a_curve(name):
    X, y = data(name)
    scores = {
        "training": lambda estimator, X, y: accuracy_score(y, estimator.predict(X)),
        "J": lambda estimator, X, y: estimator.loss_,
    }
    monitor = callback.ScoringMonitor(scoring=scores)
    model = classifier(name).set_callbacks(monitor).fit(X, y)
    rows = monitor.get_logs().data
    step = "iteration" if name in {"gd", "restarts"} else "batch"
    steps = [row for row in rows if row["task_name"] == step]
    fit = next(row for row in rows if row["task_name"] == "fit")
    assert fit["training"] == model.score(X, y)
    assert fit["J"] == min(row["J"] for row in steps) == model.loss_
    if name == "gd":
        best = np.minimum.accumulate(model.loss_curve_)
        assert [row["J"] for row in steps] == pytest.approx(best, rel=1e-12)


class TestInSearches:
    def test_scoring_monitor_in_a_pipeline_in_a_grid_search(self):
        monitor = callback.ScoringMonitor(scoring="accuracy")
        model = make_pipeline(StandardScaler(), classifier().set_callbacks(monitor))
        alphas = {"backpropclassifier__alpha": [0.1, 1.0]}
        search = GridSearchCV(model, alphas, cv=3, n_jobs=2).fit(IRIS_X, IRIS_Y)
        rows = [row for row in monitor.get_logs().data if row["task_name"] == "iteration"]
        assert Counter(row["parent_task_id_path"] for row in rows).most_common()[0][1] == 40
        assert len(rows) == (2 * 3 + 1) * 40
        assert search.score(IRIS_X, IRIS_Y) > 0.8

    @pytest.mark.parametrize("n_jobs", [1, 2])
    @pytest.mark.parametrize("backend", ["loky", "threading"])
    def test_each_fit_has_its_own_patience(self, n_jobs, backend):
        model = classifier(solver=GradientDescent("adam", tol=0))
        stopping = EarlyStopping("neg_log_loss", patience=3, min_delta=0.01)
        alphas = {"alpha": [0.1, 10.0, 1000.0]}
        alone = [
            clone(model).set_params(alpha=alpha).set_callbacks(stopping).fit(IRIS_X, IRIS_Y).n_iter_
            for alpha in alphas["alpha"]
        ]
        search = GridSearchCV(
            model.set_callbacks(stopping),
            alphas,
            cv=[(np.arange(150), np.arange(150))],
            scoring=lambda estimator, X, y: estimator.n_iter_,
            n_jobs=n_jobs,
        )
        with parallel_config(backend=backend):
            search.fit(IRIS_X, IRIS_Y)
        assert len(set(alone)) == 3
        assert search.cv_results_["mean_test_score"].tolist() == alone
        assert stopping._fits == {}

    def test_on_another_estimator_they_say_where_to_set_them(self):
        model = make_pipeline(StandardScaler(), classifier()).set_callbacks(TimeLimit(1))
        with pytest.raises(TypeError, match=r"TimeLimit must be set on a Backprop.*got Pipeline"):
            model.fit(IRIS_X, IRIS_Y)


class TestEarlyStopping:
    @pytest.mark.parametrize("own", [True, False], ids=["its own data", "the data of fit"])
    def test_the_weights_with_the_highest_score_are_kept(self, own):
        X_val, y_val = IRIS_X[VAL], IRIS_Y[VAL]
        mine = {"X_val": X_val, "y_val": y_val}
        record = Record()
        stopping = EarlyStopping(patience=7, **(mine if own else {}))
        model = classifier(alpha=0.01).set_callbacks(record, stopping)
        model.fit(IRIS_X[TRAIN], IRIS_Y[TRAIN], **({} if own else mine))
        iterations = [fitted for c, *_, fitted in record.ended if c.task_name == "iteration"]
        scores = [fitted.score(X_val, y_val) for fitted in iterations]
        assert model.score(X_val, y_val) == max(scores)
        assert model.n_iter_ == 1 + np.argmax(scores)
        assert len(scores) == model.n_iter_ + 7
        assert model.status_ == Status.STOPPED

    def test_without_validation_data_the_training_score(self):
        stopping = EarlyStopping("accuracy", patience=5)
        model = classifier().set_callbacks(stopping).fit(IRIS_X, IRIS_Y)
        assert model.status_ == Status.STOPPED

    def test_with_weights(self):
        heard = []

        def scorer(estimator, X, y, sample_weight=None):
            heard.append(sample_weight)
            return 1.0

        model = classifier().set_callbacks(EarlyStopping(scorer, patience=2))
        weight = np.arange(1.0, 76)
        model.fit(IRIS_X[TRAIN], IRIS_Y[TRAIN], weight)
        model.fit(
            IRIS_X[TRAIN],
            IRIS_Y[TRAIN],
            X_val=IRIS_X[VAL],
            y_val=IRIS_Y[VAL],
            sample_weight_val=2 * weight,
        )
        assert_array_equal(heard[0], weight)
        assert_array_equal(heard[-1], 2 * weight)

    def test_of_several_restarts_each_is_patient(self):
        record = Record()
        stopping = EarlyStopping(patience=2, min_delta=1.0)  # no score rises by so much twice
        model = classifier("restarts").set_callbacks(record, stopping).fit(IRIS_X, IRIS_Y)
        assert record.names() == {"fit": 1, "restart": 3, "iteration": 9}
        restarts = [f for c, *_, f in record.ended if c.task_name == "iteration"]
        assert model.score(IRIS_X, IRIS_Y) == max(f.score(IRIS_X, IRIS_Y) for f in restarts)

    def test_equal_scores_of_several_restarts_do_not_depend_on_their_order(self):
        solver = GradientDescent("adam", n_init=4, max_iter=30, tol=0)
        model = BackpropClassifier(4, alpha=0.01, solver=solver, random_state=3)

        def weights(n_jobs, *others):
            few = EarlyStopping("accuracy", X_val=IRIS_X[:9], y_val=IRIS_Y[:9], patience=5)
            fitted = clone(model).set_params(n_jobs=n_jobs).set_callbacks(few, *others)
            return fitted.fit(IRIS_X, IRIS_Y).coefs_[0]

        for others in [(), (TargetLoss(200.0),)]:
            expected = weights(1, *others)
            for _ in range(3):
                assert_array_equal(weights(2, *others), expected)

    def test_a_score_that_is_no_number_is_no_gain(self):
        stopping = EarlyStopping(lambda estimator, X, y: float("nan"), patience=4)
        model = classifier().set_callbacks(stopping).fit(IRIS_X, IRIS_Y)
        assert model.n_iter_ == 4

    def test_of_a_search(self):
        model = BackpropRegressor(2, solver=MonteCarlo(10**6), random_state=0)
        X = np.linspace(-1, 1, 2_000)[:, None]
        model.set_callbacks(EarlyStopping("r2", patience=2)).fit(X, X[:, 0] ** 2)
        assert model.status_ == Status.STOPPED
        assert model.n_evaluations_ < 10**6


def test_warm_start_after_early_stopping_goes_on_from_the_best():
    model = classifier().set_callbacks(EarlyStopping(patience=3)).fit(IRIS_X, IRIS_Y)
    n_iter = model.n_iter_
    model.set_callbacks().set_params(warm_start=True, solver__max_iter=10).fit(IRIS_X, IRIS_Y)
    through = classifier().set_params(solver__max_iter=n_iter + 10).fit(IRIS_X, IRIS_Y)
    assert_array_equal(model.coefs_[0], through.coefs_[0])


@pytest.mark.parametrize(
    "solver", [GradientDescent("adam", max_iter=10**7, tol=0), MonteCarlo(10**9)]
)
def test_time_limit(solver):
    model = classifier(solver=solver).set_callbacks(TimeLimit(0.3))
    began = time.perf_counter()
    model.fit(IRIS_X, IRIS_Y)
    assert 0.3 <= time.perf_counter() - began < 30  # far from the years it would take
    assert model.status_ == Status.STOPPED


@every_solver
def test_target_loss(name):
    X, y = data(name)
    curve = classifier(name).fit(X, y).loss_curve_
    target = float(curve[len(curve) // 2 - 1])
    record = Record()
    model = classifier(name).set_callbacks(TargetLoss(target), record).fit(X, y)
    assert model.loss_ <= target
    assert model.status_ == Status.STOPPED
    before = [fitted for *_, fitted in record.ended if fitted is not None and fitted.loss_ > target]
    assert len(before) < len(record.fitted())


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (lambda: EarlyStopping(patience=0), r"'patience' parameter.*Got 0"),
        (lambda: EarlyStopping(min_delta=-1), r"'min_delta' parameter.*Got -1"),
        (lambda: EarlyStopping(3), r"'scoring' parameter.*Got 3"),
        (lambda: EarlyStopping(X_val=[[1]]), r"given together, got only 'X_val': pass both"),
        (lambda: EarlyStopping(y_val=[1]), r"given together, got only 'y_val': pass both"),
        (lambda: TimeLimit(0), r"'seconds' parameter.*Got 0"),
        (lambda: TargetLoss("low"), r"'value' parameter.*Got 'low'"),
        (lambda: Snapshot(3), r"'path' parameter.*Got 3"),
        (lambda: Snapshot("a", every=0), r"'every' parameter.*Got 0"),
    ],
)
def test_bad_parameters(make, message):
    with pytest.raises(ValueError, match=message):
        make()


class TestSnapshot:
    def test_a_directory_that_is_not_there(self, tmp_path):
        model = classifier().set_callbacks(Snapshot(tmp_path / "no" / "a.pickle"))
        with pytest.raises(ValueError, match=r"path of Snapshot must be in a directory.*create"):
            model.fit(IRIS_X, IRIS_Y)

    def test_how_often(self, tmp_path, monkeypatch):
        written = []
        monkeypatch.setattr(Snapshot, "_write", lambda self, model: written.append(model.n_iter_))
        classifier().set_callbacks(Snapshot(tmp_path / "a", every=15)).fit(IRIS_X, IRIS_Y)
        assert written == [15, 30, 40, 40]

    def test_of_several_restarts_the_best(self, tmp_path):
        losses = []
        path = tmp_path / "a"

        class Budget(Record):
            def on_fit_task_end(self, estimator, context):
                if path.exists():
                    losses.append(pickle.loads(path.read_bytes()).loss_)

        model = classifier("restarts").set_callbacks(Snapshot(path), Budget())
        model.fit(IRIS_X, IRIS_Y)
        assert losses == sorted(losses, reverse=True)
        assert losses[-1] == model.loss_

    def test_of_restarts_in_other_processes_the_best(self, tmp_path, monkeypatch):
        written = []
        monkeypatch.setattr(Snapshot, "_write", lambda self, model: written.append(model.loss_))
        model = classifier("restarts", n_jobs=2).set_callbacks(Snapshot(tmp_path / "a"))
        with parallel_config(backend="loky"):
            model.fit(IRIS_X, IRIS_Y)
        assert len(written) > 1
        assert written == sorted(written, reverse=True)
        assert written[-1] == model.loss_

    def test_what_is_in_it_has_no_callbacks_and_is_what_early_stopping_kept(self, tmp_path):
        path = tmp_path / "a"
        stopping = EarlyStopping(X_val=IRIS_X[VAL], y_val=IRIS_Y[VAL], patience=3)
        model = classifier().set_callbacks(stopping, Snapshot(str(path)))
        model.fit(IRIS_X[TRAIN], IRIS_Y[TRAIN])
        saved = pickle.loads(path.read_bytes())
        assert not [name for name in vars(saved) if "callback" in name]
        assert_array_equal(saved.coefs_[0], model.coefs_[0])

    def test_the_order_of_callbacks_does_not_matter(self, tmp_path):
        stop = EarlyStopping("neg_log_loss", X_val=IRIS_X[::2], y_val=IRIS_Y[::2], patience=1)
        solver = GradientDescent(SGD(0.5), max_iter=60, tol=0)
        model = BackpropClassifier(3, alpha=1e-3, solver=solver, random_state=0)
        path = tmp_path / "model"
        model.set_callbacks(Snapshot(path, every=1000), stop).fit(IRIS_X, IRIS_Y)
        saved = pickle.loads(path.read_bytes())
        assert saved.n_iter_ == model.n_iter_
        assert_array_equal(saved.coefs_[0], model.coefs_[0])

    @pytest.mark.parametrize("path", ["", "."])
    def test_a_path_that_is_no_file(self, path, tmp_path, monkeypatch):
        monkeypatch.chdir(tmp_path)
        model = BackpropClassifier().set_callbacks(Snapshot(path))
        with pytest.raises(ValueError, match=f"that of a file, got '{path}'"):
            model.fit(IRIS_X, IRIS_Y)
        assert not list(tmp_path.iterdir())

    def test_a_writing_that_fails_leaves_the_old_file_and_nothing_beside_it(
        self, tmp_path, monkeypatch
    ):
        path = tmp_path / "a"
        path.write_text("old")

        def fail(*args):
            args[1].write(b"half")
            raise OSError("disk full")

        monkeypatch.setattr("skbackprop.callbacks._callbacks.pickle.dump", fail)
        with pytest.raises(OSError, match="disk full"):
            classifier().set_callbacks(Snapshot(path)).fit(IRIS_X, IRIS_Y)
        assert path.read_text() == "old"
        assert os.listdir(tmp_path) == ["a"]

    @pytest.mark.skipif(not hasattr(signal, "SIGKILL"), reason="no SIGKILL on Windows")
    @pytest.mark.parametrize("optimizer", ["adam", "lm"])
    def test_a_process_killed_in_mid_fit_loses_nothing(self, tmp_path, optimizer):
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
from skbackprop.callbacks import Snapshot, TimeLimit

class Slowly(TimeLimit):
    def on_fit_task_end(self, estimator, context):
        time.sleep(0.05)

X = scale(load_iris().data)
model = BackpropRegressor(3, random_state=0, alpha=0).set_params(
    solver__optimizer=sys.argv[2], solver__max_iter=100_000, solver__tol=0
)
model.set_callbacks(Snapshot(sys.argv[1]), Slowly(1)).fit(X, X[:, 0])
"""


@pytest.mark.parametrize("make", [EarlyStopping, lambda: TimeLimit(5), lambda: TargetLoss(1.0)])
def test_an_estimator_with_callbacks_can_be_pickled(make):
    model = classifier().set_callbacks(make()).fit(IRIS_X, IRIS_Y)
    copy = pickle.loads(pickle.dumps(model))
    assert_array_equal(copy.predict(IRIS_X), model.predict(IRIS_X))
    assert clone(copy).fit(IRIS_X, IRIS_Y).n_iter_ == model.n_iter_


def test_without_rich_a_progress_bar_names_the_extra(monkeypatch):
    monkeypatch.setitem(sys.modules, "rich", None)
    with pytest.raises(ImportError, match=r'pip install "skbackprop\[progress\]"'):
        ProgressBar()


@pytest.fixture(scope="module")
def terminal():
    """What a pseudo-terminal shows of some fits: {name: percentages}."""
    pytest.importorskip("rich", reason="needs the extra progress: pip install skbackprop[progress]")
    pty = pytest.importorskip("pty", reason="no pseudo-terminals on Windows")
    import fcntl
    import struct
    import termios

    ours, theirs = pty.openpty()
    fcntl.ioctl(theirs, termios.TIOCSWINSZ, struct.pack("HHHH", 50, 160, 0, 0))
    script = Path(__file__).with_name("progress_bars.py")
    process = subprocess.Popen(
        [sys.executable, str(script)],
        stdout=theirs,
        stderr=theirs,
        env={**os.environ, "TERM": "xterm-256color"},
    )
    os.close(theirs)
    shown = b""
    while True:
        try:
            piece = os.read(ours, 65_536)
        except OSError:  # what Linux says at the end
            piece = b""
        if not piece:
            break
        shown += piece
    os.close(ours)
    assert process.wait() == 0, shown.decode()
    text = re.sub(r"\x1b\[[0-9;?]*[A-Za-z]", "", shown.decode()).replace("\r", "\n")
    cases = re.split(r"=== (.+?)\n", text)[1:]
    return dict(zip(cases[::2], cases[1::2], strict=True))


@pytest.mark.parametrize(
    "name",
    ["gd", "converged", "restarts", "montecarlo", "max_time", "grid", "stopped", "search"],
)
def test_progress_bar_in_a_terminal_advances_and_ends_at_100_percent(terminal, name):
    top = "GridSearchCV - fit" if name == "search" else "BackpropClassifier - fit"
    bar = rf"^{top} .*?(\d+)% +(\S+)"
    shown = re.findall(bar, terminal[name], re.MULTILINE)
    percent = [int(number) for number, _ in shown]
    assert percent == sorted(percent)
    assert percent[-1] == 100
    assert len(set(percent)) > 2, "the bar did not move"
    assert any(re.fullmatch(r"\d+:\d\d:\d\d", left) for _, left in shown[:-1]), "no time left"
    inner = {"gd": "restart #0", "restarts": "restart #2", "search": "BackpropClassifier - fit"}
    if name in inner:
        below = re.findall(rf"^ +.*{inner[name]} .*?(\d+)%", terminal[name], re.MULTILINE)
        assert len(set(below)) > 2
        assert below[-1] == "100"
