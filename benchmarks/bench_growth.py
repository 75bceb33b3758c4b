"""How the seconds of one iteration grow with the samples and with the weights.

Measured
  J and gradient  Objective.value_and_grad, all that an iteration of a first-order method and
                  of L-BFGS needs of the data
  Gauss-Newton    Objective.gauss_newton, what an iteration of Levenberg-Marquardt needs
  sgd, lbfgs, lm  a whole iteration: the time between two calls of the callback of
                  GradientDescent.solve, the step and the bookkeeping included. The median
                  leaves out the few iterations with further evaluations for their step.

Against the theory, by the local exponent: the slope of log seconds over log samples, or over
log weights, between a row and the one above. In the samples it should be 1 for all. In the
weights P it should be 1 for the gradient. For Levenberg-Marquardt it should be 2 while the
matrix of n P^2 operations is most of the work, then 3 by its factors. Small problems are
flatter, because of the overhead of the calls.

Seconds are those of the processor, of all threads together, which what else runs on the
machine hardly changes. There is one thread by default: several would not make the exponents
clearer, since large problems alone make use of them.

And the peak memory of a fit beyond its data against the samples, measured as in
bench_memory.py. It should be flat.

    python benchmarks/bench_growth.py
    python benchmarks/bench_growth.py --plot docs/images/growth.png
    python benchmarks/bench_growth.py --quick

--plot needs matplotlib, the memory needs Unix.
"""

import argparse
import json
import subprocess
import sys
from dataclasses import asdict
from statistics import median
from time import process_time

import numpy as np
from _timing import parser, print_machine, print_table
from bench_memory import SMALL_WORKING_MEMORY, SOLVERS, Fit, measure, mebibytes
from threadpoolctl import threadpool_limits

from skbackprop._execution._while_solving import while_solving
from skbackprop.losses import SquaredError
from skbackprop.model import Network, Objective
from skbackprop.solvers import GradientDescent

ALPHA = 0.03
# features, hidden units: 221 weights
SAMPLES, NETWORK = (1_000, 3_000, 10_000, 30_000, 100_000, 300_000, 1_000_000), (20, 10)
# with 10 features 12 weights a unit, and one more
UNITS, N_FEATURES, N_SAMPLES = (1, 2, 4, 8, 16, 32, 64, 128, 166), 10, 1_000
QUICK_SAMPLES, QUICK_UNITS = (1_000, 10_000), (2, 16)
OPTIMIZERS = ("sgd", "lbfgs", "lm")
EVALUATIONS = {"J and gradient": "value_and_grad", "Gauss-Newton": "gauss_newton"}
METHODS = ("J and gradient", "sgd", "lbfgs", "Gauss-Newton", "lm")
# Seconds that one measurement of one method may take, and the iterations it has
MEASUREMENT, FEWEST, MOST = 0.3, 2, 30
# Budgets of the fits whose memory is measured: a million samples take some seconds
BUDGET = {"sgd": 5, "lbfgs": 5, "lm": 2}
SOLVERS["gd sgd"] = lambda budget: GradientDescent("sgd", max_iter=budget, tol=0.0)
# By Okabe and Ito, told apart by the colour-blind too
STYLES = {
    "J and gradient": ("#000000", "o", "-"),
    "sgd": ("#E69F00", "s", "--"),
    "lbfgs": ("#0072B2", "^", "-"),
    "Gauss-Newton": ("#009E73", "D", "--"),
    "lm": ("#D55E00", "v", "-"),
}


def problem(n_samples, n_features, n_hidden):
    """A noisy function of all features, within reach of a sigmoid, and weights to begin with."""
    rng = np.random.default_rng(0)
    X = rng.standard_normal((n_samples, n_features))
    Y = np.tanh(X @ np.linspace(-0.5, 0.5, n_features)) + 0.1 * rng.standard_normal(n_samples)
    network = Network(n_features, n_hidden, 1)
    Y = np.clip(0.5 + 0.3 * Y, 0.1, 0.9)[:, None]
    return Objective.from_arrays(
        network, SquaredError(), X, Y, alpha=ALPHA
    ), network.initial_weights(rng)


def growing_samples(quick):
    """Triples (n_samples, n_features, n_hidden)."""
    return [(n, *NETWORK) for n in (QUICK_SAMPLES if quick else SAMPLES)]


def growing_weights(quick):
    return [(N_SAMPLES, N_FEATURES, units) for units in (QUICK_UNITS if quick else UNITS)]


def evaluations(method, objective, w):
    """Seconds of each of some evaluations."""
    evaluate, times = getattr(objective, EVALUATIONS[method]), []
    evaluate(w)
    while len(times) < FEWEST or (sum(times) < MEASUREMENT and len(times) < MOST):
        start = process_time()
        evaluate(w)
        times.append(process_time() - start)
    return times


def iterations(optimizer, objective, w):
    """Seconds of each of some iterations."""
    stamps = []

    def enough(progress):
        stamps.append(process_time())
        spent, done = stamps[-1] - stamps[0], len(stamps) - 1
        return done >= FEWEST and (spent > MEASUREMENT or done >= MOST)

    solver = GradientDescent(optimizer, tol=0.0)
    solver.solve(objective, w, rng=np.random.RandomState(0), callback=enough)
    return np.diff(stamps)


def one_iteration(shape, repeats):
    """Number of weights, and the seconds of one iteration by each method.

    A median over the iterations, and of these the least of the repeats: what disturbs only
    adds, and would bend the curves.
    """
    objective, w = problem(*shape)
    times = {method: [] for method in METHODS}
    with while_solving(objective.n_samples):  # as in a fit
        for _ in range(repeats):
            for method in METHODS:
                run = evaluations if method in EVALUATIONS else iterations
                times[method].append(median(run(method, objective, w)))
    return objective.n_weights, {method: min(times[method]) for method in METHODS}


