"""The path of a fit, its curves, and the network as a diagram."""

import pickle
import warnings

import numpy as np
import pytest
from matplotlib import pyplot
from matplotlib.colors import to_hex
from numpy.testing import assert_allclose, assert_array_equal
from pictures import IRIS, LABELS, inside_figure, short
from sklearn.decomposition import PCA
from sklearn.exceptions import NotFittedError
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

from conftest import XOR_X
from skbackprop import BackpropClassifier, BackpropRegressor
from skbackprop.inspection import (
    CostSurfaceDisplay,
    LossCurveDisplay,
    NetworkDisplay,
    record_path,
)
from skbackprop.solvers import (
    GradientDescent,
    Grid,
    MonteCarlo,
    Progress,
    Solver,
    SolverResult,
    Status,
)


@pytest.fixture(autouse=True)
def _no_figure_outlives_a_test():
    yield
    pyplot.close("all")


@pytest.fixture(scope="module")
def iris():
    """A fitted classifier."""
    return short().fit(IRIS.data, LABELS)


class Walk(Solver):
    """A solver of somebody's own: no validation data, and its memory is used again."""

    def solve(self, objective, w0=None, *, rng, n_jobs=None, callback=None):
        w, best = (
            objective.feature_scaling.initial_weights(np.random.default_rng(rng.randint(99))),
            None,
        )
        for number in range(1, 6):
            w *= 0.9
            value = objective.value(w)
            if best is None or value < best[1]:
                best = w.copy(), value
            if callback and callback(Progress(number, number, value, w)):
                break
        return SolverResult(*best, number, number, Status.EXHAUSTED, np.full(number, value))


# ---- record_path

SOLVERS = {
    "lm": GradientDescent("lm", max_iter=20, tol=0.01),
    "lbfgs": GradientDescent("lbfgs", tol=0.01),
    "rprop": GradientDescent("rprop", max_iter=50, tol=0.1),
    "early-stopping": GradientDescent("adam", max_iter=400, early_stopping=True),
    "restarts": GradientDescent("lbfgs", tol=0.01, n_init=4),
    "montecarlo": MonteCarlo(5_000),
    "grid": Grid(0.5, max_evals=2_000),
    "own": Walk(),
}


@pytest.mark.filterwarnings("ignore::sklearn.exceptions.ConvergenceWarning")
@pytest.mark.parametrize("name", SOLVERS)
def test_the_recorded_fit_is_the_fit(name):
    solver = SOLVERS[name]
    model = short(solver, n_jobs=2)
    before = repr(model.get_params())
    plain = short(solver).fit(IRIS.data, LABELS)
    fitted, path = record_path(model, IRIS.data, LABELS)
    assert repr(model.get_params()) == before
    assert not hasattr(model, "coefs_")
    assert type(fitted.solver) is type(fitted.solver_) is type(solver)
    assert fitted.get_params(deep=False).keys() == plain.get_params(deep=False).keys()
    assert fitted.status_ == plain.status_
    assert_array_equal(fitted._flat_weights(np.float64), plain._flat_weights(np.float64))
    assert (path == fitted._flat_weights(np.float64)).all(axis=1).any()
    again = pickle.loads(pickle.dumps(fitted))
    assert_array_equal(again.predict(IRIS.data), fitted.predict(IRIS.data))
    begins_at_random = isinstance(solver, GradientDescent | Walk)
    assert len(path) == len(fitted.loss_curve_) + begins_at_random


@pytest.mark.parametrize("name", ["lm", "lbfgs", "restarts", "montecarlo"])
@pytest.mark.filterwarnings("ignore::sklearn.exceptions.ConvergenceWarning")  # poor fits do
def test_the_path_has_the_cost_of_the_curve(name):
    fitted, path = record_path(short(SOLVERS[name]), IRIS.data, LABELS)
    display = CostSurfaceDisplay.from_estimator(fitted, IRIS.data, LABELS, path=path)
    recorded = display.path[-len(fitted.loss_curve_) :, 2]
    assert_allclose(recorded, fitted.loss_curve_, rtol=1e-9)


def test_a_recorded_fit_can_go_on():
    one = short(GradientDescent("rprop", max_iter=30, tol=0), warm_start=True)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        fitted, _ = record_path(one, IRIS.data, LABELS)
        fitted.fit(IRIS.data, LABELS)
        whole = short(GradientDescent("rprop", max_iter=60, tol=0)).fit(IRIS.data, LABELS)
    assert_array_equal(fitted.coefs_[0], whole.coefs_[0])


def test_record_path_of_a_pipeline_with_fit_parameters():
    model = make_pipeline(StandardScaler(), short())
    weight = np.linspace(0.5, 2, 150)
    fitted, path = record_path(model, IRIS.data, LABELS, backpropclassifier__sample_weight=weight)
    J = fitted[-1].loss_
    display = CostSurfaceDisplay.from_estimator(
        fitted, IRIS.data, LABELS, sample_weight=weight, path=path
    )
    assert display.solution[2] == pytest.approx(J, rel=1e-12)
    assert not hasattr(model[0], "mean_")


# ---- LossCurveDisplay


