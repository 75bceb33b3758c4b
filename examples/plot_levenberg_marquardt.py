"""
Levenberg-Marquardt against L-BFGS and Adam
===========================================

How fast does J fall, by the clock? Three optimizers of gradient descent on a small network and
on a larger one. Which of them is first depends on the size.
"""

# %%
# Two tasks
# ---------
# A sine, with 5 hidden units: 16 weights. And even against odd digits, 8 by 8 pixels each, with 10
# hidden units: 661 weights. ``tol`` is 0, so that none ends for having converged. The penalty is
# a number, so that all descents minimise the same J.

import warnings

import matplotlib.pyplot as plt
import numpy as np
from sklearn.base import clone
from sklearn.datasets import load_digits
from sklearn.exceptions import ConvergenceWarning

from skbackprop import BackpropClassifier, BackpropRegressor
from skbackprop.inspection import LossCurveDisplay
from skbackprop.solvers import GradientDescent

x = np.linspace(-2, 2, 200)[:, None]
sine = BackpropRegressor(5, alpha=0)
pixels, digit = load_digits(return_X_y=True)
parity = BackpropClassifier(10, loss="squared_error", alpha=0.1)
tasks = {
    "Sine, 16 weights": (sine, x, np.sin(2 * x[:, 0])),
    "Even or odd digits, 661 weights": (parity, pixels / 16, digit % 2),
}
optimizers = {"Levenberg-Marquardt": "lm", "L-BFGS": "lbfgs", "Adam": "adam"}


def descents(task, seed, seconds):
    """J by the clock, for each optimizer, all from the same random weights."""
    network, X, y = task
    contenders = {}
    for name, optimizer in optimizers.items():
        solver = GradientDescent(optimizer, tol=0, max_iter=1_000_000, max_time=seconds)
        contenders[name] = clone(network).set_params(solver=solver, random_state=seed)
    with warnings.catch_warnings():
        # a descent that is cut short may have learned little
        warnings.simplefilter("ignore", ConvergenceWarning)
        return LossCurveDisplay.from_estimator(contenders, X, y, measure="seconds")


# %%
# The race
# --------
# Each optimizer gets half a second, from each of five random starts. A first fit in a process is
# slower than the next ones, so a short one of each goes before and does not count.

SECONDS = 0.5
clock = np.geomspace(3e-4, SECONDS, 400)


def lowest_so_far(x, losses):
    """J at the times of `clock`, infinite before the end of the first iteration."""
    # Adam's J goes up and down; a fit keeps the best
    best = np.minimum.accumulate(losses)
    done = np.searchsorted(x, clock, side="right")
    return np.where(done > 0, best[np.maximum(done - 1, 0)], np.inf)


results = {}
for title, task in tasks.items():
    descents(task, seed=0, seconds=0.05)
    runs = [descents(task, seed, SECONDS) for seed in range(5)]
    for number, name in enumerate(optimizers):
        iterations = np.median([len(run.x[number]) for run in runs])
        J = [lowest_so_far(run.x[number], run.losses[number]) for run in runs]
        results[title, name] = iterations, np.array(J)

# %%
# The lines are medians of the five starts. The areas go from the second lowest to the second
# highest. In brackets are the lowest and the highest at the end.

figure, axes = plt.subplots(1, 2, figsize=(8, 3.8), layout="constrained")
for ax, title in zip(axes, tasks, strict=True):
    print(f"{title}: iterations, and J at the end")
    for name, dashes in zip(optimizers, ("-", "--", "-."), strict=True):
        iterations, J = results[title, name]
        _, low, middle, high, _ = np.sort(J, axis=0)
        (line,) = ax.plot(clock, middle, dashes, label=name)
        ax.fill_between(clock, low, high, color=line.get_color(), alpha=0.2)
        print(f"  {name:<20}{iterations:6,.0f}{middle[-1]:10.3g}", end="")
        print(f"  ({J[:, -1].min():.3g} to {J[:, -1].max():.3g})")
    ax.set(xscale="log", yscale="log", title=title, xlabel="seconds")
    ax.grid(alpha=0.3)
axes[1].set_yticks([20, 50, 100, 200], ["20", "50", "100", "200"])
axes[1].minorticks_off()
axes[0].set_ylabel("J, lowest so far")
figure.legend(*axes[0].get_legend_handles_labels(), loc="outside lower center", ncols=3)
plt.show()

# %%
# What to make of it
# ------------------
# Levenberg-Marquardt knows the curvature of J, nearly, and takes few, good steps. On the small
# network it is below 0.01 after some hundredths of a second at most, in the median before L-BFGS,
# and then stays ahead of it. Adam takes several times as long as L-BFGS. But each step of
# Levenberg-Marquardt builds and solves a system of equations in all weights. On the larger network
# it has made a few steps when L-BFGS is at its end. Adam arrives there somewhat later than L-BFGS.
#
# The areas overlap. Which minimum a descent ends in depends on its start, for each of the
# optimizers. On the sine two of the five starts leave Levenberg-Marquardt at J = 0.0019, four times
# as high as the lowest, and some of the slower descents end below that. Against this there are
# restarts: :ref:`sphx_glr_auto_examples_plot_local_minima.py`.
#
# So the default, ``optimizer="auto"``, takes Levenberg-Marquardt for small networks and L-BFGS
# for the others:

for title, (network, X, y) in tasks.items():
    fitted = clone(network).set_params(random_state=0).fit(X, y)
    print(f"{title}: {fitted.solver_.optimizer}")
