"""The proof of the grid's minimum: every bound is a bound, and every minimum the minimum."""

import re
from itertools import combinations_with_replacement, product

import numpy as np
import pytest
from numpy.testing import assert_allclose, assert_array_equal
from sklearn.datasets import load_diabetes
from sklearn.exceptions import ConvergenceWarning
from sklearn.preprocessing import scale

from conftest import XOR_X, XOR_Y, some_now
from skbackprop import BackpropClassifier
from skbackprop.losses import LOSSES, Quantile, SquaredError
from skbackprop.model import Network, Objective
from skbackprop.solvers import Grid, Status
from skbackprop.solvers.grid.branch_and_bound import BranchAndBound, GridProblem
from skbackprop.solvers.grid.branch_and_bound._boxes import order_units
from skbackprop.solvers.grid.branch_and_bound._envelope import Envelope
from skbackprop.solvers.grid.branch_and_bound._lattice import Lattices
from skbackprop.solvers.grid.branch_and_bound._relaxation import Relaxation

pytestmark = pytest.mark.usefixtures("one_thread")

PROVABLE = ["squared_error", "log_loss", "kullback_leibler", "huber", "quantile"]
SHAPES = [(1, 1, 1), (2, 2, 1), (2, 3, 2), (3, 2, 1), (4, 2, 3), (1, 4, 1), (5, 1, 1)]


def random_problem(rng, shape=None, loss=None, values=None):
    """A problem with everything drawn at random: shape, targets, weights, penalty, grid."""
    d, h, k = shape or SHAPES[rng.integers(len(SHAPES))]
    loss = loss or PROVABLE[rng.integers(len(PROVABLE))]
    n = int(rng.integers(1, 12))
    Y = [
        rng.uniform(0, 1, (n, k)),
        rng.integers(0, 2, (n, k)).astype(float),
        rng.choice([0, 0.1, 0.5, 0.9, 1], (n, k)),
    ][rng.integers(3)]
    weight = rng.uniform(0.1, 3, n) if rng.integers(2) else None
    alpha = float(rng.choice([0, 0, 0.1, 1]))
    network = Network(d, h, k, bool(rng.integers(2)))
    X = rng.normal(size=(n, d)) * rng.choice([0.3, 1, 4], size=d) + rng.choice([0, 2])
    if values is None:
        low, width, m = rng.uniform(-4, 1), rng.uniform(0.5, 6), int(rng.integers(2, 22))
        values = np.linspace(low, low + width, m)
    return GridProblem.of(
        Objective.from_arrays(network, LOSSES[loss](), X, Y, weight, alpha), values
    )


def random_boxes(rng, problem, n_boxes):
    last = len(problem.values) - 1
    ends = rng.integers(0, last + 1, (2, n_boxes, problem.objective.n_weights))
    ends[1] = np.where(rng.uniform(size=ends[1].shape) < 0.3, ends[0], ends[1])  # fixed weights
    whole = rng.uniform(size=(n_boxes, 1)) < 0.2
    low = np.where(whole, 0, ends.min(axis=0))
    return low, np.where(whole, last, ends.max(axis=0))


def points_in(rng, low, high, n_points):
    return rng.integers(low, high + 1, (n_points, len(low)))


def check_random_boxes(seed, n_points=300):
    """No point of a box lies below its bound, and no better point is cut off."""
    rng = np.random.default_rng(seed)
    problem = random_problem(rng)
    low, high = random_boxes(rng, problem, 6)
    points = [points_in(rng, *ends, n_points) for ends in zip(low, high, strict=True)]
    J = [problem.value(p) for p in points]
    for incumbent in (np.inf, *np.quantile(np.concatenate(J), [0.02, 0.3, 0.9])):
        relaxation = Relaxation(problem, low, high, incumbent)
        for i, (p, values) in enumerate(zip(points, J, strict=True)):
            # with an incumbent, cost is what it is only for points below it
            assert relaxation.bound[i] <= min(values.min(), incumbent) + 1e-9 or (
                values.min() >= incumbent - 1e-9
            )
            inside = ((p >= relaxation.low[i]) & (p <= relaxation.high[i])).all(axis=1)
            assert inside[values < incumbent - 1e-9].all()
            assert relaxation.bound[i] <= values.min() + 1e-9


