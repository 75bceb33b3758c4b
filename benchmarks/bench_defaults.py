"""Are the defaults good? Scores and fit times of untuned estimators on real tables.

Each contender is fitted as it comes, but for random_state=0, on the tables of _datasets.py:
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
from _contenders import CONTENDERS, FORMER, OURS, PEER, TASKS, optional, with_state
from _datasets import DATASETS, load
from _folds import N_FOLDS, SEED, folds
from _results import Store, add_options, contenders_of, measure_missing, ranks, shown
from _timing import print_machine, print_table
from sklearn.base import clone
from sklearn.exceptions import ConvergenceWarning
from threadpoolctl import threadpool_limits

# A mean score counts no table below this: a single R2 of -100 would drown all others.
FLOOR = {"classification": 0.0, "regression": -1.0}
QUICK = ("heart", "iris", "hprice1")
# One fit of each contender comes before: the first of a process imports and allocates.
WARM_UP = {"classification": "iris", "regression": "hprice1"}
# Ours may take this part of the peer's processor time, and fall so far below on a table.
TIME_RATIO = 0.5
LOSS, NOISY = 0.02, 0.7
LOWER_IS_BETTER = ("mean rank", "log loss")
# Differences of scores up to this count as equal.
EQUAL = 0.005
# The log loss of a class that was given no probability at all would be infinite.
LOWEST_PROBABILITY = 1e-9

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


def log_loss(classifier, X, y):
    """Mean of -log of the probability of the true class; a class not learnt has none."""
    probability = classifier.predict_proba(X)
    of_true = np.where(classifier.classes_ == y[:, None], probability, 0).sum(axis=1)
    return float(-np.log(np.clip(of_true, LOWEST_PROBABILITY, 1)).mean())


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


def scores(records, names, contenders, field="score"):
    """Means over folds and states, an array with a row for each table; NaN where a fit failed."""
    found = {(name, label): [] for name in names for label in contenders}
    for record in records:
        found[record.dataset, record.contender].append(getattr(record, field))
    return np.array([[np.mean(found[name, label]) for label in contenders] for name in names])


def totals(records, contenders, field="seconds"):
    """Sum over all fits of each contender that did not fail."""
    return {
        label: float(np.nansum([getattr(r, field) for r in records if r.contender == label]))
        for label in contenders
    }


def ratio(records, label):
    """Our processor time in fits over another's, over the fits in which neither failed."""
    ours, its = (
        {
            (r.dataset, r.random_state, r.fold): r.fit_processor
            for r in records
            if r.contender == one
        }
        for one in (OURS, label)
    )
    pairs = np.array([(ours[key], its[key]) for key in ours.keys() & its.keys()]).reshape(-1, 2)
    both = pairs[~np.isnan(pairs).any(axis=1)]
    return both[:, 0].sum() / both[:, 1].sum() if len(both) else np.nan


def floored(table, task):
    """Nothing below FLOOR, which is also what a failure counts."""
    return np.fmax(table, FLOOR[task])


def better_equal_worse(table, contenders):
    """Of each contender, on how many tables ours is better, equal and worse, as '3, 1, 2'."""
    difference = np.nan_to_num(table, nan=-np.inf)
    ours = difference[:, [contenders.index(OURS)]]
    with np.errstate(invalid="ignore"):  # both failed: neither better nor worse
        difference = ours - difference
    better, worse = ((sign * difference > EQUAL).sum(axis=0) for sign in (1, -1))
    return dict(
        zip(
            contenders,
            (f"{b}, {len(table) - b - w}, {w}" for b, w in zip(better, worse, strict=True)),
            strict=True,
        )
    )


def shape_of(name):
    """Samples, features of the first fold after encoding, and classes."""
    _, y = load(name)
    classes = len(np.unique(y)) if DATASETS[name].task == "classification" else "-"
    return [str(len(y)), str(next(folds(name)).X.shape[1]), str(classes)]


def report(task, names, records, contenders):
    """Print the scores of all contenders, what they sum up to, the losses, and the targets."""
    contenders = list(contenders)
    table = scores(records, names, contenders)
    counted = floored(table, task)
    summary = {
        "mean score": counted.mean(axis=0),
        "median score": np.median(counted, axis=0),
        "mean rank": ranks(table).mean(axis=0),
    }
    summary = {what: dict(zip(contenders, v, strict=True)) for what, v in summary.items()}
    ratios = {label: ratio(records, label) for label in contenders}
    lines = [
        ("mean score", summary["mean score"], ".3f"),
        ("median score", summary["median score"], ".3f"),
        ("mean rank", summary["mean rank"], ".2f"),
    ]
    if OURS in contenders:
        lines += [("better, equal, worse", better_equal_worse(table, contenders), "")]
    lines += [
        ("fit seconds", totals(records, contenders), ".2f"),
        ("processor seconds, fit", totals(records, contenders, "fit_processor"), ".2f"),
        ("processor seconds, predict", totals(records, contenders, "predict_processor"), ".2f"),
        ("ours / its processor, fit", ratios, ".2f"),
    ]
    rows = [[n, *shape_of(n), *shown(row)] for n, row in zip(names, table, strict=True)]
    rows += [
        [label, "", "", "", *(f"{values[one]:{form}} " for one in contenders)]
        for label, values, form in lines
    ]
    measure_of = "Accuracy" if task == "classification" else "R2"
    header = ("data set", "n", "features", "classes", *(f"{one} " for one in contenders))
    print_table(f"{measure_of} of defaults, {N_FOLDS} folds, the best with a star", header, rows)
    if task == "regression":
        print(f"An R2 below {FLOOR[task]:g} counts as {FLOOR[task]:g} in mean and median.")
    loss = report_log_loss(names, records, contenders) if task == "classification" else {}
    if {OURS, FORMER, PEER[task]} <= set(contenders):
        print_losses(PEER[task], names, table, contenders)
        print_targets(PEER[task], summary | loss, ratios)


