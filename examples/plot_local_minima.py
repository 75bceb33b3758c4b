"""
Local minima and restarts
=========================

The cost is not convex. Gradient descent ends in the valley in which it starts, and some valleys
are higher than others. This page shows the valleys of a small network, the predictions in each of
them, and the effect of restarts.
"""

# %%
# Three waves, four hidden units
# ------------------------------
# Each descent uses Levenberg-Marquardt from its own random weights. ``tol`` is much lower than
# the default; the last section explains why.

import warnings

import matplotlib.pyplot as plt
import numpy as np
from sklearn.exceptions import ConvergenceWarning

from skbackprop import BackpropRegressor
from skbackprop.solvers import GradientDescent

X = np.linspace(-1, 1, 40)[:, None]
y = np.sin(3 * np.pi * X[:, 0])


def fitted(random_state, n_init=1, tol=1e-8):
    """The fitted network, from the best of `n_init` random starts."""
    solver = GradientDescent("lm", n_init=n_init, max_iter=5_000, tol=tol)
    network = BackpropRegressor(4, alpha=1e-4, solver=solver, random_state=random_state)
    return network.fit(X, y)


starts = [fitted(seed) for seed in range(100)]
J = np.array([network.loss_ for network in starts])
print("J      starts")
for value, count in zip(*np.unique(J.round(2), return_counts=True), strict=True):
    print(f"{value:.2f}{count:7}")

# %%
# Where the starts end
# --------------------
# J takes only a few values at the end: these are the local minima. Only a small fraction of the
# starts finds the lowest one. In the highest one, the network has missed the wave in the middle.
# The lines on the right have the colours of the bars on the left.

kind = np.digitize(J, [0.2, 0.5])  # 0 is the lowest
names = [f"J = {J[kind == number].min():.2f}" for number in range(3)]
colours = ["tab:blue", "tab:orange", "0.35"]

figure, (left, right) = plt.subplots(1, 2, figsize=(8, 3.8), layout="constrained")
ends = [J[kind == number] for number in range(3)]
left.hist(ends, bins=np.linspace(0, 1, 41), stacked=True, color=colours, label=names)
left.set(title="Where 100 starts end", xlabel="J at the end", ylabel="number of starts")
right.plot(X, y, ".", color="black", label="data")
grid = np.linspace(-1, 1, 400)[:, None]
for number, colour in enumerate(colours):
    example = starts[np.flatnonzero(kind == number)[0]]
    right.plot(grid, example.predict(grid), color=colour, linewidth=2)
right.set(title="A network from each, same colours", xlabel="x", ylabel="y")
right.set_xticks([-1, -0.5, 0, 0.5, 1])
figure.legend(loc="outside lower center", ncols=4)
plt.show()

# %%
# The best of several starts
# --------------------------
# ``n_init`` sets the number of starts; the best one is kept. To measure its effect, the 100
# starts are divided into groups, and the best of each group is taken.

n_inits = [1, 2, 5, 10, 20]
bests = [kind.reshape(-1, n).min(axis=1) for n in n_inits]
shares = np.array([np.bincount(best, minlength=3) / len(best) for best in bests])

figure, ax = plt.subplots(figsize=(7, 4), layout="constrained")
left_end = np.zeros(len(n_inits))
rows = [str(n) for n in n_inits]
for name, share, colour in zip(names, 100 * shares.T, colours, strict=True):
    ax.barh(rows, share, left=left_end, color=colour, label=name)
    left_end += share
ax.invert_yaxis()
ax.set(
    title="The more starts, the lower the best of them",
    xlabel="share of the groups (%)",
    ylabel="starts in a group (n_init)",
    xlim=(0, 100),
)
figure.legend(loc="outside lower center", ncols=3)
plt.show()

# %%
# In practice it is one option. The starts run on ``n_jobs`` workers, and the result does not
# depend on their number.

network = fitted(random_state=0, n_init=20)
print(f"best of 20 starts: J = {network.loss_:.2f}, R2 = {network.score(X, y):.3f}")

# %%
# A plateau is not a minimum
# --------------------------
# A descent ends when J falls by less than ``tol`` times J per iteration. With the default of
# 1e-4, some of the same starts end on a plateau. A plateau is nearly flat, but it is not a
# minimum. The network is a straight line there, and its J is far above all others. ``fit`` warns
# that the nearest neighbours of a sample predict it much better:

with warnings.catch_warnings(record=True) as caught:
    warnings.simplefilter("always", ConvergenceWarning)
    hasty = [fitted(seed, tol=1e-4) for seed in range(100)]
stranded = [network for network in hasty if network.loss_ > 1.2]
print(f"with the default tol {len(stranded)} of {len(hasty)} starts end on the plateau")
print(f"J there: {min(network.loss_ for network in stranded):.2f}")
print(f"{len(caught)} warnings")
print(caught[0].message)

# %%
# Restarts help here too, and so does a lower ``tol``, as above.
