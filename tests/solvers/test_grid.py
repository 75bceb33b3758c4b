"""The weight grid: its values, the whole search against a loop, the cyclic one."""

from itertools import product

import numpy as np
import pytest
from numpy.testing import assert_array_equal

from conftest import random_objective, some_now
from skbackprop import BackpropClassifier, BackpropRegressor
from skbackprop.solvers import Grid, Status

pytestmark = pytest.mark.usefixtures("one_thread")


def brute_force(objective, values):
    """The smallest J over the grid, by a loop over every point."""
    return min(
        objective.value_and_grad(np.array(w))[0]
        for w in product(values, repeat=objective.n_weights)
    )


def solve(solver, objective, **options):
    return solver.solve(objective, rng=np.random.RandomState(0), **options)


def test_values_are_the_lecture_s_exact_decimals():
    expected = [-1, -0.9, -0.8, -0.7, -0.6, -0.5, -0.4, -0.3, -0.2, -0.1]
    expected += [0, 0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9, 1]
    assert Grid().values().tolist() == expected


@pytest.mark.parametrize(
    ("step", "weight_range", "expected"),
    [
        (0.5, (-1, 1), [-1, -0.5, 0, 0.5, 1]),
        (1, (-3, 2), [-3, -2, -1, 0, 1, 2]),
        (0.7, (0.1, 1.5), [0.1, 0.8, 1.5]),
        (1e-3, (0, 2e-3), [0, 1e-3, 2e-3]),
    ],
)
def test_values_of_other_grids(step, weight_range, expected):
    assert Grid(step, weight_range=weight_range).values().tolist() == expected


@pytest.mark.parametrize(
    ("shape", "intercept", "n_samples"),
    [((1, 2, 1), False, 9), ((1, 1, 1), True, 9), ((2, 1, 1), True, 9), ((1, 1, 2), True, 5)],
    ids=str,
)
@pytest.mark.parametrize("loss", some_now(["squared_error", "exponential", "log_loss"], 2))
@pytest.mark.parametrize("weights", [False, True], ids=["unweighted", "weighted"])
def test_the_whole_grid_against_a_loop(shape, intercept, n_samples, loss, weights):
    objective, _ = random_objective(
        shape, n_samples=n_samples, loss=loss, intercept=intercept, alpha=0.1, weights=weights
    )
    solver = Grid(1.0, weight_range=(-2, 1), max_evals=10_000)
    result = solve(solver, objective)
    assert result.status is Status.OPTIMAL
    assert result.value == pytest.approx(brute_force(objective, solver.values()), rel=1e-12)
    assert result.value == pytest.approx(objective.value(result.w), rel=1e-12)
    assert result.lower_bound == result.value
    assert result.n_grid_points == 4**objective.n_weights
    assert result.n_evaluations <= result.n_grid_points
    assert set(result.w) <= set(solver.values())
    assert not result.warning


def test_number_of_evaluations_of_the_whole_grid():
    # 2-2-1 without intercept, 3 values: 9 units, 45 unordered pairs of them, 9 columns
    objective, _ = random_objective((2, 2, 1), intercept=False)
    result = solve(Grid(1.0, max_evals=45 * 9), objective)
    assert result.status is Status.OPTIMAL
    assert result.n_evaluations == 45 * 9
    assert solve(Grid(1.0, max_evals=45 * 9 - 1), objective).status is not Status.OPTIMAL


@pytest.mark.parametrize(
    "loss",
    some_now(["itakura_saito", "exponential", "generalized_kullback_leibler", "hellinger"], 2),
)
@pytest.mark.parametrize("intercept", [True, False], ids=["intercept", "no-intercept"])
def test_no_single_weight_improves_a_coordinate_minimum(loss, intercept):
    objective, _ = random_objective((2, 3, 2), loss=loss, intercept=intercept, alpha=0.01)
    solver = Grid(max_evals=20_000)
    result = solve(solver, objective)
    assert result.status is Status.COORDINATE_MINIMUM
    assert result.n_evaluations <= 20_000
    assert set(result.w) <= set(solver.values())
    for i, value in product(range(objective.n_weights), solver.values()):
        neighbour = result.w.copy()
        neighbour[i] = value
        assert objective.value(neighbour) >= result.value * (1 - 2e-6)
    assert "raise max_evals" in result.warning or "out of reach" in result.warning


@pytest.mark.parametrize("shape", [(9, 10, 1), (5, 30, 2)], ids=str)
def test_descents_find_better_points_to_begin_with(shape, monkeypatch):
    objective, _ = random_objective(shape, n_samples=60)
    from_descents = solve(Grid(), objective)
    monkeypatch.setattr("skbackprop.solvers.grid._coordinate_descent._MOST_DESCENTS", 0)
    from_random_points = solve(Grid(), objective)
    assert from_descents.value < from_random_points.value
    assert from_descents.n_evaluations <= 20_000


def test_a_search_cut_short_says_so():
    objective, _ = random_objective((2, 3, 2))
    result = solve(Grid(max_evals=100), objective)
    assert result.status is Status.MAX_EVALS
    assert result.n_evaluations <= 100
    assert "max_evals=100" in result.warning


def test_the_search_comes_near_the_minimum_of_a_small_grid():
    objective, _ = random_objective((1, 2, 1), intercept=False)
    solver = Grid(0.5, max_evals=370)  # five less than the whole grid takes
    result = solve(solver, objective)
    assert result.status is Status.COORDINATE_MINIMUM
    assert result.value == pytest.approx(brute_force(objective, solver.values()), rel=1e-2)


def test_more_evaluations_do_not_hurt_and_help():
    objective, _ = random_objective((5, 6, 1), n_samples=60)
    few, many = (solve(Grid(max_evals=n), objective).value for n in (1_000, 20_000))
    assert many < few


