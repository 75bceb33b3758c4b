"""The affine maps around the network reproduce the model, and what is not affine is named."""

import numpy as np
import pandas as pd
import pytest
from sklearn.calibration import CalibratedClassifierCV
from sklearn.compose import ColumnTransformer, TransformedTargetRegressor, make_column_transformer
from sklearn.datasets import load_diabetes
from sklearn.decomposition import PCA
from sklearn.exceptions import NotFittedError
from sklearn.feature_selection import VarianceThreshold
from sklearn.model_selection import GridSearchCV
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import (
    FunctionTransformer,
    MaxAbsScaler,
    MinMaxScaler,
    PolynomialFeatures,
    RobustScaler,
    StandardScaler,
)

from skbackprop import BackpropClassifier, BackpropRegressor
from skbackprop.estimators._affine_steps import affine_model

X, PROGRESS = load_diabetes(return_X_y=True, scaled=False)
FRAME, _ = load_diabetes(return_X_y=True, scaled=False, as_frame=True)
TWO = np.column_stack([PROGRESS, 1e3 * X[:, 2]])


def network():
    return BackpropRegressor(2, alpha=0.1, random_state=0)


def piped(*steps):
    return make_pipeline(*steps, network())


def of_target(transformer):
    return TransformedTargetRegressor(
        piped(StandardScaler()), transformer=transformer, check_inverse=False
    )


COLUMNS = [
    ("standard", StandardScaler(), [3, 0]),
    ("dropped", "drop", [1]),
    ("nothing", RobustScaler(), []),
    ("chain", make_pipeline(MinMaxScaler(), PCA(2)), slice(4, 7)),
    ("same", "passthrough", [7]),
]
WEIGHTS = {"standard": 0.5, "chain": 3.0, "remainder": 0.01}
MODELS = {
    "network": (network(), StandardScaler().fit_transform(X)),
    "standard": (piped(StandardScaler()), X),
    "standard-mean-only": (piped(StandardScaler(with_std=False), MaxAbsScaler()), X),
    "standard-deviation-only": (piped(StandardScaler(with_mean=False)), X),
    "min-max": (piped(MinMaxScaler((-1, 2))), X),
    "max-abs": (piped(MaxAbsScaler()), X),
    "robust": (piped(RobustScaler()), X),
    "robust-centre-only": (piped(RobustScaler(with_scaling=False), MinMaxScaler()), X),
    "robust-scale-only": (piped(RobustScaler(with_centering=False)), X),
    "float32": (piped(StandardScaler(), PCA(4)), X.astype(np.float32)),
    "pca": (piped(StandardScaler(), PCA(3), StandardScaler()), X),
    "pca-whitened": (piped(PCA(4, whiten=True)), X),
    "selector": (piped(VarianceThreshold(100), StandardScaler()), X),
    "passthrough": (piped("passthrough", StandardScaler(), FunctionTransformer(), None), X),
    "nested": (make_pipeline(MinMaxScaler(), make_pipeline(PCA(3), piped(StandardScaler()))), X),
    "columns": (piped(ColumnTransformer(COLUMNS), StandardScaler()), X),
    "columns-weighted": (
        piped(ColumnTransformer(COLUMNS, remainder=MaxAbsScaler(), transformer_weights=WEIGHTS)),
        X,
    ),
    "columns-by-name": (
        piped(
            make_column_transformer(
                (StandardScaler(), ["bmi", "s5"]),
                (MinMaxScaler(), lambda frame: ["bp"]),
                ("passthrough", ["sex"]),
            )
        ),
        FRAME,
    ),
    "columns-twice": (
        piped(make_column_transformer((StandardScaler(), [2, 2]), (MinMaxScaler(), [2]))),
        X,
    ),
    "search": (GridSearchCV(piped(StandardScaler()), {"standardscaler__with_mean": [True]}), X),
    "target-standard": (of_target(StandardScaler()), X),
    "target-identity": (of_target(None), X),
    "target-chain": (of_target(make_pipeline(StandardScaler(), MinMaxScaler((1, 3)))), X),
    "target-twice": (
        TransformedTargetRegressor(of_target(RobustScaler()), transformer=MaxAbsScaler()),
        X,
    ),
    "target-in-pipeline": (make_pipeline(MinMaxScaler(), of_target(StandardScaler())), X),
}


