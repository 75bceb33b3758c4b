"""Models of every kind that derivatives and bounds are tested with."""

import numpy as np
from sklearn.compose import ColumnTransformer, TransformedTargetRegressor
from sklearn.decomposition import PCA
from sklearn.model_selection import GridSearchCV
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import MaxAbsScaler, MinMaxScaler, RobustScaler, StandardScaler

from skbackprop import BackpropClassifier, BackpropRegressor
from skbackprop.solvers import GradientDescent

RNG = np.random.default_rng(0)
# columns of different units
X = RNG.normal(size=(80, 4)) * [1.0, 100.0, 0.01, 5.0] + [0.0, 500.0, 0.0, 40.0]
SHAPE = np.tanh(X[:, 0]) + ((X[:, 1] - 500) / 100) ** 2 - 30 * X[:, 2] * X[:, 0]
Y = 1e3 + 20 * SHAPE
TWO = np.column_stack([Y, -X[:, 3]])
LABELS = np.digitize(SHAPE, np.quantile(SHAPE, [0.35, 0.7]))
MULTILABEL = np.column_stack([SHAPE > 1, X[:, 3] > 40, X[:, 0] > 0]).astype(int)
_SHORT = GradientDescent(max_iter=30)


def regressor(n_hidden=4, **options):
    return BackpropRegressor(n_hidden, solver=_SHORT, alpha=1e-3, random_state=0, **options)


def classifier(n_hidden=4, **options):
    return BackpropClassifier(n_hidden, solver=_SHORT, alpha=0.1, random_state=0, **options)


_COLUMNS = ColumnTransformer(
    [
        ("robust", RobustScaler(), [1, 3]),
        ("pca", make_pipeline(StandardScaler(), PCA(2)), [0, 2, 3]),
        ("same", "passthrough", [0]),
    ]
)
_TARGET = TransformedTargetRegressor(
    make_pipeline(MinMaxScaler(), regressor()), transformer=StandardScaler()
)
_SEARCH = GridSearchCV(
    make_pipeline(StandardScaler(), regressor()), {"backpropregressor__n_hidden": [3]}, cv=2
)

# Each a model to fit, and its y.
MODELS = {
    "regressor": (make_pipeline(StandardScaler(), regressor()), Y),
    "no-intercept": (make_pipeline(StandardScaler(), regressor(fit_intercept=False)), Y),
    "two-outputs": (make_pipeline(MaxAbsScaler(), regressor()), TWO),
    "constant-y": (make_pipeline(StandardScaler(), regressor()), np.full(80, 3.0)),
    "columns": (make_pipeline(_COLUMNS, StandardScaler(), regressor()), Y),
    "target-scaled": (_TARGET, Y),
    "two-targets-scaled": (_TARGET, TWO),
    "search": (_SEARCH, Y),
    "two-classes": (make_pipeline(StandardScaler(), classifier()), LABELS > 0),
    "clipped": (
        make_pipeline(StandardScaler(), classifier(target_range=(0.2, 0.7))),
        LABELS > 0,
    ),
    "three-classes": (make_pipeline(StandardScaler(), classifier()), LABELS),
    "multilabel": (make_pipeline(StandardScaler(), classifier()), MULTILABEL),
    "one-class": (make_pipeline(StandardScaler(), classifier()), np.zeros(80, dtype=int)),
}


def predictions(model, X):
    """What the derivatives and bounds are those of, (n_samples, n_outputs)."""
    if not hasattr(model, "predict_proba"):
        return model.predict(X).reshape(len(X), -1)
    proba = model.predict_proba(X)
    return proba[:, -1:] if proba.shape[1] <= 2 else proba
