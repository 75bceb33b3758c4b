"""Are the defaults good? Scores and fit times of untuned estimators on real tables.

Each contender is fitted as it comes, but for random_state=0, on the tables of _datasets.py. One
state says little on a noisy table: --states N takes the mean of the states 0 to N - 1, and prints
its standard error. The contenders are
BackpropClassifier and BackpropRegressor, and beside them the same with the number that alpha
was by default before ("former": 1.0 and 0.1), against scikit-learn's multilayer perceptrons
(with adam, their default, and with lbfgs; for regression also with y standardised, as ours maps
y by itself), a linear model, gradient boosting, and for regression a Gaussian process.
LogisticRegression gets max_iter=1000, since its 100 do not do on some tables. TabPFN and TabICL
take part if their packages can be imported and find their weights, which the packages do not
contain: a fit on one small table decides that before the start.

Cross-validated in five shuffled folds, stratified for classification. Numbers are imputed by
their median and standardised, categories one-hot encoded, on the training part of each fold
and outside of the timer. Everything is the mean over the folds. The score is the accuracy or
R2. The log loss takes no probability to be below 1e-9. "rank" is that of the score among the
contenders, 1 for the best, ties averaged. "better, equal, worse" counts the tables on which ours
is better or worse by more than 0.005. "fit seconds" are those of `fit` alone; "processor
seconds" are the processor's in all threads, for `fit` and for `predict`, which is where some
contenders do their work. A contender that fails on a fold has failed on the table: ranked last,
scored 0 or, for R2, -1 in the mean.

"losses" lists the tables on which ours is more than 0.02 below the better of the perceptron and
the former default, with the best score of all columns: below 0.7 the table counts as noisy.

Choose defaults on the development part only, and report on the rest. --choose compares
settings of our estimators on the development part, the mean of three random_states; it takes
half an hour, the report some eight minutes. In pieces: repeat the call with --json and --minutes
until it no longer says IN PART. To measure ours anew beside what is stored of the others, add
--forget ours to the first call; ratios of times then come from two runs.

    python benchmarks/bench_defaults.py
    python benchmarks/bench_defaults.py --part all --json results.json --minutes 6
    python benchmarks/bench_defaults.py --part report --json results.json --show
    python benchmarks/bench_defaults.py --part development --csv scores.csv
    python benchmarks/bench_defaults.py --states 10 --contenders "ours,former,MLP scaled,MLP"
    python benchmarks/bench_defaults.py --choose --task regression
    python benchmarks/bench_defaults.py --quick
"""

import argparse
import csv
import sys
import warnings
from dataclasses import asdict, dataclass, fields
from functools import partial
from itertools import product
from time import perf_counter, process_time

import numpy as np
from _contenders import CONTENDERS, OURS, TASKS, optional, with_state
from _datasets import DATASETS
from _defaults_report import floored, report, scores, totals
from _folds import SEED, folds, tables
from _results import Store, add_options, contenders_of, measure_missing, ranks
from _scores import log_loss
from _timing import print_machine, print_table
from sklearn.base import clone
from sklearn.exceptions import ConvergenceWarning
from threadpoolctl import threadpool_limits

QUICK = ("heart", "iris", "hprice1")
# One fit of each contender comes before: the first of a process imports and allocates.
WARM_UP = {"classification": "iris", "regression": "hprice1"}

# Settings to choose from: first one thing at a time, then n_hidden and alpha together.
N_HIDDEN = (5, 10, 20, 30)
ALPHA = (1e-4, 3e-4, 1e-3, 3e-3, 1e-2, 3e-2, 1e-1, 3e-1, 1.0)
SETTINGS = [
    {},
    *({"n_hidden": n_hidden} for n_hidden in N_HIDDEN),
    *({"alpha": alpha} for alpha in ALPHA),
    *({"loss": loss} for loss in ("squared_error", "log_loss", "hellinger")),
    *({"target_range": limits} for limits in ((0.0, 1.0), (0.05, 0.95), (0.1, 0.9), (0.2, 0.8))),
    *({"n_hidden": n, "alpha": alpha} for n, alpha in product(N_HIDDEN, ALPHA)),
]
CANDIDATES = {"classification": SETTINGS, "regression": SETTINGS}
RANDOM_STATES = (0, 1, 2)
QUICK_CANDIDATES, QUICK_STATES = 3, (0,)


@dataclass(frozen=True)
class Record:
    """One fit: a line of the CSV file. NaN where it failed, and where there is no log loss."""

    part: str
    task: str
    dataset: str
    contender: str
    random_state: int
    fold: int
    score: float = np.nan
    log_loss: float = np.nan
    seconds: float = np.nan
    fit_processor: float = np.nan
    predict_processor: float = np.nan


