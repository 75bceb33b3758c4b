"""Searches and restarts under joblib's backends; dask's is in test_distributed.py."""

import itertools
import os
import signal
import threading
import time
import traceback
from pickle import PicklingError

import joblib
import numpy as np
import pytest
from sklearn.base import clone

from skbackprop import BackpropRegressor
from skbackprop._execution._interrupt import Interrupt
from skbackprop._execution._parallel import _PIECES_PER_WORKER, _Queue, in_order
from skbackprop.losses import SquaredError
from skbackprop.model import Network, Objective
from skbackprop.optimizers import SGD, Adam
from skbackprop.solvers import GradientDescent, Grid, MonteCarlo, Status

X = np.random.default_rng(0).normal(size=(300, 2))
Y = np.tanh(X[:, 0]) - 0.5 * X[:, 1] ** 2

# Each with its hidden units; small budgets, of several pieces each.
SOLVERS = {
    "montecarlo": (MonteCarlo(n_draws=8_000, sampler="uniform"), 3),
    "grid-whole": (Grid(step=0.5), 1),
    "grid-proof": (Grid(step=0.5, max_evals=4_000), 2),
    "grid-cyclic": (Grid(step=0.1, max_evals=8_000), 8),
    "restarts-lm": (GradientDescent("lm", n_init=10, max_iter=5), 3),
    "restarts-sgd": (GradientDescent(SGD(batch_size=50), n_init=3, max_iter=5), 3),
}
ENDLESS = {
    "montecarlo": MonteCarlo(n_draws=10**8, sampler="uniform"),
    "grid": Grid(max_evals=10**9),
    "restarts": GradientDescent(SGD(batch_size=10), n_init=4, max_iter=10**6, tol=0),
}
# Each with many pieces, of which some are done in a tenth of a second.
LONG = {
    "montecarlo": MonteCarlo(n_draws=10**8, max_time=60.0, sampler="uniform"),
    "restarts": GradientDescent(SGD(batch_size=10), n_init=40, max_iter=6, tol=0),
}

every_solver = pytest.mark.parametrize(("solver", "n_hidden"), SOLVERS.values(), ids=SOLVERS)
# the workers of "multiprocessing" start anew for each call
SLOW_BACKEND = pytest.param("multiprocessing", marks=pytest.mark.slow)
small_budget = pytest.mark.filterwarnings("ignore::sklearn.exceptions.ConvergenceWarning")
pytestmark = small_budget


@pytest.fixture(params=["loky", "threading", SLOW_BACKEND])
def backend(request):
    with joblib.parallel_config(backend=request.param, n_jobs=2):
        yield request.param


def objective(n_samples=4_000, n_hidden=3):
    rng = np.random.default_rng(0)
    data = rng.normal(size=(n_samples, 2)), rng.uniform(0.1, 0.9, size=(n_samples, 1))
    return Objective.from_arrays(Network(2, n_hidden, 1), SquaredError(), *data)


def solve(solver, problem, *, n_jobs=None, **options):
    return solver.solve(problem, rng=np.random.RandomState(0), n_jobs=n_jobs, **options)


def assert_same_fit(model, other):
    for name in ("coefs_", "intercepts_"):
        for a, b in zip(getattr(model, name), getattr(other, name), strict=True):
            np.testing.assert_array_equal(a, b)
    for name in ("loss_", "n_evaluations_", "n_iter_", "status_"):
        assert getattr(model, name) == getattr(other, name), name
    np.testing.assert_array_equal(model.loss_curve_, other.loss_curve_)


def check_same_bits(solver, n_hidden):
    """That a fit under the backend in use equals one in this process."""
    model = BackpropRegressor(n_hidden, alpha=0.1, solver=solver, random_state=0)
    many = clone(model).fit(X, Y)
    with joblib.parallel_config(backend="sequential"):
        one = model.fit(X, Y)
    assert_same_fit(many, one)


def check_max_time(solver):
    """That it ends the solve with the best weights so far."""
    problem, start = objective(), time.monotonic()
    result = solve(clone(solver).set_params(max_time=0.5), problem)
    assert result.status is Status.MAX_TIME
    assert time.monotonic() - start < 60
    # a descent computes J from standardised features, which rounds the last bit otherwise
    assert problem.value(result.w) == pytest.approx(result.value, rel=1e-12)
    assert result.value == pytest.approx(min(result.loss_curve), rel=1e-12)


def press_ctrl_c():
    """As a terminal does it for this process; on Windows `os.kill` would end the process."""
    if os.name == "nt":
        signal.raise_signal(signal.SIGINT)
    else:
        os.kill(os.getpid(), signal.SIGINT)


def check_ctrl_c(solver):
    """That it ends the solve with the best of what was done."""
    seen, pressed, start = [], threading.Event(), time.monotonic()

    def press():
        press_ctrl_c()
        pressed.set()

    def interrupt(progress):
        if isinstance(solver, GradientDescent) and progress.status is None:
            return False  # a start that has not ended
        if not seen:
            threading.Timer(0.05, press).start()
        seen.append(progress.value)
        if len(seen) == 20:  # of the 64 pieces that two workers are given first
            pressed.wait()  # on a busy machine the solve would end before
        return False

    result = solve(solver, objective(), callback=interrupt)
    assert result.status is Status.INTERRUPTED
    assert time.monotonic() - start < 30
    assert result.value == pytest.approx(min(seen), rel=1e-12)
    if isinstance(solver, GradientDescent):
        assert 0 < len(seen) < solver.n_init


