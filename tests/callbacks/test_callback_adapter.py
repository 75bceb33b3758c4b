"""How the fits of every solver call scikit-learn's callbacks."""

from collections import Counter

import numpy as np
import pandas as pd
import pytest
from callback_fits import IRIS_X, IRIS_Y, Record, classifier, data, every_solver
from joblib import parallel_config
from numpy.testing import assert_array_equal
from scipy import sparse
from sklearn.base import clone
from sklearn.metrics import accuracy_score
from sklearn.model_selection import GridSearchCV
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

from conftest import some_now
from skbackprop.estimators._callback_adapter import forget_callbacks
from skbackprop.optimizers import SGD, Adam
from skbackprop.solvers import GradientDescent, MonteCarlo, Progress, Solver, Status

callback = pytest.importorskip("sklearn.callback", reason="needs scikit-learn 1.9")

TRAIN, VAL = slice(0, 150, 2), slice(1, 150, 2)
pytestmark = pytest.mark.filterwarnings("ignore::sklearn.exceptions.ConvergenceWarning")


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


@pytest.mark.parametrize("name", ["gd", "restarts"])
def test_the_choice_of_the_penalty_is_a_task_with_one_for_each_visit_of_a_penalty(name):
    record, monitor = Record(), callback.ScoringMonitor(scoring="accuracy")
    model = classifier(name, alpha="auto").set_callbacks(record, monitor).fit(IRIS_X, IRIS_Y)
    assert sorted(map(id, record.begun)) == sorted(id(context) for context, *_ in record.ended)
    names, n_init, root = record.names(), model.solver_.n_init, record.begun[0]
    assert names["penalty path"] == 1
    path = next(context for context in record.begun if context.task_name == "penalty path")
    assert len(model.alphas_) <= names["penalty"] <= path.max_subtasks
    assert (names["fit"], names["restart"]) == (1, n_init)
    assert names["iteration"] == n_init * model.solver_.max_iter
    assert root.max_subtasks == n_init + 1
    # there is no fitted network while the penalties are judged
    assert all(fitted is None for context, *_, fitted in record.ended if "pen" in context.task_name)
    alone = classifier(name, alpha="auto").fit(IRIS_X, IRIS_Y)
    assert_array_equal(model.coefs_[0], alone.coefs_[0])


@pytest.mark.parametrize("n_jobs", [1, pytest.param(2, marks=pytest.mark.slow)])
@every_solver
def test_callbacks_change_nothing(name, n_jobs):
    model = classifier(name, n_jobs=n_jobs)
    alone = clone(model).fit(*data(name))
    scores = callback.ScoringMonitor(scoring="accuracy")
    heard = clone(model).set_callbacks(Record(), scores).fit(*data(name))
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
def test_a_warm_start_continues_from_any_iteration_bit_for_bit(optimizer):
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


@pytest.mark.parametrize("n_jobs", some_now([1, 2], 1))
def test_a_stop_at_the_end_of_a_restart_gives_up_the_later_ones(n_jobs):
    def stop(context, n_heard):
        return context.task_name == "restart" and context.task_id == 1

    model = classifier("restarts", n_jobs=n_jobs).set_params(solver__n_init=5)
    stopped = clone(model).set_callbacks(Record(stop)).fit(IRIS_X, IRIS_Y)
    two = model.set_params(solver__n_init=2).fit(IRIS_X, IRIS_Y)
    assert stopped.status_ == Status.STOPPED
    assert_array_equal(stopped.coefs_[0], two.coefs_[0])
    assert stopped.n_evaluations_ == two.n_evaluations_


@pytest.mark.slow
def test_restarts_in_other_processes_are_reported_when_they_end():
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


def test_a_user_defined_solver_reports_to_callbacks():
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
        monitor, record = callback.ScoringMonitor(scoring="accuracy"), Record()
        model = classifier(solver=GradientDescent(early_stopping=True))
        model.set_callbacks(monitor, record).fit(make(IRIS_X), IRIS_Y, weight)
        assert 0.5 < monitor.get_logs().data[-1]["accuracy"] <= 1
        held_out = record.validation
        assert 0.5 < model.score(held_out.X, held_out.y, held_out.sample_weight) <= 1

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

    @pytest.mark.parametrize("weight", [None, np.arange(1.0, 76)], ids=["", "weighted"])
    def test_validation_data_of_fit(self, weight):
        record = Record()
        validation = {"X_val": IRIS_X[VAL], "y_val": IRIS_Y[VAL], "sample_weight_val": weight}
        classifier().set_callbacks(record).fit(IRIS_X[TRAIN], IRIS_Y[TRAIN], **validation)
        held_out = record.validation
        assert held_out.X is not None
        assert_array_equal(held_out.X, IRIS_X[VAL])
        assert_array_equal(held_out.y, IRIS_Y[VAL])
        if weight is None:
            assert held_out.sample_weight is None
        else:
            assert_array_equal(held_out.sample_weight, weight)


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


def test_scoring_monitor_in_a_pipeline_in_a_grid_search():
    monitor = callback.ScoringMonitor(scoring="accuracy")
    model = make_pipeline(StandardScaler(), classifier().set_callbacks(monitor))
    alphas = {"backpropclassifier__alpha": [0.1, 1.0]}
    search = GridSearchCV(model, alphas, cv=3, n_jobs=2).fit(IRIS_X, IRIS_Y)
    rows = [row for row in monitor.get_logs().data if row["task_name"] == "iteration"]
    assert Counter(row["parent_task_id_path"] for row in rows).most_common()[0][1] == 40
    assert len(rows) == (2 * 3 + 1) * 40
    assert search.score(IRIS_X, IRIS_Y) > 0.8
