"""Where does Levenberg-Marquardt stop to pay? Support for the rule of optimizer="auto".

Measured: seconds of a fit with optimizer="lm" and with "lbfgs", a number for alpha, and
everything else as the estimators have it, on standardised features, the two in turn for each
random state; where they ended (J with the penalty, iterations, status); and, on real data, what
the answers are worth (5-fold cross-validation: accuracy or R^2), since a descent that ends
early may generalise differently.

Against each other. A ratio above 1 means that "lm" is faster. The tables are sorted by what
the rule counts, k P for k outputs and P weights, so that one sees where the ratio falls below
1: an iteration of "lm" takes up to n k P^2 operations, one of "lbfgs" n P. Then the limit of the
rule: for each that these problems can tell apart, how much longer the fits take than with the
better choice for each problem, as a geometric mean, and altogether. The same for a rule that
counts the operations of an iteration, n k P^2 + P^3.

The two do not end at the same J: "J lbfgs / lm" says how far apart. So all this is counted
for whole fits, and again for the time to a common J: until J is within 1 % of the higher of
the two ends, in equal shares of the fit's seconds for each iteration. A fit that runs into
--max-time counts with the time it took, which is too short. Counted are median seconds over
the random states; ratios pair those of one.

    python benchmarks/bench_auto.py
    python benchmarks/bench_auto.py --quick
"""

import warnings
from dataclasses import dataclass
from functools import partial
from math import exp, inf, log
from statistics import mean, median
from time import perf_counter

import numpy as np
from _timing import parser, print_machine, print_table, ratios, spread
from sklearn.datasets import (
    load_breast_cancer,
    load_diabetes,
    load_digits,
    load_iris,
    load_wine,
    make_classification,
    make_friedman1,
)
from sklearn.exceptions import ConvergenceWarning
from sklearn.model_selection import cross_val_score
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler, scale
from threadpoolctl import threadpool_limits

from skbackprop import BackpropClassifier, BackpropRegressor
from skbackprop.losses import LogLoss, SquaredError
from skbackprop.model import Network, Objective
from skbackprop.solvers import GradientDescent
from skbackprop.solvers._gradient_descent import _auto

OPTIMIZERS = ("lm", "lbfgs")
# A number, so that both optimizers minimise the same J.
ALPHA = {BackpropClassifier: 1.0, BackpropRegressor: 0.1}
UNITS = (3, 5, 10, 30)
SIZES, QUICK_SIZES = (200, 2_000, 20_000), (200,)
REAL = {
    "iris": load_iris,
    "wine": load_wine,
    "diabetes": load_diabetes,
    "breast_cancer": load_breast_cancer,
    "digits": load_digits,
}
# Problems of more operations are left out: beyond any doubt they are not for "lm".
MOST_OPERATIONS, QUICK_OPERATIONS = 1.1e10, 3e7
# What counts as having reached a J, times that
NEAR = 1.01


@dataclass(frozen=True)
class Problem:
    """A data set and the number of hidden units."""

    name: str
    data: tuple
    n_hidden: int
    real: bool

    @property
    def estimator(self):
        """For floats a regressor, for integers a classifier."""
        return BackpropRegressor if self.data[1].dtype.kind == "f" else BackpropClassifier

    @property
    def n_outputs(self):
        n_classes = len(np.unique(self.data[1])) if self.estimator is BackpropClassifier else 1
        return 1 if n_classes == 2 else n_classes

    @property
    def network(self):
        return Network(self.data[0].shape[1], self.n_hidden, self.n_outputs)

    @property
    def n_weights(self):
        return self.network.n_weights

    @property
    def automatic(self):
        """The optimizer that "auto" takes."""
        X, y = self.data
        loss = SquaredError() if self.estimator is BackpropRegressor else LogLoss()
        return _auto(Objective.from_arrays(self.network, loss, X, np.zeros((len(y), 1))))

    @property
    def times(self):
        """What `_auto` counts: the most work of an iteration of "lm" in iterations of "lbfgs"."""
        return self.n_outputs * self.n_weights

    @property
    def operations(self):
        """Those of an iteration of "lm"."""
        return len(self.data[0]) * self.n_outputs * self.n_weights**2 + self.n_weights**3

    def model(self, optimizer, seed, max_time):
        solver = GradientDescent(optimizer, max_time=max_time)
        alpha = ALPHA[self.estimator]
        return self.estimator(self.n_hidden, alpha=alpha, solver=solver, random_state=seed)


