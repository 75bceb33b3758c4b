"""A recorded fit is the fit, and its path has the cost of the curve."""

import pickle
import warnings

import numpy as np
import pytest
from numpy.testing import assert_allclose, assert_array_equal
from pictures import IRIS, LABELS, SOLVERS, Walk, short
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

from conftest import same_network
from skbackprop.inspection import CostSurfaceDisplay, record_path
from skbackprop.solvers import GradientDescent


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
    assert same_network(fitted, plain)
    (W1, W2), (b1, b2) = fitted.coefs_, fitted.intercepts_
    weights = np.concatenate([part.ravel() for part in (W1, b1, W2, b2)])
    assert (path == weights).all(axis=1).any()
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


def test_a_recorded_fit_can_be_continued():
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


def test_bad_parameters_are_those_of_fit():
    with pytest.raises(ValueError, match="solver must be one of 'gd'"):
        record_path(short("newton"), IRIS.data, LABELS)
