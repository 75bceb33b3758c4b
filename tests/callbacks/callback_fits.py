"""Fits with callbacks that several test modules share."""

from collections import Counter

import pytest
from sklearn.base import clone
from sklearn.datasets import load_iris
from sklearn.preprocessing import scale

from conftest import some_now
from skbackprop import BackpropClassifier
from skbackprop.solvers import GradientDescent, Grid, MonteCarlo

pytest.importorskip("sklearn.callback", reason="needs scikit-learn 1.9")

from skbackprop.callbacks import validation_data

IRIS_X, IRIS_Y = load_iris(return_X_y=True)
IRIS_X = scale(IRIS_X)

SOLVERS = {
    "gd": GradientDescent("adam", max_iter=40, tol=0),
    "restarts": GradientDescent("lbfgs", max_iter=20, n_init=3, tol=0),
    "montecarlo": MonteCarlo(20_000),
    "grid, proof": Grid(max_evals=3_000),
    "grid, whole": Grid(0.2, max_evals=10**6),
    "grid, cyclic": Grid(max_evals=3_000),
}
every_solver = pytest.mark.parametrize("name", some_now(SOLVERS, 4))


def classifier(name="gd", **options):
    if name == "grid, whole":
        options |= {"n_hidden": 1, "loss": "squared_error"}
    if name == "grid, cyclic":
        options |= {"loss": "hellinger"}
    options = {
        "n_hidden": 3,
        "alpha": 1.0,
        "random_state": 0,
        "solver": clone(SOLVERS[name]),
        **options,
    }
    return BackpropClassifier(**options)


def data(name):
    # a grid over one output is small enough to be searched whole
    return (IRIS_X[:100, :2], IRIS_Y[:100]) if name == "grid, whole" else (IRIS_X, IRIS_Y)


class Record:
    """Records the calls of its hooks, and stops where `stop` says so."""

    def __init__(self, stop=lambda context, n_heard: False):
        self.begun, self.ended, self.others, self.stop = [], [], Counter(), stop

    def setup(self, estimator, context):
        self.others["setup"] += 1

    def teardown(self, estimator, context):
        self.others["teardown"] += 1

    def on_fit_task_begin(self, estimator, context, *, X=None):
        self.begun.append(context)

    def on_fit_task_end(
        self, estimator, context, *, X=None, y=None, metadata=None, fitted_estimator=None
    ):
        self.ended.append((context, X, y, metadata, fitted_estimator))
        self.validation = validation_data(estimator)
        return self.stop(context, len(self.ended))

    def names(self):
        return Counter(context.task_name for context, *_ in self.ended)

    def fitted(self):
        return [fitted for *_, fitted in self.ended if fitted is not None]