@every_solver
def test_the_same_bits_as_in_one_process(backend, solver, n_hidden):
    check_same_bits(solver, n_hidden)


@pytest.mark.parametrize("solver", ENDLESS.values(), ids=ENDLESS)
def test_max_time_ends_with_the_best_so_far(backend, solver):
    check_max_time(solver)


@pytest.mark.parametrize("solver", LONG.values(), ids=LONG)
def test_ctrl_c_ends_with_the_best_so_far(backend, solver):
    check_ctrl_c(solver)


def test_pieces_are_made_as_they_are_needed_and_results_come_in_order(backend):
    made = []
    results = in_order(pow, ((made.append(i) or i, 2) for i in range(1000)), n_jobs=2)
    assert [next(results) for _ in range(3)] == [0, 1, 4]
    assert 3 <= len(made) <= 3 + 2 * _PIECES_PER_WORKER
    results.close()  # without a warning of calls that are under way


def test_a_queue_takes_back_what_a_failed_call_was_given():
    queue = _Queue(((i,) for i in range(9)), 5, Interrupt())
    assert queue.refill()
    failed = iter(queue)
    assert [next(failed) for _ in range(3)] == [(0,), (1,), (2,)]
    queue.finish()
    queue.take_back()
    assert list(failed) == []
    assert list(queue) == [(1,), (2,), (3,), (4,)]
    assert queue.refill()
    assert list(queue) == [(5,)]  # four others have no result yet, and five may exist


def test_an_error_in_a_worker_is_raised_here(backend):
    with pytest.raises(ZeroDivisionError, match="in a worker") as caught:
        solve(GradientDescent(Fails(), n_init=3), objective(n_samples=50))
    assert "in step" in "".join(traceback.format_exception(caught.value))


@pytest.mark.parametrize("backend", ["loky", "threading"], indirect=True)
def test_the_first_error_in_order_is_raised_after_the_results_before_it(backend):
    results = in_order(divmod, ((i, 3 - i) for i in range(6)), n_jobs=2)
    assert list(itertools.islice(results, 3)) == [(0, 0), (0, 1), (2, 0)]
    with pytest.raises(ZeroDivisionError):
        next(results)


class Fails(Adam):
    def step(self, *arguments):
        raise ZeroDivisionError("in a worker")


@pytest.mark.slow
def test_work_of_a_killed_worker_is_done_again(tmp_path):
    file = tmp_path / "kill"
    file.touch()
    with joblib.parallel_config(backend="loky", n_jobs=2):
        results = list(in_order(KilledOnce(file), ((i,) for i in range(20)), n_jobs=2))
    assert results == [i**2 for i in range(20)]
    assert not file.exists()


class KilledOnce:
    """A square, but for the first worker that removes the file."""

    def __init__(self, file):
        self.file = file

    def __call__(self, i):
        try:
            self.file.unlink()
        except FileNotFoundError:
            return i**2
        return os.kill(os.getpid(), signal.SIGTERM)


@pytest.mark.slow
@pytest.mark.parametrize("processes", ["loky", "multiprocessing"])
def test_large_arrays_are_shared_in_one_file_each(processes, tmp_path):
    problem, sizes = objective(n_samples=20_000), {}

    def look(progress):
        sizes.update({path: path.stat().st_size for path in tmp_path.rglob("*.pkl")})
        return False

    with joblib.parallel_config(backend=processes, n_jobs=2, temp_folder=tmp_path, max_nbytes=1e4):
        result = solve(MonteCarlo(n_draws=128 * 40, sampler="uniform"), problem, callback=look)
    assert len(result.loss_curve) > 16  # pieces, of which eight go to the workers at a time
    small, large = sorted(sizes.values())
    assert problem.data.Y.nbytes <= small < problem.data.Y.nbytes + 1_000
    assert problem.data.X.nbytes <= large < problem.data.X.nbytes + 1_000


@pytest.mark.slow
def test_draws_do_not_pile_up_on_disk(tmp_path):
    files = set()

    def look(progress):
        files.update(tmp_path.rglob("*.pkl"))
        return False

    with joblib.parallel_config(backend="loky", n_jobs=2, temp_folder=tmp_path, max_nbytes=1e3):
        solve(MonteCarlo(n_draws=20_000, sampler="uniform"), objective(n_samples=50), callback=look)
    assert not files


class Locked(SquaredError):
    """A loss that no process can be sent: locks are not pickled."""

    lock = threading.Lock()

    def __init__(self):
        self.own_lock = self.lock

    def __sklearn_clone__(self):
        return self

    def value_and_grad(self, y, z3):
        return super().value_and_grad(y, z3)


def test_restarts_of_what_cannot_be_pickled_run_in_threads():
    problem = Objective.from_arrays(
        Network(2, 3, 1), Locked(), X[:50], 0.5 + 0.1 * Y[:50, None].clip(-1, 1)
    )
    solver = GradientDescent("lbfgs", n_init=3, max_iter=5)
    assert solve(solver, problem, n_jobs=2).value == solve(solver, problem).value
    with joblib.parallel_config(backend="loky"), pytest.raises(PicklingError):
        solve(solver, problem, n_jobs=2)