@pytest.mark.parametrize("seed", some_now(range(60), 20))
def test_random_boxes(seed):
    check_random_boxes(seed)


@pytest.mark.parametrize("seed", range(20))
def test_lattices_that_leave_points_out_bound_the_penalty_too(seed):
    # five inputs have coarse lattices, and a strong penalty has its minimum between their points
    rng = np.random.default_rng(seed)
    values = np.linspace(-0.7, 1.3, 21)
    network = Network(5, 1, 1, False)
    X, Y = 0.1 * rng.normal(size=(3, 5)), rng.uniform(size=(3, 1))
    problem = GridProblem.of(
        Objective.from_arrays(network, SquaredError(), X, Y, None, 5.0), values
    )
    low, high = np.zeros((1, 6), dtype=int), np.full((1, 6), 20)
    high[0, :5] -= rng.integers(0, 3, 5)
    smallest = np.tile(np.abs(values).argmin(), (21, 6))
    smallest[:, 5] = range(21)
    bound = Relaxation(problem, low, high, np.inf).bound[0]
    assert bound <= problem.value(smallest).min() + 1e-9


@pytest.mark.slow
@pytest.mark.parametrize("seed", range(1_000, 2_000))
def test_more_random_boxes(seed):
    check_random_boxes(seed)


def brute_force(problem):
    """The smallest J over the whole grid, evaluated in blocks."""
    n, m = problem.objective.n_weights, len(problem.values)
    everything = np.indices((m,) * n, dtype=np.int8).reshape(n, -1).T
    return min(problem.value(block).min() for block in np.array_split(everything, 50))


@pytest.mark.parametrize("loss", PROVABLE)
@pytest.mark.parametrize("intercept", some_now([True, False], 1))
@pytest.mark.parametrize(
    ("shape", "n_values"),
    [
        ((1, 2, 1), 5),
        ((2, 2, 1), 4),
        ((1, 1, 3), 3),
        pytest.param((2, 1, 2), 4, marks=pytest.mark.slow),
        pytest.param((1, 3, 1), 3, marks=pytest.mark.slow),
        pytest.param((1, 1, 3), 5, marks=pytest.mark.slow),
    ],
    ids=str,
)
@pytest.mark.parametrize("targets", some_now(["inside", "border"], 1))
def test_the_minimum_is_that_of_a_loop(loss, intercept, shape, n_values, targets):
    rng = np.random.default_rng(len(loss) + n_values)
    d, h, k = shape
    X, weight = rng.normal(2, np.linspace(0.3, 3, d), (7, d)), rng.uniform(0.5, 2, 7)
    Y = rng.uniform(0, 1, (7, k)) if targets == "inside" else rng.integers(0, 2, (7, k)) * 1.0
    network = Network(d, h, k, intercept)
    objective = Objective.from_arrays(network, LOSSES[loss](), X, Y, weight, 0.05)
    problem = GridProblem.of(objective, np.linspace(-1.5, 2.5, n_values))
    proof = BranchAndBound(
        problem, max_evals=10**6, w0=None, rng=np.random.default_rng(0), n_jobs=None
    )
    *_, (w, value, _) = proof
    assert proof.proven
    assert value == pytest.approx(brute_force(problem), rel=1e-9)
    assert value == pytest.approx(objective.value(w), rel=1e-12)
    assert proof.lower_bound == value


