"""The overhead of small problems: what do `fit` and `predict` cost besides the mathematics?

Measured, on the iris data (150 samples, 4 features, 3 classes) and the diabetes data (442
samples, 10 features), with 10 hidden units
  overhead  fit less the solve within it: validation, targets, copies of the parts, attributes, and
            the regressor's error bars. Both are timed in the same fit. Target: less than 1 ms.
  fit       with one iteration, and with the default options, by each optimizer and with a number
            for alpha; and with alpha="auto", the default of the estimators.
  predict   and predict_proba, on 1, 100, 10,000 and 100,000 rows in float64 and float32.

Against scikit-learn's MLPClassifier and MLPRegressor with as many logistic hidden units, the
same alpha and max_iter and, of "adam" and "lbfgs", the same optimizer, in full batches ("lm" and
the default, which is "lbfgs" here, are compared with "lbfgs"). Fits with default options end by
rules of their own, so only those of one iteration do the same work. Predictions also against
LogisticRegression and Ridge. Ratios above 1 mean that skbackprop is faster.

    python benchmarks/bench_small_fits.py
    python benchmarks/bench_small_fits.py --quick
"""

import warnings
from contextlib import contextmanager
from functools import partial
from statistics import median
from time import perf_counter
from unittest.mock import patch

import _timing
import numpy as np
from _processor import again_without_avx512, kind
from _timing import (
    against,
    interleaved,
    milliseconds,
    parser,
    print_machine,
    print_table,
    ratios,
    spread,
)
from sklearn.datasets import load_diabetes, load_iris
from sklearn.exceptions import ConvergenceWarning
from sklearn.linear_model import LogisticRegression, Ridge
from sklearn.neural_network import MLPClassifier, MLPRegressor
from sklearn.preprocessing import scale
from threadpoolctl import threadpool_limits

from skbackprop import BackpropClassifier, BackpropRegressor
from skbackprop.solvers import GradientDescent

UNITS = 10
OPTIMIZERS = ("auto", "lm", "lbfgs", "adam")
# scikit-learn's solver of the same name, or of a like cost
THEIRS = {"auto": "lbfgs", "lm": "lbfgs", "lbfgs": "lbfgs", "adam": "adam"}
ONE, DEFAULT = "1", "default"
# A number for alpha, the same for both; and our default.
ALPHA, AUTO = {"iris": 1.0, "diabetes": 0.1}, "auto"
# Seconds of one measurement and before it: many short turns, since problems this small leave
# no threads of BLAS behind that would have to go to sleep first
MEASUREMENT = 0.05
_timing.SETTLE = 0.01
# Milliseconds that `fit` may take besides `solve`
TARGET = 1.0
# Rows of the predictions
ROWS = (1, 100, 10_000, 100_000)
# How fast predictions should be, as a multiple of scikit-learn's network
PREDICT_TARGET = 1.0


def data():
    """Name -> X, y, our estimator, scikit-learn's network and its linear model."""
    iris, diabetes = load_iris(return_X_y=True), load_diabetes(return_X_y=True)
    y = scale(diabetes[1])  # MLPRegressor needs that
    return {
        "iris": (scale(iris[0]), iris[1], BackpropClassifier, MLPClassifier, LogisticRegression()),
        "diabetes": (scale(diabetes[0]), y, BackpropRegressor, MLPRegressor, Ridge()),
    }


def ours(estimator, optimizer, max_iter, alpha):
    """An unfitted estimator; the very default where nothing else is asked for."""
    options = {} if max_iter == DEFAULT else {"max_iter": int(max_iter)}
    solver = GradientDescent(optimizer, **options)
    return estimator(UNITS, alpha=alpha, solver=solver, random_state=0)


def theirs(network, optimizer, max_iter, alpha, n_samples):
    options = {} if max_iter == DEFAULT else {"max_iter": int(max_iter)}
    options |= {"solver": THEIRS[optimizer], "alpha": alpha, "batch_size": n_samples}
    return network(hidden_layer_sizes=(UNITS,), activation="logistic", random_state=0, **options)


@contextmanager
def timed_solve():
    """A list to which every solve by gradient descent adds its seconds."""
    solve, times = GradientDescent.solve, []

    def timed(self, *args, **options):
        start = perf_counter()
        result = solve(self, *args, **options)
        times.append(perf_counter() - start)
        return result

    with patch.object(GradientDescent, "solve", timed):
        yield times


