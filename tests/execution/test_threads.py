"""Fits in any thread: BLAS on one thread meanwhile, and everything given back afterwards."""

import os
import signal
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from contextlib import nullcontext

import numpy as np
import pytest
from numpy.testing import assert_allclose, assert_array_equal
from sklearn import config_context, get_config
from threadpoolctl import threadpool_info, threadpool_limits

from skbackprop import BackpropRegressor
from skbackprop._execution import _threads
from skbackprop._execution._numpy_settings import numpy_settings
from skbackprop._execution._threads import one_blas_thread, take_turn
from skbackprop.losses import SquaredError
from skbackprop.model._blocks import accumulate
from skbackprop.optimizers import OPTIMIZERS
from skbackprop.solvers import GradientDescent

X = np.random.default_rng(0).normal(size=(200, 3))
Y = np.tanh(X @ [1.0, -2.0, 0.5])
# seconds after which a test has hung
HANG = 60


def blas_threads():
    return {lib["num_threads"] for lib in threadpool_info() if lib["user_api"] == "blas"}


def in_a_thread(function, *args):
    with ThreadPoolExecutor(1) as pool:
        return pool.submit(function, *args).result(HANG)


@pytest.fixture(autouse=True)
def given_back():
    """After every test BLAS has as many threads as before."""
    before = blas_threads()
    yield
    assert blas_threads() == before


class Spy(SquaredError):
    """Notes how many threads BLAS has while a fit runs."""

    def value_and_grad(self, y, z3):
        SEEN.append(blas_threads())
        return super().value_and_grad(y, z3)


SEEN = []


def threads_seen_by_a_fit():
    SEEN.clear()
    BackpropRegressor(2, alpha=0.1, loss=Spy(), random_state=0).set_params(solver__max_iter=2).fit(
        X, Y
    )
    return set().union(*SEEN)


@pytest.mark.filterwarnings("ignore::sklearn.exceptions.ConvergenceWarning")
@pytest.mark.parametrize("fits_before", ["none", "here", "there"])
@pytest.mark.parametrize("where", ["here", "there"])
def test_a_fit_has_one_blas_thread_in_every_thread(fits_before, where):
    call = {"here": lambda f: f(), "there": in_a_thread, "none": lambda f: None}
    call[fits_before](threads_seen_by_a_fit)
    assert call[where](threads_seen_by_a_fit) == {1}


def test_the_limit_can_be_nested():
    with one_blas_thread():
        with one_blas_thread():
            assert blas_threads() == {1}
        assert blas_threads() == {1}


def test_a_limit_of_the_user_works_in_another_thread_after_a_fit():
    def limited():
        with threadpool_limits(1, user_api="blas"):
            return blas_threads()

    with one_blas_thread():
        pass
    assert in_a_thread(limited) == {1}


def test_the_next_evaluation_limits_blas_again_once_the_thread_that_did_has_left():
    entered, left, seen = threading.Event(), threading.Event(), []

    def other():
        with one_blas_thread():
            entered.set()
            assert left.wait(HANG)
            take_turn()  # as each evaluation does
            seen.append(blas_threads())

    with one_blas_thread():
        thread = threading.Thread(target=other)
        thread.start()
        assert entered.wait(HANG)
    left.set()
    thread.join(HANG)
    assert seen == [{1}]


def test_a_fit_may_wait_for_a_fit_in_another_thread():
    """Its turn ends after some milliseconds, even where it waits for the other one."""
    inner = BackpropRegressor(2, alpha=0.1, random_state=0)

    class Waiting(SquaredError):
        def value_and_grad(self, y, z3):
            in_a_thread(inner.fit, X, Y)
            return super().value_and_grad(y, z3)

    model = BackpropRegressor(2, alpha=0.1, loss=Waiting(), random_state=0)
    with pytest.warns(match="max_iter"):
        model.set_params(solver__max_iter=1).fit(X, Y)


def test_fits_in_many_threads_are_those_of_one():
    def fit(seed):
        return BackpropRegressor(3, alpha=0.1, random_state=seed).fit(X, Y)

    alone = [fit(seed).loss_ for seed in range(6)]
    with ThreadPoolExecutor(6) as pool:
        together = [model.loss_ for model in pool.map(fit, range(6), timeout=HANG)]
    np.testing.assert_allclose(together, alone, rtol=1e-6)


