"""
Local minima, and restarts against them
=======================================

The cost is not convex. Gradient descent ends in the valley that it starts in, and some valleys
are higher than others. Here are the valleys of a small network, what the network says in each
of them, and what restarts do.
"""

# %%
# Three waves, four hidden units
# ------------------------------
# Four units are just enough. Each descent is Levenberg-Marquardt from its own random weights.

import matplotlib.pyplot as plt
import numpy as np

from skbackprop import BackpropRegressor
from skbackprop.solvers import GradientDescent

X = np.linspace(-1, 1, 40)[:, None]
y = np.sin(3 * np.pi * X[:, 0])


def fitted(random_state, n_hidden=4, n_init=1):
    """The network that the best of some starts ends at."""
    solver = GradientDescent("lm", n_init=n_init, max_iter=2_000)
    network = BackpropRegressor(n_hidden, alpha=1e-4, solver=solver, random_state=random_state)
    return network.fit(X, y)


starts = [fitted(seed) for seed in range(100)]
J = np.array([network.loss_ for network in starts])
print(f"{len(J)} starts, J between {J.min():.2f} and {J.max():.2f}")

# %%
# Where the starts end
# --------------------
# J at the end takes few values: these are the local minima. They fall into three groups. Most
# starts do not find all the waves. All of the descents have converged: more iterations
# would not help.

kinds = ["all three waves", "some of the waves", "a straight line"]
colours = ["tab:blue", "tab:orange", "0.35"]
kind = np.digitize(J, [0.5, 1.2])  # by J
for number, name in enumerate(kinds):
    print(f"{name:<18}{np.mean(kind == number):5.0%}")
print("why they stopped:", *{network.status_.name for network in starts})

figure, (left, right) = plt.subplots(1, 2, figsize=(8, 3.8), layout="constrained")
stacks = [J[kind == number] for number in range(3)]
left.hist(stacks, bins=np.linspace(0, 1.6, 41), stacked=True, color=colours, label=kinds)
left.set(title="The ends of 100 descents", xlabel="J at the end", ylabel="number of starts")
right.plot(X, y, ".", color="black", label="data")
grid = np.linspace(-1, 1, 400)[:, None]
for number, colour in enumerate(colours):
    example = starts[np.flatnonzero(kind == number)[0]]
    right.plot(grid, example.predict(grid), color=colour, linewidth=2)
right.set(title="One network of each kind", xlabel="x", ylabel="y", xticks=[-1, -0.5, 0, 0.5, 1])
figure.legend(loc="outside lower center", ncols=4)
plt.show()

# %%
# The best of several starts
# --------------------------
# ``n_init`` makes that many starts and keeps the best. What it gives is seen by cutting the
# 100 starts into groups and taking the best of each.

n_inits = [1, 2, 5, 10, 20]
shares = np.array(
    [np.bincount(kind.reshape(-1, n).min(axis=1), minlength=3) / (len(J) / n) for n in n_inits]
)

figure, ax = plt.subplots(figsize=(7, 4), layout="constrained")
left_end = np.zeros(len(n_inits))
rows = [str(n) for n in n_inits]
for name, share, colour in zip(kinds, 100 * shares.T, colours, strict=True):
    ax.barh(rows, share, left=left_end, color=colour, label=name)
    left_end += share
ax.invert_yaxis()
ax.set(
    title="More starts, more of the waves",
    xlabel="share of the groups (%)",
    ylabel="starts in a group (n_init)",
    xlim=(0, 100),
)
figure.legend(loc="outside lower center", ncols=3)
plt.show()

# %%
# In use it is one option. The starts run on ``n_jobs`` workers, and the answer does not depend
# on how many.

network = fitted(random_state=0, n_init=20)
print(f"best of 20 starts: J = {network.loss_:.2f}, R2 = {network.score(X, y):.3f}")

# %%
# More hidden units are the other remedy. There are more ways down, and fewer starts get stuck:

larger = np.array([fitted(seed, n_hidden=12).loss_ for seed in range(30)])
print(f"12 hidden units: {np.mean(larger < 0.5):.0%} of single starts find all three waves")
