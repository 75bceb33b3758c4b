"""The loop: what it records, what it counts, why it stops, and how it resumes."""

import pickle
from dataclasses import replace
from types import SimpleNamespace

import numpy as np
import pytest
from numpy.testing import assert_array_equal

from conftest import random_objective
from skbackprop._execution._budget import Budget
from skbackprop.optimizers import (
    LBFGS,
    SGD,
    Adam,
    LevenbergMarquardt,
    Optimizer,
    OptimizerState,
    Rprop,
    StoppingCriteria,
    WholeMethod,
    minimize,
)
from skbackprop.solvers import Status

pytestmark = pytest.mark.usefixtures("one_thread")


class Slope:
    """J by the number of the iteration, given as a list; its gradient is `slope` everywhere."""

    lower_bound, total_weight, monotonicity = 0.0, 1.0, None

    def __init__(self, values, slope=1.0, constant=1e3):
        self.values, self.slope, self.constant_value = values, slope, constant

    @property
    def feature_scaling(self):
        return SimpleNamespace(largest_move=np.ones(1))

    def value(self, w):
        return self.values[min(round(w[0]), len(self.values) - 1)]

    def value_and_grad(self, w):
        return self.value(w), np.array([self.slope])


class Walk(Optimizer):
    """Each step adds 1 to the weight; after `last` steps it cannot go on."""

    def __init__(self, last=None, status=Status.NO_PROGRESS):
        self.last = last
        self.status = status

    def start(self, objective, w, memory=None):
        return OptimizerState(w, *objective.value_and_grad(w), memory or 0, n_evaluations=1)

    def step(self, objective, state, rng):
        if state.memory == self.last:
            return replace(state, w=state.w + 100, status=self.status, n_evaluations=5)
        w = state.w + 1
        return OptimizerState(w, *objective.value_and_grad(w), state.memory + 1, n_evaluations=2)


def walk(
    objective,
    *,
    optimizer=None,
    max_iter=1_000,
    tol=1e-3,
    window=3,
    patience=None,
    callback=None,
    validation=None,
    resume=None,
):
    criteria = StoppingCriteria.of(
        objective,
        max_iter=max_iter,
        tol=tol,
        window=window,
        n_iter_no_change=patience,
        validation=validation,
    )
    return minimize(
        objective,
        np.zeros(1),
        optimizer or Walk(),
        criteria,
        Budget(callback=callback),
        rng=np.random.default_rng(0),
        validation=validation,
        resume=resume,
    )


HALVING = [2.0**-i for i in range(60)]
# value of each iteration, slope, options, and what is expected: status, iterations, best weight
ENDS = {
    "converged at the start": ([1e-9, 1.0], 1.0, {}, Status.CONVERGED, 0, 0),
    "no gradient at the start": ([1.0, 0.5], 0.0, {}, Status.CONVERGED, 0, 0),
    "negligible": (HALVING, 1.0, {}, Status.CONVERGED, 20, 20),  # 2^-20 < 1e-6
    "gradient": (HALVING, 1e-6, {}, Status.CONVERGED, 0, 0),
    "constant": ([1.0], 1.0, {}, Status.CONVERGED, 4, 0),
    "constant, long window": ([1.0], 1.0, {"window": 8}, Status.CONVERGED, 9, 0),
    "plateau": ([999.0], 1e3, {}, Status.CONVERGED, 101, 0),  # near the constant answer
    "levels off": ([4.0, 2.0, 1.0], 1.0, {}, Status.CONVERGED, 5, 2),
    "max_iter": (HALVING, 1.0, {"max_iter": 7}, Status.MAX_ITER, 7, 7),
    "not a number": ([3.0, 2.0, np.nan], 1e3, {}, Status.DIVERGED, 1, 1),
    "infinite": ([3.0, 2.0, np.inf], 1e3, {}, Status.DIVERGED, 1, 1),
    "never a number": ([np.inf], 1.0, {"max_iter": 5}, Status.DIVERGED, 0, 0),
    "only rises": ([1.0, *np.arange(2.0, 50)], 1.0, {}, Status.DIVERGED, 4, 0),
    "falls, then rises": ([3.0, 2.0, *np.arange(4.0, 50)], 1.0, {}, Status.CONVERGED, 4, 1),
    "method ends": (HALVING, 1.0, {"optimizer": Walk(3)}, Status.NO_PROGRESS, 3, 3),
    "method diverges": (HALVING, 1.0, {"optimizer": Walk(3, Status.DIVERGED)},
                        Status.DIVERGED, 3, 3),
    "callback": (HALVING, 1.0, {"callback": lambda p: p.n_iter == 4}, Status.STOPPED, 4, 4),
}  # fmt: skip


