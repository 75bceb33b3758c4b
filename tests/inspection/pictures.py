"""What the tests of the pictures share."""

import matplotlib

matplotlib.use("Agg")

import numpy as np
from sklearn.datasets import load_iris

from skbackprop import BackpropClassifier
from skbackprop.solvers import (
    GradientDescent,
    Grid,
    MonteCarlo,
    Progress,
    Solver,
    SolverResult,
    Status,
)

IRIS = load_iris(as_frame=True)
LABELS = IRIS.target.map(dict(enumerate(IRIS.target_names)))
LINE = np.linspace(-3, 3, 20)[:, None]
CURVE = np.tanh(LINE[:, 0])


def short(solver=None, **options):
    """A classifier whose fit is quick."""
    solver = GradientDescent(tol=0.01) if solver is None else solver
    return BackpropClassifier(2, solver=solver, alpha=0.1, random_state=0, **options)


def inside_figure(display):
    """Nothing that is drawn lies beyond the figure's border."""
    display.figure_.canvas.draw()
    tight, whole = display.figure_.get_tightbbox(), display.figure_.bbox_inches
    assert tight.x0 >= whole.x0 - 0.02
    assert tight.y0 >= whole.y0 - 0.02
    assert tight.x1 <= whole.x1 + 0.02
    assert tight.y1 <= whole.y1 + 0.02


class Walk(Solver):
    """A solver of somebody's own: no validation data, and its memory is used again."""

    def solve(self, objective, w0=None, *, rng, n_jobs=None, callback=None):
        rng = np.random.default_rng(rng.randint(99))
        w, best = objective.feature_scaling.initial_weights(rng), None
        for number in range(1, 6):
            w *= 0.9
            value = objective.value(w)
            if best is None or value < best[1]:
                best = w.copy(), value
            if callback and callback(Progress(number, number, value, w)):
                break
        return SolverResult(*best, number, number, Status.EXHAUSTED, np.full(number, value))


# Fits of every kind, by name.
SOLVERS = {
    "lm": GradientDescent("lm", max_iter=20, tol=0.01),
    "lbfgs": GradientDescent("lbfgs", tol=0.01),
    "rprop": GradientDescent("rprop", max_iter=50, tol=0.1),
    "early-stopping": GradientDescent("adam", max_iter=400, early_stopping=True),
    "restarts": GradientDescent("lbfgs", tol=0.01, n_init=4),
    "montecarlo": MonteCarlo(5_000),
    "grid": Grid(0.5, max_evals=2_000),
    "own": Walk(),
}
