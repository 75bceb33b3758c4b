"""Statistics of derivatives, connection weights, and their picture."""

import numpy as np
import pandas as pd
import pytest
from matplotlib import pyplot
from numpy.testing import assert_allclose, assert_array_equal
from pictures import inside_figure
from scipy import sparse
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler
from whole_models import LABELS, MODELS, TWO, X, Y, predictions, regressor

from skbackprop.inspection import SensitivityDisplay, input_gradient, sensitivity

pytestmark = pytest.mark.filterwarnings("ignore::sklearn.exceptions.ConvergenceWarning")
NAMES = ["a", "b", "c", "d"]


@pytest.fixture(autouse=True)
def _no_figure_outlives_a_test():
    yield
    pyplot.close("all")


@pytest.fixture(scope="module")
def model():
    """A fitted pipeline whose columns have names."""
    return make_pipeline(StandardScaler(), regressor()).fit(pd.DataFrame(X, columns=NAMES), Y)


@pytest.fixture(scope="module")
def classes():
    return MODELS["three-classes"][0].fit(X, LABELS)


@pytest.mark.parametrize("name", ["regressor", "two-outputs", "two-classes", "multilabel"])
def test_the_statistics_are_those_of_the_derivatives(name):
    model, y = MODELS[name]
    result, gradient = sensitivity(model.fit(X, y), X), input_gradient(model, X)
    assert_array_equal(result.derivatives, gradient)
    assert_allclose(result.mean, gradient.mean(axis=0))
    assert_allclose(result.std, gradient.std(axis=0))
    assert_allclose(result.rms**2, result.mean**2 + result.std**2)
    assert result.connection_weights.shape == result.mean.shape == gradient.shape[1:]


def test_standardised_sensitivities_have_no_unit(model):
    result = sensitivity(model, pd.DataFrame(X, columns=NAMES), standardize=True)
    spread = X.std(axis=0) / predictions(model, pd.DataFrame(X, columns=NAMES)).std()
    assert_allclose(result.mean, sensitivity(model, pd.DataFrame(X, columns=NAMES)).mean * spread)
    other = make_pipeline(StandardScaler(), regressor()).fit(X * [10.0, 0.1, 1e3, 1.0], 7 * Y)
    rescaled = sensitivity(other, X * [10.0, 0.1, 1e3, 1.0], standardize=True)
    assert_allclose(result.rms, rescaled.rms, rtol=1e-3)
    W1, W2 = model[1].coefs_
    assert_allclose(result.connection_weights, (W1 @ W2)[:, 0], rtol=1e-10)
    assert result.feature_names == NAMES


def test_connection_weights_are_those_of_the_columns(model):
    W1, W2 = model[1].coefs_
    result = sensitivity(model, pd.DataFrame(X, columns=NAMES))
    assert_allclose(result.connection_weights, (W1 @ W2)[:, 0] / X.std(axis=0))


def test_sparse_features():
    scaled = StandardScaler().fit_transform(X)
    scaled[np.abs(scaled) < 0.5] = 0
    network = regressor().fit(scaled, Y)
    dense = sensitivity(network, scaled, standardize=True)
    result = sensitivity(network, sparse.csr_array(scaled), standardize=True)
    assert_allclose(result.mean, dense.mean)


def test_a_constant_prediction_has_no_sensitivity():
    model, y = MODELS["constant-y"]
    result = sensitivity(model.fit(X, y), X, standardize=True)
    assert_array_equal(result.rms, 0)


@pytest.mark.parametrize("kind", ["bars", "distributions"])
def test_the_display_orders_the_features(model, kind):
    frame = pd.DataFrame(X, columns=NAMES)
    display = SensitivityDisplay.from_estimator(model, frame)
    result = sensitivity(model, frame, standardize=True)
    assert_array_equal(display.derivatives, result.derivatives)
    assert display.plot(kind=kind) is display
    assert_array_equal(display.order_, np.argsort(-result.rms))
    labels = [text.get_text() for text in display.ax_.get_yticklabels()]
    assert labels == [NAMES[feature] for feature in display.order_]
    assert "derivative of y" in display.ax_.get_xlabel()
    inside_figure(display)


def test_bars_are_as_long_as_the_root_mean_squares(model):
    frame = pd.DataFrame(X, columns=NAMES)
    display = SensitivityDisplay.from_estimator(model, frame, standardize=False).plot()
    rms = sensitivity(model, frame).rms
    widths = [bar.get_width() for bar in display.ax_.patches]
    assert_allclose(widths, np.sort(rms)[::-1])


def test_some_features_of_one_class_on_given_axes(classes):
    _, ax = pyplot.subplots()
    display = SensitivityDisplay.from_estimator(classes, X, output=2, feature_names=list("pqrs"))
    display.plot(ax, max_features=2)
    assert display.ax_ is ax
    assert len(display.order_) == len(ax.get_yticklabels()) == 2
    assert "derivative of class 2" in ax.get_xlabel()
    assert display.feature_names == list("pqrs")


def test_derivatives_that_are_all_equal_can_be_drawn():
    display = SensitivityDisplay(np.zeros((5, 2)), feature_names=["a", "b"])
    display.plot(kind="distributions")
    display.plot(kind="bars")


@pytest.mark.parametrize(
    ("options", "words"),
    [
        ({}, "output must be the index of one of the 3 outputs, got None"),
        ({"output": 3}, "output must be .* got 3: pass an int from 0 to 2"),
        ({"output": 0, "feature_names": ["a"]}, "feature_names must be 4 names.*got 1"),
    ],
    ids=["no-output", "output", "names"],
)
def test_bad_options_of_the_display_are_refused(classes, options, words):
    with pytest.raises(ValueError, match=words):
        SensitivityDisplay.from_estimator(classes, X, **options)


@pytest.mark.parametrize(
    ("options", "words"),
    [
        ({"kind": "pie"}, r"kind must be one of \('bars', 'distributions'\), got 'pie'"),
        ({"max_features": 0}, "max_features must be an int >= 1, .*got 0"),
    ],
    ids=["kind", "max-features"],
)
def test_bad_options_of_plot_are_refused(options, words):
    display = SensitivityDisplay(np.ones((5, 2)), feature_names=["a", "b"])
    with pytest.raises(ValueError, match=words):
        display.plot(**options)


def test_two_outputs_have_names():
    model, _ = MODELS["two-outputs"]
    assert sensitivity(model.fit(X, TWO), X).output_names == ["y[0]", "y[1]"]
