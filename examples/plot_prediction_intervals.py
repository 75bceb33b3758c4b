"""
Prediction intervals for a regression
=====================================

A regressor gives one number. Conformal prediction makes an interval of it that holds the truth
about as often as you ask for, with any regressor, as long as new samples are like the old ones.
Here it is :class:`~skbackprop.BackpropRegressor` on the diabetes data of scikit-learn.
"""

# %%
# The data and the model
# ----------------------
# Ten measurements of 442 patients, and how far their disease had progressed a year later. A
# third of them is set aside for the test. Hundreds of fits follow, so the penalty is a number here;
# with the default each fit would choose it anew.

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
# Conformal prediction goes back to Vovk, Gammerman and Shafer [1]_. CV+ is the variant of
# Barber, Candès, Ramdas and Tibshirani [2]_. Fit one model for each fold of a cross-validation,
# without that fold. Its errors on the fold are honest, since it has not seen it. For a new
# patient, put the error of every training sample around the prediction of that sample's model.
# This gives as many lower and upper ends as there are training samples. The interval goes from
# a low quantile of the lower ones to a high quantile of the upper ones.


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
    """The interval which all but the share `miss` of the new y are to lie in."""
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
# The patients of the test, in the order of their predictions. The intervals are wide: ten
# measurements leave much open, and the intervals say how much. Some reach below 0, which no
# patient can, since CV+ takes errors to be as likely upwards as downwards.

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
# Is the promise kept?
# --------------------
# One test is little proof. So all is done again for twenty random splits, and for several
# shares. Where all but the share ``miss`` is asked for, the paper proves all but twice that
# share, less a small term, whatever the data and the regressor. It expects about what was asked
# for.

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
# A single split of 148 patients strays, most at 50 %. On average the intervals hold what they
# promise.

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