def exponents(sizes, times):
    """The local exponents, empty for the first row."""
    slopes = np.diff(np.log(times)) / np.diff(np.log(sizes))
    return ["", *(f"{slope:.2f}" for slope in slopes)]


def print_growth(title, name, sizes, times):
    """A table with the milliseconds of each method and their exponents."""
    columns = [[f"{size:,}" for size in sizes]]
    header = [name]
    for method in METHODS:
        columns += [[f"{1e3 * t:.3f}" for t in times[method]], exponents(sizes, times[method])]
        header += [f"{method} ms", "exp."]
    print_table(title, header, list(zip(*columns, strict=True)))


def series(shapes, sizes, repeats):
    """The sizes and, for each method, the seconds: what the tables and the plot show.

    `sizes` takes n_samples and n_weights to the one that grows.
    """
    measured = [one_iteration(shape, repeats) for shape in shapes]
    grown = [sizes(shape[0], weights) for shape, (weights, _) in zip(shapes, measured, strict=True)]
    return grown, {method: [times[method] for _, times in measured] for method in METHODS}


def in_subprocess(fit):
    """Bytes of the data and of what the fit took, in a process of its own."""
    command = [sys.executable, __file__, "--fit", json.dumps(asdict(fit))]
    answer = subprocess.run(command, check=True, stdout=subprocess.PIPE, text=True)
    return json.loads(answer.stdout)


def print_memory(sizes, threads):
    """A table of the peak memory of fits of growing samples."""
    rows = []
    for n_samples in sizes:
        fits = {
            name: Fit(f"gd {name}", n_samples, BUDGET[name], SMALL_WORKING_MEMORY, threads)
            for name in OPTIMIZERS
        }
        measured = {name: in_subprocess(fit) for name, fit in fits.items()}
        size = measured["lm"][0]
        taken = [mebibytes(measured[name][1]) for name in OPTIMIZERS]
        rows.append((f"{n_samples:,}", mebibytes(size), *taken))
    header = ("samples", "data MiB", *(f"{name} MiB" for name in OPTIMIZERS))
    print_table("Peak memory of a fit beyond its data", header, rows)


def plot(path, panels):
    """Log-log curves of each panel (title, label of x, guides, sizes, times)."""
    from matplotlib import pyplot

    pyplot.rcParams["font.size"] = 13
    figure, axes = pyplot.subplots(
        1, len(panels), figsize=(12, 5.6), sharey=True, layout="constrained"
    )
    for ax, (title, label, guides, sizes, times) in zip(axes, panels, strict=True):
        for method, (colour, marker, line) in STYLES.items():
            ax.loglog(
                sizes, times[method], color=colour, marker=marker, linestyle=line, label=method
            )
        for exponent, first, start, side in guides:
            guide(ax, exponent, np.array(sizes[first:]), start, side)
        ax.set(title=title, xlabel=label)
        ax.grid(which="major", alpha=0.3)
    axes[0].set_ylabel("one iteration (CPU seconds)")
    handles, labels = axes[0].get_legend_handles_labels()
    figure.legend(handles, labels, loc="outside lower center", ncols=len(METHODS))
    figure.savefig(path, dpi=110)


def guide(ax, exponent, sizes, start, side):
    """A dotted line of the slope that the theory expects, from `start` seconds."""
    line = start * (sizes / sizes[0]) ** exponent
    ax.loglog(sizes, line, color="0.45", linestyle=":")
    middle, away = len(sizes) // 2, -8 if side == "left" else 8
    ax.annotate(
        f"slope {exponent}",
        (sizes[middle], line[middle]),
        (away, -away / 2),
        textcoords="offset points",
        ha="right" if side == "left" else "left",
        va="bottom" if side == "left" else "top",
        color="0.3",
    )


def panels(by_samples, by_weights):
    """What `plot` draws; a guide begins a little beside the curve whose slope it explains."""
    gradient = by_samples[1]["J and gradient"][0]
    weights, times = by_weights
    middle = len(weights) // 2
    guides = [
        (1, middle, 0.4 * times["J and gradient"][middle], "right"),
        (2, middle, 6 * times["lm"][middle], "left"),
    ]
    return [
        ("221 weights (20-10-1)", "samples", [(1, 0, 0.3 * gradient, "right")], *by_samples),
        ("1,000 samples of 10 features", "weights", guides, *by_weights),
    ]


def main():
    arguments = parser(__doc__)
    arguments.set_defaults(repeats=3, threads=1)
    arguments.add_argument("--plot", metavar="PATH", help="where to write the plot")
    arguments.add_argument("--fit", help=argparse.SUPPRESS)
    options = arguments.parse_args()
    if options.fit:
        print(json.dumps(measure(Fit(**json.loads(options.fit)))))
        return
    threadpool_limits(options.threads)
    print_machine()
    repeats = 1 if options.quick else options.repeats
    # first: Linux hands the largest resident set of a process on to those that it starts
    print_memory(QUICK_SAMPLES[:1] if options.quick else SAMPLES[::2], options.threads)
    by_samples = series(growing_samples(options.quick), lambda n, _: n, repeats)
    print_growth("One iteration, growing samples, 221 weights", "samples", *by_samples)
    by_weights = series(growing_weights(options.quick), lambda _, weights: weights, repeats)
    print_growth("One iteration, growing weights, 1,000 samples", "weights", *by_weights)
    if options.plot:
        plot(options.plot, panels(by_samples, by_weights))


if __name__ == "__main__":
    main()
