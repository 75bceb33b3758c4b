"""Do the units matter? Cross-validated scores of the defaults in other units of X and y.

The tables of the development part, ten for regression and nine for classification, in five
folds: R2, or the accuracy. Everything but the optimizer is as it comes. "standardised" is the
score with numbers standardised; then how much the score differs from it

  raw         with numbers as they are in the table
  x 1e-6      with one standardised column times 1e-6
  x 1e6       with that column times 1e6
  x shifted   with a thousand of its deviations added to that column
  y 1e-6, y 1e6, y shifted   likewise for y, in regression

The column is the one that says most about y by itself (the largest F of a linear model, on the
training part of the first fold). R2 below -1 counts as -1, also where a fit fails. "largest" is
the largest difference in amount, and the target is 0.005.

A classifier is left out with "lm" where an iteration would take more than 1e8 operations.

    python benchmarks/bench_units.py
    python benchmarks/bench_units.py --task regression --contenders lbfgs
    python benchmarks/bench_units.py --all --json units.json --minutes 6
    python benchmarks/bench_units.py --quick
"""

import argparse
import sys
import warnings
from dataclasses import dataclass, replace
from functools import partial
from time import process_time

import numpy as np
from _contenders import CONTENDERS, OURS, TASKS
from _folds import folds, tables
from _results import Store, add_options, contenders_of, measure_missing
from _timing import print_machine, print_table
from sklearn.base import clone
from sklearn.exceptions import ConvergenceWarning
from sklearn.feature_selection import f_classif, f_regression
from threadpoolctl import threadpool_limits

OPTIMIZERS, FIRST_ORDER = ("auto", "lm", "lbfgs"), ("sgd", "adam", "rprop")
STANDARDISED, RAW = "standardised", "raw"
OF_X = ("x 1e-6", "x 1e6", "x shifted")
OF_Y = ("y 1e-6", "y 1e6", "y shifted")
SHIFT = 1e3
FLOOR, TARGET = {"classification": 0.0, "regression": -1.0}, 0.005
MAX_OPERATIONS = 1e8
QUICK = ("penguins", "star98")


@dataclass(frozen=True)
class Record:
    """One fit. NaN for an optimizer that was left out."""

    task: str
    dataset: str
    contender: str
    variant: str
    fold: int
    score: float = np.nan
    processor: float = np.nan


def variants(task):
    return (STANDARDISED, RAW, *OF_X, *(OF_Y if task == "regression" else ()))


def in_other_units(fold, variant, column):
    """The fold with one column of X, or y, in other units."""
    what, change = variant.split()
    values = fold.X[:, column] if what == "x" else fold.y
    if change == "shifted":
        factor, shift = 1.0, SHIFT * values.std()
    else:
        factor, shift = float(change), 0.0
    if what == "y":
        return replace(fold, y=fold.y * factor + shift, y_test=fold.y_test * factor + shift)
    X, X_test = fold.X.copy(), fold.X_test.copy()
    for one in (X, X_test):
        one[:, column] = one[:, column] * factor + shift
    return replace(fold, X=X, X_test=X_test)


def strongest(fold, task):
    """The column that says most about y by itself."""
    test = f_classif if task == "classification" else f_regression
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # constant columns
        strength, _ = test(fold.X, fold.y)
    return int(np.nanargmax(strength))


def measure(name, optimizers, task):
    """The records of all optimizers on one table, in all units."""
    standardised, raw = list(folds(name)), list(folds(name, standardise=False))
    column, records = strongest(standardised[0], task), []
    for number, (fold, raw_fold) in enumerate(zip(standardised, raw, strict=True)):
        for variant in variants(task):
            if variant in (STANDARDISED, RAW):
                changed = fold if variant == STANDARDISED else raw_fold
            else:
                changed = in_other_units(fold, variant, column)
            for label, estimator in optimizers.items():
                values = {}
                if label != "lm" or task == "regression" or cheap(estimator, fold):
                    values = fit_and_score(estimator, changed, task, f"{name}, {variant}, {label}")
                records.append(Record(task, name, label, variant, number, **values))
    return records


