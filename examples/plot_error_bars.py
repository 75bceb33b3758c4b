"""
Error bars, beside those of a Gaussian process
==============================================

``predict(X, return_std=True)`` gives a standard deviation beside each prediction, as
:class:`~sklearn.gaussian_process.GaussianProcessRegressor` does. Here are the bands of both
on two curves, and how often they hold new data, on a real table too.
"""

# %%
# Two curves
# ----------
# A noisy sine, measured everywhere but in a gap, and the acceleration of a head in an accident:
# nothing, then a blow and its echo. The noise of the second curve grows with the blow.

import matplotlib.pyplot as plt
import numpy as np
from sklearn.datasets import load_diabetes
from sklearn.gaussian_process import GaussianProcessRegressor
from sklearn.gaussian_process.kernels import RBF, WhiteKernel
from sklearn.model_selection import KFold
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

from skbackprop import BackpropRegressor


def sine(rng, n):
    """One and a half periods, with noise of 0.25."""
    x = rng.uniform(-1.5, 1.5, size=n)
    return x[:, None], np.sin(3 * x) + rng.normal(scale=0.25, size=n)


def acceleration(rng, n):
    """A damped blow after 15 milliseconds, with noise of 2 before it and 20 after it."""
    t = rng.uniform(2, 58, size=n)
    blow = -160 * np.sin(2 * np.pi * (t - 15) / 35) * np.exp(-(t - 15) / 18)
    y = np.where(t > 15, blow, 0)
    return t[:, None], y + rng.normal(size=n) * np.where(t > 15, 20, 2)


models = {
    "network": make_pipeline(StandardScaler(), BackpropRegressor(random_state=0)),
    "Gaussian process": make_pipeline(
        StandardScaler(), GaussianProcessRegressor(RBF() + WhiteKernel(), normalize_y=True)
    ),
}

# %%
# The bands are mean ± 1.96 standard deviations, which 95 % of new data should lie in.

figure, axes = plt.subplots(2, 2, figsize=(8, 6), layout="constrained", sharey="row")
for row, make in zip(axes, (sine, acceleration), strict=True):
    X, y = make(np.random.default_rng(0), 133)
    if make is sine:  # the gap
        keep = np.abs(X[:, 0] - 0.75) > 0.35
        X, y = X[keep], y[keep]
    span = np.ptp(X)
    grid = np.linspace(X.min() - 0.3 * span, X.max() + 0.3 * span, 300)[:, None]
    for ax, (name, model) in zip(row, models.items(), strict=True):
        mean, std = model.fit(X, y).predict(grid, return_std=True)
        low, high = mean - 1.96 * std, mean + 1.96 * std
        ax.fill_between(grid[:, 0], low, high, color="tab:blue", alpha=0.25, label="95 % band")
        ax.plot(grid[:, 0], mean, color="tab:blue", label="prediction")
        ax.plot(X[:, 0], y, ".", color="black", ms=3, label="data")
        ax.set_title(f"{make.__name__}, {name}")
    margin = 0.6 * np.ptp(y)
    row[0].set_ylim(y.min() - margin, y.max() + margin)
axes[0, 0].legend(loc="lower left")
plt.show()

# %%
# Within the data the bands agree, and in the gap of the sine both are about a fifth wider. Beyond
# the data the Gaussian process goes back to the mean of y, with the standard deviation of y. The
# network goes on towards the value where its units saturate. Its bars grow, here to many times
# what its bounded output can be wrong by, since they carry the derivatives at the fitted weights
# far away. They end where the units are saturated, and with units that saturate earlier they
# would hardly grow. Beyond the data they warn, at best, and are no measure.
#
# The noise of the acceleration is 2 before the blow and 20 after it. Both models assume one noise
# for all: the bands are too wide at first, and a little too narrow afterwards.

# %%
# Do they cover?
# --------------
# The share of new data within the bands of 95 %, and the mean width of the bands in standard
# deviations of y, for ten samples of the curves and five folds of the diabetes data.


def judge(model, X, y, X_new, y_new):
    """The share of new y within the band, and the width of the band."""
    mean, std = model.fit(X, y).predict(X_new, return_std=True)
    inside = np.abs(y_new - mean) <= 1.96 * std
    return inside.mean(), 2 * 1.96 * std.mean() / y_new.std()


def tasks(make):
    """Ten samples of a curve, each with 1,000 new points."""
    for seed in range(10):
        rng = np.random.default_rng(seed)
        yield *make(rng, 133), *make(rng, 1_000)


def diabetes():
    """The five folds of the table."""
    X, y = load_diabetes(return_X_y=True)
    for old, new in KFold(5, shuffle=True, random_state=0).split(X):
        yield X[old], y[old], X[new], y[new]


data = {"sine": list(tasks(sine)), "acceleration": list(tasks(acceleration))}
data["diabetes"] = list(diabetes())
print(f"{'':32}coverage  lowest  width")
for title, parts in data.items():
    for name, model in models.items():
        inside, width = np.transpose([judge(model, *part) for part in parts])
        print(f"{title:14}{name:18}{inside.mean():8.1%}{inside.min():8.1%}{width.mean():7.2f}")

# %%
# Both hold about what they promise on average, and a single fit strays by a few per cent: 133
# samples do not tell the noise more precisely. The size of the network's bars is measured on
# samples that were held out, whatever the form of the noise. For a guarantee see the intervals of
# conformal prediction, on :ref:`a page of their own
# <sphx_glr_auto_examples_plot_prediction_intervals.py>`.