def overheads(model, X, y, n_fits):
    """Seconds of each of some fits, and of each without its solve."""
    fits = []
    model.fit(X, y)
    with timed_solve() as solves:
        for _ in range(n_fits):
            start = perf_counter()
            model.fit(X, y)
            fits.append(perf_counter() - start)
    return fits, [fit - solve for fit, solve in zip(fits, solves, strict=True)]


def overhead_cells(model, X, y, n_fits, repeats):
    """The overhead of a fit, whose spread is that of medians, and whether it met the target."""
    overhead = [1e3 * median(overheads(model, X, y, n_fits)[1]) for _ in range(repeats)]
    met = "met" if median(overhead) <= TARGET else "MISSED"
    return spread(overhead), f"{TARGET:g} {met}"


def fit_row(name, case, optimizer, max_iter, repeats, alpha=None):
    """One line of the table of fits."""
    X, y, estimator, network, _ = case
    alpha, number = alpha or ALPHA[name], ALPHA[name]
    model = ours(estimator, optimizer, max_iter, alpha)
    other = theirs(network, optimizer, max_iter, number, len(X))
    times = interleaved(
        {"ours": partial(model.fit, X, y), "sklearn": partial(other.fit, X, y)},
        repeats,
        MEASUREMENT,
    )
    n_fits = max(5, min(100, round(MEASUREMENT / median(times["ours"]))))
    overhead = ("", "") if alpha == AUTO else overhead_cells(model, X, y, n_fits, repeats)
    return (
        name,
        optimizer,
        f"{alpha}",
        max_iter,
        milliseconds(times["ours"]),
        f"{model.n_iter_}",
        *overhead,
        milliseconds(times["sklearn"]),
        f"{other.n_iter_}",
        spread(ratios(times["sklearn"], times["ours"])),
    )


def predict_rows(name, case, repeats, dtype, numbers):
    """A line for each method of prediction and number of rows."""
    X, y, estimator, network, linear = case
    X = X.astype(dtype)
    models = {
        "ours": ours(estimator, "auto", DEFAULT, ALPHA[name]).fit(X, y),
        "sklearn": theirs(network, "lbfgs", DEFAULT, ALPHA[name], len(X)).fit(X, y),
        "linear": linear.fit(X, y),
    }
    for method in ("predict", "predict_proba") if name == "iris" else ("predict",):
        for rows in numbers:
            some = np.resize(X, (rows, X.shape[1]))
            runs = {who: partial(getattr(model, method), some) for who, model in models.items()}
            times = interleaved(runs, repeats, MEASUREMENT)
            gain = ratios(times["sklearn"], times["ours"])
            yield (
                f"{name} {method} {dtype}",
                f"{rows}",
                *(milliseconds(times[who]) for who in models),
                spread(gain),
                against(PREDICT_TARGET, gain),
                spread(ratios(times["linear"], times["ours"])),
            )


FIT_HEADER = (
    "data",
    "optimizer",
    "alpha",
    "max_iter",
    "ours ms",
    "n_iter",
    "overhead ms",
    "target",
    "sklearn ms",
    "n_iter",
    "sklearn / ours",
)
PREDICT_HEADER = (
    "data and method",
    "rows",
    "ours ms",
    "sklearn ms",
    "linear ms",
    "sklearn / ours",
    "target",
    "linear / ours",
)


def main():
    arguments = parser(__doc__)
    arguments.set_defaults(repeats=15)
    options = arguments.parse_args()
    warnings.simplefilter("ignore", ConvergenceWarning)
    threadpool_limits(options.threads)
    print_machine()
    repeats = min(options.repeats, 3) if options.quick else options.repeats
    optimizers = OPTIMIZERS[:2] if options.quick else OPTIMIZERS
    cases = data()
    rows = [
        fit_row(name, case, optimizer, max_iter, repeats)
        for name, case in cases.items()
        for max_iter in ((ONE,) if options.quick else (ONE, DEFAULT))
        for optimizer in optimizers
    ]
    rows += [fit_row(name, case, "auto", DEFAULT, repeats, AUTO) for name, case in cases.items()]
    print_table(f"Fits, median of {repeats}", FIT_HEADER, rows)
    numbers = ROWS[:2] if options.quick else ROWS
    rows = [
        row
        for name, case in cases.items()
        for dtype in ("float64", "float32")
        for row in predict_rows(name, case, repeats, dtype, numbers)
    ]
    print_table(f"Predictions, {kind()}, median of {repeats}", PREDICT_HEADER, rows)
    again_without_avx512()


if __name__ == "__main__":
    main()
