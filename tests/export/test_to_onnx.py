"""ONNX graphs answer as the estimators do, in onnxruntime."""

import sys

import numpy as np
import pandas as pd
import pytest
import scipy.sparse as sp
from sklearn.compose import make_column_transformer
from sklearn.datasets import load_diabetes, load_iris, make_multilabel_classification
from sklearn.ensemble import BaggingRegressor, VotingRegressor
from sklearn.exceptions import NotFittedError
from sklearn.linear_model import Ridge
from sklearn.model_selection import GridSearchCV
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

from skbackprop import BackpropClassifier, BackpropRegressor
from skbackprop.export import register_converters, to_onnx

REASON = "needs the extra ecosystem: pip install skbackprop[ecosystem]"
skl2onnx = pytest.importorskip("skl2onnx", reason=REASON)
onnxruntime = pytest.importorskip("onnxruntime", reason=REASON)

IRIS, SPECIES = load_iris(return_X_y=True)
NAMES = np.array(["setosa", "versicolor", "virginica"])
TEXTS, TOPICS = make_multilabel_classification(random_state=0)
BODIES, PROGRESS = load_diabetes(return_X_y=True)
TWO = np.column_stack([PROGRESS, -1e6 + 1e3 * BODIES[:, 2]])
ROUNDING = {"float32": 1e-6, "float64": 1e-12}
every_type = pytest.mark.parametrize("dtype", ROUNDING)

CLASSES = {
    "binary": (IRIS, SPECIES > 0, {}),
    "binary-integers": (IRIS, np.where(SPECIES > 0, 7, -7), {}),
    "binary-range": (IRIS, SPECIES > 0, {"target_range": (0.1, 0.9), "alpha": 0.01}),
    "multiclass": (IRIS, SPECIES, {}),
    "multiclass-unpenalised": (IRIS, SPECIES, {"alpha": 0}),
    "multiclass-floats": (IRIS, SPECIES.astype(float), {}),
    "multiclass-strings": (IRIS, NAMES[SPECIES], {}),
    "multiclass-objects": (IRIS, NAMES.astype(object)[SPECIES], {}),
    "multiclass-range": (IRIS, SPECIES, {"target_range": (0.1, 0.9), "alpha": 0.1}),
    "multiclass-lecture": (IRIS, SPECIES, {"loss": "squared_error", "fit_intercept": False}),
    "one-class": (IRIS, np.zeros(150, dtype=int), {}),
    "multilabel": (TEXTS, TOPICS, {}),
    "multilabel-range": (TEXTS, TOPICS, {"target_range": (0.2, 0.7), "fit_intercept": False}),
}
NUMBERS = {
    "regression": (BODIES, PROGRESS, {}),
    "regression-range": (BODIES, PROGRESS, {"target_range": (0, 1), "loss": "log_loss"}),
    "regression-lecture": (BODIES, PROGRESS, {"fit_intercept": False}),
    "one-output-of-constant-y": (BODIES, np.full(len(BODIES), 3.0), {}),
    "multi-output": (BODIES, TWO, {}),
}


def scaled(estimator):
    return make_pipeline(StandardScaler(), estimator)


def run(model, X, outputs=None):
    """What onnxruntime answers."""
    session = onnxruntime.InferenceSession(model.SerializeToString())
    if isinstance(X, pd.DataFrame):
        return session.run(outputs, {name: X[[name]].to_numpy() for name in X})
    return session.run(outputs, {"X": X})


def operators(model):
    return [node.op_type for node in model.graph.node]


@every_type
@pytest.mark.parametrize(("X", "y", "options"), CLASSES.values(), ids=CLASSES)
def test_labels_and_probabilities_of_a_classifier(X, y, options, dtype):
    X = X.astype(dtype)
    model = scaled(BackpropClassifier(random_state=0, **options)).fit(X, y)
    labels, proba = run(to_onnx(model, X), X)
    np.testing.assert_allclose(proba, model.predict_proba(X), rtol=0, atol=ROUNDING[dtype])
    np.testing.assert_array_equal(labels, model.predict(X))
    assert proba.dtype == dtype
    assert labels.dtype == (object if y.dtype.kind in "UO" else np.int64)


