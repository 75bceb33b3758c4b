"""What is not done with dask collections, or only with some of them, says so in one sentence."""

import numpy as np
import pandas as pd
import pytest
from sklearn import config_context
from sklearn.exceptions import UndefinedMetricWarning

from skbackprop import BackpropClassifier, BackpropRegressor
from skbackprop.inspection import (
    CostSurfaceDisplay,
    LossCurveDisplay,
    SensitivityDisplay,
    check_gradient,
    input_gradient,
    record_path,
    sensitivity,
)
from skbackprop.solvers import GradientDescent

dask_config = pytest.importorskip("dask").config
da = pytest.importorskip("dask.array", reason="needs dask: pip install skbackprop[distributed]")
dd = pytest.importorskip("dask.dataframe", reason="needs dask's data frames and pyarrow")
pytestmark = pytest.mark.filterwarnings("ignore::sklearn.exceptions.ConvergenceWarning")

rng = np.random.default_rng(0)
X = rng.normal(size=(60, 2))
NUMBERS = X[:, 0] + X[:, 1] ** 2
LABELS = (NUMBERS > 0.5).astype(int)


@pytest.fixture(autouse=True)
def _scheduler():
    with dask_config.set(scheduler="synchronous"):
        yield


def cut(array, length=20):
    """An array as a collection that is cut by rows."""
    return da.from_array(array, chunks=(length, *array.shape[1:]))


def regressor():
    solver = GradientDescent("lbfgs", max_iter=5)
    return BackpropRegressor(2, alpha=0.1, solver=solver, random_state=0)


def never():
    """A collection whose blocks fail when they are computed."""

    def fail(block):
        raise AssertionError("it has been computed")

    return cut(X).map_blocks(fail, meta=np.empty((0, 2)))


# Inspections and batches, which need arrays in memory

IN_MEMORY = {
    "record_path": lambda model, X, y: record_path(model, X, y),
    "loss-curve": lambda model, X, y: LossCurveDisplay.from_estimator(model, X, y),
    "check_gradient": lambda model, X, y: check_gradient(model, X, y),
    "check_gradient-unfitted": lambda _, X, y: check_gradient(regressor(), X, y),
    "cost-surface": lambda model, X, y: CostSurfaceDisplay.from_estimator(model, X, y),
    "input_gradient": lambda model, X, _: input_gradient(model, X),
    "sensitivity": lambda model, X, _: sensitivity(model, X),
    "sensitivity-display": lambda model, X, _: SensitivityDisplay.from_estimator(model, X),
}


@pytest.mark.parametrize("inspect", IN_MEMORY.values(), ids=IN_MEMORY)
def test_inspections_refuse_collections_before_they_compute_them(inspect):
    model = regressor().fit(X, NUMBERS)
    words = r"X must be an array in memory, got a dask collection: use X\.compute\(\), or a sample"
    with pytest.raises(ValueError, match=words):
        inspect(model, never(), cut(NUMBERS))


@pytest.mark.parametrize("name", ["X", "y", "sample_weight"])
def test_partial_fit_refuses_a_collection_before_it_is_computed(name):
    given = {"X": X, "y": NUMBERS, "sample_weight": np.ones(60)}
    given[name] = never() if name == "X" else cut(given[name])
    model = BackpropRegressor(2, solver=GradientDescent("adam"), random_state=0)
    with pytest.raises(ValueError, match=f"^{name} must be an array in memory.*one block after"):
        model.partial_fit(**given, y_range=(-5, 15))


# Predictions

NULLABLE = {
    "float": ("Float64", X),
    "integer": ("Int64", np.round(X)),
    "boolean": ("boolean", X > 0),
    "arrow": ("double[pyarrow]", X),
}


