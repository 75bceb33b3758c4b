"""The picture of J: what it computes is J, what it draws has a name."""

import numpy as np
import pytest
from matplotlib import pyplot
from numpy.testing import assert_allclose, assert_array_equal
from pictures import CURVE, IRIS, LABELS, LINE, inside_figure, short
from scipy import sparse
from sklearn.datasets import make_classification, make_regression
from sklearn.exceptions import NotFittedError
from sklearn.linear_model import LogisticRegression

from skbackprop import BackpropClassifier, BackpropRegressor
from skbackprop.inspection import (
    CostSurfaceDisplay,
    LossCurveDisplay,
    NetworkDisplay,
    check_gradient,
    record_path,
)
from skbackprop.solvers import Grid, MonteCarlo


@pytest.fixture(autouse=True)
def _no_figure_outlives_a_test():
    yield
    pyplot.close("all")


@pytest.fixture(scope="module")
def iris():
    """A fitted classifier and its path."""
    return record_path(short(), IRIS.data, LABELS)


SETTINGS = {
    "binary": (
        BackpropClassifier(2, alpha=1.0, random_state=0),
        make_classification(40, 4, random_state=0),
    ),
    "multiclass": (short(), (IRIS.data, LABELS)),
    "class-weight": (short(class_weight="balanced"), (IRIS.data[30:], LABELS[30:])),
    "target-range": (
        short(loss="itakura_saito", target_range=(0.1, 0.9)),
        (IRIS.data, LABELS),
    ),
    "joint-loss": (short(loss="exponential"), (IRIS.data, LABELS)),
    "regressor": (BackpropRegressor(2, alpha=0.1, random_state=0), (LINE, CURVE)),
    "chosen-penalty": (BackpropRegressor(2, random_state=0), (LINE, CURVE)),
    "no-intercept": (
        BackpropRegressor(2, alpha=0.1, fit_intercept=False, random_state=0),
        (LINE, CURVE),
    ),
    "outputs": (
        BackpropRegressor(2, alpha=0.1, random_state=0),
        make_regression(30, 3, n_targets=2, random_state=0),
    ),
    "sparse": (
        BackpropRegressor(2, alpha=0.1, random_state=0),
        (sparse.csr_array(LINE * (LINE > 0)), CURVE),
    ),
    "float32": (
        BackpropRegressor(2, alpha=0.1, random_state=0),
        (LINE.astype(np.float32), CURVE),
    ),
}


@pytest.mark.parametrize("name", SETTINGS)
def test_the_surface_is_the_estimator_s_cost(name):
    model, (X, y) = SETTINGS[name]
    model = model.fit(X, y)
    display = CostSurfaceDisplay.from_estimator(model, X, y, n_points=5)
    rounding = 1e-5 if name == "float32" else 1e-9
    assert display.solution[2] == pytest.approx(model.loss_, rel=rounding)
    w = [model.coefs_[0].copy(), model.coefs_[1].copy()]
    w[0][0, 0], w[1][0, 0] = display.x[1], display.y[3]
    model.coefs_ = w
    moved = CostSurfaceDisplay.from_estimator(model, X, y, n_points=5)
    assert display.J[3, 1] == pytest.approx(moved.solution[2], rel=1e-6)
    assert display.J[3, 1] != display.J[1, 3]


def test_sample_weights_belong_to_the_cost():
    weight = np.linspace(0, 2, 20)
    model = BackpropRegressor(2, alpha=0.1, random_state=0).fit(LINE, CURVE, weight)
    display = CostSurfaceDisplay.from_estimator(model, LINE, CURVE, sample_weight=weight)
    assert display.solution[2] == pytest.approx(model.loss_, rel=1e-9)


@pytest.mark.parametrize("directions", ["weights", "random", "path", "given"])
def test_points_of_the_plane_have_their_own_cost(iris, directions):
    model, path = iris
    d = np.random.default_rng(0).normal(size=(2, path.shape[1]))
    display = CostSurfaceDisplay.from_estimator(
        model,
        IRIS.data,
        LABELS,
        directions=d if directions == "given" else directions,
        path=path,
        limits=((-1, 1), (-1, 1)),
        n_points=3,
    )
    middle = display.solution[:2]
    if directions == "weights":
        assert_allclose(middle, [model.coefs_[0][0, 0], model.coefs_[1][0, 0]])
    else:
        assert_allclose(middle, 0, atol=1e-12)
        assert display.J[1, 1] == pytest.approx(model.loss_, rel=1e-9)
    assert_allclose(display.path[-1], display.solution, rtol=1e-9, atol=1e-9)


def test_the_path_of_two_weights_lies_on_the_surface():
    teacher = BackpropRegressor(1, fit_intercept=False, alpha=0.01, random_state=0)
    y = teacher.fit(LINE, CURVE).predict(LINE)
    model = BackpropRegressor(1, fit_intercept=False, alpha=0.01, random_state=3)
    fitted, path = record_path(model, LINE, y)
    for x1, x2, J in CostSurfaceDisplay.from_estimator(fitted, LINE, y, path=path).path:
        limits = ((x1, x1 + 1), (x2, x2 + 1))
        at = CostSurfaceDisplay.from_estimator(fitted, LINE, y, limits=limits, n_points=2)
        assert at.J[0, 0] == pytest.approx(J, rel=1e-12)
    assert pytest.approx(fitted.loss_, rel=1e-12) == J


