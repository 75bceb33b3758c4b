"""Exported formulas, evaluated, give what the estimator predicts."""

import formula_values
import numpy as np
import pytest
from exported_models import CLASSIFIERS, MODELS, classifier, fitted, prediction, regressor, size_of

from skbackprop.export import export_text

FEW = slice(None, None, 25)


def names_of(name):
    model, X = fitted(name)
    return list(getattr(model, "feature_names_in_", [f"x{i}" for i in range(X.shape[1])]))


def outputs_of(name, values):
    """The outputs among the names of an evaluated formula."""
    n_outputs = prediction(name, fitted(name)[1][:1]).shape[1]
    if name not in CLASSIFIERS and n_outputs == 1:
        return [values["y"]]
    return [values[f"{'p' if name in CLASSIFIERS else 'y'}{k}"] for k in range(n_outputs)]


@pytest.mark.parametrize("precision", [17, None], ids=["all-digits", "four-digits"])
@pytest.mark.parametrize("form", ["text", "latex"])
@pytest.mark.parametrize("name", MODELS)
def test_the_formula_gives_the_prediction(name, form, precision):
    model, X = fitted(name)
    evaluate = {"text": formula_values.of_text, "latex": formula_values.of_latex}[form]
    formula = export_text(model, format=form, precision=precision)
    values = [evaluate(formula, dict(zip(names_of(name), x, strict=True))) for x in X[FEW].tolist()]
    y = np.array([outputs_of(name, value) for value in values])
    expected = prediction(name, X[FEW])
    error = np.abs(y - expected) / size_of(expected)
    # 4 digits are 5e-5 of each weight; their effects add up over some tens of weights
    assert error.max() <= (1e-12 if precision else 3e-3)


@pytest.mark.parametrize("name", MODELS)
def test_the_spreadsheet_gives_the_prediction(name):
    model, X = fitted(name)
    expected = prediction(name, X[FEW])
    cells = export_text(model, format="spreadsheet")
    results = [formula_values.of_spreadsheet(cells, x) for x in X[FEW].tolist()]
    heads, rows = results[0][0], [row for _, row in results]
    assert heads[: X.shape[1]] == names_of(name)
    # after the probabilities come the class, or a label for each
    n_outputs = expected.shape[1]
    after = 0 if name not in CLASSIFIERS else n_outputs if name.startswith("multilabel") else 1
    end = len(heads) - after
    y = np.array([row[end - n_outputs : end] for row in rows])
    assert (np.abs(y - expected) <= 1e-12 * size_of(expected)).all()
    if after:
        labels = [row[end:] for row in rows]
        expected = model.predict(X[FEW]).reshape(len(labels), -1)
        np.testing.assert_array_equal(np.array(labels), expected.astype(np.array(labels).dtype))


def test_columns_beyond_z_have_two_letters():
    model, _ = fitted("multilabel")
    heads, cells = export_text(model, format="spreadsheet").splitlines()
    assert heads.split("\t")[26] == "p1"
    assert "*T2" in cells
    assert "=IF(AA2>0.5,1,0)" in cells.split("\t")


def test_large_inputs_give_no_error_in_a_spreadsheet():
    model = classifier(n_hidden=1).fit([[-1.0], [0], [1]], [0, 1, 2])
    model.coefs_ = [np.array([[1e3]]), np.array([[-12.0, -3e3, 3e3]])]
    cells = export_text(model, format="spreadsheet")
    for x in (-1e18, -1.0, 0.0, 1.0, 1e18):
        _, row = formula_values.of_spreadsheet(cells, [x])
        np.testing.assert_allclose(row[-4:-1], model.predict_proba([[x]])[0], rtol=0, atol=1e-12)


@pytest.mark.parametrize("form", ["text", "latex", "spreadsheet"])
def test_names_are_made_harmless(form):
    X = np.random.default_rng(0).normal(size=(30, 4))
    names = ["=1+1", "a\tb", "a_b^2 & 50%", "h1"]
    formula = export_text(regressor().fit(X, X[:, 0]), format=form, feature_names=names)
    expected = {
        "text": ["[=1+1]", "[a\\tb]", "[a_b^2 & 50%]", "*[h1]"],
        "latex": [r"\text{a\_b\textasciicircum{}2 \& 50\%}", r"\text{a\textbackslash{}tb}"],
        "spreadsheet": ["'=1+1\ta\\tb\t"],
    }
    for text in expected[form]:
        assert text in formula


def test_long_sums_are_broken_in_latex():
    formula = export_text(fitted("regression")[0], format="latex")
    lines = formula.splitlines()
    # five terms, and the factor of f in the last line
    assert max(line.count(r" \, ") for line in lines) == 6


def test_the_legend_says_what_the_probabilities_are_of():
    assert "\n\np0: the probability of class setosa\n" in export_text(
        fitted("multiclass-strings")[0]
    )
    assert "\np4: the probability of label 4\n" in export_text(fitted("multilabel")[0])


def test_features_without_a_weight_are_left_out():
    X = np.column_stack([np.linspace(-1, 1, 20), np.ones(20)])
    model = regressor(n_hidden=1).fit(X, X[:, 0])
    model.coefs_[0][1] = 0
    assert "x1" not in export_text(model)
    assert export_text(regressor(n_hidden=1).fit(X, np.full(20, 3.0))).endswith("\ny = 3\n")


@pytest.mark.parametrize(
    ("options", "words"),
    [
        ({"format": "html"}, "format must be one of 'text', 'latex', 'spreadsheet', got 'html'"),
        ({"precision": 0}, "precision must be a number of significant digits from 1 to 17.* got 0"),
        ({"precision": 2.5}, "got 2.5"),
        ({"precision": True}, "got True"),
        (
            {"feature_names": ["a"]},
            "must be the names of the 10 features of the model, got 1 names",
        ),
    ],
    ids=["format", "zero", "float", "bool", "names"],
)
def test_wrong_options_are_refused(options, words):
    with pytest.raises(ValueError, match=words):
        export_text(fitted("regression")[0], **options)


def test_formulas_too_long_for_a_spreadsheet_are_refused():
    X = np.random.default_rng(0).normal(size=(20, 500))
    model = regressor(n_hidden=1).fit(X, X[:, 0])
    with pytest.raises(
        ValueError, match=r"at most 8192 characters, got \d+ for 'h0': pass a small"
    ):
        export_text(model, format="spreadsheet")
    assert export_text(model, format="spreadsheet", precision=3)