@pytest.mark.parametrize(("dtype", "numbers"), NULLABLE.values(), ids=NULLABLE)
def test_nullable_columns_are_predicted(dtype, numbers):
    frame = pd.DataFrame(numbers, columns=["a", "b"]).astype(dtype)
    model = regressor().fit(frame, NUMBERS)
    answers = model.predict(dd.from_pandas(frame, npartitions=3))
    np.testing.assert_array_equal(answers.compute(), model.predict(frame))


# Scores


def classifier():
    solver = GradientDescent("lbfgs", max_iter=5)
    return BackpropClassifier(2, alpha=0.1, solver=solver, random_state=0)


def changed(array, row, value):
    """A copy of an array with another value in a row."""
    copied = np.array(array, dtype=np.result_type(array, type(value)))
    copied[row] = value
    return copied


WEIGHT = np.r_[np.zeros(20), rng.uniform(0.5, 2, size=40)]  # no weight in the first block
SCORE_REFUSED = {
    "y-nan": (regressor, {"y": changed(NUMBERS, 30, np.nan)}, "y contains NaN"),
    "y-inf": (regressor, {"y": changed(NUMBERS, 30, np.inf)}, "y contains inf"),
    "y-nan-without-weight": (
        regressor,
        {"y": changed(NUMBERS, 3, np.nan), "sample_weight": WEIGHT},
        "y contains NaN",
    ),
    "y-text": (regressor, {"y": np.full(60, "a")}, "y must hold numbers, got 'a'"),
    "y-none": (regressor, {"y": None}, "y must be the targets of X, got None"),
    "y-number": (regressor, {"y": 2.0}, "y must have as many rows as X, got 2.0"),
    "outputs": (regressor, {"y": X}, "y must have as many outputs as in the fit, 1, got 2"),
    "labels-nan": (classifier, {"y": changed(LABELS, 30, np.nan)}, "y contains NaN"),
    "labels-text": (classifier, {"y": LABELS.astype(str)}, "Mix of label input types"),
    "labels-numbers": (classifier, {"y": NUMBERS}, "mix of .*continuous"),
    "labels-outputs": (classifier, {"y": (X > 0).astype(int)}, "y must have as many outputs"),
}
WEIGHTS_REFUSED = {
    "nan": (changed(np.ones(60), 30, np.nan), "sample_weight contains NaN"),
    "inf": (changed(np.ones(60), 30, np.inf), "sample_weight contains inf"),
    "negative": (changed(np.ones(60), 30, -1.0), "Negative values in data passed to `sample_w"),
    "negative-number": (-1.0, "Negative values in data passed to `sample_weight`"),
    "columns": (np.ones((60, 2)), "Sample weights must be 1D array"),
    "rows": (np.ones(59), "sample_weight must have as many rows as X, 60, got 59"),
    "zero": (np.zeros(60), "X must have at least one sample of positive weight"),
    "array-of-no-dimension": (np.array(2.0), "sample_weight must have as many rows as X, got arr"),
    "collection-of-no-dimension": (
        da.from_array(np.array(2.0)),
        "sample_weight must have as many rows as X, got dask",
    ),
}
SCORE_REFUSED |= {
    f"{model.__name__}-weight-{name}": (model, {"sample_weight": weight}, words)
    for name, (weight, words) in WEIGHTS_REFUSED.items()
    for model in (regressor, classifier)
}


@pytest.mark.parametrize(("make", "changes", "words"), SCORE_REFUSED.values(), ids=SCORE_REFUSED)
def test_scores_refuse_what_is_not_a_number_or_a_label(make, changes, words):
    y = NUMBERS if make is regressor else LABELS
    model = make().fit(X, y)
    given = {"X": X, "y": y} | changes
    given = {
        name: cut(value) if isinstance(value, np.ndarray) and value.ndim else value
        for name, value in given.items()
    }
    with pytest.raises(ValueError, match=words):
        model.score(**given)


def filtered(array, keep):
    """Some rows of a collection, whose blocks have lengths that are not known."""
    return cut(array)[cut(keep)]


