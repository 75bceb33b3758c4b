"""The folds of the real tables, encoded, for all benchmarks that cross-validate on them.

Numbers are imputed by their median and standardised, categories one-hot encoded. All of it is
learnt from the training part of a fold.
"""

import warnings
from dataclasses import dataclass

import numpy as np
from _datasets import DATASETS, load
from sklearn.compose import ColumnTransformer, make_column_selector
from sklearn.impute import SimpleImputer
from sklearn.model_selection import KFold, StratifiedKFold
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import OneHotEncoder, StandardScaler

__all__ = ["N_FOLDS", "SEED", "Fold", "encoder", "folds", "tables"]

N_FOLDS, SEED = 5, 0
# Categories of fewer samples than this share a column.
MIN_FREQUENCY = 10


@dataclass(frozen=True)
class Fold:
    """Training and test part, encoded."""

    X: np.ndarray
    y: np.ndarray
    X_test: np.ndarray
    y_test: np.ndarray


def encoder(standardise=True):
    """Numbers standardised, if wanted, and categories one-hot, both without missing values."""
    numbers = make_pipeline(
        SimpleImputer(strategy="median"), StandardScaler() if standardise else "passthrough"
    )
    categories = make_pipeline(
        SimpleImputer(strategy="constant", fill_value="missing"),
        OneHotEncoder(handle_unknown="ignore", sparse_output=False, min_frequency=MIN_FREQUENCY),
    )
    is_category = make_column_selector(dtype_include=object)
    is_number = make_column_selector(dtype_exclude=object)
    return ColumnTransformer([("num", numbers, is_number), ("cat", categories, is_category)])


def folds(name, standardise=True):
    """The folds of a table; what the encoder does is learnt from the training part."""
    X, y = load(name)
    stratify = DATASETS[name].task == "classification"
    splitter = (StratifiedKFold if stratify else KFold)(N_FOLDS, shuffle=True, random_state=SEED)
    with warnings.catch_warnings():
        warnings.filterwarnings("ignore", "The least populated class")  # zoo: 4 amphibians
        splits = list(splitter.split(X, y))
    for train, test in splits:
        encode = encoder(standardise).fit(X.iloc[train])
        yield Fold(
            encode.transform(X.iloc[train]), y[train], encode.transform(X.iloc[test]), y[test]
        )


def tables(task, part="all", names=None, quick=None):
    """The names of the tables to run.

    Parameters
    ----------
    task : {"classification", "regression"}
    part : {"development", "report", "all"}
    names : str or None
        Those that the user asks for, of any part, as "a,b".
    quick : sequence of str or None
        Those of a quick run. Counts where there are no `names`.
    """
    if names:
        wanted = names.split(",")
        unknown = set(wanted) - set(DATASETS)
        if unknown:
            raise SystemExit(f"no table {', '.join(sorted(unknown))}; there are: {list(DATASETS)}")
    elif quick:
        wanted = quick
    else:
        wanted = [name for name, one in DATASETS.items() if part in (one.part, "all")]
    return [name for name in wanted if DATASETS[name].task == task]
