"""Fits and predictions of dask collections, in this process and on two worker processes."""

import os
import signal
import threading
import time

import numpy as np
import pandas as pd
import pytest
from scipy import sparse
from sklearn.datasets import make_multilabel_classification
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import FunctionTransformer
from two_workers import Kill

from conftest import same_network
from skbackprop import BackpropClassifier, BackpropRegressor
from skbackprop.optimizers import SGD
from skbackprop.solvers import GradientDescent, Grid, MonteCarlo, Status

dask_config = pytest.importorskip("dask").config
da = pytest.importorskip("dask.array", reason="needs dask: pip install skbackprop[distributed]")
dd = pytest.importorskip("dask.dataframe", reason="needs dask's data frames and pyarrow")
pytestmark = pytest.mark.filterwarnings("ignore::sklearn.exceptions.ConvergenceWarning")

CHUNK = 90
rng = np.random.default_rng(0)
X = rng.normal(size=(400, 4)) * [1, 10, 0.1, 1] + [0, 5, 0, 100]
NUMBERS = np.tanh(X[:, 0]) + 3 * X[:, 2] + rng.normal(scale=0.1, size=400)
LABELS = np.array(["low", "middle", "high"])[np.digitize(NUMBERS, [-0.5, 0.5])]
WEIGHT = rng.uniform(0, 2, size=400)
WEIGHT[:CHUNK] = 0  # all of a block
NAMES = ["a", "b", "c", "d"]
FRAME = pd.DataFrame(X, columns=NAMES).assign(y=NUMBERS, label=LABELS, weight=WEIGHT)

ESTIMATORS = {"regressor": (BackpropRegressor, NUMBERS), "classifier": (BackpropClassifier, LABELS)}
OPTIMIZERS = ["lbfgs", "lm", "sgd", "adam", "rprop"]


def cut(array, length=CHUNK):
    """An array as a collection that is cut by rows."""
    return da.from_array(array, chunks=(length, *array.shape[1:]))


def descent(optimizer="lbfgs", **options):
    return GradientDescent(optimizer, **{"max_iter": 8, "tol": 0, **options})


def assert_close(many, one, tolerance=1e-6):
    for a, b in zip(
        [*many.coefs_, *many.intercepts_], [*one.coefs_, *one.intercepts_], strict=True
    ):
        assert a.dtype == b.dtype
        np.testing.assert_allclose(a, b, rtol=0, atol=tolerance * max(np.abs(b).max(), 1e-3))
    assert many.loss_ == pytest.approx(one.loss_, rel=tolerance)
    assert (many.n_iter_, many.n_evaluations_) == (one.n_iter_, one.n_evaluations_)
    assert (many.status_, many.message_) == (one.status_, one.message_)


@pytest.fixture(params=["in-process", "two-workers"])
def place(request):
    """Where the blocks are."""
    if request.param == "two-workers":
        request.getfixturevalue("client").wait_for_workers(2, timeout=30)


@pytest.fixture(autouse=True)
def _scheduler(request):
    """The cluster for the tests that ask for it, and else this process."""
    parameters = getattr(getattr(request.node, "callspec", None), "params", {})
    if "client" in request.fixturenames or parameters.get("place") == "two-workers":
        yield
    else:
        with dask_config.set(scheduler="synchronous"):
            yield


# The same answer as in one process


every_descent = pytest.mark.parametrize(
    ("optimizer", "kind"), [(optimizer, kind) for optimizer in OPTIMIZERS for kind in ESTIMATORS]
)


def check_descent(optimizer, kind, weight):
    estimator, y = ESTIMATORS[kind]
    one, many = (
        estimator(3, alpha=0.1, solver=descent(optimizer), random_state=0) for _ in range(2)
    )
    one.fit(X, y, weight)
    assert_close(many.fit(cut(X), cut(y), None if weight is None else cut(weight)), one)


@every_descent
@pytest.mark.parametrize("weight", [None, WEIGHT], ids=["", "weights"])
def test_every_optimizer_finds_the_weights_of_one_process(optimizer, kind, weight):
    check_descent(optimizer, kind, weight)


@every_descent
def test_every_optimizer_finds_them_on_workers(client, optimizer, kind):
    check_descent(optimizer, kind, WEIGHT)