def check_two_two_one(n_values, margin):
    """2-2-1 by tables of single units, against the proof: the minimum, and its neighbours.

    Each unit is one of n_values^3, so the grid is the unordered pairs of them. To count the
    points near the minimum, the search runs with an incumbent that far above it, and every
    such point must lie in a box that is left.
    """
    rng = np.random.default_rng(3)
    X = rng.normal(size=(20, 2))
    Y = (X[:, :1] * X[:, 1:] > 0).astype(float)
    values = np.linspace(-1, 1, n_values)
    problem = GridProblem.of(
        Objective.from_arrays(Network(2, 2, 1, False), SquaredError(), X, Y), values
    )
    units = np.array(list(product(range(n_values), repeat=3)))  # c1, c2, v
    table = values[units[:, 2:]] / (1 + np.exp(-values[units[:, :2]] @ X.T))
    J = np.array(
        [
            0.5 * ((1 / (1 + np.exp(-table[i] - table[i:])) - Y.T) ** 2).sum(axis=1).min()
            for i in range(len(units))
        ]
    )
    best = J.min()
    result = Grid(2 / (n_values - 1), max_evals=10**5).solve(
        problem.objective, rng=np.random.RandomState(0)
    )
    assert result.status is Status.OPTIMAL
    assert result.value == pytest.approx(best, rel=1e-12)

    near = []
    for i in range(len(units)):
        pair = 0.5 * ((1 / (1 + np.exp(-table[i] - table[i:])) - Y.T) ** 2).sum(axis=1)
        near += [(i, i + j) for j in np.flatnonzero(pair < best + margin)]
    found = points_below(problem, best + margin)
    assert len(found) == len(near)
    assert len(near) > 1


def points_below(problem, level):
    """All grid points below a level, up to the order of units, by branch and bound."""
    last = len(problem.values) - 1
    boxes = [np.zeros((2, problem.objective.n_weights), dtype=int)]
    boxes[0][1] = last
    found = set()
    while boxes:
        low, high = np.array([boxes.pop() for _ in range(min(16, len(boxes)))]).swapaxes(0, 1)
        relaxation = Relaxation(problem, low, high, level)
        low, high = relaxation.low, relaxation.high
        order_units(problem, low, high)
        alive = (relaxation.bound < level) & (low <= high).all(axis=1)
        for first, end in zip(low[alive], high[alive], strict=True):
            i = (end - first).argmax()
            if first[i] == end[i]:
                if problem.value(first[None])[0] < level:
                    found.add(tuple(first))
                continue
            middle = (first[i] + end[i]) // 2
            below, above = np.array([first, end]), np.array([first, end])
            below[1, i], above[0, i] = middle, middle + 1
            boxes += [below, above]
    return found


def test_every_point_of_2_2_1_near_the_minimum_is_found():
    check_two_two_one(9, margin=2e-3)


@pytest.mark.slow
def test_every_point_of_the_lecture_s_2_2_1_near_the_minimum_is_found():
    check_two_two_one(21, margin=1e-4)


@pytest.mark.parametrize("loss", PROVABLE)
@pytest.mark.parametrize("seed", range(10))
def test_the_envelope_supports_the_cost_on_its_interval(loss, seed):
    rng = np.random.default_rng(seed)
    problem = random_problem(rng, (1, 1, 2), loss)
    shape = 5, *problem.Y.shape
    ends = np.sort(rng.normal(scale=8, size=(2, *shape)), axis=0)
    envelope = Envelope(problem, *ends)
    at = ends[0] + rng.uniform(size=shape) * (ends[1] - ends[0])
    slope, lowest = envelope.support(at)
    z = ends[0] + np.linspace(0, 1, 2001).reshape(-1, 1, 1, 1) * (ends[1] - ends[0])
    exact = (problem.cost(z) - slope * z).min(axis=0).sum(axis=(1, 2))
    assert (lowest <= exact + 1e-9).all()
    assert_allclose(lowest, exact, atol=0.05 * len(problem.X[0]))