@every_type
@pytest.mark.parametrize(("X", "y", "options"), NUMBERS.values(), ids=NUMBERS)
def test_predictions_of_a_regressor(X, y, options, dtype):
    X = X.astype(dtype)
    model = scaled(BackpropRegressor(random_state=0, **options)).fit(X, y)
    (predictions,) = run(to_onnx(model, X), X)
    expected = model.predict(X).reshape(predictions.shape)
    # float32 has seven digits of y: of the second output of TWO, a million and a few hundred.
    # Both sides round, by a digit of the largest y, which y = low + span * share is a part of.
    digit = np.finfo(dtype).eps * np.abs(expected).max(axis=0)
    error = np.abs(predictions - expected)
    assert (error <= ROUNDING[dtype] * np.abs(expected) + digit).all()
    assert predictions.dtype == dtype
    assert predictions.shape == (len(X), 1 if y.ndim == 1 else y.shape[1])


@pytest.mark.parametrize(
    ("estimator", "y", "expected"),
    [
        (
            BackpropRegressor(3, random_state=0),
            PROGRESS,
            ["MatMul", "Add", "Sigmoid", "MatMul", "Add", "Sigmoid", "Sub", "Mul", "Add"],
        ),
        (
            BackpropClassifier(3, fit_intercept=False, random_state=0),
            PROGRESS > 140,
            ["MatMul", "Sigmoid", "MatMul", "Sigmoid", "Sub", "Concat", "ArgMax", "Gather"],
        ),
    ],
    ids=["regressor", "classifier-without-intercept"],
)
def test_the_graph_is_the_forward_pass(estimator, y, expected):
    assert operators(to_onnx(estimator.fit(BODIES, y))) == expected


@every_type
def test_saturated_units_give_numbers_and_unlikely_classes_their_shares(dtype):
    far = (np.array([[-1e18], [-1e3], [-300.0], [0.0], [300.0], [1e3], [1e18]])).astype(dtype)
    model = BackpropClassifier(1, alpha=0.1, random_state=0).fit([[-1.0], [0], [1]], [0, 1, 2])
    for w1, w2 in ((1.0, [-12.0, -14.0, -9.0]), (1e3, [-20.0, -3e3, 3e3]), (1.0, [-800.0] * 3)):
        model.coefs_ = [np.array([[w1]]), np.array([w2])]
        _, proba = run(to_onnx(model, far), far)
        expected = model.predict_proba(far)
        np.testing.assert_allclose(proba, expected, rtol=0, atol=ROUNDING[dtype])
        assert np.isfinite(proba).all()


@every_type
@pytest.mark.parametrize("estimator", [BackpropClassifier, BackpropRegressor])
@pytest.mark.filterwarnings("ignore::sklearn.exceptions.ConvergenceWarning")  # poor fits do
def test_large_z_overflows_nowhere(estimator, dtype):
    X = np.array([[-1e18], [-1e4], [0.0], [1e4], [1e18]], dtype=dtype)
    model = estimator(4, random_state=0).fit(np.sign(X), [0, 0, 1, 1, 1])
    answers = run(to_onnx(model, X), X)[-1]
    expected = model.predict_proba(X) if len(answers[0]) == 2 else model.predict(X)[:, None]
    np.testing.assert_allclose(answers, expected, rtol=0, atol=ROUNDING[dtype])


def test_what_is_not_a_number_stays_so():
    model = BackpropClassifier(2, random_state=0).fit(IRIS, SPECIES)
    _, proba = run(to_onnx(model), np.full((1, 4), np.nan, dtype=np.float32))
    assert np.isnan(proba).all()


def test_a_model_fitted_on_sparse_data_takes_dense_input():
    X = sp.csr_matrix(np.where(BODIES > 0, BODIES, 0))
    model = BackpropRegressor(3, random_state=0).fit(X, PROGRESS)
    dense = X.toarray()
    (predictions,) = run(to_onnx(model, X), dense)
    np.testing.assert_allclose(predictions.ravel(), model.predict(dense), rtol=1e-12)


