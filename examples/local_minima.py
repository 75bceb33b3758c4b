"""Local minima, the lecture's closing warning, and restarts as the remedy.

J is not convex: gradient descent ends in the minimum of the valley in which it starts. XOR with
two hidden units is the smallest problem that shows this. Each row of the table is a number of
starts, the best of which is kept. "solved" is the fraction of 100 seeds that end near J = 0.

    python examples/local_minima.py
"""

from time import perf_counter

import numpy as np

from skbackprop import BackpropClassifier
from skbackprop.solvers import GradientDescent

X = np.array([[0.0, 0.0], [0.0, 1.0], [1.0, 0.0], [1.0, 1.0]])
Y = np.array([0, 1, 1, 0])
SEEDS = 100
# J = sum 1/2 (y - yhat)^2 of a network that always predicts 1/2 is 0.5
SOLVED = 0.01


def lowest_cost(n_init, seed):
    """J of the best of `n_init` starts; no penalty, because it would outweigh four samples."""
    solver = GradientDescent("lm", n_init=n_init)
    model = BackpropClassifier(2, loss="squared_error", alpha=0, solver=solver, random_state=seed)
    return model.fit(X, Y).loss_


def main():
    one_start = np.array([lowest_cost(1, seed) for seed in range(SEEDS)])
    print("XOR, two hidden units. Where single starts end, J rounded, and how many of them:")
    for J, count in zip(*np.unique(one_start.round(2), return_counts=True), strict=True):
        print(f"  {J:5.2f}  {count:3d}  {'#' * (count // 2)}")

    print("\nThe best of several starts:")
    print("starts  solved  milliseconds")
    for n_init in (1, 2, 5, 10, 20):
        start = perf_counter()
        costs = np.array([lowest_cost(n_init, seed) for seed in range(SEEDS)])
        milliseconds = 1e3 * (perf_counter() - start) / SEEDS
        print(f"{n_init:6d}  {np.mean(costs < SOLVED):6.0%}  {milliseconds:12.1f}")


if __name__ == "__main__":
    main()