@pytest.mark.parametrize("method", ["fit", "score"])
@pytest.mark.parametrize("name", ["y", "sample_weight", "sample_weight-zero", "empty-block-of-X"])
def test_blocks_of_other_lengths_are_refused(name, method):
    some, others = NUMBERS > 0, NUMBERS > 1
    features = {"X": filtered(X, some), "y": filtered(NUMBERS, some)}
    if name == "y":
        features["y"] = filtered(NUMBERS, others)
    elif name == "empty-block-of-X":
        name, features["X"] = "y", filtered(X, some & (np.arange(60) >= 20))
    else:
        weight = np.zeros(60) if name.endswith("zero") else np.ones(60)
        name, features["sample_weight"] = "sample_weight", filtered(weight, others)
    model = regressor().fit(X, NUMBERS)
    words = rf"^{name} must have as many rows as X in each block, \d+, got \d+: take both"
    with pytest.raises(ValueError, match=words):
        getattr(model, method)(**features)


def test_weights_of_no_block_but_one_score_as_in_memory():
    for make, y in ((regressor, NUMBERS), (classifier, LABELS)):
        model = make().fit(X, y)
        score = model.score(cut(X), cut(y), cut(WEIGHT))
        assert score == pytest.approx(model.score(X, y, WEIGHT), abs=1e-12)
        assert model.score(cut(X), cut(y), 2.0) == pytest.approx(model.score(X, y), abs=1e-12)


def test_r2_of_one_sample_is_not_defined():
    model = regressor().fit(X, NUMBERS)
    for one, y in ((X[:1], NUMBERS[:1]), (cut(X)[:1], cut(NUMBERS)[:1])):
        with pytest.warns(UndefinedMetricWarning, match="less than two samples"):
            assert np.isnan(model.score(one, y))


@pytest.mark.parametrize("make", [regressor, classifier])
def test_a_number_is_the_weight_of_all_samples(make):
    y = NUMBERS if make is regressor else LABELS
    one = make().fit(X, y, sample_weight=2.0)
    many = make().fit(cut(X), cut(y), sample_weight=2.0)
    np.testing.assert_allclose(many.coefs_[0], one.coefs_[0], rtol=1e-6)
    assert many.loss_ == pytest.approx(one.loss_)


# X

X_REFUSED = {
    "one-dimension": (lambda: cut(X[:, 0]), r"got a dask Array of 1: use X.reshape\(-1, 1\)"),
    "three-dimensions": (
        lambda: cut(X.reshape(60, 2, 1)),
        r"got a dask Array of 3: use X.reshape\(len\(X\), -1\)",
    ),
    "no-dimension": (lambda: cut(X).sum(), "got a dask Array of 0"),
    "series": (
        lambda: dd.from_pandas(pd.Series(X[:, 0]), npartitions=3),
        r"got a dask Series of 1: use X.to_frame\(\)",
    ),
    "complex": (lambda: cut(X.astype(complex)), "X must hold real numbers, got complex128"),
    "dates": (lambda: cut(X.astype("datetime64[s]")), "X must hold numbers, got datetime64"),
    "unknown-columns": (
        lambda: cut(X).map_blocks(np.asarray, chunks=((20, 20, 20), (np.nan,))),
        r"X must have a known number of columns, .*X.compute_chunk_sizes\(\)",
    ),
}


@pytest.mark.parametrize("method", ["fit", "score", "predict"])
@pytest.mark.parametrize(("make", "words"), X_REFUSED.values(), ids=X_REFUSED)
def test_what_is_not_a_matrix_of_numbers_is_refused_at_once(make, words, method):
    model = regressor().fit(X, NUMBERS)
    y = {} if method == "predict" else {"y": NUMBERS}
    with pytest.raises(ValueError, match=words):
        getattr(model, method)(X=make(), **y)


