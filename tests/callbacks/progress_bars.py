"""Fits with a progress bar, run in a pseudo-terminal by test_progress_bar.py."""

import time
import warnings

from sklearn.datasets import load_iris
from sklearn.exceptions import ConvergenceWarning
from sklearn.model_selection import GridSearchCV
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler, scale

from skbackprop import BackpropClassifier
from skbackprop.callbacks import ProgressBar, TargetLoss
from skbackprop.solvers import GradientDescent, Grid, MonteCarlo

warnings.simplefilter("ignore", ConvergenceWarning)
X, y = load_iris(return_X_y=True)
X = scale(X)


class Slowly:
    """Gives the bar, which is drawn ten times a second, the time to move."""

    def __init__(self, seconds):
        self.seconds = seconds

    def setup(self, estimator, context):
        pass

    def on_fit_task_begin(self, estimator, context):
        pass

    def on_fit_task_end(self, estimator, context, *, fitted_estimator=None):
        if fitted_estimator is not None:
            time.sleep(self.seconds)

    def teardown(self, estimator, context):
        pass


def fit(name, solver, *callbacks, pause=0.02, **options):
    print(f"=== {name}", flush=True)
    model = BackpropClassifier(3, alpha=1.0, solver=solver, random_state=0, **options)
    model.set_callbacks(ProgressBar(), Slowly(pause), *callbacks).fit(X, y)


def main():
    adam = GradientDescent("adam", max_iter=40, tol=0)
    fit("gd", adam)
    fit("converged", GradientDescent("lbfgs", max_iter=60), pause=0.05)
    fit("restarts", GradientDescent("adam", max_iter=20, tol=0, n_init=3), n_jobs=2)
    fit("montecarlo", MonteCarlo(4_000), pause=0.1)
    fit("max_time", MonteCarlo(10**9, max_time=3.0))
    fit("grid", Grid(max_evals=4_000), pause=0.1)
    fit("stopped", adam, TargetLoss(150.0), pause=0.03)
    print("=== search", flush=True)
    net = BackpropClassifier(3, alpha=1.0, solver=adam, random_state=0).set_callbacks(Slowly(0.005))
    pipeline = make_pipeline(StandardScaler(), net)
    search = GridSearchCV(pipeline, {"backpropclassifier__alpha": [0.1, 1.0]}, cv=2)
    search.set_callbacks(ProgressBar(max_propagation_depth=None)).fit(X, y)


if __name__ == "__main__":  # pytest imports every module for its doctests
    main()
