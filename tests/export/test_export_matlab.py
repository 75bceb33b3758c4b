"""Exported MATLAB computes what the estimator predicts: by NumPy, and in Octave if it is there."""

import shutil
import subprocess

import matlab_by_numpy
import numpy as np
import pytest
from exported_models import (
    CLASSIFIERS,
    MODELS,
    ROUNDED_LITTLE,
    assert_is_the_gradient,
    classifier,
    far_from_zero,
    fitted,
    prediction,
    size_of,
)

from skbackprop.export import export_matlab

OCTAVE = shutil.which("octave-cli")


def assert_is_the_prediction(y, name, X):
    expected = prediction(name, X)
    assert y.shape == expected.shape
    assert (np.abs(y - expected) <= 1e-12 * size_of(expected)).all()


def assert_are_the_labels(labels, name, X):
    model, _ = fitted(name)
    if not name.startswith("multilabel"):
        labels = model.classes_[labels.ravel().astype(int) - 1]
    np.testing.assert_array_equal(labels, model.predict(X))


@pytest.mark.parametrize("name", MODELS)
def test_the_function_predicts_as_the_model(name):
    model, X = fitted(name)
    called, (y, *labels) = matlab_by_numpy.run(export_matlab(model, name="species"), X)
    assert called == "species"
    assert_is_the_prediction(y, name, X)
    assert len(labels) == (name in CLASSIFIERS)
    for part in labels:
        assert_are_the_labels(part, name, X)


@pytest.mark.parametrize("name", ROUNDED_LITTLE)
def test_features_far_from_zero_lose_no_digits(name):
    model, X, expected = far_from_zero(name)
    _, (y,) = matlab_by_numpy.run(export_matlab(model), X)
    assert np.abs(y[:, 0] - expected).max() <= 1e-12 * max(1, np.abs(expected).max())


@pytest.mark.parametrize("name", MODELS)
def test_the_gradient_agrees_with_central_differences(name):
    model, X = fitted(name)
    _, results = matlab_by_numpy.run(export_matlab(model, derivative=True), X[::15])
    assert_is_the_gradient(results[-1], name, X[::15])


SAVE = """
outputs = cell(1, nargout('{name}'));
[outputs{{:}}] = {name}(dlmread('{name}.in', ','));
for k = 1:numel(outputs)
    file = fopen(sprintf('{name}.%d', k), 'w');
    fprintf(file, '%.17g\\n', outputs{{k}});
    fclose(file);
end
"""


@pytest.fixture(scope="module")
def in_octave(tmp_path_factory):
    """The outputs of all models in one run of Octave, flat as Octave stores them."""
    folder, script = tmp_path_factory.mktemp("octave"), ""
    functions = {name: f"f{number}" for number, name in enumerate(MODELS)}
    for name, function in functions.items():
        model, X = fitted(name)
        code = export_matlab(model, name=function, derivative=True)
        (folder / f"{function}.m").write_text(code, encoding="utf-8")
        np.savetxt(folder / f"{function}.in", X[::15], fmt="%.17g", delimiter=",")
        script += SAVE.format(name=function)
    (folder / "run_all.m").write_text(script, encoding="utf-8")
    done = subprocess.run(
        [OCTAVE, "--no-init-file", "run_all.m"], cwd=folder, capture_output=True, text=True
    )
    assert "error: " not in done.stderr.replace("error: ignoring const execution_exception&", "")
    return lambda name: [
        np.loadtxt(path, ndmin=1) for path in sorted(folder.glob(f"{functions[name]}.[0-9]"))
    ]


@pytest.mark.skipif(OCTAVE is None, reason="needs GNU Octave, octave-cli")
@pytest.mark.parametrize("name", MODELS)
def test_octave_computes_the_same(name, in_octave):
    X = fitted(name)[1][::15]
    y, *labels, dy = in_octave(name)
    n_outputs = prediction(name, X).shape[1]
    assert_is_the_prediction(y.reshape(n_outputs, len(X)).T, name, X)
    assert len(labels) == (name in CLASSIFIERS)
    for part in labels:
        assert_are_the_labels(part.reshape(-1, len(X)).T, name, X)
    gradient = dy.reshape(X.shape[1], n_outputs, len(X)).transpose(2, 1, 0)
    assert_is_the_gradient(gradient, name, X)


def test_unlikely_classes_keep_their_shares():
    model = classifier(n_hidden=1).fit([[-1.0], [0], [1]], [0, 1, 2])
    far = np.array([[-1e18], [-1e3], [0.0], [1e3], [1e18]])
    for weights in ([-12.0, -14.0, -9.0], [-800.0] * 3):
        model.coefs_ = [np.array([[1.0]]), np.array([weights])]
        _, (y, _, dy) = matlab_by_numpy.run(export_matlab(model, derivative=True), far)
        np.testing.assert_allclose(y, model.predict_proba(far), rtol=0, atol=1e-12)
        assert np.isfinite(dy).all()


def test_the_help_names_features_and_classes():
    assert "%     x(:, 3)  bmi\n" in export_matlab(fitted("regression-of-names")[0])
    assert "%     y(:, 2)  versicolor\n" in export_matlab(fitted("multiclass-strings")[0])


@pytest.mark.parametrize("name", MODELS)
def test_lines_are_not_too_long(name):
    code = export_matlab(fitted(name)[0], derivative=True)
    assert max(map(len, code.splitlines())) <= 100


@pytest.mark.parametrize("name", ["end", "until", "dy", "3d"])
def test_wrong_names_are_refused(name):
    with pytest.raises(ValueError, match=f"name must be a function name.*got {name!r}"):
        export_matlab(fitted("regression")[0], name=name)
