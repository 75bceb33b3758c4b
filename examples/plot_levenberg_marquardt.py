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
# hidden units: 661 weights. Each optimizer gets a second of its own, and ``tol`` is 0, so that
# none ends for having converged. All three begin at the same random weights.

import matplotlib.pyplot as plt
import numpy as np
from sklearn.base import clone
from sklearn.datasets import load_digits

from skbackprop import BackpropClassifier, BackpropRegressor
from skbackprop.inspection import LossCurveDisplay
from skbackprop.solvers import GradientDescent

x = np.linspace(-2, 2, 200)[:, None]
sine = BackpropRegressor(5, alpha=0, random_state=1)
pixels, digit = load_digits(return_X_y=True)
parity = BackpropClassifier(10, loss="squared_error", alpha=0.1, random_state=1)
tasks = {
    "Sine, 16 weights": (sine, x, np.sin(2 * x[:, 0])),
    "Even or odd digits, 661 weights": (parity, pixels / 16, digit % 2),
}
optimizers = {"Levenberg-Marquardt": "lm", "L-BFGS": "lbfgs", "Adam": "adam"}


def race(network, X, y):
    """J by the clock, for each optimizer."""
    contenders = {}
    for name, optimizer in optimizers.items():
        solver = GradientDescent(optimizer, tol=0, max_iter=1_000_000, max_time=1)
        contenders[name] = clone(network).set_params(solver=solver)
    display = LossCurveDisplay.from_estimator(contenders, X, y, measure="seconds")
    # Adam's J goes up and down; a fit keeps the best weights
    display.losses = [np.minimum.accumulate(J) for J in display.losses]
    return display


# %%
# The race
# --------

figure, axes = plt.subplots(1, 2, figsize=(8, 3.8), layout="constrained")
for ax, (title, task) in zip(axes, tasks.items(), strict=True):
    display = race(*task).plot(ax, xscale="log", yscale="log", legend=False)
    ax.set(title=title, ylabel="J, lowest so far")
    print(f"{title}: iterations in a second, and J then")
    for name, J in zip(display.names, display.losses, strict=True):
        print(f"  {name:<20}{len(J):8,}{J[-1]:12.3g}")
figure.legend(*ax.get_legend_handles_labels(), loc="outside lower center", ncols=3)
plt.show()

# %%
# What to make of it
# ------------------
# Levenberg-Marquardt knows the curvature of J, nearly, and takes few, good steps. On the small
# network it is nearly done while the others are still on their way. But each step builds and
# solves a system of equations in all weights. On the larger network it has made a few steps when
# L-BFGS is almost at its end. Both times Adam takes longer than L-BFGS to get down.
#
# So the default, ``optimizer="auto"``, takes Levenberg-Marquardt for small networks and L-BFGS
# for the others:

for title, (network, X, y) in tasks.items():
    print(f"{title}: {clone(network).fit(X, y).solver_.optimizer}")