def test_a_list_is_a_sample_of_float64():
    model = BackpropClassifier(3, random_state=0).fit(IRIS, SPECIES)
    _, proba = run(to_onnx(model, IRIS[:2].tolist()), IRIS)
    np.testing.assert_allclose(proba, model.predict_proba(IRIS), rtol=0, atol=1e-12)


def test_without_a_sample_the_input_is_float32():
    X = IRIS.astype(np.float32)
    model = GridSearchCV(scaled(BackpropClassifier(3, random_state=0)), {}).fit(X, SPECIES)
    _, proba = run(to_onnx(model), X)
    np.testing.assert_allclose(proba, model.predict_proba(X), rtol=0, atol=1e-6)


@pytest.mark.parametrize("kind", ["int32", "int64", "bool"])
def test_numbers_of_other_types_are_computed_in_float32(kind):
    X = np.round(IRIS).astype(kind)
    model = BackpropClassifier(3, random_state=0).fit(X, SPECIES)
    _, proba = run(to_onnx(model, X), X)
    assert proba.dtype == np.float32
    np.testing.assert_allclose(proba, model.predict_proba(X), rtol=0, atol=1e-6)


@pytest.mark.parametrize(
    "types", [{}, {"b": "float64"}, {"a": "int64", "c": "float64"}], ids=["same", "two", "three"]
)
def test_a_frame_becomes_an_input_for_each_column(types):
    X = pd.DataFrame(np.round(IRIS), columns=list("abcd"), dtype="float32").astype(types)
    model = BackpropClassifier(3, random_state=0).fit(X, SPECIES)
    _, proba = run(to_onnx(model, X), X)
    np.testing.assert_allclose(proba, model.predict_proba(X), rtol=0, atol=1e-6)


def test_a_column_transformer_before_the_network():
    X = pd.DataFrame(IRIS, columns=list("abcd"), dtype="float32")
    columns = make_column_transformer(
        (StandardScaler(), ["a", "c"]), ("passthrough", ["b", "d"]), remainder="drop"
    )
    model = make_pipeline(columns, BackpropClassifier(3, random_state=0)).fit(X, SPECIES)
    _, proba = run(to_onnx(model, X), X)
    np.testing.assert_allclose(proba, model.predict_proba(X), rtol=0, atol=1e-6)


@pytest.mark.parametrize(
    "ensemble",
    [
        VotingRegressor([("network", BackpropRegressor(3, random_state=0)), ("linear", Ridge())]),
        BaggingRegressor(scaled(BackpropRegressor(3)), n_estimators=3, random_state=0),
    ],
    ids=["voting", "bagging-of-pipelines"],
)
def test_networks_in_ensembles(ensemble):
    X = BODIES.astype(np.float32)
    ensemble.fit(X, PROGRESS)
    (predictions,) = run(to_onnx(ensemble, X), X)
    np.testing.assert_allclose(predictions.ravel(), ensemble.predict(X), rtol=1e-6)


# Options of skl2onnx


@pytest.fixture(scope="module")
def botanist():
    return scaled(BackpropClassifier(3, random_state=0)).fit(IRIS, NAMES[SPECIES])


FEW = IRIS[::60].astype(np.float32)


@pytest.mark.parametrize("convert", [to_onnx, skl2onnx.to_onnx], ids=["ours", "skl2onnx"])
@pytest.mark.parametrize("by", ["name", "class", "id"])
def test_nocl_numbers_the_classes(botanist, convert, by):
    register_converters()
    options = {"zipmap": False, "nocl": True}
    keyed = {"class": {BackpropClassifier: options}, "id": {id(botanist[-1]): options}}
    labels, proba = run(convert(botanist, FEW, options=keyed.get(by, options)), FEW)
    np.testing.assert_array_equal(labels, [0, 1, 2])
    np.testing.assert_allclose(proba, botanist.predict_proba(FEW), rtol=0, atol=1e-6)