def report_log_loss(names, records, contenders):
    """Print the log loss; what it sums up to, by contender."""
    table = scores(records, names, contenders, "log_loss")
    # shown, ranks and counts take the largest for the best
    rows = [
        [name, *(cell.replace("-", "", 1) for cell in shown(-row))]
        for name, row in zip(names, table, strict=True)
    ]
    lines = (
        ("mean", table.mean(axis=0), ".3f"),
        ("median", np.median(table, axis=0), ".3f"),
        ("mean rank", ranks(-table).mean(axis=0), ".2f"),
    )
    rows += [[label, *(f"{value:{form}} " for value in row)] for label, row, form in lines]
    if OURS in contenders:
        counts = better_equal_worse(-table, contenders)
        rows += [["better, equal, worse", *(f"{counts[one]} " for one in contenders)]]
    title = "Log loss of defaults, the lowest with a star"
    print_table(title, ("data set", *(f"{one} " for one in contenders)), rows)
    if {OURS, FORMER, PEER["classification"]} <= set(contenders):
        print_losses(PEER["classification"], names, -table, contenders, "minus log loss")
    return {"log loss": dict(zip(contenders, table.mean(axis=0), strict=True))}


def print_losses(peer, names, table, contenders, what="score"):
    """The tables on which ours is below the better of the peer and the former default."""
    column = {label: table[:, number] for number, label in enumerate(contenders)}
    better = np.fmax(column[peer], column[FORMER])
    lost = np.flatnonzero(~(column[OURS] >= better - LOSS))
    limit = f"more than {LOSS:g} below the better of {peer} and {FORMER}"
    print(f"\nlosses ({what}), {limit}: {len(lost)} of {len(names)}")
    for one in lost:
        best = np.nanmax(table[one])
        print(
            f"  {names[one]}: {column[OURS][one]:.3f}, {peer} {column[peer][one]:.3f}, "
            f"{FORMER} {column[FORMER][one]:.3f}, best of all {best:.3f}"
            + (", noisy" if what == "score" and best < NOISY else "")
        )


def print_targets(peer, summary, ratios):
    """Ours against the peer and against the former default."""
    for (what, of), other in product(summary.items(), (peer, FORMER)):
        met = of[OURS] < of[other] if what in LOWER_IS_BETTER else of[OURS] > of[other]
        figures = f"{of[OURS]:.3f} against {of[other]:.3f}"
        print(f"target, better than {other}: {what}, {figures}: {'met' if met else 'MISSED'}")
    met = "met" if ratios[peer] <= TIME_RATIO else "MISSED"
    print(f"target, processor time at most {TIME_RATIO:g} of {peer}: {ratios[peer]:.2f}: {met}")


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


def chosen(options, task):
    """The names of the tables to run, those of both parts where they are named."""
    part = "development" if options.choose else options.part
    if options.names:
        wanted = options.names.split(",")
        unknown = set(wanted) - set(DATASETS)
        if unknown:
            raise SystemExit(f"no table {', '.join(sorted(unknown))}; there are: {list(DATASETS)}")
    elif options.quick:
        wanted = QUICK
    else:
        wanted = [name for name, one in DATASETS.items() if part in (one.part, "all")]
    return [name for name in wanted if DATASETS[name].task == task]


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
    arguments.add_argument("--csv", metavar="PATH", help="write the score of every fit")
    arguments.add_argument(
        "--threads", type=int, default=1, help="for every contender alike (default: %(default)s)"
    )
    add_options(arguments)
    return arguments.parse_args()


def main():
    options = command_line()
    threadpool_limits(options.threads)
    print_machine()
    store, everything = Store(options.json, Record), []
    for task in (options.task,) if options.task else TASKS:
        names = chosen(options, task)
        if not names:
            continue
        if options.choose:
            contenders = candidates(task, QUICK_CANDIDATES if options.quick else None)
            states = QUICK_STATES if options.quick else RANDOM_STATES
        else:
            contenders = contenders_of(options, CONTENDERS[task] | optional(task), store)
            states = (SEED,)
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
