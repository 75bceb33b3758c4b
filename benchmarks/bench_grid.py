"""The weight grid searched exactly: how large a network, how many boxes, how long?

Measured: a whole fit by the estimators' `fit`, validation of the data included, on one worker,
alpha=0 and the squared error. Beside it the time of a matrix product of two 2000 x 2000 float64
matrices on one thread, measured in the same turns, by which times of different machines can be
compared. Enumeration is what evaluating every grid point would take at the speed at which the
package evaluates many points at once. Nodes are the boxes that were bounded.

    python benchmarks/bench_grid.py
    python benchmarks/bench_grid.py --quick
    python benchmarks/bench_grid.py --hard          # also those that take minutes or end unproven
"""

import re
import warnings
from dataclasses import dataclass, field
from statistics import median
from time import perf_counter

import numpy as np
from _timing import parser, print_machine, print_table
from sklearn.datasets import load_breast_cancer, load_diabetes, load_iris, make_moons
from sklearn.exceptions import ConvergenceWarning
from sklearn.preprocessing import StandardScaler
from threadpoolctl import threadpool_limits

from skbackprop import BackpropClassifier, BackpropRegressor
from skbackprop.solvers import Grid, Status

SECONDS_A_YEAR = 365.25 * 24 * 3600


class Watched(Grid):
    """The solver, with a memory of the last note it made of its proof."""

    notes = []

    def solve(self, objective, w0=None, **options):
        def look(progress):
            self.notes.append(progress.note)
            return False

        return super().solve(objective, w0, **options | {"callback": look})


@dataclass(frozen=True)
class Case:
    name: str
    X: np.ndarray
    y: np.ndarray
    n_hidden: int
    fit_intercept: bool = False
    classes: bool = True
    grid: dict = field(default_factory=dict)

    def model(self, max_time):
        kind = BackpropClassifier if self.classes else BackpropRegressor
        return kind(
            self.n_hidden,
            solver=Watched(max_evals=10**7, max_time=max_time, **self.grid),
            loss="squared_error",
            alpha=0,
            fit_intercept=self.fit_intercept,
            random_state=0,
        )


def scaled(X):
    return StandardScaler().fit_transform(X)


def bits(n):
    """All words of n bits, and their parity."""
    X = np.array([[int(b) for b in f"{i:0{n}b}"] for i in range(2**n)])
    return X.astype(float), X.sum(axis=1) % 2


def cases():
    """The problems that are proven within seconds."""
    xor, parity = bits(2), bits(3)
    X, y = make_moons(100, noise=0.1, random_state=0)
    moons = scaled(X), y
    X, y = load_iris(return_X_y=True)
    iris, petals = (scaled(X), y), (scaled(X)[:, 2:], y)
    cancer = load_breast_cancer(return_X_y=True)
    wide = {"weight_range": (-3, 3)}
    yield Case("2-2-1, XOR", *xor, 2)
    yield Case("2-3-1, moons", *moons, 3)
    yield Case("2-2-1 with intercepts, XOR", *xor, 2, True)
    yield Case("3-2-1, parity of 3 bits", *parity, 2)
    yield Case("2-2-3, iris, 2 features", *petals, 2)
    yield Case("2-4-1, XOR", *xor, 4)
    yield Case("4-3-3, iris", *iris, 3)
    yield Case("2-6-1, XOR", *xor, 6)
    yield Case("2-2-1, XOR, (-3, 3)", *xor, 2, grid=wide)
    yield Case("2-2-1 with intercepts, XOR, (-3, 3)", *xor, 2, True, grid=wide)
    yield Case("2-4-1, XOR, (-3, 3)", *xor, 4, grid=wide)
    yield Case("5-2-1, breast cancer", scaled(cancer[0])[:, :5], cancer[1], 2)
    yield Case("6-2-1, breast cancer", scaled(cancer[0])[:, :6], cancer[1], 2)


