"""Are the defaults good? Scores and fit times of untuned estimators on real tables.

Each contender is fitted as it comes, but for random_state=0, on the tables of _datasets.py:
BackpropClassifier and BackpropRegressor against scikit-learn's multilayer perceptrons (with
adam, their default, and with lbfgs; for regression also with y standardised, as ours maps y by
itself), a linear model, and for regression a Gaussian process. LogisticRegression gets
max_iter=1000, since its 100 do not do on some tables.

Cross-validated in five shuffled folds, stratified for classification. Numbers are imputed by
their median and standardised, categories one-hot encoded, on the training part of each fold
and outside of the timer. Seconds are those of `fit` alone. A score is the accuracy or R2, the
mean over the folds. "rank" is that of the score among the contenders, 1 for the best, ties
averaged. A contender that fails on a fold has failed on the table: ranked last, scored 0 or,
for R2, -1 in the mean.

Choose defaults on the development part only, and report on the rest. --choose compares
settings of our estimators on the development part, the mean of three random_states; it takes
half an hour, the report some six minutes.

    python benchmarks/bench_defaults.py
    python benchmarks/bench_defaults.py --part development --csv scores.csv
    python benchmarks/bench_defaults.py --choose --task regression
    python benchmarks/bench_defaults.py --quick
"""

import argparse
import csv
import sys
import warnings
from dataclasses import asdict, dataclass, fields
from itertools import product
from time import perf_counter

import numpy as np
from _datasets import DATASETS, load
from _timing import print_machine, print_table
from scipy.stats import rankdata
from sklearn.base import clone
from sklearn.compose import ColumnTransformer, TransformedTargetRegressor, make_column_selector
from sklearn.exceptions import ConvergenceWarning
from sklearn.gaussian_process import GaussianProcessRegressor
from sklearn.gaussian_process.kernels import RBF, ConstantKernel, WhiteKernel
from sklearn.impute import SimpleImputer
from sklearn.linear_model import LogisticRegression, Ridge
from sklearn.model_selection import KFold, StratifiedKFold
from sklearn.neural_network import MLPClassifier, MLPRegressor
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import OneHotEncoder, StandardScaler
from threadpoolctl import threadpool_limits

from skbackprop import BackpropClassifier, BackpropRegressor

TASKS = ("classification", "regression")
N_FOLDS, SEED = 5, 0
# Categories of fewer samples than this share a column.
MIN_FREQUENCY = 10
# A mean score counts no table below this: a single R2 of -100 would drown all others.
FLOOR = {"classification": 0.0, "regression": -1.0}
QUICK = ("heart", "iris", "hprice1")
# One fit of each contender comes before: the first of a process imports and allocates.
WARM_UP = {"classification": "iris", "regression": "hprice1"}

OURS = "ours"


def scaled(regressor):
    return TransformedTargetRegressor(regressor, transformer=StandardScaler())


CONTENDERS = {
    "classification": {
        OURS: BackpropClassifier(random_state=0),
        "MLP": MLPClassifier(random_state=0),
        "MLP lbfgs": MLPClassifier(solver="lbfgs", random_state=0),
        "logistic": LogisticRegression(max_iter=1000, random_state=0),
    },
    "regression": {
        OURS: BackpropRegressor(random_state=0),
        "MLP": MLPRegressor(random_state=0),
        "MLP scaled": scaled(MLPRegressor(random_state=0)),
        "lbfgs": MLPRegressor(solver="lbfgs", random_state=0),
        "lbfgs scaled": scaled(MLPRegressor(solver="lbfgs", random_state=0)),
        "ridge": Ridge(random_state=0),
        "GP": GaussianProcessRegressor(
            ConstantKernel() * RBF() + WhiteKernel(), normalize_y=True, random_state=0
        ),
    },
}
# Whom to beat, in what part of its fit time
PEER = {"classification": "MLP", "regression": "MLP scaled"}
TIME_RATIO = 0.25

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
    """One fit: a line of the CSV file. Seconds and score are NaN where it failed."""

    part: str
    task: str
    dataset: str
    contender: str
    random_state: int
    fold: int
    score: float
    seconds: float


