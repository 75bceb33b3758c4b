"""
XOR, with and without intercepts
================================

XOR is the classic test of a hidden layer: two classes on opposite corners of a square. The
lecture's network has no intercepts. It learns XOR on some squares but not on others.
"""

# %%
# The data
# --------
# The data are four clouds of fifty points around the corners of a square whose centre is the
# origin.

import warnings
from functools import partial

import matplotlib.pyplot as plt
import numpy as np
from matplotlib.colors import LinearSegmentedColormap
from sklearn.exceptions import ConvergenceWarning
from sklearn.inspection import DecisionBoundaryDisplay

from skbackprop import BackpropClassifier
from skbackprop.solvers import GradientDescent

rng = np.random.default_rng(0)
corner = np.repeat([[-1, -1], [1, 1], [-1, 1], [1, -1]], 50, axis=0)
X = corner + 0.3 * rng.standard_normal(corner.shape)
y = np.repeat([0, 1], 100)

# %%
# The same network three times
# ----------------------------
# The network has ten hidden units, and the best of five starts is kept. It is fitted three times:
# without intercepts, with intercepts, and again without, after 2 has been added to all of X, which
# moves the square.


def network(fit_intercept):
    """Ten hidden units and little penalty, since the data have little noise."""
    solver = GradientDescent(n_init=5, max_iter=5_000)
    return BackpropClassifier(
        10, fit_intercept=fit_intercept, alpha=0.01, solver=solver, random_state=0
    )


cases = {
    "No intercepts, centre at 0": (network(fit_intercept=False), X),
    "Intercepts, centre at 0": (network(fit_intercept=True), X),
    "No intercepts, centre at 2": (network(fit_intercept=False), X + 2),
}
for title, (model, data) in cases.items():
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always", ConvergenceWarning)
        accuracy = model.fit(data, y).score(data, y)
    print(f"{title:<28}  accuracy {accuracy:.2f}, {len(caught)} warnings")

# %%
# The first fit has converged, but it warns that the nearest neighbours of a sample predict its
# class far better than the network:

message = cases["No intercepts, centre at 0"][0].message_
print(message)

# %%
# What they have learned
# ----------------------
# The colour is the probability of class 1, and the line is where it is one half. If you rotate
# the first picture by half a turn about the origin, its colours are swapped, or nearly so.
# Without intercepts every network has this symmetry.

colours = ["tab:blue", "tab:orange"]
light = ["#8fbbd9", "white", "#ffbf86"]
shades = LinearSegmentedColormap.from_list("probability", light)

figure, axes = plt.subplots(1, 3, figsize=(8, 3.9), layout="constrained")
for ax, (title, (model, data)) in zip(axes, cases.items(), strict=True):
    show = partial(
        DecisionBoundaryDisplay.from_estimator,
        model,
        data,
        response_method="predict_proba",
        grid_resolution=200,
        eps=0.5,
        ax=ax,
    )
    show(plot_method="contourf", cmap=shades, levels=np.linspace(0, 1, 21))
    show(plot_method="contour", colors="black", linewidths=1, levels=[0.5])
    for label, marker in enumerate("os"):
        ax.scatter(
            *data[y == label].T,
            s=16,
            marker=marker,
            color=colours[label],
            edgecolor="white",
            linewidth=0.4,
            label=f"class {label}",
        )
    accuracy = model.score(data, y)
    ax.set(title=f"{title}:\naccuracy {accuracy:.2f}", xlabel="$x_1$", aspect="equal")
axes[0].set_ylabel("$x_2$")
figure.legend(*axes[0].get_legend_handles_labels(), loc="outside lower center", ncols=2)
plt.show()

# %%
# Why
# ---
# The sigmoid has the property f(-z) = 1 - f(z). Without intercepts, the point -x therefore turns
# every hidden activation a into 1 - a. The input of the output unit, :math:`z_3`, then satisfies
#
# .. math:: z_3(x) + z_3(-x) = \sum_j W_{2,j}
#
# On the centred square the corners x and -x have the same label. For class 1 both :math:`z_3`
# must be positive, so the sum of :math:`W_2` must be positive. For class 0 both must be negative,
# so the sum must be negative. It cannot be both, however many hidden units there are.
#
# The following check uses the network of the first picture and random points.

model, _ = cases["No intercepts, centre at 0"]
points = rng.uniform(-3, 3, (1_000, 2))


def z3(X):
    """The input of the output unit, which is the logit of the probability."""
    probability = model.predict_proba(X)
    return np.log(probability[:, 1] / probability[:, 0])


sums = z3(points) + z3(-points)
print(f"z3(x) + z3(-x) lies between {sums.min():.6f} and {sums.max():.6f}")
print(f"the sum of W2 is {model.coefs_[1].sum():.6f}")

# %%
# ``fit_intercept=True`` is the default. Keep it, unless you want the lecture's network as it is.