SEARCHES = {
    "montecarlo": MonteCarlo(100),
    "uniform": MonteCarlo(100, sampler="uniform"),
    "grid": Grid(0.5, max_evals=60),
}


@pytest.mark.parametrize("kind", ESTIMATORS)
@pytest.mark.parametrize("solver", SEARCHES.values(), ids=SEARCHES)
def test_every_search_finds_the_weights_of_one_process(solver, kind):
    estimator, y = ESTIMATORS[kind]
    one = estimator(2, solver=solver, random_state=0).fit(X, y)
    many = estimator(2, solver=solver, random_state=0).fit(cut(X), cut(y))
    assert many.loss_ == pytest.approx(one.loss_, rel=1e-9)
    if not isinstance(solver, Grid):  # whose points have mirror images with the same J
        assert_close(many, one)


def test_a_search_on_workers(client):
    one = BackpropRegressor(2, solver=MonteCarlo(64), random_state=0).fit(X, NUMBERS)
    many = BackpropRegressor(2, solver=MonteCarlo(64), random_state=0).fit(cut(X), cut(NUMBERS))
    assert_close(many, one)


MULTILABEL_X, MULTILABEL_Y = make_multilabel_classification(400, 4, n_classes=3, random_state=0)
SPARSE = sparse.random(400, 4, density=0.4, random_state=0, format="csr")
KINDS = {
    "two outputs": (BackpropRegressor, X, np.column_stack([NUMBERS, -NUMBERS])),
    "multilabel": (BackpropClassifier, MULTILABEL_X, MULTILABEL_Y),
    "float32": (BackpropRegressor, X.astype(np.float32), NUMBERS),
    "integers": (BackpropClassifier, np.round(X).astype(int), LABELS),
    "constant": (BackpropRegressor, X, np.full(400, 3.0)),
    "column": (BackpropRegressor, X, NUMBERS[:, None]),
}


@pytest.mark.filterwarnings("ignore:A column-vector y was passed")
@pytest.mark.parametrize("kind", KINDS)
def test_every_kind_of_data_gives_the_weights_of_one_process(kind):
    estimator, features, y = KINDS[kind]
    model = estimator(3, alpha=0.1, solver=descent(), random_state=0)
    one = model.fit(features, y)
    many = estimator(**model.get_params(deep=False)).fit(cut(features), cut(y))
    assert_close(many, one, 1e-3 if features.dtype == np.float32 else 1e-6)
    answers = many.predict(cut(features))
    expected = one.predict(features)
    assert (answers.shape, answers.dtype) == (expected.shape, expected.dtype)
    if many.status_ is not Status.DIVERGED and expected.dtype.kind == "f":
        np.testing.assert_allclose(answers.compute(), expected, rtol=1e-3, atol=1e-3)


def test_blocks_may_be_sparse(place):
    blocks = cut(SPARSE.toarray()).map_blocks(sparse.csr_array)
    y = SPARSE.toarray()[:, 0] > 0
    one = BackpropClassifier(3, alpha=0.1, solver=descent(), random_state=0).fit(SPARSE, y)
    many = BackpropClassifier(3, alpha=0.1, solver=descent(), random_state=0).fit(blocks, cut(y))
    assert_close(many, one)
    np.testing.assert_allclose(many.predict_proba(blocks).compute(), one.predict_proba(SPARSE))


@pytest.mark.parametrize("class_weight", ["balanced", {"low": 0, "middle": 1, "high": 5}], ids=str)
def test_classes_are_weighed_by_all_blocks(class_weight):
    order = np.argsort(LABELS, kind="stable")  # a class has blocks of its own
    options = {"alpha": 0.1, "solver": descent(), "class_weight": class_weight, "random_state": 0}
    one = BackpropClassifier(3, **options).fit(X[order], LABELS[order], WEIGHT)
    many = BackpropClassifier(3, **options).fit(cut(X[order]), cut(LABELS[order]), cut(WEIGHT))
    assert_close(many, one)
    assert many.classes_.tolist() == ["high", "low", "middle"]


