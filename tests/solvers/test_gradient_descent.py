"""Gradient descent: restarts, the automatic choice of the optimizer, and warnings."""

import re
import warnings

import numpy as np
import pytest
from numpy.testing import assert_array_equal
from sklearn.exceptions import ConvergenceWarning

from conftest import XOR_X, XOR_Y, random_objective
from skbackprop import BackpropClassifier, BackpropRegressor
from skbackprop.model import Network, Objective
from skbackprop.optimizers import LBFGS, SGD, LevenbergMarquardt
from skbackprop.solvers import GradientDescent, Status

pytestmark = pytest.mark.usefixtures("one_thread")


def solve(solver, objective, w0=None, seed=0, **options):
    return solver.solve(objective, w0, rng=np.random.RandomState(seed), **options)


def test_restarts_find_a_better_minimum_than_one_start(xor):
    no_intercept = Objective.from_arrays(Network(2, 2, 1), xor.loss, xor.data.X, xor.data.Y)
    one = [solve(GradientDescent("lm"), no_intercept, seed=seed).value for seed in range(10)]
    many = [solve(GradientDescent("lm", n_init=20), no_intercept, seed=s).value for s in range(3)]
    assert max(one) > 0.2
    assert max(many) < 0.01


@pytest.mark.parametrize("n_jobs", [2, -1])
def test_restarts_give_the_same_answer_for_every_n_jobs(xor, n_jobs):
    solver = GradientDescent("lbfgs", n_init=7)
    one, many = (solve(solver, xor, n_jobs=j) for j in (1, n_jobs))
    assert_array_equal(one.w, many.w)
    assert one.n_evaluations == many.n_evaluations


def test_the_first_of_several_starts_is_the_one_given(xor):
    good = solve(GradientDescent("lm", n_init=20), xor)
    on = solve(GradientDescent("lbfgs", n_init=2, max_iter=1), xor, good.w)
    # the last bits of J differ between a cost and a cost with its gradient
    assert on.value <= good.value * (1 + 1e-12)


NOISE = np.random.default_rng(0).normal(size=(300, 11))


@pytest.mark.parametrize(
    ("model", "X", "y", "advice"),
    [
        (BackpropClassifier(alpha=1.0), XOR_X, XOR_Y[:, 0], ": lower alpha=1.0"),
        (BackpropClassifier(alpha=1e-3), XOR_X, XOR_Y[:, 0], None),
        (BackpropClassifier(alpha=1.0, loss="hellinger"), XOR_X, XOR_Y[:, 0], ": lower alpha=1.0"),
        (BackpropRegressor(alpha=0.1), 1e-3 * NOISE[:, :1], NOISE[:, 0], None),
        (BackpropRegressor(alpha=1e4), 1e-3 * NOISE[:, :1], NOISE[:, 0], ": lower alpha=10000.0"),
        (BackpropRegressor(alpha=0, solver=GradientDescent(tol=0.9)), XOR_X, XOR_Y, "lower tol"),
        (BackpropRegressor(alpha=0.1), NOISE[:, :10], NOISE[:, 10], None),
        (BackpropRegressor(alpha=0.1), NOISE[:, :10], np.ones(300), None),
        (BackpropClassifier(alpha=1.0), NOISE, np.ones(300), None),
    ],
    ids=[
        "xor", "xor-little-alpha", "xor-hellinger", "small-x", "small-x-large-alpha", "tol",
        "noise", "constant-y", "one-class",
    ],
)  # fmt: skip
def test_a_network_that_has_learned_nothing(model, X, y, advice):
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        model.set_params(random_state=0).fit(X, np.ravel(y))
    assert model.status_ is Status.CONVERGED
    assert [str(warning.message) for warning in caught] == [model.message_] * bool(advice)
    if advice is None:
        assert model.message_ == str(Status.CONVERGED)
    else:
        assert re.search("but the network (has learned nothing|explains 0 %)", model.message_)
        assert advice in model.message_


@pytest.mark.parametrize("scale_features", [True, False])
@pytest.mark.parametrize("factor", [1.0, 1e3], ids=["standardised", "not"])
def test_standardised_features_are_asked_for_where_they_matter(factor, scale_features):
    solver = GradientDescent(max_iter=1, scale_features=scale_features)
    model = BackpropRegressor(alpha=0.1, solver=solver, random_state=0)
    with pytest.warns(ConvergenceWarning, match="raise max_iter to 2, or tol to 0.001") as caught:
        model.fit(factor * NOISE[:, :10], NOISE[:, 0])
    asked = "standardise the features of X" in str(caught[0].message)
    assert asked == (factor > 1 and not scale_features)


@pytest.mark.parametrize("alpha", [0.0, 1.0], ids=["bounded", "unbounded"])
@pytest.mark.parametrize("batch_size", [None, 10])
def test_divergence_keeps_the_best_weights_and_says_what_to_change(alpha, batch_size):
    X, y = np.random.default_rng(0).normal(size=(30, 3)), np.arange(30.0)
    solver = GradientDescent(SGD(1e6, batch_size=batch_size))
    with pytest.warns(UserWarning, match="lower learning_rate of the optimizer"):
        model = BackpropRegressor(solver=solver, alpha=alpha, random_state=0).fit(X, y)
    assert model.status_ is Status.DIVERGED
    assert np.isfinite(model.predict(X)).all()


@pytest.mark.parametrize(
    ("shape", "loss", "expected"),
    [
        ((4, 10, 1), "squared_error", LevenbergMarquardt),  # 61 weights
        ((4, 4, 2), "log_loss", LevenbergMarquardt),
        ((3, 25, 1), "squared_error", LevenbergMarquardt),  # 126 weights
        ((3, 26, 1), "squared_error", LBFGS),
        ((4, 20, 1), "squared_error", LBFGS),  # 121 weights
        ((3, 25, 1), "log_loss", LBFGS),
        ((4, 10, 1), "exponential", LBFGS),
        ((4, 5, 2), "squared_error", LBFGS),
        ((30, 50, 1), "squared_error", LBFGS),
        ((10, 20, 1), "quantile", LevenbergMarquardt),  # 241 weights
        ((10, 22, 1), "quantile", LBFGS),
    ],
    ids=[
        "small",
        "two-outputs",
        "few-features",
        "few-features-and-large",
        "four-features",
        "few-features-and-log-loss",
        "no-gauss-newton-form",
        "several-outputs",
        "large",
        "not-smooth",
        "not-smooth-and-large",
    ],
)
def test_auto(shape, loss, expected):
    objective, _ = random_objective(shape, loss=loss)
    solver = GradientDescent()
    assert type(solver.resolve(objective).optimizer) is expected
    assert solver.optimizer == "auto"


@pytest.mark.parametrize(
    "option",
    [{"max_iter": 0}, {"tol": -1}, {"n_init": 0}, {"max_time": 0}, {"scale_features": "no"}],
    ids=str,
)
def test_solver_options_are_validated(option):
    (name,) = option
    with pytest.raises(ValueError, match=f"'{name}' parameter of GradientDescent"):
        BackpropClassifier(alpha=1.0, solver=GradientDescent(**option)).fit(XOR_X, XOR_Y[:, 0])
