"""
Error bars, compared with a Gaussian process
============================================

``predict(X, return_std=True)`` returns a standard deviation for each prediction, like
:class:`~sklearn.gaussian_process.GaussianProcessRegressor`. This page compares the bands of
both on two curves, and their coverage of new data, also on a real table.
"""

# %%
# Two curves
# ----------
# The first curve is a noisy sine with a gap in the data. The second is the acceleration of a head
# in an accident: nothing at first, then a blow and its echo. Its noise grows with the blow.

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
# The bands are mean ± 1.96 standard deviations. 95 % of new data should lie in them.

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
# Within the data the bands agree. In the gap of the sine both are about a fifth wider. Outside
# the data, the Gaussian process returns to the mean of y, with the standard deviation of y. The
# network approaches the value at which its units saturate. Its bars grow there, on this example
# to many times the possible error of its bounded output, because they extrapolate with the
# derivatives at the fitted weights. They stop growing where the units are saturated; with units
# that saturate earlier they would hardly grow at all. So outside the data the bars are at best a
# warning, not a measure.
#
# The standard deviation of the noise of the acceleration is 2 before the blow and 20 after it.
# Both models assume the same noise everywhere, so their bands are too wide at first and a little
# too narrow afterwards.

# %%
# Coverage
# --------
# The table gives the fraction of new data within the 95 % bands, and the mean width of the bands
# in standard deviations of y, for ten samples of the curves and five folds of the diabetes data.


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
# On average both have about the right coverage. A single fit deviates by a few per cent, because
# 133 samples do not determine the noise more precisely. The width of the network's bars is
# measured on held-out samples, whatever the distribution of the noise. If you need a guarantee,
# use conformal prediction: see :ref:`the page on prediction intervals
# <sphx_glr_auto_examples_plot_prediction_intervals.py>`.
