"""Derivatives by the features are those of `predict` and `predict_proba`."""

import numpy as np
import pandas as pd
import pytest
from numpy.testing import assert_allclose, assert_array_equal
from scipy import sparse
from sklearn.exceptions import NotFittedError
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import PolynomialFeatures, StandardScaler
from whole_models import LABELS, MODELS, X, Y, classifier, predictions, regressor

from skbackprop.inspection import input_gradient

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
