"""Descents on a problem with a known minimum, for the tests of this room."""

from dataclasses import replace

import numpy as np

from conftest import random_objective
from skbackprop.losses import LOSSES


def solve(solver, objective, w0=None, seed=0, **options):
    return solver.solve(objective, w0, rng=np.random.RandomState(seed), **options)


def teacher(loss="squared_error", n_samples=80, weights=False):
    """A network's own answers as targets, so that the smallest J is known, and a near start."""
    objective, w = random_objective((2, 3, 1), n_samples=n_samples, weights=weights)
    Y = objective.network.forward(w, objective.data.X)
    objective = replace(objective.with_data(Y=Y), loss=LOSSES[loss]())
    return objective, w, w + 0.1 * np.random.default_rng(0).normal(size=len(w))
