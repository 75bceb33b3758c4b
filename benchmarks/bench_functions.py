"""Are the defaults good on functions that are known? R2 and processor time of each contender.

The functions of _functions.py, three seeds each: curves and surfaces with and without noise,
heavy tails and outliers in y, pure noise, columns in raw units, and four rows. R2 is that of
2000 test rows, without noise but for pure noise, the mean over the seeds. Seconds are the
processor's, in all threads, for the fits.

  ours      BackpropRegressor(), as it comes
  former    BackpropRegressor(alpha=0.1), the default before the fit could choose alpha
  MLP       MLPRegressor() in TransformedTargetRegressor with a StandardScaler
  GP        GaussianProcessRegressor, RBF and white kernel, normalize_y; up to 1000 rows
  tuned     BackpropRegressor in GridSearchCV: alpha in half decades from 1e-5 to 10, five
            shuffled folds (three from 200 rows on, as many as rows below five), by the squared
            error
  boosting  HistGradientBoostingRegressor()

X is standardised for all, but for the functions named raw_...: there ours and former see X as
it is, and the others behind a StandardScaler. A fit that fails counts as R2 = -1, and nothing
counts less in the means.

At the end: the failures, which are functions where ours is more than 0.03 below the best of MLP,
GP and tuned. "alpha" is the one that ours (if it has `alpha_`) and tuned chose, the median over
the seeds; both are in the units of J.

    python benchmarks/bench_functions.py --part development
    python benchmarks/bench_functions.py --part all --json functions.json --minutes 6
    python benchmarks/bench_functions.py --quick
"""

import argparse
import sys
import warnings
from dataclasses import dataclass
from time import process_time

import numpy as np
from _contenders import FORMER, FORMER_ALPHA, OURS, gaussian_process, scaled, with_state
from _functions import FUNCTIONS, held_out, sample
from _results import Store, add_options, contenders_of, measure_missing, ranks, shown
from _timing import print_machine, print_table
from sklearn.base import BaseEstimator, RegressorMixin
from sklearn.ensemble import HistGradientBoostingRegressor
from sklearn.exceptions import ConvergenceWarning
from sklearn.metrics import r2_score
from sklearn.model_selection import GridSearchCV, KFold
from sklearn.neural_network import MLPRegressor
from sklearn.pipeline import Pipeline, make_pipeline
from sklearn.preprocessing import StandardScaler
from threadpoolctl import threadpool_limits

from skbackprop import BackpropRegressor

LADDER = [float(f"{10**power:.2g}") for power in np.arange(-5, 1.1, 0.5)]
FEW_ROWS = 200
SEEDS, QUICK_SEEDS = (0, 1, 2), (0,)
QUICK = ("sine_30", "four_xor", "raw_shifted_200")
GP_ROWS = 1000
FLOOR, FAILURE = -1.0, 0.03
RIVALS = ("MLP", "GP", "tuned")


class Tuned(RegressorMixin, BaseEstimator):
    """BackpropRegressor with the alpha of a grid search."""

    def __init__(self, random_state=None):
        self.random_state = random_state

    def fit(self, X, y):
        n_folds = min(5, len(y)) if len(y) < FEW_ROWS else 3
        search = GridSearchCV(
            BackpropRegressor(random_state=self.random_state),
            {"alpha": LADDER},
            scoring="neg_mean_squared_error",
            cv=KFold(n_folds, shuffle=True, random_state=self.random_state),
        )
        self.best_ = search.fit(X, y).best_estimator_
        self.alpha_ = self.best_.alpha
        return self

    def predict(self, X):
        return self.best_.predict(X)


CONTENDERS = {
    OURS: BackpropRegressor(),
    FORMER: BackpropRegressor(alpha=FORMER_ALPHA["regression"]),
    "MLP": scaled(MLPRegressor()),
    "GP": gaussian_process(),
    "tuned": Tuned(),
    "boosting": HistGradientBoostingRegressor(),
}
AS_IT_IS = (OURS, FORMER)  # those that see raw columns


@dataclass(frozen=True)
class Record:
    """One fit. NaN for a contender that was left out for the number of rows."""

    part: str
    dataset: str
    contender: str
    seed: int
    score: float = np.nan
    processor: float = np.nan
    alpha: float = np.nan


def measure(name, contenders, seeds):
    """The records of all contenders on one function, which take turns."""
    function, records = FUNCTIONS[name], []
    X_test, y_test = held_out(function)
    for seed in seeds:
        X, y = sample(function, seed)
        for label, estimator in contenders.items():
            values = {}
            if label != "GP" or len(y) <= GP_ROWS:
                model = with_state(estimator, seed)
                if not (function.raw and label in AS_IT_IS):
                    model = make_pipeline(StandardScaler(), model)
                values = fit_and_score(model, X, y, X_test, y_test, f"{name}, {label}")
            records.append(Record(function.part, name, label, seed, **values))
    return records


