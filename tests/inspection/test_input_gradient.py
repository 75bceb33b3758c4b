"""Derivatives by the features are those of `predict` and `predict_proba`."""

import numpy as np
import pandas as pd
import pytest
from numpy.testing import assert_allclose, assert_array_equal
from scipy import sparse
from sklearn.compose import make_column_transformer
from sklearn.exceptions import NotFittedError
from sklearn.feature_selection import VarianceThreshold
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import PolynomialFeatures, RobustScaler, StandardScaler
from whole_models import LABELS, MODELS, X, Y, classifier, predictions, regressor

from skbackprop.inspection import (
    NetworkDisplay,
    SensitivityDisplay,
    input_gradient,
    sensitivity,
)
from skbackprop.inspection._whole_model import WholeModel

pytestmark = pytest.mark.filterwarnings("ignore::sklearn.exceptions.ConvergenceWarning")


def central_differences(model, X):
    """Of the predictions, (n_samples, n_outputs, n_features), to fourth order."""
    steps = np.diag(1e-3 * X.std(axis=0))
    columns = []
    for step in steps:
        near = predictions(model, X + step) - predictions(model, X - step)
        far = predictions(model, X + 2 * step) - predictions(model, X - 2 * step)
        columns.append((8 * near - far) / (12 * step.sum()))
    return np.stack(columns, axis=2)


@pytest.mark.parametrize(("model", "y"), MODELS.values(), ids=MODELS)
def test_the_gradient_agrees_with_central_differences(model, y):
    model.fit(X, y)
    expected = central_differences(model, X)
    gradient = input_gradient(model, X)
    n_samples, n_outputs, n_features = expected.shape
    assert gradient.shape == (
        (n_samples, n_features) if n_outputs == 1 else (n_samples, n_outputs, n_features)
    )
    gradient = gradient.reshape(expected.shape)
    checked = np.full(expected.shape[:2], True)
    if hasattr(model, "classes_"):  # a difference must not reach across an end of the range
        checked = np.abs(predictions(model, X) - 0.5) < 0.49
    steepest = np.abs(expected).max(axis=(0, 1))
    error = (gradient - expected)[checked] / np.where(steepest > 0, steepest, 1)
    assert np.abs(error).max(initial=0) < 1e-6
    assert checked.sum() > 30 or len(getattr(model, "classes_", [])) == 1


def test_the_probabilities_of_classes_add_up():
    model = MODELS["three-classes"][0].fit(X, LABELS)
    assert_allclose(input_gradient(model, X).sum(axis=1), 0, atol=1e-12)


def test_the_gradient_is_zero_where_a_probability_is_clipped():
    model, y = MODELS["clipped"]
    proba = model.fit(X, y).predict_proba(X)[:, 1]
    clipped = (proba == 0) | (proba == 1)
    assert clipped.any()
    gradient = input_gradient(model, X)
    assert_array_equal((gradient == 0).all(axis=1), clipped)


def test_the_gradient_is_zero_where_all_classes_are_ruled_out():
    model = classifier(target_range=(0.3, 1.0)).fit(StandardScaler().fit_transform(X), LABELS)
    model.intercepts_[1] = np.full(3, -50.0)
    assert (model.predict_proba(X[:9]) == 1 / 3).all()
    assert_array_equal(input_gradient(model, X[:9]), np.zeros((9, 3, 4)))


@pytest.mark.parametrize(
    "convert",
    [sparse.csr_matrix, sparse.csr_array, np.float32, lambda X: X.tolist()],
    ids=["csr-matrix", "csr-array", "float32", "list"],
)
def test_other_containers(convert):
    scaled = StandardScaler().fit_transform(X)
    model = regressor().fit(scaled, Y)
    rtol = 1e-4 if convert is np.float32 else 1e-12
    expected = input_gradient(model, scaled)
    gradient = input_gradient(model, convert(scaled))
    assert gradient.dtype == np.float64
    assert_allclose(gradient, expected, rtol=rtol, atol=rtol * np.abs(expected).max())


def test_many_samples_are_taken_block_by_block():
    scaled = StandardScaler().fit_transform(X)
    model = regressor().fit(scaled, Y)
    many = np.tile(scaled, (600, 1))
    assert_allclose(
        input_gradient(model, many), np.tile(input_gradient(model, scaled), (600, 1)), rtol=1e-12
    )


def test_columns_have_to_be_those_of_the_fit():
    frame = pd.DataFrame(X, columns=["a", "b", "c", "d"])
    model = make_pipeline(StandardScaler(), regressor()).fit(frame, Y)
    scaler, network = model[0], model[1]
    expected = input_gradient(network, scaler.transform(frame)) / scaler.scale_
    assert_allclose(input_gradient(model, frame), expected, rtol=1e-10)
    with pytest.raises(ValueError, match="feature names"):
        input_gradient(model, frame[["b", "a", "c", "d"]])
    with pytest.raises(ValueError, match="feature names"):
        input_gradient(model, frame[["a", "b", "c"]])