@pytest.mark.parametrize(
    "loss", [*(LOSSES[name]() for name in PROVABLE), Quantile(0.1), Quantile(0.97)], ids=repr
)
def test_the_convex_part_is_where_the_slope_rises(loss):
    y = np.array([[0.0, 0.1, 0.5, 0.8, 1.0]])
    first, last = loss.convex_part(y)
    for z in np.linspace(-12, 12, 481):
        h = 1e-4
        rise = loss.value_and_grad(y, y * 0 + z + h)[1] - loss.value_and_grad(y, y * 0 + z - h)[1]
        inside = (z > first + 0.01) & (z < last - 0.01)
        outside = (z < first - 0.01) | (z > last + 0.01)
        assert (rise[inside] > 0).all()
        assert (rise[outside] < 0).all()


@pytest.mark.parametrize("most_points", [8, 30, 10_000])
def test_lattices_hold_the_corners_and_leave_no_larger_gap_than_they_say(most_points):
    rng = np.random.default_rng(0)
    ends = np.sort(rng.integers(0, 21, (2, 9, 3)), axis=0)
    lattice = Lattices.fill(*ends, most_points)
    for box, (low, high) in enumerate(zip(*ends, strict=True)):
        points = lattice.points[lattice.box == box]
        assert len(points) <= most_points
        for i in range(3):
            line = np.unique(points[:, i])
            assert (line[0], line[-1]) == (low[i], high[i])
            assert np.diff(line).max(initial=1) <= lattice.gap[box, i]
        assert len(np.unique(points, axis=0)) == len(points)


def test_ordering_keeps_one_order_of_every_network():
    problem = random_problem(np.random.default_rng(0), (1, 3, 1), values=np.arange(3.0))
    n = problem.objective.n_weights
    points = np.indices((3,) * n).reshape(n, -1).T
    low, high = points.copy(), points.copy()
    order_units(problem, low, high)
    kept = points[(low <= high).all(axis=1)]
    c, v = problem.split(kept)
    units = np.concatenate([v[:, :3], c], axis=2)
    n_units = 3 ** units.shape[2]
    n_intercepts = 3 ** (v.shape[1] - 3)
    expected = len(list(combinations_with_replacement(range(n_units), 3))) * n_intercepts
    assert len(kept) == expected


@pytest.mark.parametrize(
    ("shape", "options"),
    [
        ((2, 2, 1), {}),
        ((2, 2, 1), {"weight_range": (-3, 3), "step": 0.25}),
        ((2, 2, 1), {"weight_range": (-0.5, 2)}),
        ((2, 4, 1), {}),
    ],
    ids=str,
)
def test_the_same_optimum_for_every_n_jobs(shape, options):
    objective = Objective.from_arrays(Network(*shape, False), SquaredError(), XOR_X, XOR_Y)
    results = [
        Grid(**options).solve(objective, rng=np.random.RandomState(0), n_jobs=n_jobs)
        for n_jobs in (None, 2, 3)
    ]
    for result in results:
        assert result.status is Status.OPTIMAL
        assert result.lower_bound == result.value
        assert_array_equal(result.w, results[0].w)
        assert result.n_evaluations == results[0].n_evaluations <= 20_000


def test_a_budget_that_ends_leaves_a_bound():
    objective = Objective.from_arrays(Network(2, 6, 1, False), SquaredError(), XOR_X, XOR_Y)
    bounds = []
    for max_evals in (5_000, 10_000, 15_000):
        result = Grid(max_evals=max_evals).solve(objective, rng=np.random.RandomState(0))
        assert result.status is Status.MAX_EVALS
        assert result.n_evaluations <= max_evals
        assert 0 < result.lower_bound < result.value
        assert "has not proven" in result.warning
        needed = re.search(r"the proof takes ([\d,]+) evaluations", result.warning)
        assert int(needed[1].replace(",", "")) > max_evals
        bounds.append(result.lower_bound)
    assert bounds == sorted(bounds)
    assert bounds[0] < bounds[-1]