@pytest.mark.parametrize(
    ("convert", "options"),
    [(to_onnx, {"zipmap": True}), (skl2onnx.to_onnx, {"zipmap": True}), (skl2onnx.to_onnx, None)],
    ids=["ours", "skl2onnx", "default-of-skl2onnx"],
)
def test_zipmap_gives_a_dictionary_for_each_sample(botanist, convert, options):
    register_converters()
    labels, proba = run(convert(botanist, FEW, options=options), FEW)
    np.testing.assert_array_equal(labels, NAMES)
    assert [list(row) for row in proba] == [list(NAMES)] * 3
    rows = [list(row.values()) for row in proba]
    np.testing.assert_allclose(rows, botanist.predict_proba(FEW), rtol=0, atol=1e-6)


def test_zipmap_columns_gives_an_output_for_each_class(botanist):
    model = to_onnx(botanist, FEW, options={"zipmap": "columns"})
    assert [output.name for output in model.graph.output][1:] == [f"s{name}" for name in NAMES]
    np.testing.assert_allclose(
        np.column_stack(run(model, FEW)[1:]), botanist.predict_proba(FEW), rtol=0, atol=1e-6
    )


def test_output_class_labels_adds_them(botanist):
    options = {"zipmap": False, "output_class_labels": True}
    model = to_onnx(botanist, FEW, options=options)
    np.testing.assert_array_equal(run(model, FEW, ["class_labels"])[0], NAMES)


def test_zipmap_of_labels():
    X = TEXTS.astype(np.float32)
    model = BackpropClassifier(3, random_state=0).fit(X, TOPICS)
    labels, proba = run(to_onnx(model, X, options={"zipmap": True}), X)
    np.testing.assert_array_equal(labels, model.predict(X))
    rows = [[row[label] for label in range(5)] for row in proba]
    np.testing.assert_allclose(rows, model.predict_proba(X), rtol=0, atol=1e-6)


@pytest.mark.parametrize("opset", [11, 13, 17, 20])
def test_older_sets_of_operators(botanist, opset):
    model = to_onnx(botanist, FEW, target_opset=opset, name="iris")
    assert max(x.version for x in model.opset_import if x.domain == "") == opset
    assert model.graph.name == "iris"
    np.testing.assert_allclose(run(model, FEW)[1], botanist.predict_proba(FEW), rtol=0, atol=1e-6)


# Refusals


@pytest.mark.parametrize(
    ("estimator", "X", "options", "error", "words"),
    [
        (BackpropClassifier(), IRIS, {}, NotFittedError, "not fitted"),
        (scaled(BackpropRegressor()), IRIS, {}, NotFittedError, "not fitted"),
        (
            BackpropClassifier(1, random_state=0).fit(IRIS, SPECIES),
            IRIS,
            {"target_opset": 10},
            ValueError,
            "target_opset must be 11 or newer for skbackprop's estimators, got 10",
        ),
        (
            BackpropRegressor(1, random_state=0).fit(BODIES, 1e300 * PROGRESS),
            None,
            {},
            ValueError,
            "must fit the type of the input, 'float32', got larger numbers: pass X of float64",
        ),
        (
            BackpropClassifier(1, random_state=0).fit(IRIS, SPECIES.astype("M8[D]")),
            IRIS,
            {},
            ValueError,
            r"labels must be numbers below 2\*\*63 or strings for ONNX, got .*1970-01-03.*: fit",
        ),
    ],
    ids=["unfitted", "unfitted-pipeline", "opset", "range-of-float32", "dates"],
)
def test_what_cannot_be_converted(estimator, X, options, error, words):
    with pytest.raises(error, match=words):
        to_onnx(estimator, X, **options)


def test_an_unfitted_estimator_is_refused_by_skl2onnx_too():
    register_converters()
    with pytest.raises(NotFittedError):
        skl2onnx.to_onnx(BackpropRegressor(), IRIS)


def test_without_skl2onnx_the_extra_is_named(monkeypatch):
    monkeypatch.setitem(sys.modules, "skl2onnx", None)
    with pytest.raises(ImportError, match=r'pip install "skbackprop\[onnx\]"'):
        to_onnx(BackpropRegressor())


def test_labels_beyond_int64_are_refused():
    labels = np.where(SPECIES > 0, 2**63 + 5, 0).astype(np.uint64)
    model = BackpropClassifier(random_state=0).fit(IRIS, labels)
    with pytest.raises(ValueError, match=r"numbers below 2\*\*63"):
        to_onnx(model)
