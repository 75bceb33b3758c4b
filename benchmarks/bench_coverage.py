"""Do the error bars cover? Coverage and width of intervals, on real tables and on functions.

Intervals of 80, 90 and 95 %, for the regression tables of _datasets.py in five folds (X
standardised, everything else as it comes) and for the functions of _functions.py, one sample
each, tested on 2000 rows with noise. Coverage is the share of the test values within the
interval. Width is the mean width over the standard deviation of all y of the table, or of the
test values of the function. Of a good method the coverage is near the level on every table, and
among such methods the one with the narrower intervals is better.

  ours      BackpropRegressor(): mean +- z std of predict(X, return_std=True), z of the normal
            distribution
  GP        GaussianProcessRegressor, RBF and white kernel, normalize_y, likewise; up to 1000
            rows to train on
  Bayesian  BayesianRidge, likewise: linear
  MAPIE     jackknife+ around BackpropRegressor() (CrossConformalRegressor, method="plus"), which
            leaves out one row at a time up to 50 rows and a tenth of the rows above (CV+); if
            MAPIE is installed. What is counted as its seconds includes these fits.

Ours takes part if its `predict` has `return_std`. "tables near" counts those whose coverage is
within 0.02 of the level. The interval score (Gneiting and Raftery 2007) judges width and
coverage together, in deviations of y: the width, and for a value outside its distance times
2 / (1 - level); the smaller the better.

    python benchmarks/bench_coverage.py --part development
    python benchmarks/bench_coverage.py --part all --json coverage.json --minutes 6
    python benchmarks/bench_coverage.py --quick
"""

import argparse
import inspect
import sys
import warnings
from dataclasses import dataclass
from importlib.util import find_spec
from time import process_time

import numpy as np
from _contenders import OURS, gaussian_process
from _datasets import DATASETS
from _folds import Fold, folds
from _functions import FUNCTIONS, held_out, sample
from _results import Store, add_options, contenders_of, measure_missing
from _timing import print_machine, print_table
from scipy.stats import norm
from sklearn.base import BaseEstimator, clone
from sklearn.exceptions import ConvergenceWarning
from sklearn.linear_model import BayesianRidge
from sklearn.model_selection import KFold, LeaveOneOut
from sklearn.preprocessing import StandardScaler
from threadpoolctl import threadpool_limits

from skbackprop import BackpropRegressor

LEVELS = (0.80, 0.90, 0.95)
NEAR = 0.02
GP_ROWS, LEAVE_ONE_OUT_ROWS = 1000, 50
FUNCTION_SEED = 0
QUICK = ("hprice1", "sine_30", "growing_noise_100")


class Normal(BaseEstimator):
    """Intervals of a regressor with `return_std`: mean +- z std."""

    def __init__(self, regressor, max_rows=None):
        self.regressor = regressor
        self.max_rows = max_rows

    def fit(self, X, y):
        self.regressor_ = clone(self.regressor).fit(X, y)
        return self

    def intervals(self, X):
        """Lower and upper ends, of shape (n_samples, 2, n_levels)."""
        mean, std = self.regressor_.predict(X, return_std=True)
        z = norm.ppf((1 + np.array(LEVELS)) / 2)
        return mean[:, None, None] + std[:, None, None] * np.stack([-z, z])


class JackknifePlus(BaseEstimator):
    """Intervals of MAPIE."""

    max_rows = None

    def __init__(self, regressor):
        self.regressor = regressor

    def fit(self, X, y):
        from mapie.regression import CrossConformalRegressor

        few = len(y) <= LEAVE_ONE_OUT_ROWS
        self.mapie_ = CrossConformalRegressor(
            clone(self.regressor),
            confidence_level=LEVELS,
            method="plus",
            cv=LeaveOneOut() if few else KFold(10, shuffle=True, random_state=0),
        ).fit_conformalize(X, y)
        return self

    def intervals(self, X):
        """Lower and upper ends, of shape (n_samples, 2, n_levels)."""
        return self.mapie_.predict_interval(X)[1]


def contenders():
    """Intervals by label: those that can be had."""
    ours, found = BackpropRegressor(random_state=0), {}
    if "return_std" in inspect.signature(ours.predict).parameters:
        found[OURS] = Normal(ours)
    else:
        print("without ours: its predict has no return_std", file=sys.stderr)
    found["GP"] = Normal(gaussian_process(), GP_ROWS)
    found["Bayesian"] = Normal(BayesianRidge())
    if find_spec("mapie") is not None:
        found["MAPIE"] = JackknifePlus(ours)
    else:
        print("without MAPIE: it is not installed", file=sys.stderr)
    return found


@dataclass(frozen=True)
class Record:
    """One fold and one level. NaN for a contender that failed or was left out."""

    part: str
    kind: str
    dataset: str
    contender: str
    fold: int
    level: float
    coverage: float = np.nan
    width: float = np.nan
    interval_score: float = np.nan
    processor: float = np.nan


def tasks(name):
    """The folds of a table, or the one sample of a function."""
    if name in DATASETS:
        return folds(name)
    function = FUNCTIONS[name]
    X, y = sample(function, FUNCTION_SEED)
    X_test, y_test = held_out(function, noisy=True)
    scaler = StandardScaler().fit(X)
    return [Fold(scaler.transform(X), y, scaler.transform(X_test), y_test)]


