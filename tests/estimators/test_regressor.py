"""Numbers in and out: units of y, several outputs, containers and dtypes."""

import numpy as np
import pytest
from numpy.testing import assert_allclose, assert_array_equal
from scipy import sparse
from sklearn.datasets import load_diabetes, load_linnerud
from sklearn.preprocessing import scale

from conftest import some_now
from skbackprop import BackpropRegressor
from skbackprop.losses import LOSSES
from skbackprop.solvers import GradientDescent, Grid, MonteCarlo

X, Y = load_diabetes(return_X_y=True)
X = scale(X)
QUICK = GradientDescent("lbfgs", tol=1e-4)


@pytest.mark.parametrize(
    ("solver", "least"), [("gd", 0.55), ("montecarlo", 0.5), ("grid", 0.5)], ids=str
)
@pytest.mark.filterwarnings("ignore:Grid")
def test_r2_on_real_data(solver, least):
    model = BackpropRegressor(5, solver=solver, alpha=0.03, random_state=0)
    assert model.fit(X, Y).score(X, Y) > least


@pytest.mark.parametrize("loss", LOSSES)
def test_every_cost_learns_diabetes(loss):
    model = BackpropRegressor(3, loss=loss, alpha=0.1, random_state=0)
    assert model.fit(X, Y).score(X, Y) > 0.5


@pytest.mark.parametrize("factor", [1e-6, 1.0, 1e6])
@pytest.mark.parametrize("offset", [0.0, 1e3])
def test_the_units_of_y_do_not_matter(factor, offset):
    plain = BackpropRegressor(3, solver=QUICK, alpha=0.1, random_state=0).fit(X, Y)
    scaled = BackpropRegressor(3, solver=QUICK, alpha=0.1, random_state=0)
    scaled.fit(X, factor * (Y + offset))
    assert_allclose(scaled.predict(X) / factor - offset, plain.predict(X), rtol=1e-4)


@pytest.mark.filterwarnings("ignore::sklearn.exceptions.ConvergenceWarning")
def test_predictions_are_bounded():
    model = BackpropRegressor(10, solver=QUICK, alpha=0, random_state=0).fit(X, Y)
    far = model.predict(1e3 * X)
    span = Y.max() - Y.min()
    assert (far >= Y.min() - span / 8 - 1e-9).all()
    assert (far <= Y.max() + span / 8 + 1e-9).all()


def test_several_outputs_are_scaled_one_by_one():
    features, targets = load_linnerud(return_X_y=True)
    targets = targets * [1, 1e3, 1e-3]
    model = BackpropRegressor(4, alpha=1e-4, random_state=0).fit(scale(features), targets)
    assert model.n_outputs_ == 3
    r2 = 1 - ((targets - model.predict(scale(features))) ** 2).mean(0) / targets.var(0)
    assert (r2 > 0.5).all()


def test_a_column_vector_is_flattened_with_scikit_learn_s_warning():
    with pytest.warns(UserWarning, match="column-vector"):
        model = BackpropRegressor(2, solver=QUICK, alpha=1.0).fit(X, Y[:, None])
    assert model.predict(X).shape == Y.shape


@pytest.mark.parametrize("solver", ["gd", "montecarlo", "grid"])
# three samples cannot outweigh the penalty
@pytest.mark.filterwarnings("ignore::sklearn.exceptions.ConvergenceWarning")
@pytest.mark.parametrize("y", [[5.0, 5.0, 5.0], [[5.0, 1.0], [5.0, 2.0], [5.0, 3.0]]], ids=str)
def test_a_constant_output_is_predicted_exactly(solver, y):
    features = [[0.0], [1.0], [2.0]]
    model = BackpropRegressor(2, alpha=0.1, solver=solver, random_state=0).fit(features, y)
    assert_array_equal(np.reshape(model.predict(features), (3, -1))[:, 0], 5)


def test_one_sample():
    assert (
        BackpropRegressor(alpha=0.1, random_state=0).fit([[1.0, 2.0]], [3.0]).predict([[9.0, 9.0]])
        == 3
    )


@pytest.mark.parametrize("solver", ["gd", "montecarlo", Grid(max_evals=300)], ids=str)
@pytest.mark.filterwarnings("ignore:Grid")
@pytest.mark.parametrize(
    "container",
    [
        sparse.csr_array,
        sparse.csr_matrix,
        sparse.csc_array,
        np.asfortranarray,
        lambda a: np.repeat(a, 2, axis=1)[:, ::2],
        lambda a: a[::-1][::-1],
    ],
    ids=["csr_array", "csr_matrix", "csc_array", "fortran", "strided", "reversed"],
)
def test_containers_of_x(solver, container):
    model = BackpropRegressor(2, solver=solver, alpha=0.1, random_state=0)
    dense = model.fit(X[:100], Y[:100]).predict(X)
    assert_allclose(model.fit(container(X[:100]), Y[:100]).predict(container(X)), dense, rtol=1e-6)


def test_read_only_memory_mapped_x(tmp_path):
    np.save(tmp_path / "x.npy", X)
    mapped = np.load(tmp_path / "x.npy", mmap_mode="r")
    model = BackpropRegressor(2, alpha=1.0, random_state=0)
    assert_array_equal(model.fit(mapped, Y).predict(mapped), model.fit(X, Y).predict(X))


@pytest.mark.parametrize(
    "solver", some_now(["gd", "montecarlo", Grid(max_evals=3_000)], 2), ids=str
)
@pytest.mark.filterwarnings("ignore:Grid")
def test_float32_is_kept(solver):
    model = BackpropRegressor(2, solver=solver, alpha=1.0, random_state=0)
    double = model.fit(X, Y).predict(X)
    single = model.fit(X.astype(np.float32), Y).predict(X.astype(np.float32))
    assert single.dtype == np.float32
    assert {W.dtype for W in model.coefs_ + model.intercepts_} == {np.dtype(np.float32)}
    assert np.corrcoef(single, double)[0, 1] > 0.999
    assert model.predict(X).dtype == np.float64


@pytest.mark.parametrize("target_range", [(0.0, 1.0), (0.1, 0.9), (0.4, 0.6), [0.2, 0.8]], ids=str)
def test_target_range(target_range):
    model = BackpropRegressor(3, target_range=target_range, alpha=1e-3, random_state=0)
    assert model.fit(X, Y).score(X, Y) > 0.5


def test_zero_targets_are_refused_where_the_cost_is_infinite():
    with pytest.raises(ValueError, match=r"itakura|ItakuraSaito\(\) needs targets from 1e-09 to 1"):
        BackpropRegressor(alpha=0.1, loss="itakura_saito", target_range=(0, 1)).fit(X, Y)


def test_more_than_half_of_the_variance_is_not_promised_for_uniform_draws():
    uniform = MonteCarlo(sampler="uniform")
    for solver, poor in [("gd", False), ("grid", False), ("montecarlo", False), (uniform, True)]:
        tags = BackpropRegressor(alpha=0.1, solver=solver).__sklearn_tags__()
        assert tags.regressor_tags.poor_score == poor
