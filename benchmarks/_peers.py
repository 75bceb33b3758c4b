"""Who takes part in bench_peers.py, as it comes, but for the random state and the threads."""

import logging
from dataclasses import replace
from functools import partial

import numpy as np
from _contenders import CONTENDERS, OPTIONAL, OURS, PEER, of_package
from sklearn.base import clone
from sklearn.gaussian_process import GaussianProcessClassifier
from sklearn.gaussian_process.kernels import RBF, ConstantKernel

__all__ = ["PEERS", "at_hand", "cut", "makers"]

# In the order of the columns
PEERS = (OURS, "MLP", "HistGB", "LightGBM", "GP", "RealMLP", *(label for label, *_ in OPTIONAL))
# The package of these, or the weights that it loads at the first fit, may be missing.
MAY_BE_MISSING = tuple(label for label in PEERS if label not in (OURS, "MLP", "HistGB", "GP"))

# GaussianProcessClassifier takes several times as long as the regressor, the time grows with the
# cube of the rows, and with more than two classes it fits one process for each of them: 170 s for
# 1000 rows of ten. So it learns from a random sample of this size.
GP_ROWS, GP_ROWS_OF_SEVERAL_CLASSES = 1000, 500


def makers(task, threads):
    """Functions without arguments that make the contenders, by label."""
    known = CONTENDERS[task]
    made = {
        OURS: partial(clone, known[OURS]),
        "MLP": partial(clone, known[PEER[task]]),
        "HistGB": partial(clone, known["boosting"]),
        "LightGBM": partial(
            of_package,
            "lightgbm",
            ("LGBMClassifier", "LGBMRegressor"),
            task,
            n_jobs=threads,
            verbosity=-1,
        ),
        "GP": partial(clone, known["GP"] if task == "regression" else gaussian_classifier()),
        "RealMLP": partial(real_mlp, task, threads),
    }
    options = {
        # Without the second option TabPFN refuses more than 1000 rows on a CPU.
        "TabPFN": {"device": "cpu", "ignore_pretraining_limits": True},
        "TabICL": {"device": "cpu", "n_jobs": threads},
    }
    for label, module, names in OPTIONAL:
        made[label] = partial(of_package, module, names, task, **options[label])
    return made


def gaussian_classifier():
    return GaussianProcessClassifier(ConstantKernel() * RBF(), random_state=0)


def real_mlp(task, threads):
    """RealMLP with its tuned defaults. Lightning, which trains it, would report each fit."""
    names = ("RealMLP_TD_Classifier", "RealMLP_TD_Regressor")
    estimator = of_package("pytabkit", names, task, device="cpu", n_threads=threads, verbosity=0)
    logging.getLogger("pytorch_lightning").setLevel(logging.ERROR)
    return estimator


def at_hand(contenders, fold):
    """Make the contenders, and find out by a fit of a small table which of them work here.

    Parameters
    ----------
    contenders : dict of label -> function that makes it
    fold : Fold

    Returns
    -------
    estimators : dict of label -> estimator
    reasons : dict of label -> str
        Why a contender cannot take part.
    """
    estimators, reasons = {}, {}
    for label, make in contenders.items():
        try:
            estimator = make()
            clone(estimator).fit(fold.X, fold.y)
        except Exception as error:  # no package, or no weights: each package has errors of its own
            if label not in MAY_BE_MISSING:
                raise
            first_line = str(error).strip().splitlines()[:1]
            reasons[label] = ": ".join([type(error).__name__, *first_line])
        else:
            estimators[label] = estimator
    return estimators, reasons


def cut(label, task, fold):
    """The fold with the rows that a contender learns from; only "GP" gets a sample of classes."""
    if label != "GP" or task == "regression":
        return fold
    n_rows = GP_ROWS if len(np.unique(fold.y)) == 2 else GP_ROWS_OF_SEVERAL_CLASSES
    rows = np.random.default_rng(0).permutation(len(fold.y))[:n_rows]
    return replace(fold, X=fold.X[rows], y=fold.y[rows])
