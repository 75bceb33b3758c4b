"""Exported C compiles without a warning and computes what the estimator predicts."""

import ctypes
import re
import shutil
import subprocess

import numpy as np
import pytest
from exported_models import (
    CLASSIFIERS,
    FAR_FROM_ZERO,
    MODELS,
    ROUNDED_LITTLE,
    assert_is_the_gradient,
    classifier,
    far_from_zero,
    fitted,
    prediction,
    regressor,
    size_of,
)
from sklearn.exceptions import NotFittedError
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import PolynomialFeatures, StandardScaler

from skbackprop import BackpropRegressor
from skbackprop.export import export_c
from skbackprop.export._reserved_names import C_NAMES

COMPILER = shutil.which("cc")
needs_compiler = pytest.mark.skipif(COMPILER is None, reason="needs a C compiler, cc")
FLAGS = ["-std=c99", "-pedantic", "-Wall", "-Wextra", "-Wconversion", "-Wdouble-promotion"]
NUMBER = {"double": ctypes.c_double, "float": ctypes.c_float}
# Relative to the size of what is predicted, which is 1 for a probability.
PRECISION = {"double": 1e-12, "float": 1e-6}
every_dtype = pytest.mark.parametrize("dtype", PRECISION)


class Functions:
    """The functions of a compiled file that belong to one type."""

    def __init__(self, library, dtype, n_features, n_outputs):
        self._library, self._prefix, self._real = library, dtype[0], NUMBER[dtype]
        self._n_features, self._n_outputs = n_features, n_outputs

    def predict(self, X):
        return self._each("network", X, self._real * self._n_outputs)

    def labels(self, X):
        return self._each("network_labels", X, ctypes.c_int * self._n_outputs)

    def index(self, X):
        return np.array([self._function("network_class")(self._row(x)) for x in X])

    def gradient(self, X):
        """The gradient, and the prediction that comes with it."""
        outputs = self._real * self._n_outputs
        results = []
        for x in X:
            y, dy = outputs(), (self._real * self._n_features * self._n_outputs)()
            self._function("network_gradient")(self._row(x), y, dy)
            results.append((np.array(dy), np.array(y)))
        return tuple(np.array(part) for part in zip(*results, strict=True))

    def _each(self, name, X, kind):
        results = []
        for x in X:
            result = kind()
            self._function(name)(self._row(x), result)
            results.append(list(result))
        return np.array(results)

    def _row(self, x):
        return (self._real * self._n_features)(*x)

    def _function(self, name):
        return getattr(self._library, f"{self._prefix}_{name}")


def compiled(code, folder):
    """Load the library of some code; a warning of the compiler is an error."""
    (folder / "network.c").write_text(code, encoding="utf-8")
    paths = [folder / "network.c", "-o", folder / "network.so"]
    command = [COMPILER, *FLAGS, "-O1", "-shared", "-fPIC", *paths, "-lm"]
    done = subprocess.run(command, capture_output=True, text=True)
    assert not done.stderr
    return ctypes.CDLL(str(folder / "network.so"))


@pytest.fixture(scope="module")
def functions_of(tmp_path_factory):
    """The functions of a model, by type; both types are in one file, which is compiled once."""
    libraries = {}

    def functions(name, dtype):
        model, X = fitted(name)
        if name not in libraries:
            code = [
                export_c(model, name=f"{kind[0]}_network", dtype=kind, derivative=True)
                for kind in PRECISION
            ]
            libraries[name] = compiled("\n".join(code), tmp_path_factory.mktemp(name))
        return Functions(libraries[name], dtype, X.shape[1], prediction(name, X[:1]).shape[1])

    return functions


@needs_compiler
@every_dtype
@pytest.mark.parametrize("name", MODELS)
def test_the_code_predicts_as_the_model(name, dtype, functions_of):
    _, X = fitted(name)
    if dtype == "float":
        X = X.astype(np.float32).astype(np.float64)
    expected = prediction(name, X)
    error = np.abs(functions_of(name, dtype).predict(X) - expected)
    assert (error <= PRECISION[dtype] * size_of(expected)).all()


