"""The network as a diagram: every unit has its name, every weight its width and colour."""

import numpy as np
import pytest
from matplotlib import pyplot
from matplotlib.colors import to_hex
from numpy.testing import assert_allclose
from pictures import IRIS, LABELS, inside_figure, short
from sklearn.decomposition import PCA
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

from conftest import XOR_X
from skbackprop import BackpropClassifier, BackpropRegressor
from skbackprop.inspection import NetworkDisplay


@pytest.fixture(autouse=True)
def _no_figure_outlives_a_test():
    yield
    pyplot.close("all")


@pytest.fixture(scope="module")
def iris():
    """A fitted classifier."""
    return short().fit(IRIS.data, LABELS)


def labels_of(display):
    """The texts at the units, from the first layer to the last."""
    return [text.get_text() for text in display.ax_.texts]


def test_a_network_with_its_names(iris):
    display = NetworkDisplay.from_estimator(iris).plot()
    assert labels_of(display) == [
        *IRIS.feature_names,
        *["1", "0", "1", "1"],
        *IRIS.target_names,
    ]
    for layer, lines in enumerate(display.lines_):
        weights = np.concatenate([iris.coefs_[layer], iris.intercepts_[layer][None]]).ravel()
        weights = weights[np.abs(weights).argsort(kind="stable")]
        widths = np.array(lines.get_linewidths())
        assert_allclose(widths, 4 * np.abs(weights) / np.abs(weights).max())
        colours = np.array([to_hex(colour) for colour in lines.get_colors()])
        assert len(set(colours[weights > 0])) == len(set(colours[weights < 0])) == 1
        assert len(set(colours)) == 2
    inside_figure(display)


NETWORKS = {
    "two-classes": (
        BackpropClassifier(2, random_state=0),
        (XOR_X, [0, 1, 1, 0]),
        ["x0", "x1", "1", "0", "1", "1", "class 1"],
    ),
    "no-intercept": (
        BackpropRegressor(2, fit_intercept=False, random_state=0),
        (XOR_X, [0, 1, 1, 0]),
        ["x0", "x1", "0", "1", "y"],
    ),
    "outputs": (
        BackpropRegressor(1, random_state=0),
        (XOR_X[:, :1], XOR_X + 0.0),
        ["x0", "1", "0", "1", "y[0]", "y[1]"],
    ),
    "multilabel": (
        BackpropClassifier(1, random_state=0),
        (XOR_X, np.array([[0, 1], [1, 0], [1, 1], [0, 0]])),
        ["x0", "x1", "1", "0", "1", "label 0", "label 1"],
    ),
    "pipeline": (
        make_pipeline(StandardScaler(), PCA(2), short()),
        (IRIS.data, LABELS),
        ["pca0", "pca1", "1", "0", "1", "1", *IRIS.target_names],
    ),
}


@pytest.mark.parametrize("name", NETWORKS)
@pytest.mark.filterwarnings("ignore::sklearn.exceptions.ConvergenceWarning")  # poor fits do
def test_labels_of_networks(name):
    model, data, labels = NETWORKS[name]
    display = NetworkDisplay.from_estimator(model.fit(*data)).plot()
    assert labels_of(display) == labels
    inside_figure(display)


def test_squares_are_intercepts_whatever_the_names():
    coefs, intercepts = [np.ones((1, 2)), np.ones((2, 2))], [np.ones(2), np.ones(2)]
    names = {"feature_names": ["1"], "output_names": ["0", "1"]}
    display = NetworkDisplay(coefs, intercepts, **names).plot()
    nodes = display.ax_.collections[2:]
    # circles and squares of each layer in turn
    assert [len(node.get_offsets()) for node in nodes] == [1, 1, 2, 1, 2, 0]
    assert labels_of(display) == ["1", "1", "0", "1", "1", "0", "1"]


def test_labels_too_small_to_read_are_left_out():
    rng = np.random.default_rng(0)
    coefs = [rng.normal(size=(200, 80)), rng.normal(size=(80, 1))]
    ax = pyplot.figure(figsize=(5, 3)).add_subplot()
    display = NetworkDisplay(coefs, None).plot(ax)
    assert labels_of(display) == ["y0"]
    assert len(display.lines_[0].get_linewidths()) == 16_000


def test_a_network_of_zeros_has_a_picture():
    display = NetworkDisplay([np.zeros((2, 2)), np.zeros((2, 1))], None).plot()
    assert (np.array(display.lines_[0].get_linewidths()) == 0).all()


def test_user_defined_names(iris):
    names = {"feature_names": list("abcd"), "output_names": list("xyz")}
    display = NetworkDisplay.from_estimator(iris, **names).plot(legend=False)
    assert labels_of(display)[:4] == list("abcd")
    assert labels_of(display)[-3:] == list("xyz")
    assert display.ax_.get_legend() is None
    with pytest.raises(ValueError, match=r"output_names must have 3 names, got"):
        NetworkDisplay.from_estimator(iris, output_names=["a"])


def test_a_subfigure_has_room_for_the_same_labels(iris):
    whole = NetworkDisplay.from_estimator(iris).plot(pyplot.figure().add_subplot())
    half = pyplot.figure(figsize=(12.8, 4.8)).subfigures(1, 2)[0]
    part = NetworkDisplay.from_estimator(iris).plot(half.add_subplot())
    assert labels_of(part) == labels_of(whole)
