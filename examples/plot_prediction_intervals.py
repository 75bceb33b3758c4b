"""
Prediction intervals for a regression
=====================================

A regressor predicts one number. Conformal prediction turns it into an interval that contains the
true value about as often as you ask for. It works with any regressor, as long as new samples come
from the same distribution as the old ones. This page uses
:class:`~skbackprop.BackpropRegressor` on the diabetes data of scikit-learn.
"""

# %%
# The data and the model
# ----------------------
# The data are ten measurements of 442 patients, and the progress of their disease after a year. A
# third of them is set aside for the test. The page makes hundreds of fits, so the penalty is a
# number; with the default, each fit would choose it again.

import matplotlib.pyplot as plt
import numpy as np
from sklearn.datasets import load_diabetes
from sklearn.model_selection import KFold, cross_validate, train_test_split
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

from skbackprop import BackpropRegressor

X, y = load_diabetes(return_X_y=True)
model = make_pipeline(StandardScaler(), BackpropRegressor(alpha=0.1, random_state=0))

# %%
# CV+
# ---
# Conformal prediction goes back to Vovk, Gammerman and Shafer [1]_. CV+ is the variant of Barber,
# Candès, Ramdas and Tibshirani [2]_. It fits one model for each fold of a cross-validation,
# without that fold. The errors of this model on its fold are realistic, because it has not seen the
# fold. For a new patient, each training sample gives a lower and an upper end: the prediction of
# the model that has not seen this sample, minus and plus its error. The interval extends from a
# low quantile of the lower ends to a high quantile of the upper ends.


def all_ends(X_train, y_train, X_new):
    """Lower and upper ends, each (n_new, n_train) and sorted, from ten folds."""
    folds = KFold(10, shuffle=True, random_state=0)
    fits = cross_validate(
        model, X_train, y_train, cv=folds, return_estimator=True, return_indices=True
    )
    lower, upper = [], []
    for fitted, rows in zip(fits["estimator"], fits["indices"]["test"], strict=True):
        error = np.abs(y_train[rows] - fitted.predict(X_train[rows]))
        prediction = fitted.predict(X_new)[:, None]
        lower.append(prediction - error)
        upper.append(prediction + error)
    return np.sort(np.hstack(lower)), np.sort(np.hstack(upper))


def interval(ends, miss):
    """The interval that should contain all new y but a fraction `miss`."""
    lower, upper = ends
    k = int(miss * (lower.shape[1] + 1))  # the paper's quantiles
    return lower[:, k - 1], upper[:, -k]


def split(seed):
    """A third of the patients for the test."""
    return train_test_split(X, y, test_size=1 / 3, random_state=seed)


X_train, X_test, y_train, y_test = split(seed=0)
low, high = interval(all_ends(X_train, y_train, X_test), miss=0.1)
inside = (low <= y_test) & (y_test <= high)
print(f"{len(y_train)} patients to learn from, {len(y_test)} to test")
print(f"within their 90 % intervals: {np.mean(inside):.1%}")
print(f"mean width {np.mean(high - low):.0f}, where y itself spans {np.ptp(y):.0f}")

# %%
# The figure shows the test patients in the order of their predictions. The intervals are wide,
# because ten measurements leave much uncertain. Some of them extend below 0, which is impossible,
# because CV+ assumes that errors in both directions are equally likely.

predicted = model.fit(X_train, y_train).predict(X_test)
place = predicted.argsort().argsort()

figure, ax = plt.subplots(figsize=(7.5, 4.5), layout="constrained")
ax.vlines(place, low, high, color="0.8", linewidth=2.5, label="90 % interval")
ax.plot(np.sort(predicted), color="black", linewidth=1, label="prediction")
rest = ~inside
blue, orange = "tab:blue", "tab:orange"
ax.plot(place[inside], y_test[inside], "o", ms=4, color=blue, label="measured, inside")
ax.plot(place[rest], y_test[rest], "s", ms=5, color=orange, label="measured, outside")
ax.set(
    title="Nine in ten patients lie within their intervals",
    xlabel="patients of the test, by their prediction",
    ylabel="progression of the disease after a year",
)
ax.legend(loc="upper left", ncols=2)
plt.show()

# %%
# Coverage
# --------
# One test set proves little, so the procedure is repeated for twenty random splits and several
# levels. If ``miss`` is the fraction of values allowed outside, the paper proves a coverage of at
# least 1 - 2 ``miss``, minus a small term, for all data and regressors. It expects a coverage of
# about 1 - ``miss``.

misses = np.array([0.5, 0.4, 0.3, 0.2, 0.1, 0.05])
found = []
for seed in range(20):
    X_train, X_test, y_train, y_test = split(seed)
    ends = all_ends(X_train, y_train, X_test)
    intervals = [interval(ends, miss) for miss in misses]
    inside = [(low <= y_test) & (y_test <= high) for low, high in intervals]
    found.append(np.mean(inside, axis=1))
found = 100 * np.array(found)
asked = 100 * (1 - misses)
for share, column in zip(asked, found.T, strict=True):
    print(f"asked for {share:2.0f} %: {column.mean():4.1f} % on average, ", end="")
    print(f"from {column.min():4.1f} to {column.max():5.1f} %")

# %%
# A single split of 148 patients deviates, most of all at 50 %. On average the intervals have the
# coverage that was asked for.

figure, ax = plt.subplots(figsize=(6, 4.5), layout="constrained")
ax.plot(asked, asked, "--", color="black", linewidth=1, label="as asked for")
ax.plot(asked, found.T, "o", ms=4, color=blue, alpha=0.25)
ax.plot([], [], "o", ms=4, color=blue, alpha=0.5, label="a split")
ax.plot(asked, found.mean(axis=0), "D", ms=8, color=orange, label="mean of 20 splits")
ax.set(
    title="As many lie inside as were asked for",
    xlabel="coverage asked for (%)",
    ylabel="coverage found on the test patients (%)",
)
ax.legend()
plt.show()

# %%
# .. [1] V. Vovk, A. Gammerman and G. Shafer, *Algorithmic Learning in a Random World*,
#    Springer, 2005.
# .. [2] R. F. Barber, E. J. Candès, A. Ramdas and R. J. Tibshirani, "Predictive inference with
#    the jackknife+", *Annals of Statistics* 49(1), 486-507, 2021.
