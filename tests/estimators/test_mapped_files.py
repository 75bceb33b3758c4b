"""Fits of a mapped file make no array of the size of X."""

import tracemalloc

import numpy as np
import pytest
from sklearn import config_context

from conftest import some_now
from skbackprop import BackpropClassifier, BackpropRegressor
from skbackprop.solvers import GradientDescent, Grid, MonteCarlo

N_SAMPLES, N_FEATURES = 100_000, 50
LBFGS = GradientDescent("lbfgs", max_iter=1)
FITS = {
    "regressor": (BackpropRegressor, LBFGS, 0.1),
    "classifier": (BackpropClassifier, LBFGS, 0.1),
    "auto": (BackpropRegressor, LBFGS, "auto"),  # of 20,000 samples, a fifth of X
    "lm": (BackpropRegressor, GradientDescent("lm", max_iter=1), 0.1),
    "montecarlo": (BackpropRegressor, MonteCarlo(10), 0.0),
    "grid": (BackpropRegressor, Grid(0.5, max_evals=10), 0.0),
}


@pytest.fixture(scope="module")
def mapped(tmp_path_factory):
    """X in a file of 40 MB."""
    path = tmp_path_factory.mktemp("mapped") / "X.npy"
    np.save(path, np.random.default_rng(0).standard_normal((N_SAMPLES, N_FEATURES)))
    return np.load(path, mmap_mode="r")


def peak_of(call):
    tracemalloc.start()
    try:
        call()
        return tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()


@pytest.mark.filterwarnings("ignore::sklearn.exceptions.ConvergenceWarning")
@pytest.mark.parametrize("kind", some_now(FITS, 3))
def test_fit_and_predict_need_far_less_memory_than_x(mapped, kind):
    estimator, solver, alpha = FITS[kind]
    y = mapped[:, 0] if estimator is BackpropRegressor else mapped[:, 0] > 0
    model = estimator(1, alpha=alpha, solver=solver, random_state=0)
    with config_context(working_memory=1):
        peak = peak_of(lambda: model.fit(mapped, y))
        assert peak < (0.7 if alpha == "auto" else 0.3) * mapped.nbytes
        assert peak_of(lambda: model.predict(mapped)) < 0.2 * mapped.nbytes