def test_data_frames_keep_their_names_and_may_have_empty_parts(place):
    frame = dd.from_pandas(FRAME, npartitions=5)
    frame = frame[frame["weight"] > 0]  # the first part is empty
    model = BackpropClassifier(3, alpha=0.1, solver=descent(), random_state=0)
    some = FRAME[FRAME["weight"] > 0]
    one = model.fit(some[NAMES], some["label"], some["weight"])
    many = BackpropClassifier(**model.get_params(deep=False))
    many.fit(frame[NAMES], frame["label"], frame["weight"])
    assert_close(many, one)
    assert many.feature_names_in_.tolist() == NAMES
    answers = many.predict(frame[NAMES])
    assert np.isnan(answers.shape[0])
    np.testing.assert_array_equal(answers.compute(), one.predict(some[NAMES]))
    score = many.score(frame[NAMES], frame["label"], frame["weight"])
    assert score == pytest.approx(one.score(some[NAMES], some["label"], some["weight"]))
    with pytest.raises(ValueError, match="feature names should match"):
        many.predict(frame[["b", "a", "c", "d"]])


def test_parquet_is_learnt(place, tmp_path):
    pytest.importorskip("pyarrow", reason="needs pyarrow: pip install skbackprop[distributed]")
    for part, rows in enumerate(np.array_split(np.arange(400), 3)):
        FRAME.iloc[rows].to_parquet(tmp_path / f"{part}.parquet")
    frame = dd.read_parquet(tmp_path)
    one = BackpropRegressor(3, alpha=0.1, solver=descent(), random_state=0).fit(X, NUMBERS)
    many = BackpropRegressor(3, alpha=0.1, solver=descent(), random_state=0)
    many.fit(frame[NAMES], frame["y"])
    assert_close(many, one)
    np.testing.assert_allclose(many.predict(frame[NAMES]).compute(), one.predict(X), rtol=1e-6)


# The choice of the penalty, error bars, restarts, warm starts, validation data


@pytest.mark.parametrize("kind", ESTIMATORS)
def test_few_samples_choose_the_penalty_of_one_process(kind):
    estimator, y = ESTIMATORS[kind]
    one, many = (estimator(3, random_state=0) for _ in range(2))
    assert_close(many.fit(cut(X), cut(y)), one.fit(X, y), 1e-4)
    np.testing.assert_allclose(many.alphas_, one.alphas_)
    np.testing.assert_allclose(many.loss_path_, one.loss_path_, rtol=1e-4)


def test_of_many_samples_some_at_random_choose_the_penalty(monkeypatch):
    taken = []
    from skbackprop._collections import CollectionObjective

    take = CollectionObjective.take
    monkeypatch.setattr(
        CollectionObjective, "take", lambda self, rows: taken.append(rows) or take(self, rows)
    )
    many = da.random.default_rng(0).normal(size=(25_000, 2), chunks=(5_000, 2))
    model = BackpropRegressor(2, random_state=0).fit(many, da.tanh(many[:, 0]))
    assert model.score(many, da.tanh(many[:, 0])) > 0.99
    assert len(taken[0]) == len(np.unique(taken[0])) == 20_000
    assert not np.array_equal(taken[0], np.sort(taken[0]))
    assert {len(rows) for rows in taken[1:]} <= {1_000, 2_000}  # for the message and error bars


def test_predictions_have_their_standard_deviations():
    model = BackpropRegressor(3, random_state=0).fit(cut(X), cut(NUMBERS))
    y, std = model.predict(cut(X), return_std=True)
    expected, expected_std = model.predict(X, return_std=True)
    np.testing.assert_allclose(y.compute(), expected)
    np.testing.assert_allclose(std.compute(), expected_std)
    one = BackpropRegressor(3, random_state=0).fit(X, NUMBERS)
    np.testing.assert_allclose(expected_std, one.predict(X, return_std=True)[1], rtol=0.05)


def test_restarts_need_no_other_processes(place):
    options = {"alpha": 0.1, "solver": descent(n_init=3), "random_state": 0}
    one = BackpropRegressor(3, **options).fit(X, NUMBERS)
    many = BackpropRegressor(3, **options, n_jobs=2).fit(cut(X), cut(NUMBERS))
    assert_close(many, one)


def test_a_warm_start_goes_on():
    whole = BackpropRegressor(3, alpha=0.1, solver=descent("rprop", max_iter=10), random_state=0)
    whole.fit(cut(X), cut(NUMBERS))
    parts = BackpropRegressor(
        3, alpha=0.1, solver=descent("rprop", max_iter=5), random_state=0, warm_start=True
    )
    parts.fit(cut(X), cut(NUMBERS)).fit(cut(X), cut(NUMBERS))
    assert same_network(parts, whole)


