"""Fitted models of each kind, behind all that an export folds into their weights."""

from functools import cache

import numpy as np
import pandas as pd
from sklearn.base import clone
from sklearn.compose import TransformedTargetRegressor, make_column_transformer
from sklearn.datasets import load_diabetes, load_iris, make_multilabel_classification
from sklearn.decomposition import PCA
from sklearn.feature_selection import VarianceThreshold
from sklearn.model_selection import GridSearchCV
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import MaxAbsScaler, MinMaxScaler, RobustScaler, StandardScaler

from skbackprop import BackpropClassifier, BackpropRegressor

IRIS, SPECIES = load_iris(return_X_y=True)
NAMES = np.array(["setosa", "versicolor", "virginica"])
TEXTS, TOPICS = make_multilabel_classification(random_state=0)
BODIES, PROGRESS = load_diabetes(return_X_y=True, scaled=False)
FRAME, _ = load_diabetes(return_X_y=True, scaled=False, as_frame=True)
TWO = np.column_stack([PROGRESS, -1e3 + BODIES[:, 2]])
YEARS = np.linspace(1950, 2020, 150)[:, None]


def classifier(**options):
    return BackpropClassifier(**{"n_hidden": 5, "alpha": 0.1, "random_state": 0} | options)


def regressor(**options):
    return BackpropRegressor(**{"n_hidden": 5, "alpha": 0.1, "random_state": 0} | options)


def behind(*steps):
    return lambda network: make_pipeline(*steps, network)


def columns():
    return make_column_transformer(
        (StandardScaler(), [0, 2, 3, 4]),
        (make_pipeline(RobustScaler(), PCA(2)), slice(5, 9)),
        (MinMaxScaler(), [9]),
    )


STANDARD = behind(StandardScaler())
LECTURE = {"loss": "squared_error", "fit_intercept": False}
# What is around the network, the network, X and y
CLASSIFIERS = {
    "binary": (STANDARD, classifier(), IRIS, SPECIES > 0),
    "binary-range": (STANDARD, classifier(target_range=(0.1, 0.9)), IRIS, SPECIES > 0),
    "binary-strings": (STANDARD, classifier(), IRIS, NAMES[np.minimum(SPECIES, 1)]),
    "multiclass": (STANDARD, classifier(), IRIS, SPECIES),
    "multiclass-strings": (behind(RobustScaler()), classifier(), IRIS, NAMES[SPECIES]),
    "multiclass-range": (
        behind(MaxAbsScaler(), StandardScaler()),
        classifier(target_range=(0.1, 0.9), alpha=0.01),
        IRIS,
        SPECIES,
    ),
    "multiclass-lecture": (STANDARD, classifier(**LECTURE), IRIS, SPECIES),
    "one-class": (STANDARD, classifier(), IRIS, np.full(150, 3)),
    "multilabel": (STANDARD, classifier(), TEXTS, TOPICS),
    "multilabel-range": (STANDARD, classifier(target_range=(0.2, 0.7)), TEXTS, TOPICS),
}
REGRESSORS = {
    "regression": (STANDARD, regressor(), BODIES, PROGRESS),
    "regression-alone": (lambda network: network, regressor(), IRIS[:, :1] - 6, IRIS[:, 3]),
    "regression-lecture": (STANDARD, regressor(fit_intercept=False), BODIES, PROGRESS),
    "regression-range": (STANDARD, regressor(target_range=(0, 1)), BODIES, PROGRESS),
    "regression-of-names": (STANDARD, regressor(), FRAME, PROGRESS),
    "regression-far-from-zero": (STANDARD, regressor(), YEARS, np.sin(YEARS[:, 0] / 9)),
    "multi-output": (behind(StandardScaler(), PCA(4)), regressor(), BODIES, TWO),
    "columns": (behind(columns()), regressor(), BODIES, PROGRESS),
    "search": (
        lambda network: GridSearchCV(make_pipeline(MinMaxScaler((-2, 2)), network), {}, cv=2),
        regressor(),
        BODIES,
        PROGRESS,
    ),
    "target-transformed": (
        lambda network: TransformedTargetRegressor(
            make_pipeline(StandardScaler(), network), transformer=RobustScaler()
        ),
        regressor(),
        BODIES,
        TWO,
    ),
}
MODELS = CLASSIFIERS | REGRESSORS

