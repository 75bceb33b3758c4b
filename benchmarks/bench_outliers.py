"""Outliers in y: does it help to clip the targets before they are mapped?

The regressor maps y by its minimum and maximum, so a single outlier compresses all other targets.
The alternative that is tried here clips the training targets before the fit, to

    [Q1 - k (Q3 - Q1), Q3 + k (Q3 - Q1)]

with the quartiles Q1 and Q3 of y, for several k. It is compared with the defaults and with
loss="huber", on the development parts of the real tables and of the known functions, as far as
clipping with k = 3 changes anything. Real tables are tested on their y as they are, in five
folds; functions on clean values, with three seeds. The score is R2.

    python benchmarks/bench_outliers.py
    python benchmarks/bench_outliers.py --quick
"""

import sys
import warnings

import numpy as np
from _contenders import CONTENDERS, OURS
from _folds import folds, tables
from _functions import FUNCTIONS, held_out, sample
from _timing import print_machine, print_table
from sklearn.base import clone
from sklearn.exceptions import ConvergenceWarning
from sklearn.preprocessing import StandardScaler
from threadpoolctl import threadpool_limits

SHOWN, RANGES = 3, (8, 5, 3, 1.5)
SEEDS = (0, 1, 2)
QUICK = 2


def clipped(y, k):
    first, third = np.quantile(y, (0.25, 0.75))
    return np.clip(y, first - k * (third - first), third + k * (third - first))


def parts_of_tables():
    """The folds of each table: X, y, and X and y to test on."""
    for name in tables("regression", "development"):
        yield name, [(fold.X, fold.y, fold.X_test, fold.y_test) for fold in folds(name)]


def parts_of_functions():
    """The same for each function, X standardised."""
    for name, function in FUNCTIONS.items():
        if function.part != "development":
            continue
        X_test, y_test = held_out(function)
        parts = []
        for seed in SEEDS:
            X, y = sample(function, seed)
            scaler = StandardScaler().fit(X)
            parts.append((scaler.transform(X), y, scaler.transform(X_test), y_test))
        yield name, parts


def score(parts, k=None, **options):
    """Mean R2 of fits to clipped targets, or with k=None to the targets as they are."""
    model = clone(CONTENDERS["regression"][OURS]).set_params(**options)
    targets = (y if k is None else clipped(y, k) for _, y, *_ in parts)
    fits = zip(parts, targets, strict=True)
    return np.mean([model.fit(X, y).score(*test) for (X, _, *test), y in fits])


def row(name, parts):
    """One line of the table; None if clipping changes nothing."""
    share = np.mean([np.mean(clipped(y, SHOWN) != y) for _, y, *_ in parts])
    if share == 0:
        return None
    scores = [score(parts), *(score(parts, k) for k in RANGES), score(parts, loss="huber")]
    return [name, f"{share:.1%}", *(f"{one:.3f}" for one in scores)]


def main():
    threadpool_limits(1)
    warnings.simplefilter("ignore", ConvergenceWarning)
    print_machine()
    header = ["", f"clipped by k = {SHOWN}", "as it is", *(f"k = {k}" for k in RANGES), "huber"]
    for title, problems in (("Tables", parts_of_tables()), ("Functions", parts_of_functions())):
        rows = []
        for name, parts in problems:
            if "--quick" in sys.argv and len(rows) == QUICK:
                break
            line = row(name, parts)
            rows += [line] if line else []
        print_table(title, header, rows)


if __name__ == "__main__":
    main()
