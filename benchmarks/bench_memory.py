"""Peak memory of a fit: does it stay within data + working_memory?

Each fit runs in a process of its own. Measured is how far the fit raises the largest resident
set of that process (ru_maxrss), after every import and with the data in memory, which
counts what BLAS and late imports take on the first call as well. "data" is X and y, and
"working" is scikit-learn's working_memory, once as configured and once small: blocks of work
are at most 4 MiB in any case, so the configured one leaves a lot of room.

The samples grow at a fixed budget, then the budget at fixed samples: n_draws of Monte Carlo,
max_evals of the grid, max_iter of gradient descent by Levenberg-Marquardt and by L-BFGS.

    python benchmarks/bench_memory.py
    python benchmarks/bench_memory.py --quick

Needs the module `resource`, so Unix. Memory hardly varies: --repeats is 1 by default, and
the largest is reported.
"""

import argparse
import json
import subprocess
import sys
import warnings
from dataclasses import asdict, dataclass

import numpy as np
from _timing import parser, print_machine, print_table
from sklearn import config_context, get_config
from sklearn.exceptions import ConvergenceWarning
from threadpoolctl import threadpool_limits

from skbackprop import BackpropRegressor
from skbackprop.solvers import GradientDescent, Grid, MonteCarlo

N_FEATURES, N_HIDDEN = 20, 10
SMALL_WORKING_MEMORY = 16
SOLVERS = {
    "montecarlo": lambda budget: MonteCarlo(n_draws=budget),
    "grid": lambda budget: Grid(max_evals=budget),
    "gd lm": lambda budget: GradientDescent("lm", max_iter=budget, tol=0.0),
    "gd lbfgs": lambda budget: GradientDescent("lbfgs", max_iter=budget, tol=0.0),
}
# Few enough for a million samples
BUDGET = {"montecarlo": 100, "grid": 200, "gd lm": 2, "gd lbfgs": 5}
SAMPLES = (1_000, 10_000, 100_000, 1_000_000)
BUDGETS = {
    "montecarlo": (1_000, 10_000, 100_000),
    "grid": (1_000, 10_000, 100_000),
    "gd lm": (10, 100, 1_000),
    "gd lbfgs": (10, 100, 1_000),
}
QUICK_SAMPLES, QUICK_BUDGETS = (10_000,), {"montecarlo": (1_000,), "grid": (1_000,)}


@dataclass(frozen=True)
class Fit:
    """One fit to measure."""

    solver: str
    n_samples: int
    budget: int
    working_memory: float  # MiB
    threads: int


def data(n_samples):
    """X and y without temporary arrays, whose memory the fit could use unseen."""
    rng = np.random.default_rng(0)
    X = np.empty((n_samples, N_FEATURES))
    rng.standard_normal(out=X)
    return X, X @ np.linspace(-1, 1, N_FEATURES)


def peak():
    """Largest resident set of this process so far, in bytes."""
    from resource import RUSAGE_SELF, getrusage

    unit = 1 if sys.platform == "darwin" else 1024
    return getrusage(RUSAGE_SELF).ru_maxrss * unit


def measure(fit):
    """Bytes of the data and of what the fit took; in this process."""
    threadpool_limits(fit.threads)
    warnings.simplefilter("ignore", ConvergenceWarning)
    X, y = data(fit.n_samples)
    model = BackpropRegressor(N_HIDDEN, solver=SOLVERS[fit.solver](fit.budget), random_state=0)
    before = peak()
    with config_context(working_memory=fit.working_memory):
        model.fit(X, y)
    return X.nbytes + y.nbytes, peak() - before


def in_subprocess(fit):
    """The same in a process of its own."""
    command = [sys.executable, __file__, "--fit", json.dumps(asdict(fit))]
    answer = subprocess.run(command, check=True, stdout=subprocess.PIPE, text=True)
    return json.loads(answer.stdout)


def row(fit, repeats):
    """One line of the table."""
    measured = [in_subprocess(fit) for _ in range(repeats)]
    size, taken = measured[0][0], max(taken for _, taken in measured)
    bound = size + fit.working_memory * 2**20
    return (
        fit.solver,
        f"{fit.n_samples:,}",
        f"{fit.budget:,}",
        mebibytes(size),
        f"{fit.working_memory:g}",
        mebibytes(taken),
        f"{taken / bound:.2f}",
        "yes" if taken <= bound else "NO",
    )


def mebibytes(size):
    return f"{size / 2**20:.1f}"


HEADER = (
    "solver",
    "samples",
    "budget",
    "data MiB",
    "working MiB",
    "fit MiB",
    "fit / (data + working)",
    "within",
)


def growing_samples(quick):
    """Pairs (solver, n_samples, budget)."""
    sizes = QUICK_SAMPLES if quick else SAMPLES
    return [(solver, n, BUDGET[solver]) for solver in SOLVERS for n in sizes]


def growing_budget(quick):
    budgets = QUICK_BUDGETS if quick else BUDGETS
    return [(solver, 1_000, budget) for solver in budgets for budget in budgets[solver]]


def main():
    arguments = parser(__doc__)
    arguments.set_defaults(repeats=1)
    arguments.add_argument("--fit", help=argparse.SUPPRESS)
    options = arguments.parse_args()
    if options.fit:
        print(json.dumps(measure(Fit(**json.loads(options.fit)))))
        return
    threadpool_limits(options.threads)
    print_machine()
    configured = get_config()["working_memory"]
    for working in (SMALL_WORKING_MEMORY,) if options.quick else (configured, SMALL_WORKING_MEMORY):
        for what, fits in (("samples", growing_samples), ("budget", growing_budget)):
            rows = [
                row(Fit(*fit, working, options.threads), options.repeats)
                for fit in fits(options.quick)
            ]
            print_table(f"Peak memory of a fit, growing {what}", HEADER, rows)


if __name__ == "__main__":
    main()
