"""How good are quantiles? Pinball loss on real tables, with and without outliers in y.

Five-fold cross-validation on four real tables of _datasets.py, X standardised. "outliers" adds 5
standard deviations of y, up or down, to 3 % of the y that are trained on, and to none of those
that are tested on.

  ours      BackpropRegressor(loss=Quantile(q))
  lbfgs     the same with optimizer="lbfgs"
  linear    QuantileRegressor(quantile=q, alpha=0)
  boosting  GradientBoostingRegressor(loss="quantile", alpha=q)

For each contender: the pinball loss in standard deviations of y, the smaller the better, and the
share of y at or below the prediction, which is to be q. Seconds are those of the processor in all
fits of a table. --noise measures on tables of Friedman 1 instead, from which choices were made.

    python benchmarks/bench_quantile.py
    python benchmarks/bench_quantile.py --noise
    python benchmarks/bench_quantile.py --quick
"""

import sys
import warnings
from time import process_time

import numpy as np
from _folds import Fold, folds
from _timing import print_machine, print_table
from sklearn.datasets import make_friedman1
from sklearn.ensemble import GradientBoostingRegressor
from sklearn.exceptions import ConvergenceWarning
from sklearn.linear_model import QuantileRegressor
from sklearn.metrics import mean_pinball_loss
from threadpoolctl import threadpool_limits

from skbackprop import BackpropRegressor
from skbackprop.losses import Quantile

TABLES = ("abalone", "auto_mpg", "boston", "diabetes")
QUANTILES = (0.1, 0.5, 0.9)
SHARE, SIZE, SEED = 0.03, 5.0, 0


def ours(q, optimizer="auto"):
    model = BackpropRegressor(loss=Quantile(q), random_state=SEED)
    return model.set_params(solver__optimizer=optimizer)


CONTENDERS = {
    "ours": ours,
    "lbfgs": lambda q: ours(q, "lbfgs"),
    "linear": lambda q: QuantileRegressor(quantile=q, alpha=0),
    "boosting": lambda q: GradientBoostingRegressor(loss="quantile", alpha=q, random_state=SEED),
}


def with_outliers(y, rng):
    """3 % of y moved far up or down."""
    far = rng.uniform(size=len(y)) < SHARE
    return y + far * SIZE * y.std() * rng.choice([-1, 1], len(y))


def friedman(seed):
    """A fold of Friedman 1 with noise of deviation 1: 400 rows to train on, 2000 to test on."""
    (X, y), (X_test, y_test) = (
        make_friedman1(n, noise=1.0, random_state=state)
        for n, state in ((400, seed), (2000, seed + 1000))
    )
    return Fold(X, y, X_test, y_test)


def parts(name):
    return [friedman(100 + seed) for seed in range(5)] if name == "friedman" else list(folds(name))


def measure(name, n_folds, found_by=CONTENDERS):
    """Pinball loss, share below and seconds by quantile, kind of y and contender."""
    found = {}
    for number, fold in enumerate(parts(name)[:n_folds]):
        noisy = with_outliers(fold.y, np.random.default_rng([SEED, number]))
        for kind, y in (("as it is", fold.y), ("outliers", noisy)):
            for q in QUANTILES:
                for label, contender in found_by.items():
                    begun = process_time()
                    answer = contender(q).fit(fold.X, y).predict(fold.X_test)
                    seconds = process_time() - begun
                    cost = mean_pinball_loss(fold.y_test, answer, alpha=q) / fold.y.std()
                    below = np.mean(fold.y_test <= answer)
                    found.setdefault((kind, q, label), []).append((cost, below, seconds))
    return {key: np.array(runs) for key, runs in found.items()}


def report(name, found):
    """Print a table of means."""
    rows = []
    for kind in ("as it is", "outliers"):
        for q in QUANTILES:
            runs = [found[kind, q, label].mean(axis=0) for label in CONTENDERS]
            rows.append([kind, f"{q}", *(f"{cost:.3f} / {below:.2f}" for cost, below, _ in runs)])
    seconds = [
        sum(runs[:, 2].sum() for (_, _, other), runs in found.items() if other == label)
        for label in CONTENDERS
    ]
    rows.append(["seconds", "", *(f"{total:.1f}" for total in seconds)])
    print_table(name, ["y", "q", *CONTENDERS], rows)


def main():
    quick = "--quick" in sys.argv
    names = ("friedman",) if "--noise" in sys.argv else TABLES
    warnings.simplefilter("ignore", ConvergenceWarning)
    threadpool_limits(1)
    print_machine()
    for name in names[: 1 if quick else None]:
        report(name, measure(name, 1 if quick else 5))


if __name__ == "__main__":
    main()