def diabetes(n_features, n_samples, n_hidden=2, intercept=True):
    X, y = load_diabetes(return_X_y=True)
    X, y = scale(X[:n_samples, [2, 8, 3, 4, 5, 6, 7, 9, 0, 1][:n_features]]), y[:n_samples]
    y = 0.1 + 0.8 * (y - y.min()) / np.ptp(y)
    return Objective.from_arrays(
        Network(n_features, n_hidden, 1, intercept), SquaredError(), X, y[:, None]
    )


def test_a_proof_that_raises_no_bound_is_given_up_whatever_the_budget():
    # ten features: the lattices are so coarse that the bound stays below what the targets cost
    objective = diabetes(10, n_samples=40)
    proof = BranchAndBound(
        GridProblem.of(objective, Grid().values()),
        max_evals=10**9,
        w0=None,
        rng=np.random.default_rng(0),
        n_jobs=None,
    )
    first, *rounds = proof
    assert len(rounds) == 32
    assert proof.given_up
    assert not proof.proven
    assert proof.lower_bound <= objective.lower_bound <= first[1]
    assert proof.still_needed == np.inf


@pytest.mark.parametrize(
    ("max_evals", "n_jobs"),
    [
        (20_000, None),
        pytest.param(20_000, 2, marks=pytest.mark.slow),
        pytest.param(10**9, None, marks=pytest.mark.slow),
    ],
)
def test_the_search_continues_after_a_proof_was_given_up(max_evals, n_jobs):
    objective = diabetes(10, n_samples=40)
    solver = Grid(max_evals=max_evals)
    result = solver.solve(objective, rng=np.random.RandomState(0), n_jobs=n_jobs)
    assert result.status is Status.COORDINATE_MINIMUM
    assert result.value == pytest.approx(objective.value(result.w), rel=1e-12)
    assert result.lower_bound == objective.lower_bound
    assert result.n_evaluations <= min(max_evals, 60_000)
    assert "the bound no longer rose, so that raising max_evals does not help" in result.warning
    for i, value in product(range(objective.n_weights), Grid().values()):
        neighbour = result.w.copy()
        neighbour[i] = value
        assert objective.value(neighbour) >= result.value * (1 - 2e-6)


@pytest.mark.slow
def test_a_longer_proof_is_asked_for_by_max_evals():
    objective = diabetes(3, n_samples=442)
    default = Grid().solve(objective, rng=np.random.RandomState(0))
    assert default.status is Status.MAX_EVALS
    proven = Grid(max_evals=10**6).solve(objective, rng=np.random.RandomState(0))
    assert proven.status is Status.OPTIMAL
    assert default.lower_bound < proven.value <= default.value


@pytest.mark.parametrize(
    ("n_hidden", "options"),
    [
        pytest.param(6, {}, marks=pytest.mark.slow),
        (4, {"weight_range": (-3, 3)}),
        (2, {"weight_range": (-3, 3)}),
        # the bound is below 0, which the targets cost at least, until the proof ends at round 36 or
        # 50, as the rounding goes: about all of the default budget
        (2, {"weight_range": (-10, 10), "step": 1.0, "max_evals": 60_000}),
    ],
    ids=str,
)
def test_cheap_boxes_make_long_proofs_possible(n_hidden, options):
    # 2-6-1 has 1,407 nodes, of four samples each
    intercept = options.get("step") == 1.0
    objective = Objective.from_arrays(
        Network(2, n_hidden, 1, intercept), SquaredError(), XOR_X, XOR_Y
    )
    result = Grid(**options).solve(objective, rng=np.random.RandomState(0))
    assert result.status is Status.OPTIMAL


