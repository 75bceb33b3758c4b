"""
The curse of dimension
======================

How many times must the cost be evaluated until it is near its minimum? With two weights it
hardly matters how you search. With every further weight it does. Four searches on networks of
3 to 21 weights.
"""

# %%
# The task
# --------
# The same two moons for all networks, 2-1-1 to 2-7-1 units, without intercepts. J is the squared
# error plus the penalty of ``alpha=1``. "Near" is nine tenths of the way down, from J with all
# weights 0 to the lowest J on the grid -1, -0.9, ..., 1.

from time import perf_counter

import matplotlib.pyplot as plt
import numpy as np
from sklearn.datasets import make_moons
from sklearn.preprocessing import scale

from skbackprop.losses import SquaredError
from skbackprop.network import Network
from skbackprop.objective import Objective
from skbackprop.solvers import GradientDescent, Grid

X, y = make_moons(100, noise=0.2, random_state=0)


def objective(n_hidden):
    """J of a network of 3 * n_hidden weights."""
    network = Network(2, n_hidden, 1, fit_intercept=False)
    return Objective(network, SquaredError(), scale(X), y[:, None].astype(float), alpha=1.0)


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

CAP = 400_000


def draws(J, target, seed):
    """Draws until one has the target, infinite beyond the cap."""
    rng = np.random.default_rng(seed)
    for done in range(0, CAP, 4_000):
        hits = np.flatnonzero(J.values(rng.uniform(-1, 1, (4_000, J.n_weights))) <= target)
        if len(hits):
            return done + hits[0] + 1
    return np.inf


# %%
# Gradient descent is stopped by a callback. Where a start ends in a minimum that is too high, it
# begins anew, and all evaluations count.


def steps(J, target, seed):
    """Evaluations of J and its gradient, over all starts, until the target."""
    found = GradientDescent(n_init=100).solve(
        J, rng=np.random.RandomState(seed), callback=lambda progress: progress.value <= target
    )
    return found.n_evaluations if found.value <= target else np.inf


# %%
# The measurement
# ---------------
# The medians of five random states for each network.

weights, proven, drawn, stepped = [], [], [], []
print("weights   enumeration   grid   Monte Carlo   gradient descent")
for n_hidden in range(1, 8):
    J = objective(n_hidden)
    grid, target = near(J)
    weights.append(J.n_weights)
    proven.append(grid.n_evaluations)
    out_of_reach = drawn and np.isinf(drawn[-1])
    drawn.append(np.inf if out_of_reach else np.median([draws(J, target, s) for s in range(5)]))
    stepped.append(np.median([steps(J, target, s) for s in range(5)]))
    print(J.n_weights, grid.n_evaluations, grid.status.name, drawn[-1], stepped[-1], perf_counter())