_RNG = np.random.default_rng(0)
_T = _RNG.normal(size=(200, 1))
# Three columns with one common factor, far from 0 and exact in float32
_KELVIN = (_T + 0.2 * _RNG.normal(size=(200, 3))) * [1, 0.5, 2] + [300, 1000, 300]
_KELVIN = _KELVIN.astype(np.float32).astype(np.float64)
_MILLION = 1e6 + _RNG.normal(size=(100, 2))
_OFFSET = (1e5 + _RNG.normal(size=(200, 2))).astype(np.float32).astype(np.float64)
# Steps before a regressor, and X; the target is a sine of the first column
FAR_FROM_ZERO = {
    "few-components": ([StandardScaler(), PCA(1)], _KELVIN),
    "components-only": ([PCA(1)], _KELVIN),
    "scaled-twice": ([MaxAbsScaler(), StandardScaler(with_mean=False), PCA(2)], _KELVIN),
    "million": ([StandardScaler()], _MILLION),
    "million-robust": ([VarianceThreshold(), None, RobustScaler()], _MILLION),
    "scaled-and-raw": (
        [make_column_transformer((RobustScaler(), [0, 1]), ("passthrough", [0]))],
        _OFFSET,
    ),
    "raw-and-scaled": (
        [make_column_transformer(("passthrough", [0]), (RobustScaler(), [0, 1]))],
        _OFFSET,
    ),
    "range": ([MinMaxScaler()], _OFFSET),
}
# predict itself rounds x * scale + min, or x W1, so that it has no more digits than these
ROUNDED_BY_THE_MODEL = {"scaled-and-raw", "raw-and-scaled", "range"}
ROUNDED_LITTLE = [name for name in FAR_FROM_ZERO if name not in ROUNDED_BY_THE_MODEL]


@cache
def far_from_zero(name):
    """The fitted model of that name, its X and its predictions."""
    steps, X = FAR_FROM_ZERO[name]
    model = make_pipeline(*steps, regressor(alpha=1e-3)).fit(X, np.sin(X[:, 0] - X[0, 0]))
    return model, X, model.predict(X)


@cache
def fitted(name):
    """The model of that name, and its X as an array."""
    around, network, X, y = MODELS[name]
    model = clone(around(network)).fit(X, y)
    return model, np.asarray(X, dtype=np.float64)


def prediction(name, X):
    """`predict` of a regressor or `predict_proba`, (n_samples, n_outputs)."""
    model, _ = fitted(name)
    if hasattr(model, "feature_names_in_"):
        X = pd.DataFrame(X, columns=model.feature_names_in_)
    return model.predict_proba(X) if name in CLASSIFIERS else model.predict(X).reshape(len(X), -1)


def size_of(values, least=1):
    """The largest value of each output, all else being axes of the same units; at least 1."""
    axes = tuple(axis for axis in range(values.ndim) if axis != 1)
    return np.maximum(np.abs(values).max(axis=axes, keepdims=True), least)


def assert_is_the_gradient(gradient, name, X):
    """Compare with central differences of the prediction, (n_samples, n_outputs, n_features)."""
    assert gradient.shape == (len(X), prediction(name, X[:1]).shape[1], X.shape[1])
    spread = fitted(name)[1].std(axis=0)
    for i, step in enumerate(1e-4 * np.where(spread > 0, spread, 1)):
        there, back = X.copy(), X.copy()
        there[:, i] += step
        back[:, i] -= step
        difference = (prediction(name, there) - prediction(name, back)) / (2 * step)
        # a second difference would be of this size where the prediction varies by itself
        size = size_of(prediction(name, X), least=0) / spread[i]
        assert (np.abs(gradient[:, :, i] - difference) <= 1e-6 * size).all()
