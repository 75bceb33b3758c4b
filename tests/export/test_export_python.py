"""Exported Python computes what the estimator predicts, with floats alone."""

import datetime

import numpy as np
import pytest
from exported_models import (
    CLASSIFIERS,
    FRAME,
    IRIS,
    MODELS,
    PROGRESS,
    ROUNDED_LITTLE,
    SPECIES,
    assert_is_the_gradient,
    classifier,
    far_from_zero,
    fitted,
    prediction,
    regressor,
    size_of,
)
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

from skbackprop.export import export_python
from skbackprop.export._reserved_names import PYTHON_NAMES


def functions_of(model, **options):
    names = {}
    exec(compile(export_python(model, **options), "network.py", "exec"), names)
    return names


def each(function, X):
    return np.array([function(x.tolist()) for x in X]).reshape(len(X), -1)


@pytest.mark.parametrize("name", MODELS)
def test_the_function_predicts_as_the_model(name):
    model, X = fitted(name)
    expected = prediction(name, X)
    error = np.abs(each(functions_of(model)["network"], X) - expected)
    assert (error <= 1e-12 * size_of(expected)).all()


@pytest.mark.parametrize("name", ROUNDED_LITTLE)
def test_features_far_from_zero_lose_no_digits(name):
    model, X, expected = far_from_zero(name)
    error = np.abs(each(functions_of(model)["network"], X)[:, 0] - expected)
    assert error.max() <= 1e-12 * max(1, np.abs(expected).max())


@pytest.mark.parametrize("name", CLASSIFIERS)
def test_the_function_classifies_as_the_model(name):
    model, X = fitted(name)
    functions = functions_of(model, name="Species")
    if name.startswith("multilabel"):
        np.testing.assert_array_equal(each(functions["Species_labels"], X), model.predict(X))
    else:
        labels = [functions["Species_class"](x) for x in X]
        assert labels == model.predict(X).tolist()
        assert type(labels[0]) is type(model.classes_.tolist()[0])


@pytest.mark.parametrize("name", MODELS)
def test_the_gradient_agrees_with_central_differences(name):
    model, X = fitted(name)
    functions = functions_of(model, derivative=True)
    results = [functions["network_gradient"](x.tolist()) for x in X[::15]]
    n_outputs = prediction(name, X[:1]).shape[1]
    gradient = np.array([dy for _, dy in results]).reshape(-1, n_outputs, X.shape[1])
    assert_is_the_gradient(gradient, name, X[::15])
    assert [y for y, _ in results] == [functions["network"](x.tolist()) for x in X[::15]]


def test_one_output_is_a_float_and_its_gradient_a_list():
    model, X = fitted("regression")
    y, dy = functions_of(model, derivative=True)["network_gradient"](X[0])
    assert isinstance(y, float)
    assert len(dy) == X.shape[1]


@pytest.mark.parametrize("z", [-1e18, -800.0, 800.0, 1e18])
def test_large_inputs_overflow_nowhere(z):
    model = classifier(n_hidden=1).fit([[-1.0], [0], [1]], [0, 1, 2])
    model.coefs_ = [np.array([[1e3]]), np.array([[-800.0, -900.0, -1e3]])]
    functions = functions_of(model, derivative=True)
    y, dy = functions["network_gradient"]([z])
    np.testing.assert_allclose(y, model.predict_proba([[z]])[0], rtol=0, atol=1e-12)
    assert np.isfinite(dy).all()


def test_a_sample_of_another_length_is_refused():
    model, _ = fitted("regression")
    with pytest.raises(ValueError, match="x must hold 10 numbers, got 3"):
        functions_of(model)["network"]([1.0, 2.0, 3.0])


def test_the_code_needs_nothing_but_math():
    for name in MODELS:
        code = export_python(fitted(name)[0], derivative=True)
        assert [line for line in code.splitlines() if "import" in line] == ["import math"]
        assert max(map(len, code.splitlines())) <= 100


def test_feature_names_stand_in_the_comment():
    model, _ = fitted("regression-of-names")
    assert "#     x[2]  bmi\n" in export_python(model)


def test_feature_names_pass_a_step_that_passes_the_columns():
    model = make_pipeline("passthrough", StandardScaler(), regressor()).fit(FRAME, PROGRESS)
    assert "#     x[2]  bmi\n" in export_python(model)


def test_labels_that_are_no_literals_are_refused():
    day = np.datetime64("2020-01-01")
    model = classifier(alpha=1.0).fit(IRIS, day + SPECIES)
    assert isinstance(model.classes_.tolist()[0], datetime.date)
    with pytest.raises(ValueError, match=r"labels must be numbers or strings .*got datetime\.date"):
        export_python(model)


COLLISIONS = "math len sum zip max enumerate ValueError x y a3 share total sigma2"


@pytest.mark.parametrize("name", ["lambda", "a-b", "", *COLLISIONS.split()])
def test_wrong_names_are_refused(name):
    model, _ = fitted("regression")
    with pytest.raises(ValueError, match=f"name must be a function name.*got {name!r}"):
        export_python(model, name=name)


def test_variables_of_the_code_are_refused():
    for name in ("multiclass-range", "binary-range", "multilabel", "regression-far-from-zero"):
        code = compile(export_python(fitted(name)[0], derivative=True), "network.py", "exec")
        found = names_in(code)
        assert {"math", "x", "sum", "len"} <= found
        found = {part for part in found if "network" not in part.lower()}
        # names of attributes, and of the compiler
        assert {part for part in found if part[0].isalpha()} - {
            "exp",
            "inf",
            "index",
            "append",
        } <= (PYTHON_NAMES)


def names_in(code):
    """All names that are used in code and in the functions within."""
    found = set(code.co_names) | set(code.co_varnames)
    for part in code.co_consts:
        if hasattr(part, "co_names"):
            found |= names_in(part)
    return found
