"""What the tests of the pictures share."""

import matplotlib

matplotlib.use("Agg")

import numpy as np
from sklearn.datasets import load_iris

from skbackprop import BackpropClassifier
from skbackprop.solvers import GradientDescent

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
