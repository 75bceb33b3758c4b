"""What others have to offer on real tables: scores, error bars, times and sizes, untuned.

BackpropClassifier and BackpropRegressor beside scikit-learn's multilayer perceptrons (X
standardised for all, y too for the regressor), its histogram gradient boosting and Gaussian
processes, LightGBM, RealMLP of pytabkit, TabPFN and TabICL, on the tables of _datasets.py, in
the folds and with the encoding of bench_defaults.py. All options are the defaults, except for
random_state=0, the number of threads, and no GPU. The Gaussian process learns from a sample of
at most 1000 rows with two classes, of 500 with more, and from all rows in regression. A package
that is not installed, or cannot load its weights, is named with the reason. What the others
need is in requirements-peers.txt.

Measured in each fold, contenders taking turns:

    score       accuracy or R2
    log loss    no probability below 1e-9; classification
    coverage    share of y_test within the 95 % interval; regression, for those with error bars
    width       mean width of this interval over the standard deviation of all y of the table
    fit         processor seconds of `fit`
    one row     processor seconds of `predict` of one row, mean over some 20 ms
    size        bytes of the fitted estimator, pickled

Times are those of the processor in all threads, which other work on the machine lengthens
only a little; compare them within one run. The ratios to ours are computed for each table.
"better, equal, worse" counts the tables on which ours is better or worse by more than 0.005, in
the score and in the log loss. Times and sizes are geometric means over the tables.
"rank" is that of the score among the contenders, 1 for the best.

--folds takes the first of the five folds only: RealMLP needs some 20 s for a fit of 1600 rows
on one thread of a laptop. With --json, more folds can be added later.

Airfoil self-noise, for which results are published, is not among the tables: no package that
was looked at ships the data.

    python benchmarks/bench_peers.py
    python benchmarks/bench_peers.py --part all --folds 2 --json peers.json --minutes 10
    python benchmarks/bench_peers.py --part all --folds 2 --json peers.json --show
    python benchmarks/bench_peers.py --quick --contenders ours,MLP,LightGBM
"""

import argparse
import pickle
import sys
import warnings
from dataclasses import dataclass
from functools import partial
from itertools import islice
from time import process_time

import numpy as np
from _contenders import TASKS
from _datasets import DATASETS, load
from _folds import N_FOLDS, folds, tables
from _peers import at_hand, cut, makers
from _peers_report import report
from _results import Store, add_options, contenders_of, measure_missing
from _scores import interval, log_loss
from _timing import print_machine
from sklearn.base import clone
from threadpoolctl import threadpool_limits

QUICK = ("iris", "hprice1")
# A first fit comes before all others: it imports, allocates, and loads weights.
WARM_UP = {"classification": "iris", "regression": "hprice1"}
# Processor seconds that the predictions of one row take at least.
ROW_SECONDS = 0.02


@dataclass(frozen=True)
class Record:
    """One fit. NaN where it failed, and for a measure that the contender does not have."""

    part: str
    task: str
    dataset: str
    contender: str
    fold: int
    rows: int
    score: float = np.nan
    log_loss: float = np.nan
    coverage: float = np.nan
    width: float = np.nan
    fit: float = np.nan
    one_row: float = np.nan
    size: float = np.nan


class FoldStore(Store):
    """A store that has a table where it has each of its first folds."""

    def __init__(self, path, kind, n_folds):
        super().__init__(path, kind)
        self.n_folds = n_folds

    def missing_folds(self, dataset, contender):
        stored = {one.fold for one in self.of([dataset], [contender])}
        return set(range(self.n_folds)) - stored

    def has(self, dataset, contender):
        return not self.missing_folds(dataset, contender)

    def of(self, datasets, contenders):
        return [one for one in super().of(datasets, contenders) if one.fold < self.n_folds]