@dataclass(frozen=True)
class Fold:
    """Training and test part, encoded."""

    X: np.ndarray
    y: np.ndarray
    X_test: np.ndarray
    y_test: np.ndarray


def encoder():
    """Numbers standardised and categories one-hot, both without missing values."""
    numbers = make_pipeline(SimpleImputer(strategy="median"), StandardScaler())
    categories = make_pipeline(
        SimpleImputer(strategy="constant", fill_value="missing"),
        OneHotEncoder(handle_unknown="ignore", sparse_output=False, min_frequency=MIN_FREQUENCY),
    )
    is_category = make_column_selector(dtype_include=object)
    is_number = make_column_selector(dtype_exclude=object)
    return ColumnTransformer([("num", numbers, is_number), ("cat", categories, is_category)])


def folds(name):
    """The folds of a table; what the encoder does is learnt from the training part."""
    X, y = load(name)
    stratify = DATASETS[name].task == "classification"
    splitter = (StratifiedKFold if stratify else KFold)(N_FOLDS, shuffle=True, random_state=SEED)
    with warnings.catch_warnings():
        warnings.filterwarnings("ignore", "The least populated class")  # zoo: 4 amphibians
        splits = list(splitter.split(X, y))
    for train, test in splits:
        encode = encoder().fit(X.iloc[train])
        yield Fold(
            encode.transform(X.iloc[train]), y[train], encode.transform(X.iloc[test]), y[test]
        )


def fit_and_score(estimator, fold, label):
    """Score on the test part and seconds of the fit; both NaN and a message if it fails."""
    estimator = clone(estimator)
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", ConvergenceWarning)
            start = perf_counter()
            estimator.fit(fold.X, fold.y)
            seconds = perf_counter() - start
        return estimator.score(fold.X_test, fold.y_test), seconds
    except Exception as error:  # whatever it is, the other contenders go on
        print(f"{label} failed: {type(error).__name__}: {error}", file=sys.stderr)
        return np.nan, np.nan


def measure(name, contenders, random_states):
    """The records of all contenders on one table, and a line of progress.

    Contenders take turns on a fold, so that all have the same slow minutes of the machine.
    """
    data, start, records = DATASETS[name], perf_counter(), []
    for number, fold in enumerate(folds(name)):
        for (label, estimator), state in product(contenders.items(), random_states):
            seeded = with_state(estimator, state)
            result = fit_and_score(seeded, fold, f"{name}, fold {number}, {label}")
            records.append(Record(data.part, data.task, name, label, state, number, *result))
    print(f"{name}: {perf_counter() - start:.1f} s", file=sys.stderr, flush=True)
    return records


def with_state(estimator, state):
    """A clone with this random_state, of itself or of the regressor within."""
    names = [key for key in estimator.get_params() if key.split("__")[-1] == "random_state"]
    return clone(estimator).set_params(**dict.fromkeys(names, state))


def scores(records, names, contenders):
    """Mean scores, an array with a row for each table; NaN where a fit failed."""
    found = {(name, label): [] for name in names for label in contenders}
    for record in records:
        found[record.dataset, record.contender].append(record.score)
    return np.array([[np.mean(found[name, label]) for label in contenders] for name in names])


def totals(records, contenders):
    """Seconds in all fits of each contender that did not fail."""
    return {
        label: float(np.nansum([r.seconds for r in records if r.contender == label]))
        for label in contenders
    }


def ratio(records, label):
    """Our seconds over those of another contender, over the fits in which neither failed."""
    ours, its = (
        np.array([record.seconds for record in records if record.contender == one])
        for one in (OURS, label)
    )
    both = ~np.isnan(ours + its)
    return ours[both].sum() / its[both].sum() if both.any() else np.nan


def ranks(table):
    """Ranks within each row, 1 for the best, ties averaged, failures last."""
    table = np.where(np.isnan(table), -np.inf, np.round(table, 9))
    return rankdata(-table, axis=1)


