"""X up to its limits, y of any size: a fit is finite, or an error says what to do."""

import warnings

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from scipy import sparse
from sklearn.exceptions import ConvergenceWarning

from conftest import some_now
from skbackprop import BackpropClassifier, BackpropRegressor
from skbackprop.model._moments import weighted_moments
from skbackprop.optimizers import SGD
from skbackprop.solvers import GradientDescent, Grid, MonteCarlo

SOLVERS = {
    "lm": GradientDescent("lm", max_iter=5),
    "lbfgs": GradientDescent("lbfgs", max_iter=5),
    "sgd": GradientDescent("sgd", max_iter=5),
    "batches": GradientDescent(SGD(batch_size=2), max_iter=5),
    "adam": GradientDescent("adam", max_iter=5),
    "rprop": GradientDescent("rprop", max_iter=5),
    "adaptive": MonteCarlo(40),
    "uniform": MonteCarlo(200, sampler="uniform"),
    "proof": Grid(max_evals=60),
    "cyclic": Grid(max_evals=60, step=0.01),
}
ESTIMATORS = [BackpropRegressor, BackpropClassifier]
NORMAL = np.random.RandomState(0).randn(5, 5)
MOST, MOST32 = 1e150, 1e18
CASES = {
    "1e149": NORMAL * 1e149,
    "1e-160": NORMAL * 1e-160,
    "1e-300": NORMAL * 1e-300,
    "denormal": NORMAL * 5e-322,
    "largest": np.sign(NORMAL) * MOST,
    "all the largest": np.full((5, 5), MOST),
    "one huge column": NORMAL * [1, 1, 1e149, 1, 1],
    "one column of the largest": np.where(np.arange(5) == 2, np.sign(NORMAL) * MOST, NORMAL),
    "float32": (NORMAL * 1e17).astype(np.float32),
    "largest float32": (np.sign(NORMAL) * MOST32).astype(np.float32),
    "denormal float32": (NORMAL * 1e-44).astype(np.float32),
    "zeros": np.zeros((5, 5)),
}


def everything(model, X):
    """All numbers that a fit has left, and its predictions."""
    curves = [model.loss_curve_, getattr(model, "validation_loss_curve_", [])]
    numbers = [model.loss_, getattr(model, "loss_lower_bound_", 0.0)]
    predict = getattr(model, "predict_proba", model.predict)
    return np.concatenate(
        [np.ravel(x) for x in (*model.coefs_, *model.intercepts_, *curves, numbers, predict(X))]
    )


def fitted(model, *data, **options):
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", ConvergenceWarning)
        return model.fit(*data, **options)


@pytest.mark.parametrize("estimator", ESTIMATORS, ids=lambda x: x.__name__)
@pytest.mark.parametrize("solver", SOLVERS.values(), ids=SOLVERS)
@pytest.mark.parametrize("kind", some_now([np.asarray, sparse.csr_matrix], 1))
@pytest.mark.parametrize("X", CASES.values(), ids=CASES)
def test_features_up_to_the_limit(X, kind, solver, estimator):
    X = np.where(np.abs(NORMAL) > 0.5, X, 0).astype(X.dtype) if kind is not np.asarray else X
    y = NORMAL[:, 0] if estimator is BackpropRegressor else np.arange(5) % 3
    # the walk along the penalties too, with the quickest of the optimizers
    alpha = "auto" if solver is SOLVERS["lm"] else 0.1
    model = estimator(2, alpha=alpha, solver=solver, random_state=0)
    fitted(model, kind(X), y, X_val=kind(NORMAL), y_val=y)
    assert np.isfinite(everything(model, kind(X))).all()
    fitted(model.set_params(warm_start=True), kind(X), y)
    assert np.isfinite(everything(model, kind(X))).all()


@pytest.mark.parametrize("solver", ["lbfgs", "uniform"])
def test_predictions_of_features_up_to_the_limit(solver):
    model = fitted(
        BackpropRegressor(3, alpha=0.1, solver=SOLVERS[solver], random_state=0), NORMAL, NORMAL
    )
    few = np.vstack([CASES["largest"], -CASES["largest"]])
    many = np.tile(few, (500, 1))
    assert np.isfinite(model.predict(few)).all()
    # few samples are predicted in another way, which adds the hidden units in another order
    np.testing.assert_allclose(model.predict(many)[: len(few)], model.predict(few), rtol=1e-12)


