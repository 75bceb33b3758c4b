"""The walk along the ladder of penalties, with descents that only report what they are asked."""

from functools import partial
from types import SimpleNamespace

import numpy as np
import pytest

from skbackprop._execution._budget import Budget
from skbackprop._execution._result import SolverResult, Status
from skbackprop.estimators._folds import Fold
from skbackprop.estimators._penalty_path import LADDER, MOST_VISITS, penalty_path
from skbackprop.losses import SquaredError
from skbackprop.model import Network, Objective

NETWORK = Network(1, 1, 1)
START = np.zeros(NETWORK.n_weights)
SCALE = 0.5


class Landscape:
    """An objective whose cost depends on the rung that the weights were refined on."""

    total_weight, lower_bound = 1.0, 0.0

    def __init__(self, costs, alpha=0.0):
        self.costs, self.alpha = costs, alpha

    def with_alpha(self, alpha):
        return Landscape(self.costs, alpha)

    def value(self, w):
        return self.costs[int(w[0])]


class Descents:
    """Writes the rung into the weights, and notes what it is asked for."""

    def __init__(self, statuses=()):
        self.asked, self.statuses = [], iter(statuses)

    def refinement(self, objective):
        return SimpleNamespace(descend=partial(self.descend, objective))

    def descend(self, objective, alpha, w0, *, n_steps, tol, rng, budget):
        rung = int(np.abs(SCALE * LADDER - alpha).argmin())
        self.asked.append((rung, int(w0[0]), n_steps))
        w, status = w0.copy(), next(self.statuses, Status.MAX_ITER)
        w[0] = rung
        return SolverResult(w, 1.0, n_steps, 2 * n_steps, status, np.ones(n_steps))


def walk(costs, descents=None, callback=None, n_folds=1):
    landscape = Landscape(costs)
    folds = [Fold(landscape, landscape, 1)] * n_folds
    return penalty_path(
        descents or Descents(),
        landscape,
        folds,
        [START],
        SCALE,
        np.random.default_rng(0),
        Budget(callback=callback),
    )


def valley(bottom):
    return [1.0 + 0.5 * abs(rung - bottom) for rung in range(len(LADDER))]


@pytest.mark.parametrize("bottom", range(len(LADDER)))
def test_the_rung_of_the_least_cost_is_chosen(bottom):
    path = walk(valley(bottom))
    assert path.alpha == SCALE * LADDER[bottom]
    assert path.stop is None


def test_the_way_down_ends_after_two_rungs_that_are_clearly_worse():
    descents = Descents()
    path = walk(valley(6), descents)
    # the rung that is clearly better than the one before it is visited twice
    assert [rung for rung, _, _ in descents.asked] == [5, 4, 3, 2, 1, 0, 6, 6, 7, 8]
    np.testing.assert_array_equal(path.alphas, SCALE * LADDER[:9])
    assert path.losses.shape == (9, 1)


class Falling(Landscape):
    """A cost that each repeated descent on a rung lowers to a share of what it was."""

    def __init__(self, descents, costs, rung, shares):
        super().__init__(costs)
        self.descents, self.rung, self.shares = descents, rung, shares

    def with_alpha(self, alpha):
        self.alpha = alpha
        return self

    def value(self, w):
        repeats = self.descents.asked.count((self.rung, self.rung, 30))
        share = np.prod(self.shares[:repeats]) if int(w[0]) >= self.rung else 1
        return super().value(w) * share


def walk_falling(costs, rung, shares, callback=None):
    descents = Descents()
    landscape = Falling(descents, costs, rung, np.array(shares))
    fold, rng = Fold(landscape, landscape, 1), np.random.default_rng(0)
    budget = Budget(callback=callback)
    return penalty_path(descents, landscape, [fold], [START], SCALE, rng, budget), descents.asked


@pytest.mark.parametrize(
    ("shares", "n_repeats"),
    [
        pytest.param([1.2, 0.5, 0.5], 1, id="no-gain"),
        pytest.param([0.99, 0.5, 0.5], 1, id="little-gain"),
        pytest.param([0.9, 0.7, 0.99, 0.5], 3, id="until-the-gain-is-little"),
    ],
)
def test_a_rung_better_than_the_last_is_repeated_while_held_out_samples_gain(shares, n_repeats):
    path, asked = walk_falling(valley(11), 11, shares)
    assert asked.count((11, 11, 30)) == n_repeats
    assert path.losses[-1, 0] == min(1, np.prod(shares[:n_repeats]))  # no worse than before
    assert path.w[0] == 11


def test_descents_without_an_end_are_repeated_until_enough_rungs_were_visited():
    heard = []
    path, asked = walk_falling(valley(11), 11, [0.5] * MOST_VISITS, heard.append)
    assert len(asked) == len(heard) == 30 < MOST_VISITS
    assert path.stop is None


def test_a_plateau_that_is_left_by_more_steps_is_walked_down_from():
    costs = [1.0] * 5 + [0.9] + [1.1] * 6  # of the first descents, the fifth rung is the best
    path, asked = walk_falling(costs, 5, [0.5, 1.0])
    order = [rung for rung, _, _ in asked]
    assert order == [5, 4, 3, 2, 1, 0, 6, 7, 5, 5, 6, 7]
    assert path.alpha == SCALE * LADDER[5]
    np.testing.assert_allclose(path.losses[5:, 0], [0.45, 0.55, 0.55])


def test_a_callback_that_stops_a_descent_that_made_the_cost_worse_loses_nothing():
    calls = []

    def callback(progress):
        calls.append(progress.validation_value)
        return len(calls) == 9

    path, asked = walk_falling(valley(6), 6, [1.2], callback)
    assert asked[-1] == (7, 6, 10)
    assert path.stop is Status.STOPPED
    assert calls[6:8] == [1, 1]
    assert path.losses[6, 0] == 1