def mean_scores(table, task):
    """Mean of each column, nothing below FLOOR, which is also what a failure counts."""
    return np.fmax(table, FLOOR[task]).mean(axis=0)


def shown(row):
    """The scores of one table as strings, the best with a star."""
    text = ["failed" if np.isnan(score) else f"{score:.3f}" for score in row]
    best = np.nanmax(row) if not np.isnan(row).all() else None
    return [f"{t}{'*' if score == best else ' '}" for t, score in zip(text, row, strict=True)]


def shape_of(name):
    """Samples, features of the first fold after encoding, and classes."""
    _, y = load(name)
    classes = len(np.unique(y)) if DATASETS[name].task == "classification" else "-"
    return [str(len(y)), str(next(folds(name)).X.shape[1]), str(classes)]


def report(task, names, records):
    """Print the scores of all contenders, what they sum up to, and the targets."""
    contenders = list(CONTENDERS[task])
    table = scores(records, names, contenders)
    seconds = totals(records, contenders)
    ratios = {label: ratio(records, label) for label in contenders}
    rank = dict(zip(contenders, ranks(table).mean(axis=0), strict=True))
    score = dict(zip(contenders, mean_scores(table, task), strict=True))
    rows = [[n, *shape_of(n), *shown(row)] for n, row in zip(names, table, strict=True)]
    rows += [
        [label, "", "", "", *(f"{values[one]:{form}} " for one in contenders)]
        for label, values, form in (
            ("mean score", score, ".3f"),
            ("mean rank", rank, ".2f"),
            ("fit seconds", seconds, ".2f"),
            ("ours / its seconds", ratios, ".2f"),
        )
    ]
    measure_of = "Accuracy" if task == "classification" else "R2"
    header = ("data set", "n", "features", "classes", *(f"{one} " for one in contenders))
    print_table(f"{measure_of} of defaults, {N_FOLDS} folds, the best with a star", header, rows)
    if task == "regression":
        print(f"An R2 below {FLOOR[task]:g} counts as {FLOOR[task]:g} in the mean score.")
    print_targets(PEER[task], rank, score, ratios)


def print_targets(peer, rank, score, ratios):
    """Ours against the peer: rank, score and time."""
    targets = (
        ("mean rank", rank[OURS] < rank[peer], f"{rank[OURS]:.2f} against {rank[peer]:.2f}"),
        ("mean score", score[OURS] > score[peer], f"{score[OURS]:.3f} against {score[peer]:.3f}"),
        (
            f"fit time at most {TIME_RATIO:g} of its",
            ratios[peer] <= TIME_RATIO,
            f"{ratios[peer]:.2f}",
        ),
    )
    for what, met, figures in targets:
        print(f"target, better than {peer}: {what}, {figures}: {'met' if met else 'MISSED'}")


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
        mean_scores(table, task),
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
        wanted = [name for name, one in DATASETS.items() if one.part == part]
    return [name for name in wanted if DATASETS[name].task == task]


def command_line():
    arguments = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    arguments.add_argument("--part", choices=("development", "report"), default="report")
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
    return arguments.parse_args()


def main():
    options = command_line()
    threadpool_limits(options.threads)
    print_machine()
    everything = []
    for task in (options.task,) if options.task else TASKS:
        names = chosen(options, task)
        if not names:
            continue
        if options.choose:
            contenders = candidates(task, QUICK_CANDIDATES if options.quick else None)
            states = QUICK_STATES if options.quick else RANDOM_STATES
        else:
            contenders, states = CONTENDERS[task], (SEED,)
        first = next(folds(WARM_UP[task]))
        for label, estimator in contenders.items():
            fit_and_score(estimator, first, f"warm-up, {label}")
        records = [one for name in names for one in measure(name, contenders, states)]
        if options.choose:
            report_candidates(task, names, records, contenders)
        else:
            report(task, names, records)
        everything += records
        if options.csv:  # after each task, lest an interruption takes all
            write_csv(options.csv, everything)


if __name__ == "__main__":
    main()
