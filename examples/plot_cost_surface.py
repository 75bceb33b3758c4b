"""
The cost surface and three searches on it
=========================================

The lecture draws two weights on two axes, and the cost J on the vertical axis. Learning means
finding the lowest point. This page draws that surface, and shows how the grid, Monte Carlo and
gradient descent search it.
"""

# %%
# A network of two weights
# ------------------------
# A picture can show only two weights. The smallest network has exactly two: one input, one hidden
# unit, one output, no intercepts.
#
# .. math:: \hat y = f(f(x\, w_1)\, w_2)
#
# The data come from a network with the weights 0.66 and -0.83, plus a little noise.
# ``target_range`` is set to the range of y, so the regressor does not rescale y. With
# ``alpha=0``, J has no penalty.

import matplotlib.pyplot as plt
import numpy as np
from scipy.special import expit as f

from skbackprop import BackpropRegressor
from skbackprop.inspection import CostSurfaceDisplay, record_path
from skbackprop.optimizers import SGD
from skbackprop.solvers import GradientDescent, Grid, MonteCarlo

rng = np.random.default_rng(0)
X = np.linspace(-6, 6, 40)[:, None]
y = f(f(X[:, 0] * 0.66) * -0.83) + 0.01 * rng.standard_normal(40)


def network(solver):
    """The network of two weights, with a solver that finds them."""
    return BackpropRegressor(
        1,
        solver=solver,
        alpha=0,
        fit_intercept=False,
        target_range=(y.min(), y.max()),
        random_state=8,
    )


# %%
# Three searches
# --------------
# The lecture's rule of gradient descent is ``SGD`` without momentum. ``record_path`` fits the
# model and records the weights after each step. With ``scale_features=False`` the steps are those
# of the weights in the picture, not of standardised features.

searches = {
    "Grid": Grid(step=0.1),
    "Monte Carlo": MonteCarlo(n_draws=2_000, sampler="uniform"),
    "Gradient descent": GradientDescent(
        SGD(learning_rate=5, momentum=0), tol=1e-3, scale_features=False
    ),
}
found = {}
print("search                  w1      w2         J  evaluations")
for name, solver in searches.items():
    model, path = record_path(network(solver), X, y)
    found[name] = model, path if name == "Gradient descent" else None
    w1, w2 = (weight.item() for weight in model.coefs_)
    print(f"{name:<18}{w1:8.3f}{w2:8.3f}{model.loss_:10.5f}{model.n_evaluations_:13,}")

# %%
# The lecture's picture
# ---------------------
# J is large where the colour is light. The path is that of gradient descent. It leads down a
# slope into a valley, and along the valley to the lowest point.

model, path = found["Gradient descent"]
limits = ((-2, 2), (-2, 2))
display = CostSurfaceDisplay.from_estimator(model, X, y, path=path, limits=limits)
figure = plt.figure(figsize=(7, 5), layout="constrained")
ax = figure.add_subplot(projection="3d")
display.plot(ax, legend=False)
ticks = [-2, -1, 0, 1, 2]
ax.set(xlabel="$w_1$", ylabel="$w_2$", xticks=ticks, yticks=ticks)
ax.set_title("Gradient descent on the cost surface")
ax.set_box_aspect((4, 4, 3), zoom=0.95)
figure.legend(loc="outside lower center", ncols=3)
plt.show()

# %%
# The same from above
# -------------------
# The grid tries every multiple of 0.1. Monte Carlo draws :math:`w_1` at random, and tries many
# random :math:`w_2` with each, so its draws form columns. The figure shows a quarter of them.
# Gradient descent uses only the slope at its present point. The star is the best point that each
# search has found.

figure, axes = plt.subplots(1, 3, figsize=(8.5, 3.2), sharey=True, layout="constrained")
for ax, (name, (model, path)) in zip(axes, found.items(), strict=True):
    display = CostSurfaceDisplay.from_estimator(
        model, X, y, path=path, limits=((-1.1, 1.1), (-1.1, 1.1))
    )
    display.plot(ax, kind="contour", legend=False)
    title = f"{name}\n{model.n_evaluations_:,} evaluations"
    ax.set(title=title, xlabel="$w_1$", ylabel="$w_2$", aspect="equal")
    ax.label_outer()
    if ax is not axes[-1]:
        display.colorbar_.remove()
plt.show()