def test_the_number_of_grid_points_is_exact_however_large():
    objective, _ = random_objective((9, 30, 2))
    result = solve(Grid(max_evals=50), objective)
    assert result.n_grid_points == 21**362
    assert "21**362" in result.warning


@pytest.mark.parametrize("n_jobs", [2, 3])
@pytest.mark.parametrize("max_evals", [5_000, 10**6], ids=["cyclic", "whole"])
def test_the_same_answer_for_every_n_jobs(n_jobs, max_evals):
    objective, _ = random_objective((2, 1, 1), n_samples=30)
    one, many = (solve(Grid(0.2, max_evals=max_evals), objective, n_jobs=j) for j in (1, n_jobs))
    assert_array_equal(one.w, many.w)
    assert one.n_evaluations == many.n_evaluations


def test_the_search_starts_at_given_weights():
    objective, _ = random_objective((2, 3, 1), n_samples=60)
    good = solve(Grid(max_evals=3_000), objective)
    on = Grid(max_evals=200).solve(objective, good.w + 0.04, rng=np.random.RandomState(1))
    assert on.value <= good.value


def test_max_time():
    objective, _ = random_objective((5, 10, 2), n_samples=500)
    result = solve(Grid(max_evals=10**9, max_time=0.05), objective)
    assert result.status is Status.MAX_TIME
    assert result.value == pytest.approx(objective.value(result.w), rel=1e-12)


def test_a_callback_stops_the_search():
    objective, _ = random_objective((2, 3, 2))
    seen = []

    def stop_at_third(progress):
        seen.append(progress.value)
        return len(seen) == 3

    result = solve(Grid(), objective, callback=stop_at_third)
    assert result.status is Status.STOPPED
    assert len(seen) == len(result.loss_curve) == 3
    assert (np.diff(result.loss_curve) <= 0).all()


def test_ctrl_c_keeps_the_best_weights():
    objective, _ = random_objective((2, 3, 2))
    seen = []

    def interrupt(progress):
        seen.append(progress)
        if len(seen) == 5:
            raise KeyboardInterrupt
        return False

    result = solve(Grid(), objective, callback=interrupt)
    assert result.status is Status.INTERRUPTED
    assert_array_equal(result.w, seen[-1].w)


@pytest.mark.parametrize(
    ("options", "words"),
    [
        ({"step": 0.3}, r"step of Grid must divide weight_range=\(-1.0, 1.0\).*got 0.3"),
        ({"step": 0}, "'step' parameter of Grid"),
        ({"weight_range": (1, 1)}, r"weight_range of Grid must be two finite.*got \(1, 1\)"),
        ({"weight_range": (0, np.inf)}, r"weight_range of Grid must be two finite"),
        ({"weight_range": (0, 1, 2)}, r"weight_range of Grid must be two finite"),
        ({"weight_range": ("a", "b")}, r"weight_range of Grid must be two finite"),
        ({"weight_range": 1.0}, "'weight_range' parameter of Grid"),
        ({"max_evals": 0}, "'max_evals' parameter of Grid"),
        ({"max_time": 0}, "'max_time' parameter of Grid"),
    ],
    ids=lambda x: str(x) if isinstance(x, dict) else "",
)
def test_options_are_validated(options, words):
    with pytest.raises(ValueError, match=words):
        BackpropRegressor(alpha=0.1, solver=Grid(**options)).fit([[0.0], [1.0]], [0.0, 1.0])


@pytest.mark.filterwarnings("ignore::sklearn.exceptions.ConvergenceWarning")  # poor fits do
def test_the_estimator_tells_which_of_the_two_searches_it_was():
    X, y = np.array([[0.0], [1.0], [2.0]]), [0.0, 1.0, 3.0]
    model = BackpropRegressor(1, alpha=0.1, solver=Grid(0.5), random_state=0).fit(X, y)
    assert model.status_ == Status.OPTIMAL
    assert model.n_grid_points_ == 5**4
    assert model.loss_lower_bound_ == model.loss_
    model.set_params(n_hidden=10)
    with pytest.warns(UserWarning, match=r"Grid searched a part of its 5\*\*31 points"):
        model.fit(X, y)
    assert model.loss_lower_bound_ == 0
    model.set_params(solver="montecarlo").fit(X, y)
    assert not hasattr(model, "n_grid_points_")
    assert not hasattr(model, "loss_lower_bound_")


@pytest.mark.filterwarnings("ignore::sklearn.exceptions.ConvergenceWarning")  # poor fits do
def test_no_point_of_the_default_grid_solves_xor():
    # measured for 2-2-1: the classic example needs weights beyond [-1, 1]
    X, y = [[0, 0], [0, 1], [1, 0], [1, 1]], [0, 1, 1, 0]
    narrow = BackpropClassifier(2, alpha=0, solver=Grid(), random_state=0).fit(X, y)
    wide = Grid(1.0, weight_range=(-10, 10), max_evals=100_000)
    wide = BackpropClassifier(2, alpha=0, solver=wide, random_state=0).fit(X, y)
    assert narrow.loss_ > 0.45
    assert wide.score(X, y) == 1


@pytest.mark.parametrize("n_hidden", [np.int64(4), np.int8(4)], ids=repr)
@pytest.mark.filterwarnings("ignore:Grid")
def test_numpy_integers_count_the_grid_exactly(n_hidden):
    X = np.random.default_rng(0).normal(size=(30, 3))
    solver = Grid(0.25, max_evals=2_500)
    model = BackpropRegressor(n_hidden, alpha=0.1, solver=solver, fit_intercept=np.bool_(True)).fit(
        X, X[:, 0]
    )
    assert model.n_grid_points_ == 9**21
    assert model.n_evaluations_ <= 2_500
