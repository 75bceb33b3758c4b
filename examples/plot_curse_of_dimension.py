"""
The curse of dimension
======================

How many evaluations of the cost does a search need to get close to the minimum? For some searches
every additional weight multiplies the number. This is the curse of dimension. Other searches do
not suffer from it. This page compares four searches on networks of 3 to 21 weights.
"""

# %%
# The task
# --------
# All networks, with 2-1-1 to 2-7-1 units and without intercepts, get the same data, two moons. J
# is the squared error plus the penalty of ``alpha=1``. "Close" means nine tenths of the way from
# J with all weights 0 down to the lowest J on the grid -1, -0.9, ..., 1.

import matplotlib.pyplot as plt
import numpy as np
from sklearn.datasets import make_moons
from sklearn.preprocessing import scale

from skbackprop.losses import SquaredError
from skbackprop.model import Network, Objective
from skbackprop.solvers import GradientDescent, Grid

X, y = make_moons(100, noise=0.2, random_state=0)


def objective(n_hidden):
    """J of a network of 3 * n_hidden weights."""
    network = Network(2, n_hidden, 1, fit_intercept=False)
    Y = y[:, None].astype(float)
    return Objective.from_arrays(network, SquaredError(), scale(X), Y, alpha=1.0)


# %%
# Four searches
# -------------
# Enumeration need not be run: each weight has 21 values, so P weights give :math:`21^P` points.
# ``Grid`` solves the same problem exactly, by branch and bound. It does not search a box of the
# grid that cannot contain the minimum.


def near(J):
    """What ``Grid`` found, and the J that is nine tenths of the way down to it."""
    grid = Grid(max_evals=1_000_000).solve(J, rng=np.random.RandomState(0))
    start = J.value(np.zeros(J.n_weights))
    return grid, start - 0.9 * (start - grid.value)


# %%
# Monte Carlo draws weights between -1 and 1 until a draw is close.

CAP = 200_000


def draws(J, target, seed):
    """Draws until one has the target, infinite beyond the cap."""
    rng = np.random.default_rng(seed)
    for done in range(0, CAP, 4_000):
        values = J.values(rng.uniform(-1, 1, (4_000, J.n_weights)))
        hits = np.flatnonzero(values <= target)
        if len(hits):
            return done + hits[0] + 1
    return np.inf


# %%
# A callback stops gradient descent. If a start ends in a minimum that is too high, the descent
# starts again, and all evaluations count.


def steps(J, target, seed):
    """Evaluations of J and its gradient, over all starts, until the target."""
    found = GradientDescent(n_init=100).solve(
        J,
        rng=np.random.RandomState(seed),
        callback=lambda progress: progress.value <= target,
    )
    return found.n_evaluations if found.value <= target else np.inf


# %%
# The measurement
# ---------------
# The figures are medians of five random states. If most of them need more draws than the limit,
# Monte Carlo is not run for larger networks.

n_weights, proven, drawn, stepped = [], [], [], []
print("weights  enumeration  grid              Monte Carlo  gradient descent")
for n_hidden in range(1, 8):
    J = objective(n_hidden)
    grid, target = near(J)
    n_weights.append(J.n_weights)
    proven.append(grid.n_evaluations)
    monte_carlo = ""
    if not drawn or np.isfinite(drawn[-1]):
        drawn.append(np.median([draws(J, target, seed) for seed in range(5)]))
        monte_carlo = f"{drawn[-1]:,.0f}" if np.isfinite(drawn[-1]) else f"> {CAP:,}"
    stepped.append(np.median([steps(J, target, seed) for seed in range(5)]))
    print(f"{J.n_weights:7}{21.0**J.n_weights:13.0e}{proven[-1]:7,} ", end="")
    print(f"{grid.status.name:<8}", end="")
    print(f"{monte_carlo:>13}{stepped[-1]:18,.0f}")

# %%
# Enumeration is impossible almost immediately, and Monte Carlo soon after: three more weights
# need more than ten times as many draws. Branch and bound goes much further; "OPTIMAL" means that
# it has proven its result. For gradient descent the number of weights makes no difference.
#
# An evaluation does not cost the same in all four. Gradient descent also computes a gradient, and
# branch and bound also computes bounds. ``benchmarks/bench_comparison.py`` goes up to 102 weights
# and measures seconds. Its results are on the page :doc:`/generated/benchmarks`.
#
# The results for Monte Carlo differ between the two. Here every draw is a separate network. There
# the solver ``MonteCarlo`` draws, and it tries 128 random :math:`W_2` with each random
# :math:`W_1`. Such draws are cheaper, but similar to each other. In addition, the number of draws
# varies widely, and five random states determine it only roughly. The medians on the two pages
# differ by factors of up to about ten, in both directions.

figure, ax = plt.subplots(figsize=(7.5, 4.8), layout="constrained")
ax.set(
    yscale="log",
    ylim=(1, 1e13),
    title="Each weight multiplies the work of some searches, and not of others",
    xlabel="weights of the network",
    ylabel="evaluations of J",
)
ax.set_xticks(n_weights)
ax.grid(axis="y", alpha=0.25)

black, blue, orange, green = "black", "tab:blue", "tab:orange", "tab:green"
reach = np.array([3, 9.9])
ax.plot(reach, 21.0**reach, ":", color=black, linewidth=2)
ax.text(10.1, 3e12, "enumeration: $21^P$ points", color=black, va="center")

ax.plot(n_weights, proven, "s-", color=blue)
ax.text(21, 3 * proven[-1], "grid, until proven", color=blue, ha="right")

ends = np.minimum(drawn, CAP)
ax.plot(n_weights[: len(ends)], ends, "^--", color=orange)
start = n_weights[len(ends) - 1], CAP
arrow = {"arrowstyle": "-|>", "color": orange}
ax.annotate("", (start[0], 30 * CAP), start, arrowprops=arrow)
label = f"Monte Carlo:\nmore than {CAP:,} draws"
ax.text(start[0] + 0.4, 5 * CAP, label, color=orange, va="center")

ax.plot(n_weights, stepped, "o-", color=green)
ax.text(21, 3 * stepped[-1], "gradient descent", color=green, ha="right")
plt.show()
