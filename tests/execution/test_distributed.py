"""Searches and restarts on a dask cluster of two worker processes, and what befalls these."""

import os
import re
import time
from pathlib import Path

import joblib
import numpy as np
import pytest
from sklearn.base import clone
from sklearn.model_selection import GridSearchCV
from test_parallel import (
    ENDLESS,
    LONG,
    SOLVERS,
    X,
    Y,
    assert_same_fit,
    check_ctrl_c,
    check_max_time,
    check_same_bits,
    objective,
    solve,
)
from two_workers import Kill

from skbackprop import BackpropClassifier, BackpropRegressor
from skbackprop.model import Objective
from skbackprop.optimizers import SGD
from skbackprop.solvers import GradientDescent, MonteCarlo

pytest.importorskip(
    "distributed", reason="needs the extra distributed: pip install skbackprop[distributed]"
)
every_solver = pytest.mark.parametrize(("solver", "n_hidden"), SOLVERS.values(), ids=SOLVERS)
pytestmark = pytest.mark.filterwarnings("ignore::sklearn.exceptions.ConvergenceWarning")


@pytest.fixture
def dask(client):
    client.wait_for_workers(2, timeout=30)
    with joblib.parallel_config(backend="dask"):
        yield client


@pytest.fixture
def pickled(monkeypatch):
    """An entry for each time that this process pickles an objective."""
    times, reduce = [], Objective.__reduce__
    monkeypatch.setattr(Objective, "__reduce__", lambda self: times.append(1) or reduce(self))
    return times


@every_solver
def test_the_same_bits_as_in_one_process(dask, solver, n_hidden):
    check_same_bits(solver, n_hidden)


@every_solver
def test_the_data_are_sent_once_a_fit(dask, pickled, solver, n_hidden):
    BackpropRegressor(n_hidden, alpha=0.1, solver=solver, random_state=0).fit(X, Y)
    assert len(pickled) == 1


def test_workers_have_the_data_during_the_fit_and_not_after_it(dask):
    problem, during = objective(n_samples=20_000), []

    def workers_with_data():
        return sum(any("partial" in key for key in keys) for keys in dask.has_what().values())

    solver = MonteCarlo(n_draws=2_000, sampler="uniform")
    solve(solver, problem, callback=lambda _: during.append(workers_with_data()))
    assert set(during) <= {1, 2}  # dask may drop a copy of what two workers have
    assert max(during) == 2
    deadline = time.monotonic() + 60
    while workers_with_data() and time.monotonic() < deadline:
        time.sleep(0.05)
    assert workers_with_data() == 0


@pytest.mark.parametrize(
    "solver", [MonteCarlo(1_000, sampler="uniform"), GradientDescent(n_init=3)], ids=str
)
def test_a_grid_search_on_workers_whose_fits_use_the_workers_too(dask, solver):
    model = BackpropClassifier(2, alpha=1.0, solver=solver, random_state=0)
    search = GridSearchCV(model, {"alpha": [0.1, 1.0]}, cv=2, error_score="raise")
    many = clone(search).fit(X, Y > 0)
    with joblib.parallel_config(backend="sequential"):
        one = search.fit(X, Y > 0)
    assert_same_fit(many.best_estimator_, one.best_estimator_)
    for score in ("mean_test_score", "std_test_score"):
        np.testing.assert_array_equal(many.cv_results_[score], one.cv_results_[score])


@pytest.mark.parametrize("solver", ENDLESS.values(), ids=ENDLESS)
def test_max_time_ends_with_the_best_so_far(dask, solver):
    check_max_time(solver)


@pytest.mark.parametrize("solver", LONG.values(), ids=LONG)
def test_ctrl_c_ends_with_the_best_so_far(dask, without_gc, solver):
    check_ctrl_c(solver)


# The code in docs/scaling.md

DATA = "X = np.random.default_rng(0).normal(size=(1_000, 4))\ny = np.tanh(X[:, 0])\n"


def documented():
    """The blocks of Python that are no doctests."""
    page = Path(__file__).parents[2] / "docs" / "scaling.md"
    return re.findall(r"^```python\n(.*?)^```$", page.read_text("utf-8"), re.DOTALL | re.MULTILINE)


def test_the_code_in_the_documentation_runs(dask, capsys):
    *blocks, _ = documented()
    names = {"__name__": "__main__"}
    for block in blocks:
        exec(block, names)
    assert names["model"].status_.name == "CONVERGED"
    assert names["search"].best_score_ > 0.5
    assert names["piecewise"].n_iter_ == 4


def test_incremental_of_dask_ml_passes_over_the_chunks(dask):
    pytest.importorskip("dask_ml", reason="needs dask-ml: pip install dask-ml")
    *before, incremental = documented()
    imports, _, _ = before[0].partition("if __name__")
    names = {}
    exec("".join([imports, DATA, before[-1], incremental]), names)
    fitted = names["wrapped"].estimator_
    assert fitted.n_iter_ == 4
    for a, b in zip(fitted.coefs_, names["piecewise"].coefs_, strict=True):
        np.testing.assert_array_equal(a, b)


# Workers that die


@pytest.mark.parametrize(
    "solver",
    [
        MonteCarlo(n_draws=100_000, sampler="uniform"),
        GradientDescent(SGD(batch_size=10), n_init=12, max_iter=6, tol=0),
    ],
    ids=["montecarlo", "restarts"],
)
def test_a_worker_killed_in_the_middle_does_not_lose_the_fit(dask, solver):
    problem = objective()
    kill = Kill(victim := next(iter(dask.run(os.getpid).values())))
    many = solve(solver, problem, callback=kill)
    assert kill.done
    assert kill.calls_after > 1
    dask.wait_for_workers(2, timeout=30)
    assert victim not in dask.run(os.getpid).values()
    one = solve(solver, problem, n_jobs=1)
    np.testing.assert_array_equal(many.w, one.w)
    assert (many.value, many.n_evaluations) == (one.value, one.n_evaluations)


def test_all_workers_killed_in_the_middle_do_not_lose_the_fit(dask):
    problem, solver = objective(), MonteCarlo(n_draws=100_000, sampler="uniform")
    kill = Kill(*(victims := dask.run(os.getpid).values()))
    many = solve(solver, problem, callback=kill)
    assert kill.done
    dask.wait_for_workers(2, timeout=30)
    assert not set(victims) & set(dask.run(os.getpid).values())
    np.testing.assert_array_equal(many.w, solve(solver, problem, n_jobs=1).w)
