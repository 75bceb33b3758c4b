"""Small problems and estimators that several test modules share."""

from functools import partial

import numpy as np
import pandas as pd
import pytest
from sklearn.datasets import load_iris
from sklearn.preprocessing import StandardScaler
from threadpoolctl import threadpool_limits

from skbackprop import BackpropClassifier, BackpropRegressor
from skbackprop.optimizers import SGD
from skbackprop.solvers import GradientDescent, Grid, MonteCarlo

IRIS, SPECIES = load_iris(return_X_y=True)
IRIS = StandardScaler().fit_transform(IRIS)
# Whether a point is in the band takes two hidden units, and larger weights than 1.
PLANE = np.random.RandomState(0).uniform(-2, 2, size=(90, 2))
IN_BAND = (np.abs(PLANE[:, 0]) < 1).astype(int)
FRAME = pd.DataFrame(PLANE, columns=["east", "north"])
# The first feature raises the height, the second lowers it, the third is noise.
SLOPE = np.random.RandomState(1).normal(size=(100, 3))
HEIGHT = np.tanh(SLOPE[:, 0]) - 0.3 * SLOPE[:, 1]

Classifier = partial(
    BackpropClassifier, n_hidden=3, loss="squared_error", alpha=1e-3, random_state=0
)
Botanist = partial(Classifier, n_hidden=2, alpha=0.1)
Regressor = partial(BackpropRegressor, n_hidden=3, alpha=0.03, random_state=0)

SOLVERS = {
    "lm": "gd",
    "sgd": GradientDescent(SGD(batch_size=20), max_iter=10),
    "lbfgs": GradientDescent("lbfgs", max_iter=10),
    "montecarlo": MonteCarlo(n_draws=300),
    "grid-whole": Grid(step=1.0),
    "grid-cyclic": Grid(step=0.5, max_evals=300),
}
ESTIMATORS = {"classifier": Classifier, "regressor": Regressor}
every_solver = pytest.mark.parametrize("solver", SOLVERS.values(), ids=SOLVERS.keys())
both = pytest.mark.parametrize("estimator", ESTIMATORS.values(), ids=ESTIMATORS.keys())
# Budgets are small on purpose, and the estimators say so.
small_budget = pytest.mark.filterwarnings("ignore::sklearn.exceptions.ConvergenceWarning")


@pytest.fixture(autouse=True, scope="module")
def one_thread():
    """Without threads of BLAS, which only get into each other's way on problems this small."""
    with threadpool_limits(1, user_api="blas"):
        yield