@needs_compiler
@pytest.mark.parametrize(
    ("name", "dtype"),
    [(name, "double") for name in ROUNDED_LITTLE]
    + [(name, "float") for name in FAR_FROM_ZERO if not name.startswith("million")],
)
def test_features_far_from_zero_lose_no_digits(name, dtype, tmp_path):
    model, X, expected = far_from_zero(name)
    library = compiled(export_c(model, name=f"{dtype[0]}_network", dtype=dtype), tmp_path)
    error = np.abs(Functions(library, dtype, X.shape[1], 1).predict(X)[:, 0] - expected)
    assert error.max() <= PRECISION[dtype] * max(1, np.abs(expected).max())


@needs_compiler
@pytest.mark.parametrize("name", CLASSIFIERS)
def test_the_code_classifies_as_the_model(name, functions_of):
    model, X = fitted(name)
    functions = functions_of(name, "double")
    if name.startswith("multilabel"):
        np.testing.assert_array_equal(functions.labels(X), model.predict(X))
    else:
        np.testing.assert_array_equal(model.classes_[functions.index(X)], model.predict(X))


@needs_compiler
@pytest.mark.parametrize("name", MODELS)
def test_the_gradient_agrees_with_central_differences(name, functions_of):
    _, X = fitted(name)
    gradient, y = functions_of(name, "double").gradient(X[::15])
    assert_is_the_gradient(gradient, name, X[::15])
    np.testing.assert_array_equal(y, functions_of(name, "double").predict(X[::15]))
    single, _ = functions_of(name, "float").gradient(X[::15])
    assert (np.abs(single - gradient) <= 3e-5 * size_of(gradient, least=0)).all()


FAR = np.array([[-1e18], [-1e3], [-300.0], [0.0], [300.0], [1e3], [1e18]])
SATURATED = {
    "unlikely": (1.0, [-12.0, -14.0, -9.0]),
    "steep": (1e3, [-20.0, -3e3, 3e3]),
    "all-zero": (1.0, [-800.0] * 3),
}


@needs_compiler
@every_dtype
@pytest.mark.parametrize(("w1", "w2"), SATURATED.values(), ids=SATURATED)
def test_saturated_units_give_the_shares_of_predict_proba(w1, w2, dtype, tmp_path):
    model = classifier(n_hidden=1).fit([[-1.0], [0], [1]], [0, 1, 2])
    model.coefs_ = [np.array([[w1]]), np.array([w2])]
    code = export_c(model, name=f"{dtype[0]}_network", dtype=dtype, derivative=True)
    functions = Functions(compiled(code, tmp_path), dtype, 1, 3)
    expected = model.predict_proba(FAR.astype(np.float32 if dtype == "float" else np.float64))
    np.testing.assert_allclose(functions.predict(FAR), expected, rtol=0, atol=PRECISION[dtype])
    assert np.isfinite(functions.gradient(FAR)[0]).all()


@needs_compiler
def test_what_is_not_a_number_stays_so(functions_of):
    nothing = np.full((1, 4), np.nan)
    for name in ("binary-range", "multiclass", "multiclass-range"):
        assert np.isnan(functions_of(name, "double").predict(nothing)).all()


@needs_compiler
def test_names_in_comments_cannot_end_them(tmp_path):
    names = ["a*/ int broken;", "line\nbreak", "/*", "grün", "back\\"]
    X = np.random.default_rng(0).normal(size=(30, 5))
    model = regressor().fit(X, X[:, 0])
    model.feature_names_in_ = np.array(names, dtype=object)
    code = export_c(model)
    compiled(code, tmp_path)
    assert " *     x[1]  line\\nbreak\n" in code
    assert " *     x[3]  grün\n" in code


@needs_compiler
@pytest.mark.parametrize("language", [["-x", "c", "-std=c11"], ["-x", "c++"]], ids=["c11", "c++"])
def test_it_is_c11_and_c_plus_plus_as_well(language):
    codes = [
        export_c(fitted(name)[0], name=name.replace("-", "_"), derivative=True)
        for name in ("binary", "multiclass-range", "multilabel", "regression-far-from-zero")
    ]
    command = [COMPILER, *language, *FLAGS[1:], "-fsyntax-only", "-"]
    done = subprocess.run(command, input="\n".join(codes), capture_output=True, text=True)
    assert (done.returncode, done.stderr) == (0, "")


