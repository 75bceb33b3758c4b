"""
The curse of dimension
======================

How many times must the cost be evaluated until it is near its minimum? For some searches every
further weight multiplies the number. That is the curse. Others are spared. Here are four
searches on networks of 3 to 21 weights.
"""

# %%
# The task
# --------
# The same two moons for all networks, 2-1-1 to 2-7-1 units, without intercepts. J is the squared
# error plus the penalty of ``alpha=1``. "Near" is nine tenths of the way down, from J with all
# weights 0 to the lowest J on the grid -1, -0.9, ..., 1.

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
# Enumeration needs no run: 21 values for each weight, so :math:`21^P` points for P weights.
# ``Grid`` answers the same question exactly, with branch and bound. It never looks into a box of
# the grid that cannot hold the minimum.


def near(J):
    """What ``Grid`` found, and the J that is nine tenths of the way down to it."""
    grid = Grid(max_evals=1_000_000).solve(J, rng=np.random.RandomState(0))
    start = J.value(np.zeros(J.n_weights))
    return grid, start - 0.9 * (start - grid.value)


# %%
# Monte Carlo draws weights between -1 and 1, until a draw is near.

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
# Gradient descent is stopped by a callback. Where a start ends in a minimum that is too high, it
# begins anew, and all evaluations count.


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
# Medians of five random states. Once most of them need more draws than the cap, Monte Carlo is
# given up, for larger networks too.

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
# Enumeration is out of reach at once. Monte Carlo follows: three more weights take more than ten
# times the draws. Branch and bound goes much further; "OPTIMAL" says that it has proven its
# answer. For gradient descent the number of weights makes no difference.
#
# An evaluation is not the same work for all of them. Gradient descent's comes with a gradient,
# and branch and bound has its bounds to compute. ``benchmarks/bench_comparison.py`` goes up to
# 102 weights, and has the seconds. Its numbers are on the page :doc:`/generated/benchmarks`. Those
# for Monte Carlo differ from these. Here every draw is a network of its own. There it is the solver
# ``MonteCarlo`` that draws, and it tries 128 random :math:`W_2` with each random :math:`W_1`. Such
# draws are cheaper, but alike. And five random states say little about a number of draws that
# scatters so much. The medians here and there are up to about ten times apart, either way.

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
