"""Optuna chooses solver, optimizer, loss, size and penalty together.

The search space is conditional: the options of a solver or an optimizer are suggested only in the
trials that use it. The search takes a few seconds and needs Optuna:

    pip install "skbackprop[ecosystem]"
    python examples/optuna_search.py
"""

import warnings

import optuna
from sklearn.datasets import load_wine
from sklearn.exceptions import ConvergenceWarning
from sklearn.model_selection import StratifiedKFold, cross_val_score
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

from skbackprop import BackpropClassifier
from skbackprop.optimizers import LBFGS, Adam, LevenbergMarquardt
from skbackprop.solvers import GradientDescent, MonteCarlo

X, Y = load_wine(return_X_y=True)
FOLDS = StratifiedKFold(3, shuffle=True, random_state=0)
TRIALS = 30


def suggest_optimizer(trial):
    """An optimizer; Adam alone has a learning rate and batches."""
    name = trial.suggest_categorical("optimizer", ["lm", "lbfgs", "adam"])
    if name == "adam":
        learning_rate = trial.suggest_float("learning_rate", 1e-3, 0.3, log=True)
        batch_size = trial.suggest_categorical("batch_size", [None, 16, 32])
        return Adam(learning_rate, batch_size=batch_size)
    return LevenbergMarquardt() if name == "lm" else LBFGS()


def suggest_solver(trial):
    """A solver; gradient descent alone has an optimizer."""
    name = trial.suggest_categorical("solver", ["gd", "montecarlo"])
    if name == "gd":
        return GradientDescent(suggest_optimizer(trial), max_iter=100)
    half_width = trial.suggest_float("weight_range", 0.5, 5.0, log=True)
    return MonteCarlo(2_000, weight_range=(-half_width, half_width))


def suggest_network(trial):
    """A network from the whole space."""
    return BackpropClassifier(
        trial.suggest_int("n_hidden", 2, 10),
        solver=suggest_solver(trial),
        loss=trial.suggest_categorical("loss", ["squared_error", "log_loss", "hellinger"]),
        alpha=trial.suggest_float("alpha", 1e-3, 10.0, log=True),
        random_state=0,
    )


def objective(trial):
    """The negative log loss in cross-validation, which is finer than accuracy."""
    model = make_pipeline(StandardScaler(), suggest_network(trial))
    with warnings.catch_warnings():
        # trials have small budgets on purpose; one that ends early is judged as it is
        warnings.simplefilter("ignore", ConvergenceWarning)
        return cross_val_score(model, X, Y, cv=FOLDS, scoring="neg_log_loss").mean()


def described(params):
    """Parameters of a trial on one line."""
    short = {k: f"{v:.3g}" if isinstance(v, float) else v for k, v in params.items()}
    return ", ".join(f"{name}={value}" for name, value in sorted(short.items()))


def main():
    optuna.logging.set_verbosity(optuna.logging.WARNING)
    sampler = optuna.samplers.TPESampler(seed=0)
    study = optuna.create_study(direction="maximize", sampler=sampler)
    study.optimize(objective, n_trials=TRIALS)

    print(f"Wine, {TRIALS} trials. Log loss in {FOLDS.get_n_splits()}-fold cross-validation,")
    print("the five lowest:")
    for trial in sorted(study.trials, key=lambda trial: -trial.value)[:5]:
        print(f"  {-trial.value:.4f}  {described(trial.params)}")

    model = make_pipeline(StandardScaler(), suggest_network(study.best_trial))
    accuracy = cross_val_score(model, X, Y, cv=FOLDS).mean()
    print(f"The best of them has an accuracy of {accuracy:.3f} on the same folds; a fair estimate")
    print("needs data that the search has not seen.")


if __name__ == "__main__":
    main()