def hard_cases():
    """Problems at the edge."""
    X, y = load_diabetes(return_X_y=True)
    diabetes = scaled(X)[:, [2, 8, 3, 4, 5, 6]]
    iris = load_iris(return_X_y=True)
    cancer = load_breast_cancer(return_X_y=True)
    yield Case("5-2-1, diabetes", diabetes[:, :5], y, 2, classes=False)
    yield Case("4-3-3 with intercepts, iris", scaled(iris[0]), iris[1], 3, True)
    yield Case("6-2-1, diabetes", diabetes, y, 2, classes=False)
    yield Case("8-2-1, breast cancer", scaled(cancer[0])[:, :8], cancer[1], 2)
    yield Case("2-8-1, XOR", *bits(2), 8)
    X, y = make_moons(100, noise=0.1, random_state=0)
    yield Case("2-3-1, moons, (-3, 3)", scaled(X), y, 3, grid={"weight_range": (-3, 3)})


def reference():
    """Seconds of the matrix product."""
    A = np.random.default_rng(0).normal(size=(2000, 2000))
    start = perf_counter()
    A @ A
    return perf_counter() - start


def seconds_of(function):
    start = perf_counter()
    result = function()
    return perf_counter() - start, result


def row(case, repeats, max_time):
    """One line of the table."""
    times, products = [], []
    model = case.model(max_time)
    for _ in range(repeats):
        products.append(reference())
        times.append(seconds_of(lambda: model.fit(case.X, case.y))[0])
    proven = model.status_ == Status.OPTIMAL
    n_weights = sum(w.size for w in model.coefs_)
    n_weights += sum(b.size for b in model.intercepts_) if case.fit_intercept else 0
    ratio = median(t / p for t, p in zip(times, products, strict=True))
    return (
        case.name,
        str(n_weights),
        f"{float(model.n_grid_points_):.0e}",
        f"{model.loss_:.6f}",
        "proven" if proven else f"{(model.loss_ - model.loss_lower_bound_) / model.loss_:.1%}",
        f"{model.n_evaluations_:,}",
        nodes(),
        f"{median(times):.2f} ({min(times):.2f}..{max(times):.2f})",
        f"{ratio:.2f}",
        enumeration(case, model),
    )


def nodes():
    """The nodes of the last fit."""
    found = [re.search(r"([\d,]+) nodes", note) for note in Watched.notes]
    Watched.notes.clear()
    return next((match[1] for match in reversed(found) if match), "0")


def enumeration(case, model):
    """How long evaluating every point would take, in words."""
    few = type(case.model(None))(
        **{**model.get_params(deep=False), "solver": "montecarlo", "n_jobs": None}
    )
    few.set_params(solver__n_draws=50_000, solver__sampler="uniform")
    spent, _ = seconds_of(lambda: few.fit(case.X, case.y))
    seconds = spent / 50_000 * float(model.n_grid_points_)
    if seconds < SECONDS_A_YEAR:
        return f"{seconds / 3600:,.1f} h"
    years = seconds / SECONDS_A_YEAR
    return f"{years:,.0f} years" if years < 1e6 else f"{years:.0e} years"


HEADER = (
    "network and data",
    "weights",
    "points",
    "J",
    "gap",
    "evaluations",
    "nodes",
    "seconds",
    "/ product",
    "enumeration",
)


def main():
    arguments = parser(__doc__)
    arguments.add_argument("--hard", action="store_true", help="also what takes minutes")
    arguments.add_argument("--max-time", type=float, default=120, help="seconds of one fit")
    options = arguments.parse_args()
    warnings.simplefilter("ignore", ConvergenceWarning)
    print_machine()
    chosen = list(cases())[:3] if options.quick else list(cases())
    repeats = 1 if options.quick else min(options.repeats, 5)
    with threadpool_limits(1):
        table = [row(case, repeats, options.max_time) for case in chosen]
        if options.hard:
            table += [row(case, 1, options.max_time) for case in hard_cases()]
    print_table("The grid -1, -0.9, ..., 1 searched exactly", HEADER, table)


if __name__ == "__main__":
    main()