@pytest.mark.parametrize("name", ENDS)
def test_why_it_stops(name):
    values, slope, options, status, n_iter, best = ENDS[name]
    result = walk(Slope(values, slope), **options)
    assert (result.status, result.n_iter, result.w.tolist()) == (status, n_iter, [best])
    assert_array_equal(result.loss_curve, [Slope(values).value([i]) for i in range(1, n_iter + 1)])
    assert (result.state is None) == (status is Status.DIVERGED)


@pytest.mark.parametrize(
    ("validation", "n_iter", "best"),
    [
        ([5.0, 4.0, 3.0, 3.5], 5, 2),
        ([5.0, 4.0, 3.0, 2.9999, 2.9998, 2.9997], 5, 5),  # too little to count as a fall
        ([5.0], 3, 0),
        ([5.0, np.nan, np.inf, 6.0], 3, 0),
    ],
    ids=["rises", "hardly falls", "constant", "not finite"],
)
def test_early_stopping(validation, n_iter, best):
    result = walk(Slope(HALVING), validation=Slope(validation), patience=3)
    assert result.status is Status.EARLY_STOPPED
    assert (result.n_iter, result.w.tolist()) == (n_iter, [best])
    assert result.validation_value == validation[best]
    assert len(result.validation_loss_curve) == n_iter


@pytest.mark.parametrize("patience", [None, 3], ids=["recorded", "early"])
# a descent that only rises has diverged after its first piece
@pytest.mark.parametrize("name", [name for name in ENDS if name != "only rises"])
def test_one_iteration_at_a_time_is_the_same_descent(name, patience):
    values, slope, options, *_ = ENDS[name]
    options = {"patience": patience, "validation": Slope([5.0, 4.0, 3.0, 3.5]), **options}
    whole = walk(Slope(values, slope), **options)
    options["max_iter"] = min(1, options.get("max_iter", 1))
    piece = walk(Slope(values, slope), **options)
    while piece.status is Status.MAX_ITER and piece.n_iter < whole.n_iter:
        state = pickle.loads(pickle.dumps(piece.state))
        piece = walk(Slope(values, slope), **options, resume=state)
    assert_array_equal(piece.loss_curve, whole.loss_curve)
    assert_array_equal(piece.validation_loss_curve, whole.validation_loss_curve)
    if whole.status is not Status.DIVERGED:
        assert_array_equal(piece.w, whole.w)
        assert (piece.value, piece.validation_value) == (whole.value, whole.validation_value)


def test_evaluations_are_summed_and_a_step_that_failed_counts():
    assert walk(Slope(HALVING), optimizer=Walk(3)).n_evaluations == 1 + 3 * 2 + 5


def test_a_descent_that_has_ended_goes_no_further():
    done = walk(Slope([1.0]))
    again = walk(Slope([1.0]), resume=done.state)
    assert (again.status, again.n_iter) == (Status.CONVERGED, done.n_iter)


def test_ctrl_c_before_the_first_evaluation_is_raised():
    class Pressed(Walk):
        def start(self, *arguments):
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        walk(Slope(HALVING), optimizer=Pressed())


def test_ctrl_c_in_a_step_ends_with_the_best_so_far():
    class Pressed(Walk):
        def step(self, objective, state, rng):
            if state.memory == 2:
                raise KeyboardInterrupt
            return super().step(objective, state, rng)

    result = walk(Slope(HALVING), optimizer=Pressed())
    assert (result.status, result.n_iter, result.value) == (Status.INTERRUPTED, 2, 0.25)


def test_no_note_is_created_without_a_callback():
    class Silent(Walk):
        def note(self, state):
            raise AssertionError

    assert walk(Slope(HALVING), optimizer=Silent()).status is Status.CONVERGED
    with pytest.raises(AssertionError):
        walk(Slope(HALVING), optimizer=Silent(), callback=lambda progress: False)


def test_what_the_callback_hears():
    heard = []
    walk(Slope(HALVING), max_iter=3, callback=heard.append, validation=Slope([5.0, 4.0]))
    assert [p.n_iter for p in heard] == [1, 2, 3]
    assert [p.value for p in heard] == HALVING[1:4]
    assert [p.n_evaluations for p in heard] == [3, 5, 7]
    assert [p.validation_value for p in heard] == [4.0] * 3
    assert [(p.previous_w.item(), p.w.item()) for p in heard] == [(0, 1), (1, 2), (2, 3)]
    assert [p.note for p in heard] == ["gradient 1.0e+00"] * 3


