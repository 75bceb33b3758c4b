"""What do monotone features cost, and what do they bring? Against gradient boosting with the same.

Five-fold cross-validation on three real tables of _datasets.py, numbers standardised, categories
one-hot encoded. The directions were chosen by what the features mean, before any fit. Each
contender is fitted to the whole training part of a fold, and to 60 rows of it, with and without
`monotonic_cst`:

  ours      BackpropRegressor() and BackpropClassifier()
  boosting  HistGradientBoostingRegressor() and HistGradientBoostingClassifier()

The score is R2, or the log loss. "wrong" is the share of moves that go the wrong way: each
monotone feature of each test sample is raised by one standard deviation.

    python benchmarks/bench_monotone.py
    python benchmarks/bench_monotone.py --quick
"""

import sys
import warnings

import numpy as np
from _datasets import DATASETS, load
from _folds import encoder
from _timing import print_machine, print_table
from sklearn.ensemble import HistGradientBoostingClassifier, HistGradientBoostingRegressor
from sklearn.exceptions import ConvergenceWarning
from sklearn.metrics import log_loss, r2_score
from sklearn.model_selection import KFold, StratifiedKFold
from threadpoolctl import threadpool_limits

from skbackprop import BackpropClassifier, BackpropRegressor

# By table: the features whose effect has a known sign.
DIRECTIONS = {
    "auto_mpg": {"displ": -1, "hp": -1, "weight": -1, "yr": 1},
    "boston": {"crim": -1, "lstat": -1, "nox": -1, "ptratio": -1, "rm": 1},
    "flchain": {"age": 1, "creatinine": 1, "kappa": 1, "lambda": 1},
}
CONTENDERS = {
    "regression": {"ours": BackpropRegressor, "boosting": HistGradientBoostingRegressor},
    "classification": {"ours": BackpropClassifier, "boosting": HistGradientBoostingClassifier},
}
FEW, N_FOLDS, SEED = 60, 5, 0


def directions(encode, wanted):
    """The sign of each encoded column."""
    names = [name.removeprefix("num__") for name in encode.get_feature_names_out()]
    signs = np.array([wanted.get(name, 0) for name in names])
    assert np.count_nonzero(signs) == len(wanted), "a feature is missing"
    return signs


def answers(model, X):
    """What is to be monotone: the prediction, or the probability of the second class."""
    return model.predict_proba(X)[:, 1] if hasattr(model, "predict_proba") else model.predict(X)


def wrong_moves(model, X, signs):
    """The share of moves that go the wrong way."""
    before, wrong = answers(model, X), []
    for feature in np.flatnonzero(signs):
        moved = X.copy()
        moved[:, feature] += 1
        wrong.append(signs[feature] * (answers(model, moved) - before) < -1e-12)
    return np.mean(wrong)


def splits(name, X, y):
    """Training rows, all and few of them, and test rows."""
    classes = DATASETS[name].task == "classification"
    splitter = (StratifiedKFold if classes else KFold)(N_FOLDS, shuffle=True, random_state=SEED)
    rng = np.random.default_rng(SEED)
    for train, test in splitter.split(X, y):
        yield train, rng.choice(train, FEW, replace=False), test


def measure(name, n_folds):
    """Score and share of wrong moves by rows, contender and whether it is constrained."""
    (X, y), task = load(name), DATASETS[name].task
    found = {}
    for train, few, test in list(splits(name, X, y))[:n_folds]:
        encode = encoder().fit(X.iloc[train])
        signs = directions(encode, DIRECTIONS[name])
        X_test = encode.transform(X.iloc[test])
        for rows, part in (("all", train), (str(FEW), few)):
            for label, kind in CONTENDERS[task].items():
                for constraint in (None, signs):
                    model = kind(random_state=SEED, monotonic_cst=constraint)
                    model.fit(encode.transform(X.iloc[part]), y[part])
                    answer = answers(model, X_test)
                    score = (
                        r2_score(y[test], answer)
                        if task == "regression"
                        else log_loss(y[test] == model.classes_[1], answer)
                    )
                    key = rows, label, constraint is not None
                    found.setdefault(key, []).append((score, wrong_moves(model, X_test, signs)))
    return {key: np.mean(runs, axis=0) for key, runs in found.items()}


def main():
    quick = "--quick" in sys.argv
    warnings.simplefilter("ignore", ConvergenceWarning)
    threadpool_limits(1)
    print_machine()
    for name in list(DIRECTIONS)[: 1 if quick else None]:
        found = measure(name, 1 if quick else N_FOLDS)
        score = "R2" if DATASETS[name].task == "regression" else "log loss"
        rows = []
        for (n_rows, label, constrained), (mean, wrong) in found.items():
            kind = "monotone" if constrained else "free"
            rows.append([n_rows, label, kind, f"{mean:.3f}", f"{wrong:.3f}"])
        print_table(name, ["rows", "contender", "features", score, "wrong"], rows)


if __name__ == "__main__":
    main()
