"""Random search: its draws, what they share, and that they can be repeated."""

import numpy as np
import pytest
from numpy.testing import assert_array_equal
from sklearn import config_context

from conftest import random_objective, some_now
from skbackprop import BackpropRegressor
from skbackprop.losses import LOSSES
from skbackprop.model import Network
from skbackprop.solvers import MonteCarlo, Status
from skbackprop.solvers.monte_carlo._samplers import SAMPLERS, check_dimensions

pytestmark = pytest.mark.usefixtures("one_thread")

every_sampler = pytest.mark.parametrize("sampler", ["adaptive", *SAMPLERS])


def solve(solver, objective, seed=0, **options):
    return solver.solve(objective, rng=np.random.RandomState(seed), **options)


@every_sampler
@pytest.mark.parametrize("loss", LOSSES)
@pytest.mark.parametrize("weights", [False, True], ids=["unweighted", "weighted"])
def test_the_value_is_that_of_the_weights_and_within_the_range(sampler, loss, weights):
    objective, _ = random_objective(loss=loss, weights=weights, alpha=0.1)
    result = solve(MonteCarlo(500, weight_range=(-0.5, 2), sampler=sampler), objective)
    assert result.status is Status.EXHAUSTED
    assert result.value == pytest.approx(objective.value(result.w), rel=1e-12)
    assert result.value == pytest.approx(result.loss_curve[-1], rel=1e-12)
    assert result.w.min() >= -0.5
    assert result.w.max() <= 2
    assert result.n_evaluations == 500


def test_better_than_as_many_single_draws():
    # the columns of an output are tried on a shared hidden layer, each output for itself
    objective, _ = random_objective((3, 4, 3), n_samples=60)
    rng = np.random.default_rng(0)
    single = objective.values(rng.uniform(-1, 1, (2_000, objective.n_weights))).min()
    solver = MonteCarlo(2_000, sampler="uniform")
    assert np.median([solve(solver, objective, seed).value for seed in range(9)]) < single


@every_sampler
@pytest.mark.parametrize(("fewer", "more"), [(1, 2), (150, 199), (1_000, 1_001), (900, 20_000)])
def test_a_longer_search_extends_a_shorter_one(sampler, fewer, more):
    objective, _ = random_objective()
    short, long = (solve(MonteCarlo(n, sampler=sampler), objective) for n in (fewer, more))
    curve = long.loss_curve[: len(short.loss_curve) - 1]
    assert_array_equal(short.loss_curve[:-1], curve)
    assert long.value <= short.value
    if (long.value, len(long.loss_curve)) == (short.value, 1):
        assert_array_equal(long.w, short.w)


@every_sampler
def test_the_same_seed_the_same_weights(sampler):
    objective, _ = random_objective()
    solver = MonteCarlo(500, sampler=sampler)
    one, two, other = (solve(solver, objective, seed) for seed in (0, 0, 1))
    assert_array_equal(one.w, two.w)
    assert (one.w != other.w).any()


@pytest.mark.parametrize("sampler", SAMPLERS)
def test_samplers_fill_the_range(sampler):
    points = SAMPLERS[sampler](3, np.random.default_rng(0))
    some = np.concatenate([points(64), points(64)])
    assert some.shape == (128, 3)
    assert len(np.unique(some, axis=0)) == 128
    assert ((some >= 0) & (some < 1)).all()
    counts = np.array([np.histogram(column, 8, (0, 1))[0] for column in some.T])
    assert abs(counts - 16).max() <= (10 if sampler == "uniform" else 2)


def test_a_sobol_sequence_has_so_many_dimensions_and_no_more():
    check_dimensions("sobol", Network(2_119, 10, 1))
    with pytest.raises(ValueError, match=r"sampler='sobol'.*21201 dimensions, got.*21210.*halton"):
        check_dimensions("sobol", Network(2_120, 10, 1))
    check_dimensions("halton", Network(2_120, 10, 1))


def test_a_wider_range_is_named_where_the_cost_falls_beyond_the_border():
    objective, _ = random_objective((1, 1, 1), intercept=False)
    steep = objective.take(slice(None))
    steep.data.Y[:] = 1.0
    solver = MonteCarlo(20_000, sampler="uniform")
    (remedy,) = solver.remedies(steep, solve(solver, steep), penalised=False)
    assert remedy.startswith("widen weight_range=(-1.0, 1.0) to (-2.0, 2.0)")
    inside, solver = random_objective((2, 2, 1), alpha=50.0)[0], MonteCarlo(5_000)
    assert solver.remedies(inside, solve(solver, inside), penalised=True) == []


@every_sampler
@pytest.mark.parametrize("options", [{"n_jobs": 2}, {"n_jobs": -1}], ids=str)
def test_the_same_weights_for_every_n_jobs(options, sampler):
    objective, _ = random_objective((3, 4, 2), n_samples=2_000)
    one, many = (solve(MonteCarlo(3_000, sampler=sampler), objective, **o) for o in ({}, options))
    assert len(one.loss_curve) > 1
    assert_array_equal(one.w, many.w)


def test_the_same_draws_whatever_the_memory():
    objective, _ = random_objective((3, 4, 2), n_samples=2_000)
    solver = MonteCarlo(1_000, sampler="uniform")
    one = solve(solver, objective)
    with config_context(working_memory=0.1):
        two = solve(solver, objective)
    assert_array_equal(one.w, two.w)


