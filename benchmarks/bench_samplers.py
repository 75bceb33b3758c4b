"""Which draws come lowest: the samplers of Monte Carlo, at equal draws and at equal time.

Measured is J at the best point, all weights in -1..1, on five problems with the estimators'
default losses and penalties.

  apart      uniform draws that share nothing: each network has a hidden layer of its own, and
             all its outputs are taken together; Objective.values in batches
  uniform, sobol, halton, latin_hypercube
             MonteCarlo with these samplers: 128 output layers on each hidden layer, and each
             output takes its own best column
  adaptive   MonteCarlo around the best point so far, 4 output layers on each hidden layer
  descent    GradientDescent with the default options, from one random start, for comparison:
             its weights may leave the range

apart against uniform shows what sharing buys, apart from the better draws of "adaptive".

Medians over --repeats random states, the smallest and the largest in brackets. One worker.

    python benchmarks/bench_samplers.py
    python benchmarks/bench_samplers.py --quick
"""

from dataclasses import dataclass
from statistics import median
from time import perf_counter

import numpy as np
from _timing import parser, print_machine, print_table, spread
from sklearn.datasets import load_breast_cancer, load_diabetes, load_iris, make_friedman1
from sklearn.preprocessing import scale
from sklearn.utils.estimator_checks import _regression_dataset

from skbackprop import BackpropClassifier, BackpropRegressor
from skbackprop._execution._while_solving import while_solving
from skbackprop.solvers import GradientDescent, MonteCarlo, Solver

SAMPLERS = ("uniform", "sobol", "halton", "latin_hypercube", "adaptive")
DRAWS, SECONDS = (10_000, 100_000), (0.2, 2.0)
QUICK_DRAWS, QUICK_SECONDS = (1_000,), (0.05,)
BATCH = 256


@dataclass(frozen=True)
class Apart(Solver):
    """Uniform draws of whole networks."""

    n_draws: int
    max_time: float | None = None

    def solve(self, objective, w0=None, *, rng, n_jobs=None, callback=None):
        end = perf_counter() + (self.max_time or np.inf)
        generator = np.random.default_rng(rng.randint(2**31))
        least = np.inf
        for start in range(0, self.n_draws, BATCH):
            size = min(BATCH, self.n_draws - start), objective.n_weights
            least = min(least, objective.values(generator.uniform(-1, 1, size)).min())
            if perf_counter() > end:
                break
        return least


class Found(Exception):
    """The objective of an estimator, on its way to the solver."""


class Stop(Solver):
    """Hands out the objective that an estimator makes."""

    def solve(self, objective, w0=None, **options):
        raise Found(objective)


def problems():
    """Name -> objective."""
    battery = _regression_dataset()
    yield "battery, 200 x 10-10-1", BackpropRegressor(), scale(battery[0]), scale(battery[1])
    X, y = load_diabetes(return_X_y=True)
    yield "diabetes, 442 x 10-10-1", BackpropRegressor(), scale(X), y
    X, y = make_friedman1(1000, random_state=0)
    yield "friedman, 1000 x 10-20-1", BackpropRegressor(20), scale(X), y
    X, y = load_iris(return_X_y=True)
    yield "iris, 150 x 4-30-3", BackpropClassifier(), scale(X), y
    X, y = load_breast_cancer(return_X_y=True)
    yield "cancer, 569 x 30-30-1", BackpropClassifier(), scale(X), y


def objective_of(model, X, y):
    try:
        model.set_params(solver=Stop()).fit(X, y)
    except Found as found:
        return found.args[0]


def least(solver, objective, state):
    """J that a solver comes to, and its seconds."""
    start = perf_counter()
    result = solver.solve(objective, rng=np.random.RandomState(state))
    return getattr(result, "value", result), perf_counter() - start


def contenders(n_draws, max_time=None):
    yield "apart", Apart(n_draws, max_time)
    for sampler in SAMPLERS:
        yield sampler, MonteCarlo(n_draws, sampler=sampler, max_time=max_time)
    if max_time is None:
        yield "descent", GradientDescent()


def row(name, solver, objective, states):
    values, seconds = zip(*(least(solver, objective, state) for state in states), strict=True)
    return name, spread(values), f"{median(seconds):.3f}"


def main():
    arguments = parser(__doc__)
    arguments.set_defaults(repeats=11)
    options = arguments.parse_args()
    print_machine()
    draws, seconds = (QUICK_DRAWS, QUICK_SECONDS) if options.quick else (DRAWS, SECONDS)
    states = range(min(options.repeats, 3) if options.quick else options.repeats)
    for name, model, X, y in problems():
        objective = objective_of(model, X, y)
        budgets = [(f"{n:,} draws", contenders(n)) for n in draws]
        budgets += [(f"{time:g} s", contenders(10**9, time)) for time in seconds]
        for budget, solvers in budgets:
            with while_solving(objective.n_samples):  # as in a fit
                table = [row(which, solver, objective, states) for which, solver in solvers]
            print_table(f"{name}, {budget}", ("draws", "J", "seconds"), table)


if __name__ == "__main__":
    main()