def test_random_directions_are_normalised_unit_by_unit(iris):
    model, _ = iris
    one = CostSurfaceDisplay.from_estimator(
        model, IRIS.data, LABELS, directions="random", limits=((0, 1), (0, 1)), n_points=2
    )
    doubled = short().fit(IRIS.data, LABELS)
    # the directions are as long as the weights, and so is what they do to the penalty
    doubled.alpha_ = 1e9
    penalty = CostSurfaceDisplay.from_estimator(
        doubled, IRIS.data, LABELS, directions="random", limits=((0, 1), (0, 1)), n_points=2
    )
    assert 0.2 < (penalty.J[0, 1] / penalty.J[0, 0] - 1) < 3
    again = CostSurfaceDisplay.from_estimator(
        model, IRIS.data, LABELS, directions="random", limits=((0, 1), (0, 1)), n_points=2
    )
    assert_array_equal(one.J, again.J)


@pytest.mark.parametrize(
    "solver",
    [Grid(0.25), Grid(0.001), MonteCarlo(3_000), MonteCarlo(3_000, sampler="uniform")],
    ids=repr,
)
@pytest.mark.filterwarnings("ignore::sklearn.exceptions.ConvergenceWarning")
def test_the_points_of_a_search(solver):
    model = BackpropRegressor(1, solver=solver, fit_intercept=False, alpha=0, random_state=0)
    model.fit(LINE, CURVE)
    display = CostSurfaceDisplay.from_estimator(model, LINE, CURVE)
    assert 80 <= len(display.points) <= 500
    assert (np.abs(display.points[:, :2]) <= 1).all()
    assert display.points[:, 2].min() >= model.loss_ * (1 - 1e-9)
    if isinstance(solver, MonteCarlo):
        every = CostSurfaceDisplay.from_estimator(model, LINE, CURVE, max_points=3_000)
        assert len(every.points) == 3_000
        assert every.points[:, 2].min() == pytest.approx(model.loss_, rel=1e-12)
    assert CostSurfaceDisplay.from_estimator(model, LINE, CURVE, points=None).points is None


@pytest.mark.parametrize(
    ("seed", "n_samples"), [(np.random.RandomState(0), 20), (None, 20), (0, 15)], ids=str
)
def test_draws_that_cannot_be_repeated_are_left_out(seed, n_samples):
    model = BackpropRegressor(2, solver=MonteCarlo(1_000), random_state=seed).fit(LINE, CURVE)
    if n_samples < 20:
        model.set_params(solver=MonteCarlo(1_000, weight_range=(-2, 2))).fit(LINE, CURVE)
        model.set_params(random_state=1)
    display = CostSurfaceDisplay.from_estimator(model, LINE[:n_samples], CURVE[:n_samples])
    assert display.points is None


def test_user_defined_points(iris):
    model, path = iris
    display = CostSurfaceDisplay.from_estimator(model, IRIS.data, LABELS, points=path[:3])
    along = CostSurfaceDisplay.from_estimator(model, IRIS.data, LABELS, path=path[:3])
    assert_array_equal(display.points, along.path)


WEIGHTS = {
    ("W1[1, 0]", "b2[2]"): ("W1[sepal width (cm), 0]", "b2[2]"),
    ("W1[sepal width (cm), 1]", "W2[1,0]"): ("W1[sepal width (cm), 1]", "W2[1, 0]"),
    ((1, 3, 1), (2, 0, 2)): ("W1[petal width (cm), 1]", "W2[0, 2]"),
    ((1, 4, 1), (2, 2, 0)): ("b1[1]", "b2[0]"),
}


@pytest.mark.parametrize("weights", WEIGHTS, ids=str)
def test_weights_have_names(iris, weights):
    display = CostSurfaceDisplay.from_estimator(
        iris[0], IRIS.data, LABELS, weights=weights, n_points=2
    )
    assert display.labels == WEIGHTS[weights]


