"""The curves are those of the fits, and drawn on axes that suit them."""

import numpy as np
import pytest
from matplotlib import pyplot
from numpy.testing import assert_array_equal
from pictures import IRIS, LABELS, SOLVERS, inside_figure, short
from sklearn.exceptions import NotFittedError

from skbackprop.inspection import LossCurveDisplay
from skbackprop.solvers import GradientDescent, MonteCarlo


@pytest.fixture(autouse=True)
def _no_figure_outlives_a_test():
    yield
    pyplot.close("all")


@pytest.fixture(scope="module")
def iris():
    """A fitted classifier."""
    return short().fit(IRIS.data, LABELS)


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
