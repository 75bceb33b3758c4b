"""What is not done with dask collections, or only with some of them, says so in one sentence."""

import numpy as np
import pandas as pd
import pytest

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


# Weights


def classifier():
    solver = GradientDescent("lbfgs", max_iter=5)
    return BackpropClassifier(2, alpha=0.1, solver=solver, random_state=0)


@pytest.mark.parametrize("make", [regressor, classifier])
def test_a_number_is_the_weight_of_all_samples(make):
    y = NUMBERS if make is regressor else LABELS
    one = make().fit(X, y, sample_weight=2.0)
    many = make().fit(cut(X), cut(y), sample_weight=2.0)
    np.testing.assert_allclose(many.coefs_[0], one.coefs_[0], rtol=1e-6)
    assert many.loss_ == pytest.approx(one.loss_)
