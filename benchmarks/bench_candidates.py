"""Candidates a second: how many weight vectors can the searches look at?

Measured
  values      Objective.values on random weight vectors, each a network of its own.
  montecarlo  MonteCarlo.solve, which shares a hidden layer among 100 output layers.
  grid        Grid.solve in its cyclic search, which recomputes only what one weight changes.

Against a plain Python loop over the candidates of `values`, with one Network.forward and one
sum of squares in NumPy for each. The loop's speed does not depend on the weights, so it
stands for the candidates of the two searches as well. The values of J are compared first:
those of Objective.values with the loop's, and each search's answer with J at its weights.

All run on one worker (n_jobs=None). Ratios above 1 mean faster than the loop.

    python benchmarks/bench_candidates.py
    python benchmarks/bench_candidates.py --quick
"""

from dataclasses import dataclass, replace
from functools import partial
from statistics import median

import numpy as np
from _timing import against, interleaved, parser, print_machine, print_table, ratios, spread
from sklearn.datasets import load_breast_cancer, load_iris, make_friedman1, make_moons
from sklearn.preprocessing import StandardScaler
from threadpoolctl import threadpool_limits

from skbackprop.losses import SquaredError
from skbackprop.network import Network
from skbackprop.objective import Objective
from skbackprop.solvers import Grid, MonteCarlo

# How far two computations of J may be apart, relative to J.
AGREEMENT = {"float64": 1e-12, "float32": 1e-4}
WEIGHT_RANGE = (-1.0, 1.0)


@dataclass(frozen=True)
class Case:
    """A data set, its network and how many candidates one call looks at.

    `target` is how many times faster than the loop every method should be.
    """

    name: str
    data: tuple
    n_hidden: int
    n_loop: int
    n_search: int = 20_000
    target: float | None = None

    def objective(self, dtype):
        X, Y = self.data
        X = StandardScaler().fit_transform(X).astype(dtype)
        Y = (0.1 + 0.8 * Y).astype(dtype)
        network = Network(X.shape[1], self.n_hidden, Y.shape[1])
        return Objective(network, SquaredError(), X, Y)


def one_hot(data):
    X, y = data
    return X, np.eye(y.max() + 1)[y]


def one_column(data):
    X, y = data
    return X, ((y - y.min()) / np.ptp(y))[:, None]


def cases():
    moons = one_column(make_moons(150, noise=0.2, random_state=0))
    friedman = one_column(make_friedman1(1000, random_state=0))
    iris, cancer = (one_hot(load(return_X_y=True)) for load in (load_iris, load_breast_cancer))
    return [
        Case("moons, 150 x 2-3-1", moons, 3, n_loop=2000, target=5.0),
        Case("iris, 150 x 4-10-3", iris, 10, n_loop=2000, target=5.0),
        Case("friedman, 1000 x 10-20-1", friedman, 20, n_loop=300),
        Case("cancer, 569 x 30-50-2", cancer, 50, n_loop=200),
    ]


def loop(objective, W):
    """J of each row of W, one network at a time."""
    forward, X, Y = objective.network.forward, objective.X, objective.Y
    return np.array([0.5 * ((Y - forward(w, X)) ** 2).sum() for w in W])


def search(solver, objective):
    return solver.solve(objective, rng=np.random.RandomState(0))


def check_values(objective, W, results):
    """Stop unless all J are the loop's; W and results are in the dtype of the data."""
    pairs = [(objective.values(W), loop(objective, W))]
    for result in results:
        w = result.w.astype(objective.X.dtype)
        pairs.append((result.value, loop(objective, w[None])))
    for J, J_loop in pairs:
        np.testing.assert_allclose(J, J_loop, rtol=AGREEMENT[objective.X.dtype.name])


def rates(case, dtype, repeats):
    """Candidates a second of each contender, a list with one number for each repeat."""
    objective = case.objective(dtype)
    rng = np.random.default_rng(0)
    W = rng.uniform(*WEIGHT_RANGE, (case.n_loop, objective.n_weights)).astype(dtype)
    searches = {
        "montecarlo": partial(search, MonteCarlo(n_draws=case.n_search), objective),
        "grid": partial(search, Grid(max_evals=case.n_search), objective),
    }
    results = {name: run() for name, run in searches.items()}
    check_values(objective, W, results.values())
    n_candidates = {name: result.n_evaluations for name, result in results.items()}
    n_candidates |= {"loop": len(W), "values": len(W)}
    runs = {"loop": partial(loop, objective, W), "values": partial(objective.values, W)}
    times = interleaved(runs | searches, repeats)
    return {name: [n_candidates[name] / t for t in times[name]] for name in times}


METHODS = ("values", "montecarlo", "grid")
HEADER = ("problem", "method", "loop /s", "method /s", "method / loop", "target")


def rows(case, dtype, repeats):
    """One line of the table for each method."""
    rate = rates(case, dtype, repeats)
    for method in METHODS:
        gain = ratios(rate[method], rate["loop"])
        yield (
            case.name if method == METHODS[0] else "",
            method,
            f"{median(rate['loop']):,.0f}",
            f"{median(rate[method]):,.0f}",
            spread(gain),
            against(case.target, gain),
        )


def quick(case):
    """The case with fewer candidates."""
    return replace(case, n_loop=case.n_loop // 10, n_search=case.n_search // 20)


def main():
    options = parser(__doc__).parse_args()
    threadpool_limits(options.threads)
    print_machine()
    repeats = min(options.repeats, 3) if options.quick else options.repeats
    chosen = [quick(case) for case in cases()] if options.quick else cases()
    for dtype in ("float64", "float32"):
        table = [line for case in chosen for line in rows(case, dtype, repeats)]
        print_table(f"Candidates a second, {dtype}, median of {repeats}", HEADER, table)


if __name__ == "__main__":
    main()
