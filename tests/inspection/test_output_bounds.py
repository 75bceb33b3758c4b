"""No prediction is outside the proven bounds, and the bounds are attained to the tolerance."""

from itertools import product

import numpy as np
import pandas as pd
import pytest
from numpy.testing import assert_allclose, assert_array_equal
from scipy.optimize import Bounds
from sklearn.compose import TransformedTargetRegressor, make_column_transformer
from sklearn.decomposition import PCA
from sklearn.exceptions import ConvergenceWarning
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import PolynomialFeatures, StandardScaler
from whole_models import LABELS, MODELS, X, Y, classifier, predictions, regressor

from conftest import some_now
from skbackprop import BackpropRegressor
from skbackprop.inspection import output_bounds
from skbackprop.inspection.bounds._class_share import ClassShare
from skbackprop.inspection.bounds._sigmoid_lines import LinesBelowSigmoid
from skbackprop.inspection.bounds._unit_sum import UnitSum
from skbackprop.model import sigmoid

poor_fits = pytest.mark.filterwarnings("ignore::sklearn.exceptions.ConvergenceWarning")
LOW, HIGH = X.min(axis=0), X.max(axis=0)
BOX = np.column_stack([LOW, HIGH])


def sampled(model, low, high, rng, n_samples=5_000):
    """Predictions all over the box, in its corners, and of random searches for the extremes."""
    shape = n_samples, len(low)
    points = np.vstack(
        [rng.uniform(low, high, size=shape), np.where(rng.random(shape) < 0.5, low, high)]
    )
    values = predictions(model, points)
    found = [values]
    for output, sign in product(range(values.shape[1]), (1, -1)):
        x = points[(sign * values[:, output]).argmin()]
        for length in 10.0 ** -np.arange(1, 6):
            steps = length * (high - low) * rng.normal(size=(200, len(low)))
            near = np.vstack([x, np.clip(x + steps, low, high)])
            found.append(predictions(model, near))
            x = near[(sign * found[-1][:, output]).argmin()]
    return np.vstack(found)


def check(model, low, high, bounds, rng, tol=1e-4, unit=1.0):
    """Bounds hold for all samples, are near what is attained, and that is attained."""
    values = sampled(model, low, high, rng)
    lower, upper, lowest, highest = np.atleast_2d(
        bounds.lower, bounds.upper, bounds.lowest, bounds.highest
    )
    assert (lower <= values).all()
    assert (values <= upper).all()
    assert (lower <= lowest).all()
    assert (highest <= upper).all()
    for x, expected in ((bounds.x_lowest, lowest), (bounds.x_highest, highest)):
        points = np.atleast_2d(x)
        assert ((low <= points) & (points <= high)).all()
        attained = predictions(model, points).diagonal()
        assert_allclose(attained, expected[0], rtol=1e-9, atol=1e-9 * np.max(unit))
    gap = np.maximum(lowest - lower, upper - highest)[0]
    assert_allclose(bounds.gap, gap if gap.size > 1 else gap[0])
    if bounds.converged:
        assert (gap <= tol * unit * (1 + 1e-9) + 1e-12).all()


@poor_fits
@pytest.mark.parametrize(("model", "y"), MODELS.values(), ids=MODELS)
def test_bounds_of_every_kind_of_model(model, y):
    bounds = output_bounds(model.fit(X, y), BOX, tol=1e-3)
    assert bounds.converged
    unit = 1.0 if hasattr(model, "classes_") else np.ptp(y, axis=0)
    check(model, LOW, HIGH, bounds, np.random.default_rng(0), 1e-3, unit)
    several = predictions(model, X).shape[1] > 1
    assert np.ndim(bounds.lower) == np.ndim(bounds.x_lowest) - 1 == int(several)


def random_network(seed):
    """A network of random size with fitted scales and random weights, and its box."""
    rng = np.random.default_rng(seed)
    n_features, n_hidden = rng.integers(1, 7), rng.integers(1, 9)
    scale, mean = 10 ** rng.uniform(-2, 2, n_features), 10 * rng.normal(size=n_features)
    X = mean + scale * rng.normal(size=(30, n_features))
    Y = rng.normal(size=(30, rng.integers(1, 3))) * 10 ** rng.uniform(-3, 3)
    model = regressor(n_hidden).fit(X, Y if Y.shape[1] > 1 else Y.ravel())
    steep = 10 ** rng.uniform(-0.5, 1.2)
    W1 = steep * rng.normal(size=(n_features, n_hidden)) / scale[:, None]
    model.coefs_ = [W1, 2 * rng.normal(size=(n_hidden, Y.shape[1]))]
    model.intercepts_ = [steep * rng.normal(size=n_hidden) - mean @ W1, rng.normal(size=Y.shape[1])]
    low, high = mean - 2 * scale, mean + 2 * scale
    return model, low, high, np.ptp(Y, axis=0), rng


