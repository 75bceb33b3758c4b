"""What do averaged restarts bring? One network, the best of ten, and the mean of ten.

Five-fold cross-validation on twelve real tables of _datasets.py with at most 1250 rows, encoded
and standardised as in bench_defaults.py. The score is R2 or the log loss.

  one         BackpropRegressor(), BackpropClassifier(): random_state=0, 1 and 2, and their mean
  best of 10  the same with n_init=10: the start with the lowest J on the training data
  mean of 10  BaggingRegressor(network, 10, bootstrap=False) or BaggingClassifier: the mean of the
              predictions of ten networks that differ in their random state only, as R's avNNet

    python benchmarks/bench_averages.py
    python benchmarks/bench_averages.py --quick
"""

import sys

import numpy as np
from _contenders import CONTENDERS, OURS
from _datasets import DATASETS
from _timing import print_machine, print_table
from bench_defaults import measure
from sklearn.base import clone
from sklearn.ensemble import BaggingClassifier, BaggingRegressor
from threadpoolctl import threadpool_limits

TABLES = {
    "regression": ("auto_mpg", "boston", "diabetes", "hitters", "hprice1", "lawsch85"),
    "classification": ("glass", "heart", "nbasal", "phishing", "whas500", "wine"),
}
BAGGING = {"regression": BaggingRegressor, "classification": BaggingClassifier}
MEMBERS, STATES = 10, (0, 1, 2)


def contenders(task):
    one = CONTENDERS[task][OURS]
    return {
        "one": one,
        f"best of {MEMBERS}": clone(one).set_params(solver__n_init=MEMBERS),
        f"mean of {MEMBERS}": BAGGING[task](one, MEMBERS, bootstrap=False, random_state=0),
    }


def measured(name):
    """Mean score and processor seconds of a fold, by contender."""
    task = DATASETS[name].task
    one, *several = contenders(task).items()
    records = measure(name, dict([one]), STATES) + measure(name, dict(several), STATES[:1])
    found = {}
    for label in contenders(task):
        own = [record for record in records if record.contender == label]
        scores = [record.score if task == "regression" else record.log_loss for record in own]
        found[label] = np.mean(scores), np.mean([record.fit_processor for record in own])
    return found


def main():
    quick = "--quick" in sys.argv
    threadpool_limits(1)
    print_machine()
    for task, names in TABLES.items():
        found = {name: measured(name) for name in names[: 1 if quick else None]}
        labels, rows = list(contenders(task)), []
        for name, by_label in found.items():
            rows.append([name, *(f"{by_label[label][0]:.3f}" for label in labels)])
        means = np.array([[found[name][label] for label in labels] for name in found]).mean(axis=0)
        rows.append(["mean", *(f"{score:.3f}" for score, _ in means)])
        rows.append(["seconds of a fit", *(f"{seconds:.2f}" for _, seconds in means)])
        print_table("R2" if task == "regression" else "log loss", ["table", *labels], rows)


if __name__ == "__main__":
    main()
