"""The stopping criteria by themselves: numbers in, status out."""

from types import SimpleNamespace

import numpy as np
import pytest

from conftest import random_objective
from skbackprop.optimizers import StoppingCriteria
from skbackprop.solvers import Status

pytestmark = pytest.mark.usefixtures("one_thread")


def criteria(**options):
    options = {
        "max_iter": 100,
        "tol": 0.1,
        "window": 2,
        "n_iter_no_change": None,
        "lower_bound": 1.0,
        "total_weight": 1.0,
        "plateau": 50.0,
        "largest_move": np.array([1.0, 10.0]),
    } | options
    return StoppingCriteria(**options)


def history(lowest, start=40.0, n_new=None, reference_iter=0):
    return SimpleNamespace(
        lowest=lowest,
        lowest_value=lowest[-1] if lowest else start,
        n_iter=len(lowest),
        n_new=len(lowest) if n_new is None else n_new,
        reference_iter=reference_iter,
    )


@pytest.mark.parametrize(
    ("past", "options", "expected"),
    [
        (history([]), {}, None),
        (history([], start=1.005), {}, Status.CONVERGED),
        (history([20.0, 10.0, 5.0]), {}, None),
        (history([20.0, 10.0, 1.005]), {}, Status.CONVERGED),
        # r = 9: the fall over two iterations has to be 2 * 0.1 * 9 = 1.8
        (history([11.9, 11.0, 10.0]), {}, None),
        (history([11.7, 11.0, 10.0]), {}, Status.CONVERGED),
        (history([11.7, 10.0]), {}, None),  # shorter than the window
        (history([11.7, 11.0, 10.0]), {"plateau": 9.0}, None),
        (history([10.0] * 101), {"plateau": 9.0, "max_iter": 999}, Status.CONVERGED),
        (history([10.0] * 100), {"plateau": 9.0, "max_iter": 999}, None),
        (history([30.0, 20.0]), {"max_iter": 2}, Status.MAX_ITER),
        (history([30.0, 20.0], n_new=1), {"max_iter": 2}, None),
        (history([30.0, 20.0], reference_iter=1), {"n_iter_no_change": 1}, Status.EARLY_STOPPED),
        (history([30.0, 20.0], reference_iter=1), {"n_iter_no_change": 2}, None),
        # of several reasons the first of this order
        (history([10.0] * 3), {"max_iter": 3}, Status.CONVERGED),
        (history([10.0] * 3), {"n_iter_no_change": 3}, Status.EARLY_STOPPED),
    ],
    ids=[
        "before the first step", "negligible at the start", "falls", "negligible",
        "falls enough", "levelled off", "short", "plateau", "long plateau", "shorter plateau",
        "max_iter", "max_iter of this run", "early", "patience left", "converged first",
        "early first",
    ],
)  # fmt: skip
def test_judge_returns_the_reason_to_stop(past, options, expected):
    assert criteria(**options).judge(past) is expected


@pytest.mark.parametrize(
    ("value", "grad", "expected"),
    [
        (11.0, [1.0, 10.0], True),  # slopes of 1, and tol r = 1
        (11.0, [1.1, 0.0], False),
        (11.0, [0.0, 11.0], False),
        (1.005, [9.0, 9.0], True),
        (11.0, [np.nan, 0.0], False),
        (np.inf, [0.0, 1.0], True),
    ],
)
def test_gradient_converged(value, grad, expected):
    assert criteria().gradient_converged(value, np.array(grad)) is expected


@pytest.mark.parametrize(
    ("value", "reference", "expected"),
    [(5.0, np.inf, True), (4.8, 5.0, False), (4.5, 5.0, True), (np.nan, np.inf, False)],
)
def test_validation_fell(value, reference, expected):
    assert criteria(validation_lower_bound=1.0).validation_fell(value, reference) == expected


@pytest.mark.parametrize(
    ("curve", "best", "status", "expected"),
    [
        ([3.0, 2.0], 2.0, Status.MAX_ITER, Status.MAX_ITER),
        ([4.0, 5.0], 3.0, Status.MAX_ITER, Status.DIVERGED),
        ([4.0, 5.0], 3.0, Status.CONVERGED, Status.DIVERGED),
        ([4.0, 5.0], 3.0, Status.EARLY_STOPPED, Status.DIVERGED),
        ([4.0, 5.0], 3.0, Status.STOPPED, Status.STOPPED),
        ([4.0, 5.0], 3.0, Status.MAX_TIME, Status.MAX_TIME),
        ([2.0, 5.0], 2.0, Status.CONVERGED, Status.CONVERGED),
        ([3.0 + 1e-9], 3.0, Status.CONVERGED, Status.CONVERGED),
        ([], 3.0, Status.CONVERGED, Status.CONVERGED),
        ([], np.inf, Status.STOPPED, Status.DIVERGED),
    ],
)
def test_final_status(curve, best, status, expected):
    past = SimpleNamespace(curve=curve, start_value=3.0, best_value=best)
    assert criteria().final_status(status, past) is expected


def test_the_criteria_of_an_objective():
    objective, _ = random_objective(weights=True, loss="log_loss")
    validation = objective.take(slice(5))
    numbers = {"max_iter": 7, "tol": 1e-2, "window": 4, "n_iter_no_change": 3}
    found = StoppingCriteria.of(objective, **numbers, validation=validation)
    low, high = objective.lower_bound, objective.constant_value
    assert (found.max_iter, found.tol, found.window, found.n_iter_no_change) == (7, 1e-2, 4, 3)
    assert found.lower_bound == low
    assert found.plateau == pytest.approx(low + 0.9 * (high - low), rel=1e-12)
    assert found.negligible == pytest.approx(1e-4 * objective.total_weight, rel=1e-12)
    assert found.validation_lower_bound == validation.lower_bound
    assert found.stops_early