def test_validation_data_are_in_memory():
    solver = descent(early_stopping=True, tol=1e-3)
    val = {"X_val": X[:50], "y_val": NUMBERS[:50]}
    one = BackpropRegressor(3, alpha=0.1, solver=solver, random_state=0).fit(X, NUMBERS, **val)
    many = BackpropRegressor(3, alpha=0.1, solver=solver, random_state=0)
    many.fit(cut(X), cut(NUMBERS), **val)
    assert_close(many, one)
    np.testing.assert_allclose(many.validation_loss_curve_, one.validation_loss_curve_, rtol=1e-6)


# Answers


def test_answers_are_computed_when_they_are_asked_for():
    asked = []

    def noted(block):
        asked.append(len(block))
        return block

    model = BackpropClassifier(3, alpha=0.1, solver=descent(), random_state=0).fit(X, LABELS)
    lazy = cut(X).map_blocks(noted, meta=np.empty((0, 4)))
    methods = ["predict", "predict_proba", "predict_log_proba", "decision_function", "transform"]
    answers = {name: getattr(model, name)(lazy) for name in methods}
    assert not asked
    expected = {name: getattr(model, name)(X) for name in methods}
    model.fit(X[:50], LABELS[:50])  # which does not change the answers
    for name in methods:
        assert answers[name].chunks[0] == (90, 90, 90, 90, 40)
        assert answers[name].shape == expected[name].shape
        result = answers[name].compute(scheduler="synchronous")
        if result.dtype.kind == "f":
            np.testing.assert_allclose(result, expected[name])
        else:
            np.testing.assert_array_equal(result, expected[name])
    assert len(asked) == 5 * len(methods)


@pytest.mark.parametrize("weighted", [False, True], ids=["", "weights"])
@pytest.mark.parametrize(
    "y",
    [NUMBERS, np.column_stack([NUMBERS, np.full(400, 2.0)]), LABELS, MULTILABEL_Y],
    ids=["numbers", "two-outputs", "labels", "multilabel"],
)
def test_scores_are_those_of_one_process(place, y, weighted):
    estimator = BackpropRegressor if y.dtype.kind == "f" else BackpropClassifier
    model = estimator(3, alpha=0.1, solver=descent(), random_state=0).fit(X, y)
    weight = WEIGHT if weighted else None
    score = model.score(cut(X), cut(y), cut(weight) if weighted else None)
    assert score == pytest.approx(model.score(X, y, weight), abs=1e-12)


class Doubled(BackpropRegressor):
    def predict(self, X, return_std=False):
        return 2 * super().predict(X, return_std)


def test_a_subclass_changes_the_answers_once():
    model = Doubled(3, alpha=0.1, solver=descent(), random_state=0).fit(cut(X), cut(NUMBERS))
    np.testing.assert_allclose(model.predict(cut(X)).compute(), model.predict(X))


# Refusals

REFUSED = {
    "columns": ({"X": lambda: cut(X).rechunk({1: 2})}, r"X.rechunk\(\{1: -1\}\)"),
    "columns-of-y": (
        {"y": lambda: da.from_array(X, chunks=(CHUNK, 1))},
        r"y must be cut by rows only, .*y.rechunk\(\{1: -1\}\)",
    ),
    "rows": ({"y": lambda: cut(NUMBERS[:399])}, "y must have as many rows as X, 400, got 399"),
    "rows-in-memory": ({"y": lambda: NUMBERS[:399]}, "y must have as many rows as X"),
    "frame-and-array": ({"X": lambda: dd.from_pandas(FRAME[NAMES], npartitions=2)}, "y must be"),
    "frame-and-memory": (
        {"X": lambda: dd.from_pandas(FRAME[NAMES], npartitions=2), "y": lambda: NUMBERS},
        "y must be a dask collection with the same chunks as X",
    ),
    "one-dimension": ({"X": lambda: cut(X[:, 0])}, "X must have two dimensions"),
    "nan": ({"X": lambda: cut(np.where(X > 120, X, np.nan))}, "contains NaN"),
    "text": ({"y": lambda: cut(LABELS)}, "y must hold numbers, got"),
    "weights-zero": ({"sample_weight": lambda: cut(np.zeros(400))}, "at least one positive number"),
    "weights-negative": ({"sample_weight": lambda: cut(WEIGHT - 1)}, "[Nn]egative"),
    "no-samples": ({"X": lambda: cut(X)[:0], "y": lambda: cut(NUMBERS)[:0]}, "at least one sample"),
    "batches": (
        {"solver": descent(SGD(batch_size=10))},
        "set batch_size=None, or call partial_fit",
    ),
    "set-aside": ({"solver": descent(early_stopping=True)}, "needs X_val and y_val if X is"),
    "validation": (
        {"X_val": lambda: cut(X), "y_val": lambda: cut(NUMBERS)},
        r"X_val must be an array in memory, .*X_val.compute\(\)",
    ),
}


