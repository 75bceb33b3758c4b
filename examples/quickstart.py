"""The three ways to find the weights, side by side, on two data sets of scikit-learn.

Run it with ``python examples/quickstart.py``; it takes a few seconds.
"""

import textwrap
import time
import warnings
from contextlib import contextmanager

from sklearn.datasets import load_breast_cancer, load_diabetes
from sklearn.exceptions import ConvergenceWarning
from sklearn.model_selection import GridSearchCV, train_test_split
from sklearn.pipeline import Pipeline
from sklearn.preprocessing import StandardScaler

from skbackprop import BackpropClassifier, BackpropRegressor
from skbackprop.solvers import GradientDescent, Grid, MonteCarlo

INTRODUCTION = """\
The same network, its weights found in three ways:
  grid        weights from -1, -0.9, ..., 1, changed one at a time, as the grid is too large
  montecarlo  random weights between -1 and 1, drawn around the best so far
  gd          gradient descent, the default; its weights may take any value
J is what each of them minimises: the cost on the training samples plus the penalty on large
weights. The penalty is a number here, so that all three minimise the same J; with the default,
alpha="auto", gd chooses the penalty, and the searches use none. A lower J is better, but what
counts is the score on the test samples, and the lowest J need not have the best score.
"evaluations" is how often J was computed. A note is a warning of the package; some are expected
here."""


@contextmanager
def convergence_notes():
    """Print each ConvergenceWarning of the block once, below the block's own output."""
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always", ConvergenceWarning)
        yield
    for sentence in dict.fromkeys(str(warning.message) for warning in caught):
        print(textwrap.fill(f"Note: {sentence}.", 88, subsequent_indent="      "))


def standardised(network):
    """Put a StandardScaler before the network, since grid and montecarlo bound the weights."""
    return Pipeline([("scale", StandardScaler()), ("network", network)])


def compare_solvers(title, network, X, y, score_name):
    """Fit the same network with each solver and print a line for each."""
    X_train, X_test, y_train, y_test = train_test_split(X, y, random_state=0)
    print(f"\n{title}: {len(X_train)} samples to learn from, {len(X_test)} to test")
    print(f"{'solver':<12}{'J':>10}{score_name:>15}{'evaluations':>13}{'seconds':>9}")
    reasons = []
    with convergence_notes():
        for solver in ("grid", "montecarlo", "gd"):
            model = standardised(network.set_params(solver=solver))
            start = time.perf_counter()
            model.fit(X_train, y_train)
            seconds = time.perf_counter() - start
            score = model.score(X_test, y_test)
            print(
                f"{solver:<12}{network.loss_:>10.3f}{score:>15.3f}"
                f"{network.n_evaluations_:>13}{seconds:>9.2f}"
            )
            reason = f"  {solver:<12}{network.status_}"
            reasons.append(textwrap.fill(reason, 88, subsequent_indent=14 * " "))
        print("Why each one stopped:", *reasons, sep="\n")


def search(X, y):
    """Let cross-validation choose the solver, its options and the cost together."""
    losses = ["squared_error", "log_loss"]
    space = [
        {"network__solver": [Grid(max_evals=5_000)], "network__loss": losses},
        {
            "network__solver": [MonteCarlo()],
            "network__solver__n_draws": [1_000, 10_000],
            "network__loss": losses,
        },
        {
            "network__solver": [GradientDescent()],
            "network__solver__optimizer": ["lm", "lbfgs"],
            "network__alpha": [0.01, 1.0],
            "network__loss": losses,
        },
    ]
    network = BackpropClassifier(5, alpha=1.0, random_state=0)
    candidates = GridSearchCV(standardised(network), space)
    print("\nBreast cancer again: scikit-learn's GridSearchCV tries solvers, options and costs.")
    print("Accuracy in 5-fold cross-validation, mean and standard deviation, the best first:")
    with convergence_notes():
        candidates.fit(X, y)
        results = candidates.cv_results_
        for i in results["mean_test_score"].argsort()[::-1]:
            mean, spread = results["mean_test_score"][i], results["std_test_score"][i]
            print(f"  {mean:.3f} +- {spread:.3f}  {described(results['params'][i])}")
    print(f"The choice: {described(candidates.best_params_)}")
    print("Means that differ by less than their standard deviations are about equally good.")


def described(params):
    """Parameters of the search on one line, without the long prefixes."""
    short = {name.rpartition("__")[2]: value for name, value in params.items()}
    solver = type(short.pop("solver")).__name__
    return ", ".join([solver, *(f"{name}={value}" for name, value in sorted(short.items()))])


def main():
    """Compare the solvers on a classification and a regression task, then search."""
    print(INTRODUCTION)
    X, y = load_breast_cancer(return_X_y=True)
    classifier = BackpropClassifier(5, alpha=1.0, random_state=0)
    compare_solvers("Breast cancer, 5 hidden units", classifier, X, y, "test accuracy")

    X_diabetes, y_diabetes = load_diabetes(return_X_y=True)
    regressor = BackpropRegressor(3, alpha=0.1, random_state=0)
    compare_solvers("Diabetes, 3 hidden units", regressor, X_diabetes, y_diabetes, "test R2")

    search(X, y)


if __name__ == "__main__":
    main()