def fit_and_judge(estimator, fold, unit, label):
    """The measures of a Record as a dict; an empty one and a message if the fit fails."""
    estimator = clone(estimator)
    try:
        start = process_time()
        estimator.fit(fold.X, fold.y)
        seconds = process_time() - start
        measures = {"fit": seconds, "score": float(estimator.score(fold.X_test, fold.y_test))}
        if hasattr(estimator, "predict_proba"):
            measures["log_loss"] = log_loss(estimator, fold.X_test, fold.y_test)
        else:
            measures |= error_bars(estimator, fold, unit)
        return measures | {"one_row": one_row(estimator, fold.X_test[:1]), "size": size(estimator)}
    except Exception as error:  # whatever it is, the other contenders go on
        print(f"{label} failed: {type(error).__name__}: {error}", file=sys.stderr)
        return {}


def error_bars(regressor, fold, unit):
    """Coverage and width of the 95 % interval, if the regressor has one."""
    ends = interval(regressor, fold.X_test)
    if ends is None:
        return {}
    low, high = ends
    inside = (low <= fold.y_test) & (fold.y_test <= high)
    return {"coverage": float(inside.mean()), "width": float((high - low).mean() / unit)}


def one_row(estimator, row):
    """Mean processor seconds of a prediction; the first one does not count."""
    estimator.predict(row)
    n_calls, start = 0, process_time()
    while (spent := process_time() - start) < ROW_SECONDS:
        estimator.predict(row)
        n_calls += 1
    return spent / n_calls


def size(estimator):
    """Bytes on disk; NaN for an estimator that cannot be pickled."""
    try:
        return float(len(pickle.dumps(estimator, protocol=pickle.HIGHEST_PROTOCOL)))
    except Exception as error:  # the measures above stay
        print(f"cannot pickle {type(estimator).__name__}: {error}", file=sys.stderr)
        return np.nan


def measure(name, contenders, store):
    """The records of one table that the store does not have; contenders take turns on a fold."""
    data, records = DATASETS[name], []
    unit = load(name)[1].std() if data.task == "regression" else np.nan
    missing = {label: store.missing_folds(name, label) for label in contenders}
    for number, fold in enumerate(islice(folds(name), store.n_folds)):
        for label, estimator in contenders.items():
            if number not in missing[label]:
                continue
            part = cut(label, data.task, fold)
            measures = fit_and_judge(estimator, part, unit, f"{name}, fold {number}, {label}")
            rows = len(part.y)
            records.append(Record(data.part, data.task, name, label, number, rows, **measures))
    return records


def take_part(task, contenders, threads):
    """The estimators of the contenders that can be had; says which cannot."""
    threadpool_limits(threads)
    estimators, reasons = at_hand(contenders, next(folds(WARM_UP[task])))
    threadpool_limits(threads)  # of the libraries that came with them
    if "torch" in sys.modules:
        sys.modules["torch"].set_num_threads(threads)
    for label, reason in reasons.items():
        print(f"{task} without {label}: {reason}")
    return estimators


def command_line():
    arguments = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    arguments.add_argument("--part", choices=("development", "report", "all"), default="report")
    arguments.add_argument("--task", choices=TASKS, help="only this one")
    arguments.add_argument("--names", help="only these tables, of any part: a,b")
    arguments.add_argument("--quick", action="store_true", help="two small tables, one fold")
    arguments.add_argument(
        "--folds",
        type=int,
        choices=range(1, N_FOLDS + 1),
        help=f"only the first ones (default: all {N_FOLDS}, or 1 with --quick)",
    )
    arguments.add_argument(
        "--threads", type=int, default=1, help="for every contender alike (default: %(default)s)"
    )
    add_options(arguments)
    return arguments.parse_args()


def main():
    options = command_line()
    n_folds = options.folds or (1 if options.quick else N_FOLDS)
    store = FoldStore(options.json, Record, n_folds)
    print_machine()
    for task in (options.task,) if options.task else TASKS:
        names = tables(task, options.part, options.names, QUICK if options.quick else None)
        contenders = contenders_of(options, makers(task, options.threads), store)
        if not names:
            continue
        if not options.show:
            contenders = take_part(task, contenders, options.threads)
        names = measure_missing(options, names, contenders, store, partial(measure, store=store))
        if names:
            report(task, names, store.of(names, contenders), list(contenders), n_folds)


if __name__ == "__main__":
    warnings.simplefilter("ignore")  # of the packages: what they print has no part in this
    main()