def test_predictions_refuse_text_at_once():
    frame = pd.DataFrame(X, columns=["a", "b"])
    model = regressor().fit(frame, NUMBERS)
    with pytest.raises(ValueError, match="X must hold numbers, got 'a' in column 'b'"):
        model.predict(dd.from_pandas(frame.assign(b="x"), npartitions=3))


READ_AS_NUMBERS = {"integers": int, "booleans": bool, "float16": np.float16, "objects": object}


@pytest.mark.parametrize("dtype", READ_AS_NUMBERS.values(), ids=READ_AS_NUMBERS)
def test_predictions_take_every_type_of_numbers(dtype):
    model, features = regressor().fit(X, NUMBERS), np.round(X).astype(dtype)
    answers, expected = model.predict(cut(features)), model.predict(features)
    assert answers.dtype == expected.dtype
    np.testing.assert_array_equal(answers.compute(), expected)


# Transformations


@pytest.mark.parametrize("where", ["estimator", "config"])
def test_set_output_is_refused_before_it_computes_all(where):
    model = regressor().fit(X, NUMBERS)
    config = {}
    if where == "estimator":
        model.set_output(transform="pandas")
    else:
        config = {"transform_output": "pandas"}
    with config_context(**config):
        with pytest.raises(ValueError, match=r"set_output must have .*, got 'pandas'"):
            model.transform(never())
        assert list(model.transform(X).columns) == list(model.get_feature_names_out())


def test_the_advice_of_set_output_makes_a_lazy_frame():
    model = regressor().fit(X, NUMBERS)
    names = model.get_feature_names_out()
    hidden = model.transform(cut(X))
    frame = dd.from_dask_array(hidden, columns=names)
    np.testing.assert_array_equal(frame.compute().to_numpy(), model.transform(X))


# Partitions of a data frame


def in_two_partitions(second):
    """Two halves of X as a frame with the columns a and b; the second has other columns."""
    halves = [pd.DataFrame(half, columns=["a", "b"]) for half in np.split(X, 2)]
    return dd.from_map(lambda i: halves[i][second] if i else halves[i], [0, 1], meta=halves[0])


def test_partitions_may_have_their_columns_in_another_order():
    y = dd.from_map(lambda i: pd.Series(np.split(NUMBERS, 2)[i]), [0, 1], meta=pd.Series([0.0]))
    one, other = (
        regressor().fit(in_two_partitions(second), y) for second in (["a", "b"], ["b", "a"])
    )
    np.testing.assert_array_equal(one.coefs_[0], other.coefs_[0])


def test_partitions_with_other_columns_are_refused():
    frame = in_two_partitions(["a"])
    with pytest.raises(ValueError, match=r"columns \['a', 'b'\], got one with \['a'\]"):
        regressor().fit(frame, frame["a"])


def test_an_empty_partition_may_have_no_columns():
    full = pd.DataFrame(X, columns=["a", "b"])
    frame = dd.from_map(lambda i: pd.DataFrame() if i else full, [0, 1], meta=full)
    y = dd.from_map(lambda i: pd.Series(NUMBERS[: 0 if i else 60]), [0, 1], meta=pd.Series([0.0]))
    model = regressor().fit(frame, y)
    np.testing.assert_array_equal(model.coefs_[0], regressor().fit(cut(X, 60), NUMBERS).coefs_[0])


def test_columns_named_by_numbers_and_by_text_are_not_the_same():
    halves = [pd.DataFrame(half) for half in np.split(X, 2)]
    halves[1].columns = ["0", "1"]
    frame = dd.from_map(lambda i: halves[i], [0, 1], meta=halves[0])
    y = dd.from_map(lambda i: pd.Series(np.split(NUMBERS, 2)[i]), [0, 1], meta=pd.Series([0.0]))
    with pytest.raises(ValueError, match=r"columns \[0, 1\], got one with \['0', '1'\]"):
        regressor().fit(frame, y)