REFUSED = {
    "no-such-weight": (
        {"weights": ("W1[0, 2]", "W2[0, 0]")},
        r"name two.*got 'W1\[0, 2\]'.*W1 of shape \(4, 2\)",
    ),
    "no-such-row": ({"weights": ((1, 0, 0), (2, 3, 0))}, r"got \(2, 3, 0\)"),
    "no-such-layer": ({"weights": ((1, 0, 0), (3, 0, 0))}, r"got \(3, 0, 0\)"),
    "one-weight": ({"weights": ("W1[0, 0]",)}, r"a pair of weights.*got \('W1\[0, 0\]',\)"),
    "a-string": ({"weights": "W1[0, 0]"}, r"a pair of weights.*got 'W1\[0, 0\]'"),
    "twice": ({"weights": ("W1[0, 0]", (1, 0, 0))}, "two different weights"),
    "weights-and-directions": (
        {"weights": ("W1[0, 0]", "b2[0]"), "directions": "random"},
        r"weights are allowed only with directions='weights'.*directions='random'",
    ),
    "directions": ({"directions": "hessian"}, r"directions must be one of.*got 'hessian'"),
    "shape": ({"directions": np.ones((2, 3))}, r"shape \(2, n_weights\), here \(2, 19\)"),
    "parallel": ({"directions": np.ones((2, 19))}, r"two independent directions"),
    "no-path": ({"directions": "path"}, r"needs the path of the fit.*record_path"),
    "short-path": (
        {"directions": "path", "path": np.ones((2, 19))},
        r"path must extend in at least two directions.*\(2, 19\)",
    ),
    "path-shape": ({"path": np.ones((5, 3))}, r"path must have shape.*19 weights.*got.*\(5, 3\)"),
    "path-not-finite": ({"path": np.full((3, 19), np.inf)}, r"path must be finite"),
    "points": ({"points": "all"}, r"points must have shape.*got 'all'"),
    "limits": (
        {"limits": ((1, 0), (0, 1))},
        r"limits must be two pairs.*got \(\(1, 0\), \(0, 1\)\)",
    ),
    "ragged-limits": ({"limits": (1, (0, 1))}, r"limits must be two pairs"),
    "n_points": ({"n_points": 1}, r"n_points must be an int >= 2, got 1"),
    "max_points": ({"max_points": 2.5}, r"max_points must be an int >= 1, got 2.5"),
}


@pytest.mark.parametrize("name", REFUSED)
def test_bad_parameters_are_refused(iris, name):
    options, message = REFUSED[name]
    with pytest.raises(ValueError, match=message):
        CostSurfaceDisplay.from_estimator(iris[0], IRIS.data, LABELS, **options)


def test_bad_estimators_are_refused(iris):
    with pytest.raises(NotFittedError):
        CostSurfaceDisplay.from_estimator(short(), IRIS.data, LABELS)
    other = LogisticRegression()
    for function in (
        CostSurfaceDisplay.from_estimator,
        LossCurveDisplay.from_estimator,
        check_gradient,
        record_path,
    ):
        with pytest.raises(TypeError, match=r"BackpropClassifier.*got LogisticRegression\(\)"):
            function(other, IRIS.data, LABELS)
    with pytest.raises(TypeError, match="best_estimator_"):
        NetworkDisplay.from_estimator(other)
    changed = short().fit(IRIS.data, LABELS).set_params(n_hidden=5)
    with pytest.raises(ValueError, match=r"network of its fit.*n_hidden=2.*got.*n_hidden=5"):
        CostSurfaceDisplay.from_estimator(changed, IRIS.data, LABELS)


@pytest.mark.parametrize("style", ["default", "dark_background"])
@pytest.mark.parametrize("kind", ["surface", "contour"])
def test_drawn_with_names_and_nothing_cut_off(iris, kind, style):
    model, path = iris
    display = CostSurfaceDisplay.from_estimator(
        model, IRIS.data, LABELS, path=path, points=path[:5], n_points=11
    )
    with pyplot.style.context(style):
        assert display.plot(kind=kind) is display
        display.figure_.canvas.draw()
    ax = display.ax_
    assert (ax.get_xlabel(), ax.get_ylabel()) == display.labels
    texts = [text.get_text() for text in ax.get_legend().get_texts()]
    assert texts == ["points tried", "path of the fit", "its start", "fitted weights"]
    if kind == "surface":
        assert ax.get_zlabel() == "J"
    else:
        assert display.colorbar_.ax.get_ylabel() == "J"
    inside_figure(display)
    assert display.plot(ax, kind=kind, legend=False).ax_ is ax


def test_invalid_plots_raise(iris):
    display = CostSurfaceDisplay.from_estimator(iris[0], IRIS.data, LABELS, n_points=3)
    with pytest.raises(ValueError, match="kind must be 'surface' or 'contour', got 'wire'"):
        display.plot(kind="wire")
    with pytest.raises(ValueError, match="ax must be three-dimensional"):
        display.plot(pyplot.figure().add_subplot())
    with pytest.raises(ValueError, match="ax must be two-dimensional"):
        display.plot(pyplot.figure().add_subplot(projection="3d"), kind="contour")
    display.J -= 2 * display.J.max()
    with pytest.raises(ValueError, match="log=True needs a positive J"):
        display.plot(kind="contour", log=True)
    display.plot(kind="contour")
    display.J[:] = 1.0
    display.plot(kind="contour").plot()  # a flat J has a picture too


@pytest.mark.filterwarnings("ignore::sklearn.exceptions.ConvergenceWarning")  # poor fits do
def test_a_surface_that_is_constant_up_to_rounding_has_contours():
    X = np.random.default_rng(0).normal(size=(30, 3)) * [1, 0, 1]
    model = BackpropRegressor(3, alpha=1e4, random_state=0).fit(X, X[:, 0])
    options = {"directions": "random", "random_state": 0}
    display = CostSurfaceDisplay.from_estimator(model, X, X[:, 0], **options)
    assert 0 <= np.ptp(display.J) < 1e-12
    display.plot(kind="contour")