@pytest.mark.parametrize(("changes", "words"), REFUSED.values(), ids=REFUSED)
def test_what_cannot_work_is_refused(changes, words):
    given = {"X": lambda: cut(X), "y": lambda: cut(NUMBERS), "solver": descent()} | changes
    solver = given.pop("solver")
    data = {name: make() for name, make in given.items()}
    with pytest.raises(ValueError, match=words):
        BackpropRegressor(2, alpha=0.1, solver=solver).fit(**data)


def test_predictions_refuse_columns_that_are_cut():
    model = BackpropRegressor(2, alpha=0.1, solver=descent(), random_state=0).fit(X, NUMBERS)
    with pytest.raises(ValueError, match=r"X.rechunk\(\{1: -1\}\)"):
        model.predict(cut(X).rechunk({1: 2}))
    with pytest.raises(ValueError, match="X has 3 features"):
        model.predict(cut(X[:, :3]))


def test_y_and_weights_may_be_collections_of_an_x_in_memory():
    frame = dd.from_pandas(FRAME, npartitions=2)
    solver = descent()
    one = BackpropRegressor(3, alpha=0.1, solver=solver, random_state=0)
    many = BackpropRegressor(3, alpha=0.1, solver=solver, random_state=0)
    one.fit(X, NUMBERS, WEIGHT)
    many.fit(X, frame["y"], frame["weight"])
    assert same_network(many, one)
    score = many.score(X, cut(NUMBERS), frame["weight"])
    assert score == pytest.approx(one.score(X, NUMBERS, WEIGHT), abs=1e-12)
    behind_a_step = make_pipeline(FunctionTransformer(np.asarray), one).fit(cut(X), cut(NUMBERS))
    assert behind_a_step.score(X, NUMBERS) > 0.5


def test_y_may_be_cut_in_another_way_or_be_in_memory():
    model = BackpropRegressor(2, alpha=0.1, solver=descent(), random_state=0)
    one = [*model.fit(cut(X), cut(NUMBERS)).coefs_]
    for y in (
        cut(NUMBERS, 123),
        NUMBERS,
        NUMBERS.tolist(),
        pd.Series(NUMBERS, index=rng.random(400)),
    ):
        for a, b in zip(model.fit(cut(X), y).coefs_, one, strict=True):
            np.testing.assert_array_equal(a, b)


# What befalls the workers and the caller


