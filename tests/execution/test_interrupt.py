"""Ctrl-C during work that is spread over workers."""

import os
import pickle
import signal
import subprocess
import sys
import threading

import numpy as np
import pytest

from conftest import random_objective
from skbackprop._execution._interrupt import Interrupt, left_to_the_caller
from skbackprop.solvers import GradientDescent, Grid, MonteCarlo


def press():
    signal.raise_signal(signal.SIGINT)


def test_the_first_ctrl_c_is_deferred_and_the_second_raised():
    with Interrupt() as interrupt:
        assert not interrupt.pressed
        press()
        assert interrupt.pressed
        with pytest.raises(KeyboardInterrupt):
            press()
    assert interrupt.pressed


@pytest.mark.parametrize("presses", [0, 1])
def test_ctrl_c_is_raised_as_usual_after_the_context(presses):
    with Interrupt():
        for _ in range(presses):
            press()
    with pytest.raises(KeyboardInterrupt):
        press()


def test_copies_in_other_processes_detect_the_interrupt():
    with Interrupt() as interrupt:
        copy = pickle.loads(pickle.dumps(interrupt))
        assert not copy.pressed
        press()
        assert copy.pressed
    assert not copy.pressed  # its file is gone


def test_a_handler_of_the_users_is_left_alone():
    heard = []
    before = signal.signal(signal.SIGINT, lambda *_: heard.append(True))
    try:
        with Interrupt() as interrupt:
            press()
        assert heard
        assert not interrupt.pressed
        press()
        assert len(heard) == 2
    finally:
        signal.signal(signal.SIGINT, before)


def test_outside_the_main_thread_ctrl_c_is_not_deferred():
    pressed = []

    def work():
        with Interrupt() as interrupt, left_to_the_caller(caller=-1):
            pressed.append(interrupt.pressed)

    thread = threading.Thread(target=work)
    thread.start()
    thread.join()
    assert pressed == [False]
    assert signal.getsignal(signal.SIGINT) is signal.default_int_handler


@pytest.mark.parametrize("worker", [True, False])
def test_a_worker_leaves_ctrl_c_to_the_caller(worker):
    with left_to_the_caller(-1 if worker else os.getpid()):
        if worker:
            press()
        else:
            with pytest.raises(KeyboardInterrupt):
                press()
    assert signal.getsignal(signal.SIGINT) is signal.default_int_handler


SOLVE = """
import sys
import joblib
import numpy as np
from skbackprop.losses import SquaredError
from skbackprop.model import Network
from skbackprop.model import Objective
from skbackprop.optimizers import SGD
from skbackprop.solvers import GradientDescent, MonteCarlo

backend, kind = sys.argv[1:]
solver = {
    "montecarlo": MonteCarlo(n_draws=10**9, sampler="uniform"),
    "restarts": GradientDescent(SGD(batch_size=10), n_init=400, max_iter=6, tol=0),
}[kind]
rng, seen = np.random.RandomState(0), []
X, Y = rng.normal(size=(4_000, 2)), rng.uniform(size=(4_000, 1))
objective = Objective.from_arrays(Network(2, 3, 1), SquaredError(), X, Y)

def look(progress):
    if not seen:
        print("begun", flush=True)
    seen.append(progress.value)

with joblib.parallel_config(backend=backend, n_jobs=2):
    result = solver.solve(objective, rng=rng, callback=look)
print(result.status.name, objective.value(result.w) <= min(seen) * (1 + 1e-12))
"""


@pytest.mark.skipif(not hasattr(os, "killpg"), reason="a terminal signals all its processes")
@pytest.mark.parametrize("kind", ["montecarlo", "restarts"])
@pytest.mark.slow
@pytest.mark.parametrize("backend", ["loky", "multiprocessing", "threading"])
def test_ctrl_c_in_a_terminal_reaches_the_workers_too(backend, kind):
    command = [sys.executable, "-c", SOLVE, backend, kind]
    process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True, start_new_session=True)
    assert process.stdout.readline() == "begun\n"
    os.killpg(process.pid, signal.SIGINT)
    output, _ = process.communicate(timeout=60)
    assert output.split() == ["INTERRUPTED", "True"]
    assert process.returncode == 0


@pytest.mark.parametrize(
    "solver",
    [
        MonteCarlo(200_000, sampler="uniform"),
        Grid(0.5, max_evals=10**6),
        GradientDescent("adam", n_init=6, max_iter=20),
    ],
    ids=str,
)
def test_ctrl_c_is_given_back_as_soon_as_a_callback_fails(solver):
    objective, _ = random_objective((2, 2, 1), n_samples=200)

    def fail(progress):
        raise RuntimeError("of a callback")

    options = {"rng": np.random.RandomState(0), "n_jobs": 2, "callback": fail}
    with pytest.raises(RuntimeError, match="of a callback") as caught:
        solver.solve(objective, **options)
    assert caught.tb is not None  # which holds on to all that was under way
    assert signal.getsignal(signal.SIGINT) is signal.default_int_handler