def test_an_error_in_a_block_is_raised_when_no_other_block_is_at_work():
    busy, most = set(), []

    def add(block, total):
        busy.add(block)
        most.append(len(busy))
        if block == 3:
            raise RuntimeError("block 3")
        time.sleep(0.01)
        busy.discard(block)

    with threadpool_limits(4), pytest.raises(RuntimeError, match="block 3"):
        accumulate(add, list(range(64)), [()])
    assert busy == {3}
    n_calls = len(most)
    assert n_calls < 64
    time.sleep(0.05)
    assert len(most) == n_calls


def test_helpers_work_under_the_settings_of_the_caller():
    settings = []

    def add(block, total):
        settings.append((get_config()["working_memory"], np.geterr()["over"], np.getbufsize()))
        time.sleep(0.002)  # for a helper to get its share

    with threadpool_limits(3), config_context(working_memory=7), numpy_settings(256):
        accumulate(add, list(range(50)), [()])
        expected = np.getbufsize()
    assert set(settings) == {(7, "ignore", expected)}


@pytest.mark.parametrize("fails", [False, True], ids=["fit", "failed-fit"])
@pytest.mark.parametrize(("n_copies", "expected"), [(1, 4096), (2, 256)], ids=["few", "many"])
def test_a_fit_gives_numpy_its_settings_back(n_copies, expected, fails):
    class Solver(GradientDescent):
        def solve(self, *args, **kwargs):
            within.append(np.getbufsize())
            if fails:
                raise ZeroDivisionError
            return super().solve(*args, **kwargs)

    model, within = BackpropRegressor(2, solver=Solver(max_iter=300), alpha=0.1), []
    original = np.setbufsize(4096)
    try:
        with pytest.raises(ZeroDivisionError) if fails else nullcontext():
            model.fit(np.tile(X, (n_copies, 1)), np.tile(Y, n_copies))
        after = np.getbufsize()
    finally:
        np.setbufsize(original)
    assert (within, after) == ([expected], 4096)


@pytest.mark.filterwarnings("ignore::sklearn.exceptions.ConvergenceWarning")
@pytest.mark.parametrize("when", ["before", "after"])
def test_ctrl_c_in_the_middle_of_setting_the_limit_leaves_no_limit(monkeypatch, when):
    """It is raised when the limit is set, and the limit is given back."""
    limit, before = _threads._limit, blas_threads()

    def interrupted(per_thread):
        if not per_thread and when == "before":
            signal.raise_signal(signal.SIGINT)
        limited = limit(per_thread)
        if not per_thread and when == "after":
            signal.raise_signal(signal.SIGINT)
        return limited

    monkeypatch.setattr(_threads, "_limit", interrupted)
    with pytest.raises(KeyboardInterrupt), one_blas_thread():
        pass
    monkeypatch.undo()
    assert blas_threads() == before
    assert threads_seen_by_a_fit() == {1}
    assert blas_threads() == before


@pytest.mark.skipif(not hasattr(os, "fork"), reason="Windows has no fork")
@pytest.mark.filterwarnings("ignore:.*fork:DeprecationWarning")
def test_a_process_that_is_forked_during_a_fit_has_no_limit():
    before, entered, leave = blas_threads(), threading.Event(), threading.Event()

    def fit_meanwhile():
        with one_blas_thread():
            entered.set()
            leave.wait(HANG)

    thread = threading.Thread(target=fit_meanwhile)
    thread.start()
    assert entered.wait(HANG)
    child = os.fork()
    if child == 0:
        os._exit(0 if blas_threads() == before else 1)
    leave.set()
    thread.join(HANG)
    assert os.waitpid(child, 0)[1] == 0


@pytest.mark.filterwarnings("ignore::sklearn.exceptions.ConvergenceWarning")
@pytest.mark.parametrize("n_samples", [300, 40_000], ids=["one-block", "many-blocks"])
@pytest.mark.parametrize("optimizer", OPTIMIZERS)
def test_the_answer_does_not_depend_on_the_threads_of_blas(optimizer, n_samples):
    rng = np.random.default_rng(0)
    X, models = rng.normal(size=(n_samples, 20)), []
    y = np.sin(X[:, 0]) * X[:, 1] + 0.1 * rng.normal(size=n_samples)
    solver = GradientDescent(optimizer, max_iter=5, tol=0)
    for n_threads in (1, 2, 4):
        with threadpool_limits(n_threads):
            model = BackpropRegressor(8, alpha=0.1, solver=solver, random_state=0).fit(X, y)
            models.append((model, model.predict(X)))
    for model, prediction in models[1:]:
        assert_array_equal(model.coefs_[0], models[0][0].coefs_[0])
        # the product of `predict` is BLAS's own, on all its threads
        assert_allclose(prediction, models[0][1], rtol=0, atol=1e-14 * np.ptp(y))