def test_a_rung_that_is_hardly_better_than_the_last_is_not_repeated_on_the_way():
    descents = Descents()
    walk([1.0] * len(LADDER), descents)
    assert [n_steps for _, _, n_steps in descents.asked] == [40] + [10] * 11 + [30]


@pytest.mark.parametrize("perfect", [-50.0, 0.0, 50.0])
def test_costs_count_from_that_of_a_perfect_fit(perfect):
    class Above(Landscape):
        lower_bound = perfect

        def with_alpha(self, alpha):
            return Above(self.costs, alpha)

        def value(self, w):
            return perfect + super().value(w)

    descents, landscape, heard = Descents(), Above(valley(7)), []
    fold, rng = Fold(landscape, landscape, 1), np.random.default_rng(0)
    budget = Budget(callback=lambda progress: heard.append(progress.validation_value))
    path = penalty_path(descents, landscape, [fold], [START], SCALE, rng, budget)
    assert path.alpha == SCALE * LADDER[7]
    assert [rung for rung, _, _ in descents.asked] == [5, 4, 3, 2, 1, 0, 6, 6, 7, 7, 8, 9]
    np.testing.assert_allclose(path.losses[7, 0], perfect + 1)
    assert heard[0] == perfect + 2


def test_a_cost_below_that_of_a_perfect_fit_by_rounding_is_chosen():
    costs = valley(6)
    costs[6] = -1e-17
    assert walk(costs).alpha == SCALE * LADDER[6]


def test_the_way_up_crosses_a_ridge():
    costs = valley(0)
    costs[2:5] = 1.5 * costs[5], 1.6 * costs[5], 1.3 * costs[5]
    assert walk(costs).alpha == SCALE * LADDER[0]


def test_a_plateau_is_crossed():
    costs = valley(11)
    costs[6], costs[7] = 1.02 * costs[5], 1.02 * costs[5]
    assert walk(costs).alpha == SCALE * LADDER[11]


def test_each_rung_begins_where_the_last_one_ended_and_the_fit_where_the_best_one_did():
    descents = Descents()
    path = walk(valley(7), descents)
    assert descents.asked == [
        (5, 0, 40),
        (4, 5, 10),
        (3, 4, 10),
        (2, 3, 10),
        (1, 2, 10),
        (0, 1, 10),
        (6, 5, 10),
        (6, 6, 30),
        (7, 6, 10),
        (7, 7, 30),
        (8, 7, 10),
        (9, 8, 10),
    ]
    assert path.w[0] == 7


def test_the_fit_begins_with_the_network_of_lowest_j_on_all_samples():
    class Numbered(Descents):
        def descend(self, objective, alpha, w0, **options):
            result = super().descend(objective, alpha, w0, **options)
            result.w[1] = len(self.asked) % 3  # the number of the fold, from 1
            return result

    class Whole(Landscape):
        def with_alpha(self, alpha):
            return self

        def value(self, w):
            return abs(w[1] - 2)

    folds = [Fold(Landscape(valley(5)), Landscape(valley(5)), 1)] * 3
    generator = np.random.default_rng(0)
    path = penalty_path(Numbered(), Whole([]), folds, [START], SCALE, generator, Budget())
    assert [w[1] for w in path.weights] == [1, 2, 0]
    assert path.w[1] == 2


def test_evaluations_are_counted():
    path = walk(valley(5), n_folds=3)
    refinements = 3 * (40 + 7 * 10 + 30)
    assert path.n_evaluations == 2 * refinements + 3 * 9 + 3
    assert len(path.weights) == 3


@pytest.mark.parametrize("status", [Status.MAX_TIME, Status.INTERRUPTED])
def test_an_end_in_the_middle_keeps_the_best_rung(status):
    path = walk(valley(4), Descents([Status.MAX_ITER, Status.MAX_ITER, status]))
    assert path.stop is status
    assert path.alpha == SCALE * LADDER[4]
    assert path.w[0] == 4


def test_an_end_at_once_keeps_the_weights_of_that_moment():
    path = walk(valley(4), Descents([Status.MAX_TIME]))
    assert path.stop is Status.MAX_TIME
    assert path.w[0] == 5
    assert path.losses.shape == (0, 1)
    assert path.weights == []


def test_the_callback_is_called_for_each_rung_and_may_stop():
    heard = []

    def callback(progress):
        heard.append((progress.alpha, progress.validation_value, progress.n_iter))
        return len(heard) == 2

    costs = valley(4)
    path = walk(costs, callback=callback)
    assert heard == [(SCALE * LADDER[5], costs[5], 40), (SCALE * LADDER[4], costs[4], 50)]
    assert path.stop is Status.STOPPED


def test_without_folds_the_best_of_the_starts_has_the_smallest_penalty():
    class Real(Descents):
        def descend(self, objective, alpha, w0, **options):
            value = objective.with_alpha(alpha).value(w0)
            return SolverResult(w0, value, 1, 1, Status.MAX_ITER, np.ones(1))

    X = np.linspace(-1, 1, 4)[:, None]
    objective = Objective.from_arrays(NETWORK, SquaredError(), X, 0.5 + 0.1 * X)
    starts = [np.array([5.0, 0, 5, 0]), np.array([0.1, 0, 0.1, 0]), np.array([3.0, 0, 3, 0])]
    path = penalty_path(Real(), objective, [], starts, 1.0, np.random.default_rng(0), Budget())
    assert path.alpha == LADDER[-1]
    np.testing.assert_array_equal(path.w, starts[1])
    assert path.losses.shape == (0, 0)