@every_sampler
def test_the_curve_is_the_best_so_far(sampler):
    objective, _ = random_objective((3, 4, 2), n_samples=2_000)
    result = solve(MonteCarlo(9_000, sampler=sampler), objective)
    assert len(result.loss_curve) > 3
    assert (np.diff(result.loss_curve) <= 0).all()


@every_sampler
def test_never_worse_than_the_weights_given(sampler):
    objective, _ = random_objective()
    good = solve(MonteCarlo(5_000), objective)
    on = MonteCarlo(100, sampler=sampler).solve(objective, good.w, rng=np.random.RandomState(9))
    assert on.value <= good.value


def test_adaptive_draws_start_at_given_weights():
    objective, _ = random_objective((10, 10, 1), n_samples=100)
    first = solve(MonteCarlo(2_000), objective)
    on = MonteCarlo(2_000).solve(objective, first.w, rng=np.random.RandomState(1))
    assert on.loss_curve[0] <= first.value
    assert on.value < first.value


def test_weights_given_from_elsewhere_are_brought_into_the_range():
    objective, w = random_objective()
    start = 3 * w
    result = MonteCarlo(500).solve(objective, start, rng=np.random.RandomState(0))
    assert result.value < objective.value(start)
    assert abs(result.w).max() <= 1


@pytest.mark.parametrize("n_draws", some_now([10_000, 100_000], 1))
def test_adaptive_draws_come_far_below_uniform_ones(n_draws):
    objective, _ = random_objective((10, 10, 1), n_samples=100, alpha=0.1)
    uniform, adaptive = (
        solve(MonteCarlo(n_draws, sampler=sampler), objective).value
        for sampler in ("uniform", "adaptive")
    )
    assert adaptive < 0.75 * uniform


def test_adaptive_draws_solve_xor(xor):
    values = [solve(MonteCarlo(weight_range=(-10, 10)), xor, seed).value for seed in range(10)]
    assert sorted(values)[7] < 0.01


SHAPES = {"a unit": (1, 1, 1), "ten": (10, 10, 1), "outputs": (4, 5, 3)}


@pytest.mark.parametrize("shape", SHAPES.values(), ids=SHAPES.keys())
@pytest.mark.parametrize("scale", [1e-3, 1.0, 1e4, 1e39], ids="{:.0e}".format)
@pytest.mark.parametrize("loss", LOSSES)
def test_float32_finds_what_float64_would(loss, scale, shape, monkeypatch):
    objective, _ = random_objective(shape, n_samples=50, loss=loss, alpha=0.1)
    objective.data.X[:] *= scale
    rng, net = np.random.default_rng(3), objective.network
    V1, V2 = rng.uniform(-1, 1, (60, *net.shape1)), rng.uniform(-1, 1, (60, 8, *net.shape2))
    least = objective.candidates.output_values(V1, V2).min(axis=1).sum(axis=1)
    deviation = objective.penalty.input_scale[:, None]
    least += 0.05 * ((deviation * V1[:, : net.n_features]) ** 2).sum(axis=(1, 2))
    monkeypatch.setattr("skbackprop.model._batched._FEW_ACTIVATIONS", 0)
    w, value = objective.candidates.best_of(V1, V2)
    assert value == pytest.approx(least.min(), rel=1e-13)
    assert value == pytest.approx(objective.value(w), rel=1e-12)


def test_max_time():
    objective, _ = random_objective((3, 4, 2), n_samples=2_000)
    result = solve(MonteCarlo(10**9, max_time=0.05), objective)
    assert result.status is Status.MAX_TIME
    assert 0 < result.n_evaluations < 10**9


def test_a_callback_stops_the_search():
    objective, _ = random_objective((3, 4, 2), n_samples=2_000)
    result = solve(MonteCarlo(5_000), objective, callback=lambda progress: True)
    assert result.status is Status.STOPPED
    assert len(result.loss_curve) == 1


def test_ctrl_c_keeps_the_best_weights():
    objective, _ = random_objective((3, 4, 2), n_samples=2_000)

    def interrupt(progress):
        raise KeyboardInterrupt

    result = solve(MonteCarlo(5_000), objective, callback=interrupt)
    assert result.status is Status.INTERRUPTED
    assert result.value == pytest.approx(objective.value(result.w))


@pytest.mark.parametrize(
    ("options", "words"),
    [
        ({"n_draws": 0}, "'n_draws' parameter of MonteCarlo"),
        ({"n_draws": 1.5}, "'n_draws' parameter of MonteCarlo"),
        ({"sampler": "sobolev"}, "'sampler' parameter of MonteCarlo"),
        ({"weight_range": (2, 1)}, r"weight_range of MonteCarlo must be .*got \(2, 1\)"),
        ({"max_time": -1}, "'max_time' parameter of MonteCarlo"),
    ],
    ids=lambda x: str(x) if isinstance(x, dict) else "",
)
def test_options_are_validated(options, words):
    with pytest.raises(ValueError, match=words):
        BackpropRegressor(solver=MonteCarlo(**options)).fit([[0.0], [1.0]], [0.0, 1.0])