def measure(name, contenders):
    """The records of all contenders, which take turns on a fold."""
    parts = list(tasks(name))
    everything = np.concatenate([fold.y_test for fold in parts])
    unit = everything.std()
    kind = "table" if name in DATASETS else "function"
    part = (DATASETS if name in DATASETS else FUNCTIONS)[name].part
    records = []
    for number, fold in enumerate(parts):
        for label, estimator in contenders.items():
            values = [{}] * len(LEVELS)
            if estimator.max_rows is None or len(fold.y) <= estimator.max_rows:
                values = judged(estimator, fold, unit, f"{name}, fold {number}, {label}")
            records += [
                Record(part, kind, name, label, number, level, **one)
                for level, one in zip(LEVELS, values, strict=True)
            ]
    return records


def judged(estimator, fold, unit, label):
    """The measures of a Record as a dict for each level; empty ones if anything fails."""
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", ConvergenceWarning)
            start = process_time()
            intervals = clone(estimator).fit(fold.X, fold.y).intervals(fold.X_test)
            seconds = process_time() - start
    except Exception as error:  # whatever it is, the other contenders go on
        print(f"{label} failed: {type(error).__name__}: {error}", file=sys.stderr)
        return [{}] * len(LEVELS)
    y = fold.y_test[:, None]
    low, high = intervals[:, 0], intervals[:, 1]
    outside = np.maximum(low - y, 0) + np.maximum(y - high, 0)
    width = (high - low) / unit
    score = width + 2 / (1 - np.array(LEVELS)) * outside / unit
    return [
        {
            "coverage": float((outside[:, k] == 0).mean()),
            "width": float(width[:, k].mean()),
            "interval_score": float(score[:, k].mean()),
            "processor": seconds / len(LEVELS),
        }
        for k in range(len(LEVELS))
    ]


def mean_table(records, names, contenders, level, field):
    """Means over the folds, an array (data sets, contenders); NaN where there is none."""
    found = {(name, label): [] for name in names for label in contenders}
    for record in records:
        if record.level == level:
            found[record.dataset, record.contender].append(getattr(record, field))
    return np.array([[np.mean(found[name, label]) for label in contenders] for name in names])


def report(title, names, records, contenders):
    """Print coverage and width of each data set at the highest level, and sums for all."""
    labels, level = list(contenders), LEVELS[-1]
    coverage, width = (
        mean_table(records, names, labels, level, field) for field in ("coverage", "width")
    )
    rows = [
        [name, *(f"{value:.3f}" for value in row), *(f"{value:.2f}" for value in widths)]
        for name, row, widths in zip(names, coverage, width, strict=True)
    ]
    header = (title, *labels, *(f"width {label}" for label in labels))
    print_table(f"Coverage and width of {level:.0%} intervals", header, rows)
    print_summary(title, names, records, labels)


def print_summary(title, names, records, labels):
    """What coverage and width sum up to, for each level; on the same data sets for all."""
    rows = []
    fitted = ~np.isnan(mean_table(records, names, labels, LEVELS[0], "coverage"))
    common = fitted.all(axis=1)
    for level in LEVELS:
        values = {
            field: mean_table(records, names, labels, level, field)
            for field in ("coverage", "width", "interval_score")
        }
        for k, label in enumerate(labels):
            own = fitted[:, k]
            if not own.any():
                continue
            coverage = values["coverage"][own, k]
            # distances of decimal fractions: 0.97 - 0.95 is not quite 0.02
            near = (np.abs(coverage - level) <= NEAR + 1e-9).sum()
            on_common = [
                f"{values[field][common, k].mean():.3f}" if common.any() else "-"
                for field in ("coverage", "width", "interval_score")
            ]
            rows.append(
                [
                    f"{level:.0%} {label}",
                    f"{coverage.mean():.3f}",
                    f"{coverage.min():.3f}",
                    f"{near} of {len(coverage)}",
                    f"{values['width'][own, k].mean():.2f}",
                    f"{np.median(values['width'][own, k]):.2f}",
                    *on_common,
                ]
            )
    header = ("intervals", "mean", "lowest", f"{title}s near", "mean width", "median width")
    shared = [f"{what} *" for what in ("mean", "width", "score")]
    print_table(f"Coverage and width on {len(names)} {title}s", (*header, *shared), rows)
    print(f"*: on the {common.sum()} {title}s that all have; score is the interval score")
    seconds = {
        label: np.nansum([r.processor for r in records if r.contender == label]) for label in labels
    }
    print(
        "processor seconds, fit and intervals: "
        + ", ".join(f"{label} {value:.1f}" for label, value in seconds.items())
    )


def command_line():
    arguments = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    arguments.add_argument("--part", choices=("development", "report", "all"), default="report")
    arguments.add_argument("--names", help="only these tables and functions, of any part: a,b")
    arguments.add_argument("--quick", action="store_true", help="one table and two functions")
    arguments.add_argument(
        "--threads", type=int, default=1, help="for every contender alike (default: %(default)s)"
    )
    add_options(arguments)
    return arguments.parse_args()


def chosen(options):
    """The names of the tables and functions to run."""
    known = {k: one for k, one in DATASETS.items() if one.task == "regression"} | FUNCTIONS
    if options.names:
        wanted = options.names.split(",")
        unknown = set(wanted) - set(known)
        if unknown:
            raise SystemExit(f"no table or function {sorted(unknown)}; there are: {list(known)}")
        return wanted
    if options.quick:
        return list(QUICK)
    return [name for name, one in known.items() if options.part in (one.part, "all")]


def main():
    options = command_line()
    threadpool_limits(options.threads)
    print_machine()
    store = Store(options.json, Record)
    some = contenders_of(options, contenders(), store)
    names = measure_missing(options, chosen(options), some, store, measure)
    for title in ("table", "function"):
        here = [name for name in names if (name in DATASETS) == (title == "table")]
        if here:
            report(title, here, store.of(here, some), some)


if __name__ == "__main__":
    main()