@pytest.mark.filterwarnings("ignore::sklearn.exceptions.ConvergenceWarning")  # poor fits do
def test_loss_curves_of_several_fits():
    models = {"lm": short(GradientDescent("lm", tol=0.01)), "draws": short(MonteCarlo(5_000))}
    data = {"X_val": IRIS.data[::3], "y_val": LABELS[::3]}
    models = {n: model.fit(IRIS.data, LABELS, **data) for n, model in models.items()}
    display = LossCurveDisplay.from_estimator(models)
    assert display.names == ["lm", "draws"]
    for number, model in enumerate(models.values()):
        assert_array_equal(display.losses[number], model.loss_curve_)
        assert_array_equal(display.validation_losses[number], model.validation_loss_curve_)
        assert_array_equal(display.x[number], np.arange(1, len(model.loss_curve_) + 1))
    assert display.plot() is display
    assert display.ax_.get_xlabel() == "iterations"
    texts = [text.get_text() for text in display.ax_.get_legend().get_texts()]
    assert texts == ["lm", "lm, validation", "draws", "draws, validation"]
    assert_array_equal(display.lines_[1].get_ydata(), models["draws"].loss_curve_)
    inside_figure(display)


@pytest.mark.parametrize("measure", ["iterations", "evaluations", "seconds"])
@pytest.mark.parametrize("name", ["lm", "restarts", "montecarlo"])
@pytest.mark.filterwarnings("ignore::sklearn.exceptions.ConvergenceWarning")  # poor fits do
def test_loss_curves_that_are_measured(name, measure):
    model = short(SOLVERS[name])
    data = {"X_val": IRIS.data[::3], "y_val": LABELS[::3]}
    display = LossCurveDisplay.from_estimator(model, IRIS.data, LABELS, measure=measure, **data)
    assert not hasattr(model, "coefs_")
    fitted = short(SOLVERS[name]).fit(IRIS.data, LABELS, **data)
    assert_array_equal(display.losses[0], fitted.loss_curve_)
    assert_array_equal(display.validation_losses[0], fitted.validation_loss_curve_)
    x = display.x[0]
    assert len(x) == len(fitted.loss_curve_)
    assert (np.diff(x) > 0).all()
    assert x[0] > 0
    if measure == "evaluations" and name == "montecarlo":
        assert x[-1] == fitted.n_evaluations_
    elif measure == "evaluations":  # the last step may have been refused
        assert len(x) <= x[-1] <= fitted.n_evaluations_
    if measure == "iterations" and name != "montecarlo":
        assert x[-1] == fitted.n_iter_
    assert measure in display.plot().ax_.get_xlabel()


def test_one_curve_needs_no_legend(iris):
    alone = LossCurveDisplay.from_estimator(iris).plot()
    assert alone.ax_.get_legend() is None
    measured = LossCurveDisplay.from_estimator(short(), IRIS.data, LABELS, measure="seconds")
    assert measured.validation_losses == [None]


def test_bad_parameters_are_those_of_fit():
    with pytest.raises(ValueError, match="solver must be one of 'gd'"):
        record_path(short("newton"), IRIS.data, LABELS)


def test_scales_of_loss_curves():
    x = [np.arange(1, 11), np.arange(1, 501)]
    losses = [np.linspace(5, 4, 10), np.linspace(5, 4, 500)]

    def scales(x, losses, **options):
        names = [str(i) for i in range(len(x))]
        ax = LossCurveDisplay(x, losses, [None] * len(x), names=names).plot(**options).ax_
        return ax.get_xscale(), ax.get_yscale()

    assert scales(x, losses) == ("log", "linear")
    assert scales(x[:1], losses[:1]) == ("linear", "linear")
    assert scales(x[:1], [np.geomspace(9, 0.1, 10)]) == ("linear", "log")
    assert scales(x[:1], [np.linspace(9, 0, 10)]) == ("linear", "linear")
    assert scales(x, losses, xscale="linear", yscale="log") == ("linear", "log")
    with pytest.raises(ValueError, match="yscale must be 'auto', 'linear' or 'log', got 'ln'"):
        scales(x, losses, yscale="ln")


@pytest.mark.parametrize(
    ("arguments", "options", "message"),
    [
        ((), {"measure": "minutes"}, "measure must be one of.*got 'minutes'"),
        ((), {"measure": "seconds"}, "measure='seconds' needs X and y"),
        ((IRIS.data,), {}, r"given together.*got only \['X'\]"),
        ((), {"X_val": 1, "y_val": 2}, r"given together.*got only \['X_val', 'y_val'\]"),
    ],
    ids=["measure", "no-data", "X-alone", "validation-alone"],
)
def test_loss_curves_refuse(iris, arguments, options, message):
    with pytest.raises(ValueError, match=message):
        LossCurveDisplay.from_estimator(iris, *arguments, **options)


def test_loss_curves_need_fits():
    with pytest.raises(NotFittedError):
        LossCurveDisplay.from_estimator(short())
    with pytest.raises(ValueError, match=r"one or several estimators, got \{\}"):
        LossCurveDisplay.from_estimator({})


# ---- NetworkDisplay


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


def test_names_of_one_s_own(iris):
    names = {"feature_names": list("abcd"), "output_names": list("xyz")}
    display = NetworkDisplay.from_estimator(iris, **names).plot(legend=False)
    assert labels_of(display)[:4] == list("abcd")
    assert labels_of(display)[-3:] == list("xyz")
    assert display.ax_.get_legend() is None
    with pytest.raises(ValueError, match=r"output_names must have a name for each of the 3, got"):
        NetworkDisplay.from_estimator(iris, output_names=["a"])