@poor_fits
@pytest.mark.parametrize("seed", some_now(range(60), 10))
def test_no_sample_is_outside_the_bounds_of_random_networks(seed):
    model, low, high, unit, rng = random_network(seed)
    # the steepest ones would take long; the bounds hold in any case
    bounds = output_bounds(model, np.column_stack([low, high]), max_time=1)
    check(model, low, high, bounds, rng, unit=unit)


def fitted_network(seed):
    rng = np.random.default_rng(seed)
    n_features = rng.integers(1, 8)
    X = rng.uniform(-1, 1, size=(60, n_features))
    y = np.sin(3 * X[:, 0]) + X[:, -1] * X[:, n_features // 2] + 0.1 * rng.normal(size=60)
    alpha = 10.0 ** -rng.integers(1, 6)
    model = make_pipeline(StandardScaler(), regressor(rng.integers(2, 9)).set_params(alpha=alpha))
    return model.fit(X, y), np.full(n_features, -1.2), np.full(n_features, 1.2), np.ptp(y), rng


@poor_fits
@pytest.mark.parametrize("seed", some_now(range(100), 12))
def test_no_sample_is_outside_the_bounds_of_fitted_networks(seed):
    model, low, high, unit, rng = fitted_network(seed)
    bounds = output_bounds(model, np.column_stack([low, high]), max_time=None)
    assert bounds.converged
    check(model, low, high, bounds, rng, unit=unit)


@poor_fits
@pytest.mark.parametrize("seed", some_now(range(15), 4))
def test_no_sample_is_outside_the_bounds_of_random_classifiers(seed):
    rng = np.random.default_rng(seed)
    model = classifier(3).fit(X / X.std(axis=0), LABELS)
    steep = 10 ** rng.uniform(-0.5, 0.8)
    model.coefs_ = [steep * rng.normal(size=(4, 3)), 2 * rng.normal(size=(3, 3))]
    model.intercepts_ = [steep * rng.normal(size=3), rng.normal(size=3)]
    low, high = np.full(4, -1.0), np.full(4, 1.0)
    # a rough tolerance, since the classes' shares take long; the bounds hold in any case
    bounds = output_bounds(model, np.column_stack([low, high]), tol=0.02, max_time=2)
    check(model, low, high, bounds, rng, 0.02)


@poor_fits
def test_ten_inputs_and_ten_units():
    rng = np.random.default_rng(0)
    X = rng.uniform(size=(200, 10))
    y = 10 * np.sin(np.pi * X[:, 0] * X[:, 1]) + 20 * (X[:, 2] - 0.5) ** 2 + 10 * X[:, 3]
    model = make_pipeline(StandardScaler(), BackpropRegressor(alpha=1e-3, random_state=0))
    bounds = output_bounds(model.fit(X, y), [(0, 1)] * 10, max_time=None)
    assert bounds.converged
    check(model, np.zeros(10), np.ones(10), bounds, rng, unit=np.ptp(y))


@poor_fits
@pytest.mark.parametrize("offset", [0.0, 1e4, 1e7])
def test_rounding_does_not_make_bounds_wrong(offset):
    """A box so small that predictions in it differ by little more than their rounding."""
    data = X / X.std(axis=0) + offset
    model = make_pipeline(StandardScaler(), regressor()).fit(data, Y)
    low, high = data[0] - 1e-9 * offset - 1e-12, data[0] + 1e-9 * offset + 1e-12
    bounds = output_bounds(model, np.column_stack([low, high]), tol=1e-6)
    values = predictions(model, np.random.default_rng(0).uniform(low, high, size=(5_000, 4)))
    assert bounds.lower <= values.min() <= values.max() <= bounds.upper
    assert bounds.gap < 1e-5 * np.ptp(Y)


@poor_fits
def test_fixed_features_and_the_forms_of_a_box():
    model = make_pipeline(StandardScaler(), regressor()).fit(X, Y)
    low, high = LOW.copy(), HIGH.copy()
    low[[1, 3]] = high[[1, 3]] = X[0, [1, 3]]
    bounds = output_bounds(model, Bounds(low, high))
    check(model, low, high, bounds, np.random.default_rng(0), unit=np.ptp(Y))
    assert_array_equal(bounds.x_lowest[[1, 3]], X[0, [1, 3]])
    # an end of the box is that number exactly
    at_end = np.isclose(bounds.x_highest, HIGH, rtol=1e-9)
    assert_array_equal(bounds.x_highest[at_end], HIGH[at_end])
    named = {f"x{i}": (a, b) for i, (a, b) in enumerate(zip(low, high, strict=True))}
    for box in (np.column_stack([low, high]), list(zip(low, high, strict=True)), named):
        assert output_bounds(model, box).lower == bounds.lower
    point = output_bounds(model, np.column_stack([X[0], X[0]]))
    assert point.lower <= model.predict(X[:1])[0] <= point.upper
    assert point.upper - point.lower < 1e-9


@poor_fits
@pytest.mark.parametrize(
    "box",
    [
        {"b": (300, 700), "d": (30, 50)},
        {"a": (np.nan, np.nan), "b": (300, 700), "d": (30, 50)},
        [(None, None), (300, 700), (np.nan, 1), (30, 50)],
        Bounds([np.nan, 300, np.nan, 30], [np.nan, 700, np.nan, 50]),
    ],
    ids=["dict", "dict-nan", "list", "bounds"],
)
def test_features_that_are_dropped_need_no_entry_in_a_box(box):
    frame = pd.DataFrame(X, columns=list("abcd")).assign(a="text", c=np.nan)
    model = make_pipeline(make_column_transformer((StandardScaler(), ["b", "d"])), regressor())
    bounds = output_bounds(model.fit(frame, Y), box)
    alone = make_pipeline(StandardScaler(), regressor()).fit(X[:, [1, 3]], Y)
    expected = output_bounds(alone, [(300, 700), (30, 50)])
    assert_allclose([bounds.lower, bounds.upper], [expected.lower, expected.upper], rtol=1e-6)
    assert_array_equal(np.isnan(bounds.x_highest), [True, False, True, False])
    assert_allclose(bounds.x_highest[[1, 3]], expected.x_highest, rtol=1e-6)


@poor_fits
def test_a_box_by_name_behind_a_step_that_passes_the_columns():
    frame = pd.DataFrame(X, columns=list("abcd"))
    model = make_pipeline("passthrough", StandardScaler(), regressor()).fit(frame, Y)
    named = output_bounds(model, dict(zip("abcd", BOX, strict=True)))
    assert named.lower == output_bounds(model, BOX).lower


@poor_fits
def test_a_target_with_reversed_sign():
    """PCA of a single y may multiply it by -1."""
    model = TransformedTargetRegressor(
        make_pipeline(StandardScaler(), regressor()), transformer=PCA(), check_inverse=False
    )
    model.fit(X, Y)
    model.transformer_.components_ = -model.transformer_.components_
    bounds = output_bounds(model, BOX)
    check(model, LOW, HIGH, bounds, np.random.default_rng(0), unit=np.ptp(Y))


@poor_fits
def test_time_that_ends_first_leaves_valid_bounds():
    model, low, high, _, rng = random_network(39)
    box = np.column_stack([low, high])
    with pytest.warns(
        ConvergenceWarning, match=r"more than tol=1e-10 allows: .*longer max_time"
    ) as caught:
        bounds = output_bounds(model, box, tol=1e-10, max_time=0)
    assert caught[0].filename == __file__
    assert not bounds.converged
    check(model, low, high, bounds, rng)
    wide = np.max(bounds.gap)
    assert np.max(output_bounds(model, box, tol=0.1, max_time=None).gap) < wide


@pytest.mark.parametrize(
    ("box", "words"),
    [
        (BOX.T, r"(?s)a pair of numbers .* for each of the 4 features.*shape \(4, 2\)"),
        (BOX[:3], "box must be a pair .* for each of the 4 features"),
        ("wide", "box must be a pair .*got 'wide'"),
        ([(0, 1), (0, 1), (0, np.inf), (0, 1)], r"finite.*got \(0.0, inf\) for feature 'x2'"),
        ([(0, 1), (2, 1), (0, 1), (0, 1)], r"low <= high .*got \(2.0, 1.0\) for feature 'x1'"),
        ([(0, 1), (0, 1), (0, 1), (0, np.nan)], "finite numbers"),
        ([(0, 1), (0, 1), (0, 1), (-1e200, 1)], "box must hold numbers of at most 1e.150"),
        ({"x0": (0, 1)}, r"a pair for each feature .*got \['x0'\]"),
        (Bounds([0, 0], [1, 1]), "box must be a pair .* for each of the 4 features"),
    ],
    ids=[
        "transposed",
        "short",
        "text",
        "infinite",
        "reversed",
        "nan",
        "too-large",
        "names",
        "bounds",
    ],
)
@poor_fits
def test_bad_boxes_are_refused(box, words):
    model = make_pipeline(StandardScaler(), regressor()).fit(X, Y)
    with pytest.raises(ValueError, match=words):
        output_bounds(model, box)


@pytest.mark.parametrize(("option", "value"), [("tol", 0), ("tol", "small"), ("max_time", -1)])
@poor_fits
def test_bad_options_are_refused(option, value):
    model = make_pipeline(StandardScaler(), regressor()).fit(X, Y)
    with pytest.raises(ValueError, match=f"'{option}' parameter of output_bounds"):
        output_bounds(model, BOX, **{option: value})


@poor_fits
def test_models_that_cannot_be_bounded_are_refused_by_name():
    with pytest.raises(TypeError, match=r"got PolynomialFeatures\("):
        output_bounds(make_pipeline(PolynomialFeatures(), regressor()).fit(X / 500, Y), BOX)
    clipped = classifier(target_range=(0.1, 0.9)).fit(X / X.std(axis=0), LABELS)
    with pytest.raises(ValueError, match=r"three or more classes .*got target_range=\(0.1, 0.9\)"):
        output_bounds(clipped, BOX)


@pytest.mark.parametrize("width", [0.0, 1e-12, 1e-3, 1.0, 30.0, 900.0])
def test_lines_are_below_the_sigmoid_and_touch_it(width):
    rng = np.random.default_rng(0)
    low = rng.normal(size=400) * 10 - 0.5 * width
    high = low + width
    lines = LinesBelowSigmoid(low, high)
    z = low + width * np.linspace(0, 1, 501)[:, None]
    for x in (low, 0.3 * low + 0.7 * high, high):
        slope, offset, curvature = lines.at(x)
        room = sigmoid(z) - offset - slope * z
        assert room.min() > -1e-12 * (1 + np.abs(z).max())
        # somewhere on the interval the line comes close to f
        assert room.min(axis=0).max() < 1e-3
        assert (curvature >= 0).all()


@pytest.mark.parametrize("sign", [1, -1])
@pytest.mark.parametrize("kind", ["sum", "share"])
@pytest.mark.parametrize("width", [1e-3, 0.1, 1.0])
def test_planes_and_slopes_enclose_the_function(kind, sign, width):
    rng = np.random.default_rng(1)
    W, b, W2, b2 = (rng.normal(size=shape) * 3 for shape in [(3, 4), (4,), (4, 3), (3,)])
    reach = np.abs(W).sum(axis=0) + np.abs(b)
    if kind == "sum":
        function = UnitSum.of(W, b, sign * W2[:, 0], sign * b2[0], reach, 50)
    else:
        function = ClassShare(W, b, W2, b2, reach, 50, 1, sign)
    low = rng.uniform(0, 1 - width, size=(30, 3))
    high = low + width
    least, most = function.slopes(low, high)
    planes = function.minorant(low, high)
    for _ in range(5):
        slope, offset, *_ = planes.plane_at(rng.uniform(low, high))
        for _ in range(40):
            x = rng.uniform(low, high)
            assert (offset + (slope * x).sum(axis=1) <= function.values(x)).all()
            gradients = np.array([function.value_and_grad(point)[1] for point in x[:3]])
            assert (least[:3] <= gradients).all()
            assert (gradients <= most[:3]).all()


@pytest.mark.parametrize("sign", [1, -1])
def test_the_log_odds_of_a_class_and_their_gradient(sign):
    rng = np.random.default_rng(2)
    W, b, W2, b2 = (rng.normal(size=shape) for shape in [(3, 4), (4,), (4, 3), (3,)])
    function = ClassShare(W, b, W2, b2, np.ones(4), 50, 2, sign)
    x = rng.uniform(size=3)
    a3 = sigmoid(sigmoid(x @ W + b) @ W2 + b2)
    odds = a3[2] / (a3[0] + a3[1])
    value, gradient = function.value_and_grad(x)
    assert_allclose([value, function.values(x[None])[0]], sign * np.log(odds))
    steps = 1e-6 * np.eye(3)
    expected = (function.values(x + steps) - function.values(x - steps)) / 2e-6
    assert_allclose(gradient, expected, atol=1e-8)