def problem(n_samples=40_000):
    """A collection that is made on the workers."""
    made = da.random.default_rng(1).normal(size=(n_samples, 6), chunks=(n_samples // 4, 6))
    return made, da.tanh(made[:, 0]) + made[:, 1] * made[:, 2]


class Listening(GradientDescent):
    """A descent with a callback of its own, which nothing could send to a worker."""

    def __init__(self, solver=None, heard=None):
        super().__init__(**({} if solver is None else solver.get_params(deep=False)))
        self.heard = heard

    @classmethod
    def _get_param_names(cls):
        return GradientDescent._get_param_names()

    def solve(self, objective, w0=None, *, callback=None, **options):
        return super().solve(objective, w0, callback=self.heard, **options)


@pytest.mark.parametrize("n_victims", [1, 2])
def test_workers_killed_in_the_middle_do_not_change_the_answer(client, n_victims):
    client.wait_for_workers(2, timeout=30)
    made, y = problem()
    solver = descent(max_iter=25)
    one = BackpropRegressor(5, alpha=0.1, solver=solver, random_state=0).fit(made, y)
    pids = list(client.run(os.getpid).values())[:n_victims]
    kill = Kill(*pids)
    many = BackpropRegressor(5, alpha=0.1, solver=Listening(solver, kill), random_state=0)
    many.fit(made, y)
    assert kill.done
    assert kill.calls_after > 1
    client.wait_for_workers(2, timeout=30)
    assert not set(pids) & set(client.run(os.getpid).values())
    assert same_network(many, one)


def test_fits_in_all_threads_of_the_workers_end(client):
    """A fit in a task waits for the tasks of its blocks, which need a thread of a worker."""

    def fit(number):  # sent by value: workers cannot import this module
        made = da.from_array(np.linspace(-1, 1, 60).reshape(-1, 2), chunks=(10, 2))
        model = BackpropRegressor(2, alpha=0.1, random_state=number).fit(made, made[:, 0])
        return model.score(made, made[:, 0])

    scores = client.gather(client.map(fit, range(4)))
    assert min(scores) > 0.8


def test_ctrl_c_ends_with_the_best_so_far(client, without_gc):
    client.wait_for_workers(2, timeout=30)
    heard = []

    def press(progress):
        heard.append(progress.value)
        if len(heard) == 3:
            threading.Timer(0.02, signal.raise_signal, [signal.SIGINT]).start()

    solver = Listening(descent(max_iter=100_000), press)
    model = BackpropRegressor(3, alpha=0.1, solver=solver, random_state=0).fit(*problem())
    assert model.status_ is Status.INTERRUPTED
    assert len(heard) >= 3
    assert model.loss_ == min(heard)


def test_ctrl_c_while_futures_are_released_is_not_lost(client, without_gc, monkeypatch):
    client.wait_for_workers(2, timeout=30)
    distributed = pytest.importorskip("distributed")
    heard, pressed, release = [], [], distributed.Future.release

    def press(future):
        main = threading.current_thread() is threading.main_thread()
        if len(heard) >= 3 and main and not pressed:
            pressed.append(True)
            signal.raise_signal(signal.SIGINT)
        release(future)

    monkeypatch.setattr(distributed.Future, "release", press)
    solver = Listening(descent(max_iter=100_000), lambda progress: heard.append(progress.value))
    model = BackpropRegressor(3, alpha=0.1, solver=solver, random_state=0).fit(*problem())
    assert model.status_ is Status.INTERRUPTED
    assert len(heard) == 3
    assert model.loss_ == min(heard)


def test_max_time_and_callbacks_end_a_fit(client):
    client.wait_for_workers(2, timeout=30)
    made, y = problem()
    endless = descent(max_iter=100_000, max_time=0.5)
    model = BackpropRegressor(3, alpha=0.1, solver=endless, random_state=0).fit(made, y)
    assert model.status_ is Status.MAX_TIME
    stopping = Listening(descent(), lambda progress: progress.n_iter == 2)
    model = BackpropRegressor(3, alpha=0.1, solver=stopping, random_state=0).fit(made, y)
    assert (model.status_, model.n_iter_) == (Status.STOPPED, 2)


def test_blocks_stay_for_the_fit_and_evaluations_leave_nothing_behind(client):
    client.wait_for_workers(2, timeout=30)
    made, y = problem()

    def n_keys():
        return sum(map(len, client.has_what().values()))

    def until_at_most(n):  # dask drops results some time after the last use
        deadline = time.monotonic() + 60
        while n_keys() > n and time.monotonic() < deadline:
            time.sleep(0.05)
        return n_keys()

    left = []
    solver = Listening(descent(max_iter=12), lambda progress: left.append(until_at_most(4)))
    BackpropRegressor(3, alpha=0.1, solver=solver, random_state=0).fit(made, y)
    assert set(left) == {4}  # the blocks
    assert until_at_most(0) == 0


def test_quantiles_of_skewed_y_are_smoothed_as_in_memory():
    features = np.random.default_rng(0).normal(size=(400, 1))
    y = np.exp(2 * np.random.default_rng(1).normal(size=400))
    model = BackpropRegressor(3, loss="quantile", alpha=1e-3, random_state=0)
    model.set_params(loss__quantile=0.1).fit(cut(features), cut(y))
    # with a width of 1/80 of the range, all predictions are below all y
    assert abs(np.mean(y <= model.predict(features)) - 0.1) < 0.03