# What users do with X, and their name of it.
USES = {
    "fit": ("X", lambda X, y: regressor().fit(X, y)),
    "partial_fit": ("X", lambda X, y: regressor().partial_fit(X, y)),
    "X_val": ("X_val", lambda X, y: regressor().fit(NORMAL.astype(X.dtype), y, X_val=X, y_val=y)),
    "predict": ("X", lambda X, y: regressor().fit(NORMAL, y).predict(X)),
}


def regressor():
    return BackpropRegressor(
        2, alpha=0.1, solver=GradientDescent("adam", max_iter=2), random_state=0
    )


@pytest.mark.parametrize("use", USES)
@pytest.mark.parametrize("kind", [np.asarray, sparse.csr_matrix], ids=["dense", "sparse"])
@pytest.mark.parametrize("sign", [1, -1])
@pytest.mark.parametrize(
    ("dtype", "limit", "remedy"),
    [
        (np.float64, 1e150, "divide the features by a constant$"),
        (np.float32, 1e18, "divide the features by a constant, or convert X to float64$"),
    ],
    ids=["float64", "float32"],
)
@pytest.mark.filterwarnings("ignore::sklearn.exceptions.ConvergenceWarning")
def test_features_beyond_the_limit_are_refused(dtype, limit, remedy, sign, kind, use):
    name, act = USES[use]
    X = NORMAL.astype(dtype)
    X[3, 2] = sign * limit
    act(kind(X), NORMAL[:, 0])
    X[3, 2] *= 1.01
    with pytest.raises(ValueError, match=rf"^{name} must hold .* got 1.01e.*: {remedy}"):
        act(kind(X), NORMAL[:, 0])


@pytest.mark.parametrize("weights", [None, [0.5, 1, 2, 4, 8], [1e-320] * 5, [3e307] * 5])
@pytest.mark.parametrize("size", [1e-310, 1e-200, 1.0, 1e200, 1e307])
@pytest.mark.parametrize("kind", [np.asarray, sparse.csr_matrix], ids=["dense", "sparse"])
def test_moments_of_any_size(kind, size, weights):
    X = np.where(np.abs(NORMAL) > 0.3, NORMAL, 0)
    weights = weights if weights is None else np.array(weights)
    share = None if weights is None else weights / weights.max()
    mean = np.average(X, axis=0, weights=share)
    deviation = np.sqrt(np.average((X - mean) ** 2, axis=0, weights=share))
    got = weighted_moments(kind(X * size), weights)
    rounding = 1e-12 if size > 1e-300 else 1e-10  # of denormal numbers
    np.testing.assert_allclose(got, np.array([mean, deviation]) * size, rtol=rounding)


finite = st.floats(allow_nan=False, allow_infinity=False)
small = st.floats(-MOST, MOST)
small32 = st.floats(-np.float32(MOST32), np.float32(MOST32), width=32)
features = st.one_of(
    arrays(np.float64, (5, 3), elements=small), arrays(np.float32, (5, 3), elements=small32)
)


@settings(max_examples=60, deadline=None)
@given(
    X=features,
    y=arrays(np.float64, 5, elements=finite),
    labels=arrays(np.int64, 5, elements=st.integers(0, 2)),
    estimator=st.sampled_from(ESTIMATORS),
    solver=st.sampled_from(sorted(SOLVERS)),
    kind=st.sampled_from([np.asarray, sparse.csr_matrix]),
    fit_intercept=st.booleans(),
    alpha=st.sampled_from([0.0, 0.1, 1e300]),
)
def test_finite_values_stay_finite(X, y, labels, estimator, solver, kind, fit_intercept, alpha):
    options = {"solver": SOLVERS[solver], "fit_intercept": fit_intercept, "alpha": alpha}
    model = estimator(2, random_state=0, **options)
    y = y if estimator is BackpropRegressor else labels
    try:
        fitted(model, kind(X), y)
    except ValueError as error:
        assert "divide y by a constant" in str(error)  # noqa: PT017 (it need not fail)
        return
    assert np.isfinite(everything(model, kind(X))).all()