def cheap(classifier, fold):
    """Whether an iteration of "lm" takes few enough operations."""
    n_classes = len(np.unique(fold.y))
    n_outputs = n_classes if n_classes > 2 else 1
    n_samples, n_features = fold.X.shape
    n_weights = classifier.n_hidden * (n_features + 1 + n_outputs) + n_outputs
    return n_samples * n_outputs * n_weights**2 <= MAX_OPERATIONS


def fit_and_score(estimator, fold, task, label):
    try:
        with warnings.catch_warnings():
            # not converged; features far from unit size
            warnings.simplefilter("ignore", ConvergenceWarning)
            warnings.simplefilter("ignore", UserWarning)
            start = process_time()
            model = clone(estimator).fit(fold.X, fold.y)
            seconds = process_time() - start
        score = model.score(fold.X_test, fold.y_test)
    except Exception as error:  # whatever it is, the others go on
        print(f"{label} failed: {type(error).__name__}: {error}", file=sys.stderr)
        return {"score": FLOOR[task]}
    return {"score": max(float(score), FLOOR[task]), "processor": seconds}


def report(task, optimizer, names, records):
    """Print the scores of an optimizer in standard units and the differences in all others."""
    labels = variants(task)
    found = {(name, label): [] for name in names for label in labels}
    for record in records:
        if record.contender == optimizer:
            found[record.dataset, record.variant].append(record.score)
    table = np.array([[np.mean(found[name, label]) for label in labels] for name in names])
    difference = table[:, 1:] - table[:, :1]
    largest = np.abs(difference).max(axis=1)
    rows = [
        [name, *("-" if np.isnan(v) else f"{v:.3f}" for v in (row[0], *changes, most))]
        for name, row, changes, most in zip(names, table, difference, largest, strict=True)
    ]
    ran = ~np.isnan(largest)
    if ran.any():
        means = (table[ran, 0].mean(), *difference[ran].mean(axis=0), largest[ran].mean())
        worst = (*np.abs(difference[ran]).max(axis=0), largest[ran].max())
        rows.append(["mean", *(f"{value:.3f}" for value in means)])
        rows.append(["largest in amount", "", *(f"{value:.3f}" for value in worst)])
    else:
        print(f"{task}, optimizer {optimizer}: none of the tables is small enough")
        return
    title = f"{task}, optimizer {optimizer}: the score, and differences in other units"
    print_table(title, ("data set", *labels, "largest"), rows)
    seconds = np.nansum([r.processor for r in records if r.contender == optimizer])
    met = (largest[ran] <= TARGET).sum()
    verdict = "met" if met == ran.sum() else "MISSED"
    print(f"target, within {TARGET:g}: {met} of {ran.sum()} tables: {verdict}")
    print(f"processor seconds of the fits: {seconds:.1f}")


def command_line():
    arguments = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    arguments.add_argument("--task", choices=TASKS, help="only this one")
    arguments.add_argument("--names", help="only these tables, of any part: a,b")
    arguments.add_argument(
        "--all", action="store_true", help="the first-order optimizers as well: sgd, adam, rprop"
    )
    arguments.add_argument("--quick", action="store_true", help="two small tables")
    arguments.add_argument(
        "--threads", type=int, default=1, help="for every contender alike (default: %(default)s)"
    )
    add_options(arguments)
    return arguments.parse_args()


def main():
    options = command_line()
    threadpool_limits(options.threads)
    print_machine()
    store = Store(options.json, Record)
    for task in (options.task,) if options.task else TASKS:
        labels = (*OPTIMIZERS, *(FIRST_ORDER if options.all else ()))
        ours = CONTENDERS[task][OURS]
        every = {one: clone(ours).set_params(solver__optimizer=one) for one in labels}
        optimizers = contenders_of(options, every, store)
        names = tables(task, "development", options.names, QUICK if options.quick else None)
        names = measure_missing(options, names, optimizers, store, partial(measure, task=task))
        for optimizer in optimizers if names else ():
            report(task, optimizer, names, store.of(names, optimizers))


if __name__ == "__main__":
    main()