def test_a_pass_over_more_samples_counts_for_more():
    spent = []
    for n_copies in (1, 25):
        X, Y = np.tile(XOR_X, (n_copies, 1)), np.tile(XOR_Y, (n_copies, 1))
        objective = Objective.from_arrays(Network(2, 4, 1, False), SquaredError(), X, Y)
        proof = BranchAndBound(
            GridProblem.of(objective, Grid().values()),
            max_evals=10**6,
            w0=None,
            rng=np.random.default_rng(0),
            n_jobs=None,
        )
        _, *rounds = proof
        spent.append(rounds[0][2])
    assert spent[1] > spent[0]


def test_a_callback_that_stops_leaves_a_bound_and_receives_the_gap():
    objective = Objective.from_arrays(Network(2, 6, 1, False), SquaredError(), XOR_X, XOR_Y)
    notes = []

    def stop(progress):
        notes.append(progress.note)
        return len(notes) == 6

    result = Grid().solve(objective, rng=np.random.RandomState(0), callback=stop)
    assert result.status is Status.STOPPED
    assert 0 < result.lower_bound < result.value
    assert "gap" in notes[-1]
    assert "open" in notes[-1]


@pytest.mark.slow
@pytest.mark.filterwarnings("ignore::sklearn.exceptions.ConvergenceWarning")  # a poor fit
def test_the_lecture_s_grid_for_iris_is_proven():
    from sklearn.datasets import load_iris

    X, y = load_iris(return_X_y=True)
    X = (X - X.mean(axis=0)) / X.std(axis=0)
    model = BackpropClassifier(
        3, solver="grid", loss="squared_error", alpha=0, fit_intercept=False, random_state=0
    ).fit(X, y)
    assert model.status_ == Status.OPTIMAL
    assert model.n_grid_points_ == 21**21
    assert model.loss_ == model.loss_lower_bound_
    assert model.loss_ == pytest.approx(30.574617597)


def test_memory_that_is_short_changes_the_order_but_not_the_answer(monkeypatch):
    objective = Objective.from_arrays(Network(2, 4, 1, False), SquaredError(), XOR_X, XOR_Y)
    problem = GridProblem.of(objective, Grid().values())
    answers = []
    for most_open in (10**6, 3):
        proof = BranchAndBound(
            problem, max_evals=10**5, w0=None, rng=np.random.default_rng(0), n_jobs=None
        )
        proof._most_open = most_open
        *_, (_, value, _) = proof
        assert proof.proven
        answers.append(value)
    assert answers[0] == pytest.approx(answers[1], rel=1e-9)


def test_wider_ranges_are_recommended_where_the_fit_is_poor_and_the_cost_still_falls():
    model = BackpropClassifier(2, solver="grid", alpha=0, fit_intercept=False, random_state=0)
    with pytest.warns(ConvergenceWarning, match=r"widen weight_range=.* to \(-2.0, 2.0\)"):
        model.fit(XOR_X, XOR_Y[:, 0])
    assert model.status_ is Status.OPTIMAL
    inside = BackpropClassifier(1, solver=Grid(0.5), alpha=10, fit_intercept=False, random_state=0)
    with pytest.warns(ConvergenceWarning, match="lower alpha=10.0, or set fit_intercept=True"):
        inside.fit(XOR_X, XOR_Y[:, 0])
    assert inside.status_ is Status.OPTIMAL
    good = BackpropClassifier(1, solver=Grid(0.5), alpha=0, random_state=0)
    good.fit([[-1.0], [1.0]], [0, 1])  # at the border, too
    assert good.message_ == str(Status.OPTIMAL)


@pytest.mark.filterwarnings("ignore:Grid")
def test_data_beyond_the_range_of_squares_are_searched_only():
    rng = np.random.default_rng(1)
    X = 1e149 * np.where(rng.random((30, 3)) < 0.4, 0, rng.normal(size=(30, 3)))
    y = rng.integers(2, size=30)
    model = BackpropClassifier(3, alpha=0, solver=Grid(max_evals=2_500), random_state=0).fit(X, y)
    assert model.status_ in (Status.COORDINATE_MINIMUM, Status.MAX_EVALS)
    assert model.loss_lower_bound_ == 0