def data(sizes):
    """Triples (name, (X, y), whether it is real data)."""
    for name, load in REAL.items():
        yield name, load(return_X_y=True), True
    for n in sizes:
        yield f"friedman1 {n:,}", make_friedman1(n, noise=1.0, random_state=0), False
        yield f"classes {n:,}", classes(n), False


def classes(n):
    """Three classes in 20 features that overlap a little."""
    return make_classification(
        n, 20, n_informative=10, n_classes=3, flip_y=0.02, class_sep=1.5, random_state=0
    )


def problems(sizes, most_operations):
    """All that are not too large, by what the rule counts."""
    all_of_them = [
        Problem(name, (scale(X), y), n_hidden, real)
        for name, (X, y), real in data(sizes)
        for n_hidden in UNITS
    ]
    kept = [problem for problem in all_of_them if problem.operations <= most_operations]
    return sorted(kept, key=lambda problem: problem.times)


def fits(problem, seeds, max_time):
    """Optimizer -> list of (seconds, fitted model), one for each seed."""
    found = {optimizer: [] for optimizer in OPTIMIZERS}
    for seed in range(seeds):
        for optimizer in OPTIMIZERS if seed % 2 else reversed(OPTIMIZERS):
            model = problem.model(optimizer, seed, max_time)
            start = perf_counter()
            model.fit(*problem.data)
            found[optimizer].append((perf_counter() - start, model))
    return found


def column(found, optimizer, attribute):
    """An attribute of the fitted models, their seconds, or those to a common J."""
    if attribute == "seconds":
        return [seconds for seconds, _ in found[optimizer]]
    if attribute == "to common J":
        ends = zip(*(column(found, name, "loss_") for name in OPTIMIZERS), strict=True)
        return [
            to_reach(NEAR * max(end), *one) for end, one in zip(ends, found[optimizer], strict=True)
        ]
    return [getattr(model, attribute) for _, model in found[optimizer]]


def to_reach(J, seconds, model):
    """Seconds until the curve of a fit is at J or lower."""
    return seconds * (1 + np.argmax(model.loss_curve_ <= J)) / model.n_iter_


def row(problem, found):
    """One line of the table of fits."""
    get = partial(column, found)
    return (
        problem.name,
        f"{problem.n_hidden}",
        f"{problem.n_weights}",
        f"{problem.times}",
        f"{problem.operations:.1e}",
        *(f"{median(get(optimizer, 'seconds')):.3f}" for optimizer in OPTIMIZERS),
        spread(ratios(get("lbfgs", "seconds"), get("lm", "seconds"))),
        spread(ratios(get("lbfgs", "to common J"), get("lm", "to common J"))),
        *(f"{median(get(optimizer, 'n_iter_')):g}" for optimizer in OPTIMIZERS),
        *(ends(get(optimizer, "status_")) for optimizer in OPTIMIZERS),
        *(f"{median(get(optimizer, 'loss_')):.4g}" for optimizer in OPTIMIZERS),
        spread(ratios(get("lbfgs", "loss_"), get("lm", "loss_"))),
    )


def ends(statuses):
    """Why the fits ended, the unusual first: 'MAX_ITER 2'; empty where all converged."""
    names = [status.name for status in statuses if status.name != "CONVERGED"]
    return " ".join(f"{name} {names.count(name)}" for name in sorted(set(names)))


HEADER = (
    "data",
    "hidden",
    "P",
    "k P",
    "operations",
    "lm s",
    "lbfgs s",
    "t lbfgs / lm",
    "to a common J",
    "lm iter",
    "lbfgs iter",
    "lm ends",
    "lbfgs ends",
    "J lm",
    "J lbfgs",
    "J lbfgs / lm",
)