@pytest.mark.filterwarnings("ignore::sklearn.exceptions.ConvergenceWarning")  # poor fits count
@pytest.mark.parametrize("y", [PROGRESS, TWO], ids=["one-output", "two-outputs"])
@pytest.mark.parametrize(("model", "data"), MODELS.values(), ids=MODELS)
def test_the_maps_reproduce_the_prediction(model, data, y):
    model.fit(data, y)
    parts = affine_model(model)
    inputs = parts.before(np.asarray(data, dtype=np.float64))
    prediction = parts.network.predict(inputs).reshape(len(data), -1)
    prediction = parts.target_scale * prediction + parts.target_shift
    rtol = 1e-5 if np.asarray(data).dtype == np.float32 else 1e-11
    expected = model.predict(data).reshape(len(data), -1)
    np.testing.assert_allclose(prediction, expected, rtol=rtol)
    names = list(FRAME.columns) if isinstance(data, pd.DataFrame) else None
    assert parts.feature_names == names


def test_a_classifier_in_a_pipeline():
    model = make_pipeline(StandardScaler(), BackpropClassifier(2, alpha=1.0, random_state=0))
    model.fit(X, PROGRESS > 140)
    parts = affine_model(model)
    proba = parts.network.predict_proba(parts.before(X))
    np.testing.assert_allclose(proba, model.predict_proba(X), rtol=0, atol=1e-13)


class Doubling(StandardScaler):
    """A subclass that transforms in its own way."""

    def transform(self, X, copy=None):
        return 2 * super().transform(X, copy)


@pytest.mark.parametrize(
    ("model", "error", "words"),
    [
        (piped(PolynomialFeatures(2)), TypeError, r"got PolynomialFeatures\(\): apply it"),
        (piped(Doubling()), TypeError, r"got Doubling\(\)"),
        (piped(MinMaxScaler(clip=True)), ValueError, r"MinMaxScaler\(clip=True\), which clips"),
        (piped(FunctionTransformer(np.cbrt)), ValueError, "FunctionTransformer must have func=N"),
        (
            piped(make_column_transformer((PolynomialFeatures(), [0]), (StandardScaler(), [1]))),
            TypeError,
            r"got PolynomialFeatures\(\)",
        ),
        (
            TransformedTargetRegressor(network(), func=np.log, inverse_func=np.exp),
            ValueError,
            "FunctionTransformer must have func=None",
        ),
        (of_target(PCA()), ValueError, r"each output separately, got PCA\(\), which mixes"),
        (of_target(PCA(1)), ValueError, r"each output separately, got PCA\(n_components=1\)"),
    ],
    ids=["polynomial", "subclass", "clip", "function", "in-columns", "log-y", "pca-y", "fewer-y"],
)
# poor fits, and y of a single component as a column
@pytest.mark.filterwarnings(
    "ignore::sklearn.exceptions.ConvergenceWarning",
    "ignore::sklearn.exceptions.DataConversionWarning",
)
def test_what_is_not_affine_is_named(model, error, words):
    model.fit(X, TWO)
    with pytest.raises(error, match=words):
        affine_model(model)


@pytest.mark.parametrize(
    ("model", "error", "words"),
    [
        (network(), NotFittedError, "not fitted"),
        (piped(StandardScaler()), NotFittedError, "not fitted"),
        (GridSearchCV(network(), {}), NotFittedError, "not fitted"),
        (StandardScaler().fit(X), TypeError, r"model must be a Backprop.*got StandardScaler\(\)"),
        (3, TypeError, "3 is not an estimator"),
    ],
    ids=["network", "pipeline", "search", "no-network", "no-estimator"],
)
def test_what_is_no_fitted_model_is_refused(model, error, words):
    with pytest.raises(error, match=words):
        affine_model(model)


def test_other_wrappers_are_refused_by_name():
    model = CalibratedClassifierCV(BackpropClassifier(2, alpha=1.0, random_state=0), cv=2)
    model.fit(StandardScaler().fit_transform(X), PROGRESS > 140)
    with pytest.raises(TypeError, match=r"got CalibratedClassifierCV"):
        affine_model(model)


def test_a_search_without_refit_is_refused():
    model = GridSearchCV(piped(StandardScaler()), {}, refit=False, cv=2).fit(X, PROGRESS)
    with pytest.raises(TypeError, match="a search with refit around one, got GridSearchCV"):
        affine_model(model)