def fit_and_score(model, X, y, X_test, y_test, label):
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", ConvergenceWarning)
            start = process_time()
            model.fit(X, y)
            seconds = process_time() - start
        score = float(r2_score(y_test, model.predict(X_test)))
    except Exception as error:  # whatever it is, the other contenders go on
        print(f"{label} failed: {type(error).__name__}: {error}", file=sys.stderr)
        return {"score": FLOOR}
    network = model[-1] if isinstance(model, Pipeline) else model
    chose = isinstance(network, BackpropRegressor | Tuned)
    alpha = float(getattr(network, "alpha_", np.nan)) if chose else np.nan
    return {"score": score, "processor": seconds, "alpha": alpha}


def over_seeds(records, names, contenders, field, how):
    """An array (functions, contenders); NaN where there is none."""
    found = {(name, label): [] for name in names for label in contenders}
    for record in records:
        found[record.dataset, record.contender].append(getattr(record, field))
    return np.array([[how(found[name, label]) for label in contenders] for name in names])


def report(names, records, contenders):
    """Print R2 of all, what it sums up to, and the failures."""
    labels = list(contenders)
    table = over_seeds(records, names, labels, "score", np.mean)
    seconds = over_seeds(records, names, labels, "processor", np.sum)
    alpha = over_seeds(records, names, labels, "alpha", np.median)
    chose = [label for label in (OURS, "tuned") if label in labels]
    rows = [
        [
            name,
            FUNCTIONS[name].part[:3],
            *shown(row, missing="-"),
            *(f"{alphas[labels.index(one)]:.2g}" for one in chose),
        ]
        for name, row, alphas in zip(names, table, alpha, strict=True)
    ]
    counted = np.fmax(table, np.where(np.isnan(table), np.nan, FLOOR))
    for what, values, form in (
        ("mean R2", np.nanmean(counted, axis=0), ".3f"),
        ("median R2", np.nanmedian(counted, axis=0), ".3f"),
        ("mean rank", ranks(table).mean(axis=0), ".2f"),
        ("processor seconds", np.nansum(seconds, axis=0), ".2f"),
    ):
        rows.append([what, "", *(f"{v:{form}} " for v in values), *("" for _ in chose)])
    header = ("function", "part", *(f"{one} " for one in labels), *(f"alpha {o}" for o in chose))
    print_table("R2, the best with a star", header, rows)
    if "GP" in labels:
        print(f"A dash: more than {GP_ROWS} rows. It counts as the last rank and not in the mean.")
    for label in (OURS, FORMER):
        if label in labels:
            print_failures(label, names, table, labels)


def print_failures(label, names, table, labels):
    """The functions on which one of ours is too far below the best of the rivals."""
    rivals = [one for one in RIVALS if one in labels]
    if not rivals:
        return
    ours = table[:, labels.index(label)]
    others = table[:, [labels.index(one) for one in rivals]]
    best = np.nanmax(others, axis=1)
    failed = np.flatnonzero(np.fmax(ours, FLOOR) < np.fmax(best, FLOOR) - FAILURE)
    print(
        f"\nfailures of {label}, more than {FAILURE:g} below the best of {', '.join(rivals)}: "
        f"{len(failed)} of {len(names)}"
    )
    for one in sorted(failed, key=lambda one: ours[one] - best[one]):
        winner = rivals[int(np.nanargmax(others[one]))]
        print(f"  {names[one]}: {ours[one]:.3f}, {winner} {best[one]:.3f}")


def command_line():
    arguments = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    arguments.add_argument("--part", choices=("development", "report", "all"), default="report")
    arguments.add_argument("--names", help="only these functions, of any part: a,b")
    arguments.add_argument("--quick", action="store_true", help="three small functions, one seed")
    arguments.add_argument(
        "--threads", type=int, default=1, help="for every contender alike (default: %(default)s)"
    )
    add_options(arguments)
    return arguments.parse_args()


def chosen(options):
    """The names of the functions to run."""
    if options.names:
        wanted = options.names.split(",")
        unknown = set(wanted) - set(FUNCTIONS)
        if unknown:
            raise SystemExit(f"no function {sorted(unknown)}; there are: {list(FUNCTIONS)}")
        return wanted
    if options.quick:
        return list(QUICK)
    return [name for name, one in FUNCTIONS.items() if options.part in (one.part, "all")]


def main():
    options = command_line()
    threadpool_limits(options.threads)
    print_machine()
    store = Store(options.json, Record)
    contenders = contenders_of(options, CONTENDERS, store)
    seeds = QUICK_SEEDS if options.quick else SEEDS
    names = measure_missing(
        options, chosen(options), contenders, store, lambda name, some: measure(name, some, seeds)
    )
    if names:
        report(names, store.of(names, contenders), contenders)


if __name__ == "__main__":
    main()
