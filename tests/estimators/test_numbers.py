"""Columns and targets that are no numbers: what is refused, and what is said of it."""

import re
from datetime import date

import numpy as np
import pandas as pd
import pytest

from skbackprop import BackpropClassifier, BackpropRegressor

NUMBERS = np.random.RandomState(0).randn(12)
LABELS = (NUMBERS > 0).astype(int)
DATES = pd.date_range("2020-01-01", periods=12)
AS_NUMBERS = "convert dates to numbers"
NONE = {
    "dates": (DATES, AS_NUMBERS),
    "dates with a zone": (DATES.tz_localize("UTC"), AS_NUMBERS),
    "periods": (pd.period_range("2020", periods=12, freq="D"), AS_NUMBERS),
    "objects of dates": (pd.Series([date(2020, 1, day + 1) for day in range(12)]), AS_NUMBERS),
    "durations": (DATES - DATES[0], "divide durations by a unit"),
    "complex": (NUMBERS + 1j, "Complex data not supported: "),
    "strings": (list("ab") * 6, "got 'a'"),
    "categories": (pd.Categorical(list("ab") * 6), "got 'a'"),
    "lists": (pd.Series([[1]] * 12), "got [1]"),
    "intervals": (pd.interval_range(0, 12), "got Interval(0, 1"),
}
TAKEN = {
    "booleans": [True, False] * 6,
    "nullable booleans": pd.array([True, False] * 6, dtype="boolean"),
    "nullable ints": pd.array([1, 2] * 6, dtype="Int64"),
    "categories of numbers": pd.Categorical([1, 2] * 6),
    "objects of numbers": pd.Series(list(NUMBERS), dtype=object),
}


def small(kind):
    return kind(2, random_state=0, alpha=0.1).set_params(solver__tol=0.1)


@pytest.mark.parametrize(("column", "words"), NONE.values(), ids=NONE)
@pytest.mark.parametrize("form", ["frame", "frame with numbers", "array"])
def test_features_that_are_no_numbers(form, column, words):
    frame = pd.DataFrame({"when": column})
    if form == "frame with numbers":
        frame["number"] = NUMBERS
    X = frame if form != "array" else np.asarray(frame["when"])[:, None]
    where = "" if form == "array" else "in column 'when'"
    for kind, y in [(BackpropRegressor, NUMBERS), (BackpropClassifier, LABELS)]:
        with pytest.raises((TypeError, ValueError), match=re.escape(words)) as caught:
            small(kind).fit(X, y)
        assert where in str(caught.value)


@pytest.mark.parametrize(("y", "words"), NONE.values(), ids=NONE)
@pytest.mark.parametrize("form", [pd.Series, lambda y: np.asarray(pd.Series(y))])
def test_targets_that_are_no_numbers(form, y, words):
    with pytest.raises((TypeError, ValueError), match=r"\by must hold") as caught:
        small(BackpropRegressor).fit(NUMBERS[:, None], form(y))
    assert words in str(caught.value)


def test_labels_for_a_regressor():
    words = r"got 'a' \(could not convert .*: for labels use BackpropClassifier"
    with pytest.raises(ValueError, match=words):
        small(BackpropRegressor).fit(NUMBERS[:, None], list("ab") * 6)
    with pytest.raises(ValueError, match=words):
        small(BackpropRegressor).fit(
            NUMBERS[:, None], NUMBERS, X_val=NUMBERS[:, None], y_val=np.array(list("ab") * 6)
        )


def test_objects_are_no_labels():
    with pytest.raises(ValueError, match=r"got objects such as datetime.date\(2020, 1, 1\): use y"):
        small(BackpropClassifier).fit(NUMBERS[:, None], NONE["objects of dates"][0])


def test_none_among_objects_is_missing():
    y = np.array([1.0, None] * 6, dtype=object)
    with pytest.raises(ValueError, match="Input y contains NaN"):
        small(BackpropRegressor).fit(NUMBERS[:, None], y)
    with pytest.raises(ValueError, match="Input X contains NaN"):
        small(BackpropRegressor).fit(pd.DataFrame({"a": pd.array([1, None] * 6, "Int64")}), NUMBERS)


def test_dates_are_refused_in_predictions_and_validation_data():
    model = small(BackpropRegressor).fit(NUMBERS[:, None], NUMBERS)
    dates = np.asarray(DATES)[:, None]
    with pytest.raises(ValueError, match=AS_NUMBERS):
        model.predict(dates)
    with pytest.raises(ValueError, match=f"X_val must hold numbers, .*{AS_NUMBERS}"):
        model.fit(NUMBERS[:, None], NUMBERS, X_val=dates, y_val=NUMBERS)
    with pytest.raises(ValueError, match=AS_NUMBERS):
        model.fit([*dates], NUMBERS)


@pytest.mark.parametrize("column", TAKEN.values(), ids=TAKEN)
def test_what_is_taken_for_numbers(column):
    frame = pd.DataFrame({"a": column})
    expected = frame["a"].astype(float).to_numpy()[:, None]
    got = small(BackpropRegressor).fit(frame, NUMBERS).predict(frame)
    model = small(BackpropRegressor).fit(expected, NUMBERS)
    np.testing.assert_array_equal(got, model.predict(expected))


COLUMNS = NUMBERS.reshape(6, 2)
REFUSED = {
    "nan": (np.where(COLUMNS > 1, np.nan, COLUMNS), "contains NaN"),
    "infinite": (np.where(COLUMNS > 1, np.inf, COLUMNS), "contains infinity"),
    "too-large": (1e200 * COLUMNS, "at most 1e\\+150"),
    "one-dimensional": (NUMBERS, "Expected 2D array"),
    "no-rows": (COLUMNS[:0], "0 sample"),
    "more-columns": (NUMBERS.reshape(4, 3), "X has 3 features"),
}


@pytest.mark.parametrize(("X", "words"), REFUSED.values(), ids=REFUSED)
def test_predictions_of_plain_arrays_are_checked(X, words):
    model = BackpropRegressor(2, alpha=1e-3, random_state=0).fit(COLUMNS, COLUMNS[:, 0])
    with pytest.raises(ValueError, match=words):
        model.predict(X)


def test_plain_arrays_have_no_names_of_columns():
    frame = pd.DataFrame(COLUMNS, columns=["a", "b"])
    model = BackpropRegressor(2, alpha=1e-3, random_state=0).fit(frame, COLUMNS[:, 0])
    with pytest.warns(UserWarning, match="X does not have valid feature names"):
        model.predict(COLUMNS)