COLLISIONS = (
    "exp expf sin log cosl gamma j0 abs NAN INFINITY HUGE_VAL M_PI isnan float_t x y k z2 best "
    "labels sigma3 class new this bool true not std main linux printf malloc index"
)


@pytest.mark.parametrize("name", COLLISIONS.split())
def test_names_with_another_meaning_in_c_are_refused(name):
    with pytest.raises(ValueError, match=f"name of the standard library or .*got {name!r}"):
        export_c(fitted("regression")[0], name=name)


@needs_compiler
def test_all_names_of_the_header_are_refused():
    names = set()
    for options, pattern in ((["-dM"], r"#define (?=[A-Za-z])(\w+)"), (["-P"], r"\b([A-Za-z]\w*)")):
        command = [COMPILER, "-std=c99", "-E", *options, "-x", "c", "-"]
        done = subprocess.run(command, input="#include <math.h>", capture_output=True, text=True)
        names |= set(re.findall(pattern, done.stdout))
    assert {"exp", "INFINITY"} <= names <= C_NAMES


def test_all_names_in_the_code_are_refused():
    for name in ("multiclass-range", "multilabel-range", "regression-far-from-zero"):
        code = export_c(fitted(name)[0], derivative=True).split("#include <math.h>")[1]
        code = re.sub(r"/\*.*?\*/", "", code)
        found = set(re.findall(r"\b[A-Za-z]\w*", code))
        assert {"exp", "double", "a2", "y", "z3", "sigma2"} <= found
        assert {part for part in found if not part.startswith("network")} <= C_NAMES


def test_scaling_leaves_no_trace_in_double_precision():
    model, _ = fitted("regression")
    assert "_center" not in export_c(model)
    assert "_center" in export_c(model, dtype="float")
    assert "float" not in export_c(model)
    assert "double" not in export_c(model, dtype="float")


def test_the_derivative_is_written_on_demand():
    model, _ = fitted("regression")
    assert "_gradient" not in export_c(model)


def test_it_is_the_same_text_in_every_call():
    model, _ = fitted("columns")
    assert export_c(model) == export_c(model)


@pytest.mark.parametrize(
    ("options", "error", "words"),
    [
        ({"name": "2nd"}, ValueError, "name must be a function name.*got '2nd'"),
        ({"name": "double"}, ValueError, "is not a keyword, a .* got 'double'"),
        ({"name": 3}, ValueError, "got 3"),
        ({"name": "größe"}, ValueError, "got 'größe'"),
        ({"dtype": "half"}, ValueError, "dtype must be one of 'double', 'float', got 'half'"),
        ({"dtype": np.float64}, ValueError, "dtype must be one of 'double', 'float', got <class"),
        ({"derivative": "yes"}, TypeError, "derivative must be True or False, got 'yes'"),
    ],
    ids=["digit", "keyword", "number", "accent", "half", "numpy-dtype", "flag"],
)
def test_wrong_options_are_refused(options, error, words):
    model, _ = fitted("regression")
    with pytest.raises(error, match=words):
        export_c(model, **options)


@pytest.mark.parametrize(
    ("model", "error", "words"),
    [
        (BackpropRegressor(), NotFittedError, "not fitted"),
        (
            make_pipeline(PolynomialFeatures(), classifier()).fit(
                [[-1.0], [0.0], [1.0]], [0, 1, 1]
            ),
            TypeError,
            r"got PolynomialFeatures\(\)",
        ),
    ],
    ids=["unfitted", "polynomial"],
)
def test_what_cannot_be_exported(model, error, words):
    with pytest.raises(error, match=words):
        export_c(model)


@pytest.mark.parametrize("large", ["features", "y"])
def test_numbers_beyond_float_are_refused(large):
    X = np.linspace(-1, 1, 20)[:, None]
    y = X[:, 0]
    if large == "y":
        model = regressor().fit(X, 1e300 * y)
    else:
        model = make_pipeline(StandardScaler(), regressor()).fit(1e120 * (X + 3), y)
    assert export_c(model)
    with pytest.raises(ValueError, match="must fit the type 'float32', got larger numbers"):
        export_c(model, dtype="float")
