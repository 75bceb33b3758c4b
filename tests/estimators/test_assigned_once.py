"""The attributes of a fit are assigned at its end, all at once; a failed fit changes nothing."""

import importlib.util
import warnings

import numpy as np
import pandas as pd
import pytest
from sklearn.exceptions import ConvergenceWarning

from skbackprop import BackpropClassifier, BackpropRegressor
from skbackprop.solvers import GradientDescent, Grid, MonteCarlo, Solver

X = np.random.default_rng(0).normal(size=(40, 3))
Y = (X[:, 0] * X[:, 1] > 0).astype(int)
FRAME = pd.DataFrame(X, columns=list("abc"))
ESTIMATORS = {"classifier": BackpropClassifier, "regressor": BackpropRegressor}
every_estimator = pytest.mark.parametrize("make", ESTIMATORS.values(), ids=ESTIMATORS)
pytestmark = pytest.mark.filterwarnings("ignore::sklearn.exceptions.ConvergenceWarning")


class Watched(Exception):
    """What a solver raises in the middle of a fit."""


class Watching(Solver):
    """A solver that looks at the estimator and then fails."""

    estimator, seen = None, None

    def __init__(self, error=Watched):
        self.error = error

    supports_validation, held_out = True, 0.2

    def solve(self, objective, w0=None, **options):
        type(self).seen = dict(vars(Watching.estimator))
        raise self.error


class NotFinite(Solver):
    """A solver whose weights are not finite."""

    def solve(self, objective, w0=None, *, rng, **options):
        result = MonteCarlo(10).solve(objective, rng=rng)
        result.w[:] = np.nan
        return result


FAILURES = {
    "solver": ({"solver": Watching()}, FRAME, {}, Watched),
    "ctrl-c": ({"solver": Watching(KeyboardInterrupt)}, FRAME, {}, KeyboardInterrupt),
    "not-finite": ({"solver": NotFinite()}, FRAME, {}, ValueError),
    "parameter": ({"alpha": -1.0}, FRAME, {}, ValueError),
    "features": ({}, np.full((40, 5), np.nan), {}, ValueError),
    "validation": ({}, X[:, :2], {"X_val": X, "y_val": Y}, ValueError),
    "warm-start": ({"warm_start": True}, X[:, :2], {}, ValueError),
}


@every_estimator
@pytest.mark.parametrize("name", FAILURES)
@pytest.mark.parametrize("fitted", [False, True], ids=["new", "fitted"])
def test_a_fit_that_fails_leaves_the_estimator_as_it_was(fitted, name, make):
    options, data, more, error = FAILURES[name]
    if name == "warm-start" and not fitted:
        pytest.skip("there is no fit to go on from")
    model = make(3, random_state=0, solver=Grid(max_evals=50))
    if fitted:
        model.fit(FRAME, Y)
    model.set_params(**options)
    Watching.estimator, before = model, dict(vars(model))
    with pytest.raises(error):
        model.fit(data, Y, **more)
    assert vars(model) == before
    if name == "solver":  # nothing is written before the solver is done
        assert Watching.seen == before


@every_estimator
def test_attributes_of_another_fit_are_deleted(make):
    model = make(3, random_state=0, solver=Grid(max_evals=50)).fit(FRAME, Y, X_val=FRAME, y_val=Y)
    for name in ("loss_lower_bound_", "n_grid_points_", "validation_loss_curve_", "best_iter_"):
        assert hasattr(model, name)
    assert list(model.feature_names_in_) == list("abc")
    fresh = make(3, random_state=0).fit(X[:, :2], Y)
    model.set_params(solver="gd").fit(X[:, :2], Y)
    assert vars(model).keys() == vars(fresh).keys()
    assert model.n_features_in_ == 2


@pytest.mark.skipif(
    importlib.util.find_spec("sklearn.callback") is None, reason="needs scikit-learn 1.9"
)
def test_copies_for_callbacks_have_no_attributes_of_another_fit():
    class Keeping:
        def setup(self, estimator, context):
            self.copies = []

        teardown = on_fit_task_begin = lambda self, estimator, context: None

        def on_fit_task_end(self, estimator, context, *, fitted_estimator=None):
            self.copies.append(fitted_estimator)

    model = BackpropClassifier(3, alpha=1.0, random_state=0, solver=Grid(max_evals=50)).fit(
        FRAME, Y
    )
    fresh = BackpropClassifier(3, alpha=1.0, random_state=0).fit(X, Y)
    keeping = Keeping()
    model.set_params(solver="gd").set_callbacks(keeping).fit(X, Y)
    for copy in keeping.copies:
        names = {name for name in vars(copy) if name.endswith("_")}
        assert names == {name for name in vars(fresh) if name.endswith("_")}
        assert copy.predict(X).shape == (40,)


def test_a_warning_that_is_an_error_leaves_the_finished_fit():
    model = BackpropClassifier(3, alpha=1.0, random_state=0, solver=GradientDescent(max_iter=1))
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        with pytest.raises(ConvergenceWarning):
            model.fit(X, Y)
    assert model.n_iter_ == 1


def test_a_warning_of_partial_fit_that_is_an_error_leaves_the_finished_call():
    model = BackpropRegressor(3, alpha=0.1, random_state=0, solver=GradientDescent("sgd"))
    model.partial_fit(X, Y)
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        with pytest.raises(UserWarning, match="outside the range of predictions"):
            model.partial_fit(X, 9.0 * Y)
    assert model.n_iter_ == 2