NAMES = ["a", "b", "c", "d"]


def of_two_columns(data):
    """A model of columns b and d, which drops a and c."""
    columns = [1, 3] if isinstance(data, np.ndarray) else ["b", "d"]
    return make_pipeline(make_column_transformer((StandardScaler(), columns)), regressor()).fit(
        data, Y
    )


FRAME = pd.DataFrame(X, columns=NAMES)
TEXT = FRAME.assign(a="text", c=np.nan)
OBJECTS = TEXT.to_numpy(dtype=object)
# X of the fit and X of the derivatives
DROPPED = {
    "text": (TEXT, TEXT),
    "missing": (FRAME, FRAME[["b", "d"]]),
    "extra": (FRAME, FRAME.assign(e="text")),
    "reordered": (TEXT, TEXT[["d", "a", "c", "b"]]),
    "objects": (OBJECTS, OBJECTS),
    "list": (OBJECTS, OBJECTS.tolist()),
    "sparse": (X, sparse.csr_matrix(X)),
    "nan": (X, np.where([True, False, True, False], np.nan, X)),
}


@pytest.mark.parametrize(("data", "points"), DROPPED.values(), ids=DROPPED)
def test_columns_that_are_dropped_may_hold_anything(data, points):
    model = of_two_columns(data)
    gradient = input_gradient(model, points)
    assert_array_equal(gradient[:, [0, 2]], 0)
    # the same model of numbers only; the two fits differ by rounding
    expected = input_gradient(of_two_columns(X), X)
    assert_allclose(gradient, expected, rtol=1e-5, atol=1e-6 * np.abs(expected).max())
    result = sensitivity(model, points, standardize=True)
    assert_array_equal(result.rms == 0, [True, False, True, False])


@pytest.mark.parametrize(
    ("data", "points", "words"),
    [
        (FRAME, FRAME[["a", "b"]], r"each column that the model uses, \['b', 'd'\], once, got"),
        (FRAME, FRAME[["b", "d", "b"]], r"once, got \['b', 'd', 'b'\]: check \['b'\]"),
        (TEXT, TEXT.assign(b="text"), "X must hold numbers, got 'text'"),
        (X, np.full((3, 4), np.nan), "Input X contains NaN"),
        (X, X[:, :3], "X has 3 features, but ColumnTransformer is expecting 4"),
        (X, X[0].tolist(), "Expected 2D array"),
        (X, 1e160 * X, "X must hold numbers of at most 1e.150"),
    ],
    ids=["missing", "twice", "text", "nan", "narrow", "one-row", "large"],
)
def test_columns_that_are_used_are_checked(data, points, words):
    model = of_two_columns(data)
    with pytest.raises(ValueError, match=words):
        input_gradient(model, points)


@pytest.mark.parametrize("first", ["passthrough", None, make_pipeline("passthrough")], ids=str)
def test_names_and_number_of_columns_behind_a_step_that_passes_them(first):
    model = make_pipeline(first, StandardScaler(), regressor()).fit(FRAME, Y)
    assert sensitivity(model, FRAME).feature_names == NAMES
    assert SensitivityDisplay.from_estimator(model, FRAME).feature_names == NAMES
    assert NetworkDisplay.from_estimator(model).feature_names == NAMES
    with pytest.raises(ValueError, match="feature names"):
        input_gradient(model, FRAME[["b", "a", "c", "d"]])
    unnamed = make_pipeline(first, StandardScaler(), regressor()).fit(X, Y)
    assert sensitivity(unnamed, X).feature_names == ["x0", "x1", "x2", "x3"]
    with pytest.raises(ValueError, match="X has 3 features"):
        input_gradient(unnamed, X[:, :3])


FAR = {
    "standard": [StandardScaler()],
    "robust": [RobustScaler()],
    "selected": ["passthrough", VarianceThreshold(), StandardScaler()],
    "columns": [make_column_transformer((StandardScaler(), [3, 0]), (RobustScaler(), [1, 2]))],
}


@pytest.mark.parametrize("steps", FAR.values(), ids=FAR)
def test_columns_far_from_zero_lose_no_digits(steps):
    far = X / X.std(axis=0) + 1e7
    model = make_pipeline(*steps, regressor()).fit(far, Y)
    whole = WholeModel.of(model)
    error = whole.predict(whole.check_features(far))[:, 0] - model.predict(far)
    assert np.abs(error).max() <= 1e-12 * np.abs(Y).max()


@pytest.mark.parametrize(
    ("model", "error", "words"),
    [
        (make_pipeline(PolynomialFeatures(), regressor()), TypeError, r"got PolynomialFeatures\("),
        (StandardScaler(), TypeError, r"got StandardScaler\(\)"),
    ],
    ids=["polynomial", "no-network"],
)
def test_what_has_no_derivative_is_refused_by_name(model, error, words):
    with pytest.raises(NotFittedError):
        input_gradient(model, X)
    model.fit(X / 500, Y)
    with pytest.raises(error, match=words):
        input_gradient(model, X)