def fit_and_score(estimator, fold, label):
    """The measures of a Record as a dict; an empty one and a message if the fit fails."""
    estimator = clone(estimator)
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", ConvergenceWarning)
            start, processor = perf_counter(), process_time()
            estimator.fit(fold.X, fold.y)
            seconds, fitted = perf_counter() - start, process_time()
        score = estimator.score(fold.X_test, fold.y_test)
        predicted = process_time()
        loss = np.nan
        if hasattr(estimator, "predict_proba"):
            loss = log_loss(estimator, fold.X_test, fold.y_test)
    except Exception as error:  # whatever it is, the other contenders go on
        print(f"{label} failed: {type(error).__name__}: {error}", file=sys.stderr)
        return {}
    return {
        "score": float(score),
        "log_loss": loss,
        "seconds": seconds,
        "fit_processor": fitted - processor,
        "predict_processor": predicted - fitted,
    }


def measure(name, contenders, random_states):
    """The records of all contenders on one table.

    Contenders take turns on a fold, so that all have the same slow minutes of the machine.
    """
    data, records = DATASETS[name], []
    for number, fold in enumerate(folds(name)):
        for (label, estimator), state in product(contenders.items(), random_states):
            seeded = with_state(estimator, state)
            result = fit_and_score(seeded, fold, f"{name}, fold {number}, {label}")
            records.append(Record(data.part, data.task, name, label, state, number, **result))
    return records


def candidates(task, n_candidates=None):
    """Our estimator with each setting, by name, those that come to the same only once."""
    ours, seen, found = CONTENDERS[task][OURS], [], {}
    for setting in CANDIDATES[task][:n_candidates]:
        estimator = clone(ours).set_params(**setting)
        if estimator.get_params() not in seen:
            seen.append(estimator.get_params())
            name = ", ".join(f"{key}={value}" for key, value in setting.items())
            found[name or "the defaults"] = estimator
    return found


def report_candidates(task, names, records, contenders):
    """Print what the candidates sum up to, the best mean rank first."""
    table = scores(records, names, contenders)
    seconds = totals(records, contenders)
    summary = zip(
        contenders,
        ranks(table).mean(axis=0),
        floored(table, task).mean(axis=0),
        np.isnan(table).sum(axis=0),
        strict=True,
    )
    rows = [
        [label, f"{rank:.2f}", f"{score:.4f}", f"{seconds[label]:.2f}", str(failed or "")]
        for label, rank, score, failed in sorted(summary, key=lambda line: line[1])
    ]
    header = ("candidate", "mean rank", "mean score", "fit seconds", "tables failed")
    print_table(f"Candidates for {task} on {len(names)} tables", header, rows)


def write_csv(path, records):
    with open(path, "w", newline="", encoding="utf-8") as file:
        writer = csv.DictWriter(file, [field.name for field in fields(Record)])
        writer.writeheader()
        writer.writerows(asdict(record) for record in records)


def warm_up(task, contenders):
    """Those of the contenders that can fit a small table at all, or are not optional."""
    first, ready = next(folds(WARM_UP[task])), {}
    for label, estimator in contenders.items():
        works = fit_and_score(estimator, first, f"warm-up, {label}")
        if works or label not in optional(task):
            ready[label] = estimator
    return ready


def command_line():
    arguments = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    arguments.add_argument("--part", choices=("development", "report", "all"), default="report")
    arguments.add_argument("--task", choices=TASKS, help="only this one")
    arguments.add_argument("--names", help="only these tables, of any part: a,b")
    arguments.add_argument("--quick", action="store_true", help="three small tables")
    arguments.add_argument(
        "--choose", action="store_true", help="compare settings on the development part"
    )
    arguments.add_argument(
        "--states", type=int, default=1, help="number of random states (default: %(default)s)"
    )
    arguments.add_argument("--csv", metavar="PATH", help="write the score of every fit")
    arguments.add_argument(
        "--threads", type=int, default=1, help="for every contender alike (default: %(default)s)"
    )
    add_options(arguments)
    options = arguments.parse_args()
    if options.states < 1:
        arguments.error(f"--states must be at least 1, got {options.states}")
    return options


def main():
    options = command_line()
    threadpool_limits(options.threads)
    print_machine()
    store, everything = Store(options.json, Record), []
    for task in (options.task,) if options.task else TASKS:
        part = "development" if options.choose else options.part
        names = tables(task, part, options.names, QUICK if options.quick else None)
        if not names:
            continue
        if options.choose:
            contenders = candidates(task, QUICK_CANDIDATES if options.quick else None)
            states = QUICK_STATES if options.quick else RANDOM_STATES
        else:
            contenders = contenders_of(options, CONTENDERS[task] | optional(task), store)
            states = range(SEED, SEED + options.states)
        stored = {record.random_state for record in store.records}
        if stored and not options.show and stored != set(states):
            raise SystemExit(
                f"{options.json} holds the random states {sorted(stored)}, and {sorted(states)} "
                f"are wanted: store them in another file"
            )
        if not options.show:
            contenders = warm_up(task, contenders)
        names = measure_missing(
            options, names, contenders, store, partial(measure, random_states=states)
        )
        records = store.of(names, contenders)
        if not names:
            continue
        if options.choose:
            report_candidates(task, names, records, contenders)
        else:
            report(task, names, records, contenders)
        everything += records
        if options.csv:  # after each task, lest an interruption takes all
            write_csv(options.csv, everything)


if __name__ == "__main__":
    main()