def limits(seconds):
    """What each limit costs: list of (limit, geometric mean of time / best, total seconds).

    `seconds` are pairs (size, optimizer -> seconds). A limit is named after the largest
    problem that it gives to "lm".
    """
    found = [0, *sorted(size for size, _ in seconds)]
    return [(limit, *cost(up_to(limit, seconds), seconds)) for limit in found]


def up_to(limit, seconds):
    """The optimizers of a rule that gives problems up to a size to "lm"."""
    return ["lm" if size <= limit else "lbfgs" for size, _ in seconds]


def cost(optimizers, seconds):
    """Time over that of the better choice, as a geometric mean, and total seconds."""
    pairs = zip(optimizers, seconds, strict=True)
    taken = [times[optimizer] for optimizer, (_, times) in pairs]
    best = [min(times.values()) for _, times in seconds]
    return exp(mean(log(t / b) for t, b in zip(taken, best, strict=True))), sum(taken)


def seconds(chosen, found, what, size):
    """What `limits` needs: the size, an attribute, and median seconds of each problem."""
    return [
        (getattr(problem, size), {name: median(column(one, name, what)) for name in OPTIMIZERS})
        for problem, one in zip(chosen, found, strict=True)
    ]


def print_limits(title, automatic, by_times, by_operations):
    """The rule of "auto", the best limits of either kind, and the two that choose nothing."""
    found = limits(by_times)
    rows = {
        "auto": ("", *cost(automatic, by_times)),
        "k P, least by the mean": min(found, key=lambda one: one[1]),
        "k P, least by the sum": min(found, key=lambda one: one[2]),
        "operations, least by the mean": min(limits(by_operations), key=lambda one: one[1]),
        "always lbfgs": (0, *cost(up_to(0, by_times), by_times)),
        "always lm": (inf, *cost(up_to(inf, by_times), by_times)),
    }
    cells = [
        (name, limit if limit == "" else f"{limit:.3g}", f"{factor:.2f}", f"{total:.2f}")
        for name, (limit, factor, total) in rows.items()
    ]
    header = ("rule", "limit", "time / best, mean", "seconds, sum")
    print_table(f"Limit up to which lm is taken, {title}", header, cells)


def score_row(problem, seeds, max_time):
    """One line of the table of scores; folds are the same for both optimizers."""
    scores = {
        optimizer: [
            cross_val_score(
                make_pipeline(StandardScaler(), problem.model(optimizer, seed, max_time)),
                *problem.data,
            ).mean()
            for seed in range(seeds)
        ]
        for optimizer in OPTIMIZERS
    }
    gain = [a - b for a, b in zip(scores["lm"], scores["lbfgs"], strict=True)]
    return (
        problem.name,
        f"{problem.n_hidden}",
        f"{problem.times}",
        *(f"{mean(scores[optimizer]):.4f}" for optimizer in OPTIMIZERS),
        f"{mean(gain):+.4f} ({min(gain):+.4f}..{max(gain):+.4f})",
    )


SCORE_HEADER = ("data", "hidden", "k P", "lm", "lbfgs", "lm - lbfgs")


def main():
    arguments = parser(__doc__)
    arguments.set_defaults(repeats=3)
    arguments.add_argument(
        "--max-time", type=float, default=60.0, help="seconds of a fit (default: %(default)s)"
    )
    options = arguments.parse_args()
    warnings.simplefilter("ignore", ConvergenceWarning)
    threadpool_limits(options.threads)
    print_machine()
    seeds = 1 if options.quick else options.repeats
    sizes = QUICK_SIZES if options.quick else SIZES
    chosen = problems(sizes, QUICK_OPERATIONS if options.quick else MOST_OPERATIONS)
    found = [fits(problem, seeds, options.max_time) for problem in chosen]
    print_table(f"Fits, median of {seeds} random states", HEADER, list(map(row, chosen, found)))
    automatic = [problem.automatic for problem in chosen]
    for what, title in (("seconds", "whole fits"), ("to common J", "to a common J")):
        by_sizes = [seconds(chosen, found, what, by) for by in ("times", "operations")]
        print_limits(title, automatic, *by_sizes)
    rows = [score_row(one, seeds, options.max_time) for one in chosen if one.real]
    print_table(f"Score, mean of {seeds} cross-validations", SCORE_HEADER, rows)


if __name__ == "__main__":
    main()