def test_derivatives_are_added_only_if_the_descent_continues():
    calls = []

    class Lazy(Walk):
        def step(self, objective, state, rng):
            return replace(super().step(objective, state, rng), grad=None)

        def differentiate(self, objective, state):
            calls.append(state.w.item())
            return replace(state, grad=np.ones(1), n_evaluations=10)

    result = walk(Slope(HALVING), optimizer=Lazy(), max_iter=3)
    assert calls == [1, 2]
    assert result.n_evaluations == 1 + 3 * 2 + 2 * 10


@pytest.mark.parametrize(
    "optimizer",
    [SGD(), SGD(batch_size=5), Adam(), Rprop(), LevenbergMarquardt(), LBFGS()],
    ids=str,
)
def test_later_iterations_do_not_change_the_result_so_far(optimizer):
    objective, w = random_objective()
    criteria = StoppingCriteria.of(objective, max_iter=6, tol=0, window=10)
    kept = []

    def keep(progress):
        result = progress.result()
        kept.append((result, pickle.dumps(result)))

    rng = np.random.default_rng(0)
    last = minimize(objective, w, optimizer, criteria, Budget(callback=keep), rng=rng)
    assert [pickle.dumps(result) for result, _ in kept] == [before for _, before in kept]
    assert [result.n_iter for result, _ in kept] == [1, 2, 3, 4, 5, 6]
    # the third result resumes the descent
    state = kept[2][0].state
    rng.bit_generator.state = state.rng_state
    criteria = replace(criteria, max_iter=3)
    resumed = minimize(objective, w, optimizer, criteria, Budget(), rng=rng, resume=state)
    assert pickle.dumps(kept[2][0]) == kept[2][1]
    if not isinstance(optimizer, LBFGS):  # whose memory begins empty
        assert_array_equal(resumed.loss_curve, last.loss_curve)
        assert_array_equal(resumed.w, last.w)


class WritesToItsMemory(SGD):
    def init(self, w):
        return SimpleNamespace(sum=np.zeros(len(w)))

    def update(self, grad, memory):
        memory.sum += grad**2
        return -0.1 * grad / np.sqrt(memory.sum + 1e-10), memory


def test_a_memory_that_its_optimizer_writes_to_does_not_change_the_state_to_resume():
    objective, w = random_objective()
    criteria = StoppingCriteria.of(objective, max_iter=3, tol=0, window=10)
    optimizer, rng = WritesToItsMemory(), np.random.default_rng(0)
    first = minimize(objective, w, optimizer, criteria, Budget(), rng=rng)
    before = pickle.dumps(first.state)
    minimize(objective, w, optimizer, criteria, Budget(), rng=rng, resume=first.state)
    assert pickle.dumps(first.state) == before


def test_curves_of_the_result_are_not_those_of_its_state():
    result = walk(Slope(HALVING), max_iter=3)
    result.loss_curve[:] = 0
    assert_array_equal(result.state.curve, HALVING[1:4])


class Whole(WholeMethod):
    """A library that takes `n_steps` steps of its own and then ends."""

    def __init__(self, n_steps=10):
        self.n_steps = n_steps

    def start(self, objective, w, memory=None):
        return OptimizerState(w, *objective.value_and_grad(w), n_evaluations=1)

    def run(self, objective, state, observe):
        for _ in range(self.n_steps):
            w = state.w + 1
            state = OptimizerState(w, *objective.value_and_grad(w), n_evaluations=3)
            observe(state)
        return replace(state, status=Status.NO_PROGRESS, n_evaluations=7)


@pytest.mark.parametrize(
    ("options", "status", "n_evaluations"),
    [
        ({}, Status.NO_PROGRESS, 1 + 10 * 3 + 7),
        ({"max_iter": 4}, Status.MAX_ITER, 1 + 4 * 3),
        ({"callback": lambda progress: progress.n_iter == 2}, Status.STOPPED, 1 + 2 * 3),
    ],
    ids=["ends by itself", "max_iter", "callback"],
)
def test_a_method_with_a_loop_of_its_own_is_observed_and_left(options, status, n_evaluations):
    result = walk(Slope(HALVING), optimizer=Whole(), **options)
    assert (result.status, result.n_evaluations) == (status, n_evaluations)
    assert_array_equal(result.loss_curve, HALVING[1 : 1 + result.n_iter])


def test_a_method_with_a_loop_of_its_own_has_no_single_steps():
    with pytest.raises(NotImplementedError, match="Whole has no single steps: call run"):
        Whole().step(None, None, None)
