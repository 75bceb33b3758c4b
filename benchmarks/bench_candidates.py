"""Candidates a second: how many weight vectors can the searches look at?

Measured
  values      Objective.values on random weight vectors, each a network of its own.
  uniform     MonteCarlo.solve with the lecture's uniform draws, which shares a hidden layer
              among 128 output layers.
  adaptive    MonteCarlo.solve as it is by default: 4 output layers on each hidden layer, and
              small steps one after the other.
  grid        Grid.solve in its cyclic search, which recomputes only what one weight changes.

Against
  loop        a Python loop over the candidates, with one Network.forward and one sum of squares
              in NumPy for each
  einsum      NumPy on all candidates at once, in batches, straight from the formulas
  torch       PyTorch's matmul and sigmoid on batches of candidates
  torch, shared
              the same with 128 output layers on each hidden layer
  floor       what 128 output layers on each hidden layer take at the least: the two matrix
              products and one tanh an activation, in arrays that exist already

The speed of the first four does not depend on the weights. The values of J are compared first:
those of Objective.values with everybody's, and each search's answer with J at its weights.

--threads workers for the searches, and as many threads for PyTorch and BLAS; the loop, the
floor and values have one. With float64 data, "uniform" looks at its draws in float32 first.

    python benchmarks/bench_candidates.py
    python benchmarks/bench_candidates.py --threads 1
    python benchmarks/bench_candidates.py --quick
"""

from dataclasses import dataclass, replace
from functools import partial
from statistics import median

import numpy as np
from _timing import against, interleaved, parser, print_machine, print_table, ratios, spread
from scipy.special import expit
from sklearn.datasets import load_breast_cancer, load_iris, make_friedman1, make_moons
from sklearn.preprocessing import StandardScaler
from threadpoolctl import threadpool_limits

from skbackprop._execution._while_solving import while_solving
from skbackprop.losses import SquaredError
from skbackprop.model import Network, Objective
from skbackprop.solvers import Grid, MonteCarlo

try:
    import torch
except ImportError:
    torch = None

# How far two computations of J may be apart, relative to J.
AGREEMENT = {"float64": 1e-12, "float32": 1e-4}
WEIGHT_RANGE = (-1.0, 1.0)
# Output layers on each hidden layer
SHARED = 128
# Candidates at once for einsum and PyTorch; the fastest of 16, 64 and 256 in most cases.
BATCH = 64


@dataclass(frozen=True)
class Case:
    """A data set, its network and how many candidates one call looks at.

    `of_floor` is the share of the floor's rate that uniform draws should reach.
    """

    name: str
    data: tuple
    n_hidden: int
    n_apart: int
    n_search: int = 20 * 8 * SHARED
    of_floor: float | None = None

    def objective(self, dtype):
        X, Y = self.data
        X = StandardScaler().fit_transform(X).astype(dtype)
        Y = (0.1 + 0.8 * Y).astype(dtype)
        network = Network(X.shape[1], self.n_hidden, Y.shape[1])
        return Objective.from_arrays(network, SquaredError(), X, Y)


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
        Case("moons, 150 x 2-3-1", moons, 3, n_apart=2560),
        Case("iris, 150 x 4-10-3", iris, 10, n_apart=2560),
        Case("friedman, 1000 x 10-20-1", friedman, 20, n_apart=512, of_floor=0.5),
        Case("cancer, 569 x 30-50-2", cancer, 50, n_apart=256, of_floor=0.5),
    ]


def widened(objective):
    """X with its column of ones, and Y."""
    X, Y = objective.data.X, objective.data.Y
    return np.column_stack([X, np.ones(len(X), X.dtype)]), np.ascontiguousarray(Y)


def loop(objective, W):
    """J of each row of W, one network at a time."""
    forward, X, Y = objective.network.forward, objective.data.X, objective.data.Y
    return np.array([0.5 * ((Y - forward(w, X)) ** 2).sum() for w in W])


def einsum(objective, W):
    """J of each row of W, in batches, straight from the formulas."""
    (X1, Y), network, J = widened(objective), objective.network, []
    for start in range(0, len(W), BATCH):
        V1, V2 = network.split(W[start : start + BATCH])
        a2 = expit(np.einsum("ni,cij->cnj", X1, V1, optimize=True))
        z3 = np.einsum("cnj,cjo->cno", a2, V2[:, :-1], optimize=True) + V2[:, -1:]
        J.append(0.5 * ((Y - expit(z3)) ** 2).sum(axis=(1, 2)))
    return np.concatenate(J)


def with_torch(objective, W):
    """J of each row of W by PyTorch, in batches."""
    (X1, Y), network, J = map(torch.from_numpy, widened(objective)), objective.network, []
    with torch.inference_mode():
        for start in range(0, len(W), BATCH):
            V1, V2 = map(torch.from_numpy, network.split(W[start : start + BATCH]))
            z3 = torch.baddbmm(V2[:, -1:], torch.sigmoid(X1 @ V1), V2[:, :-1])
            J.append(0.5 * (Y - torch.sigmoid(z3)).square_().sum(dim=(1, 2)))
    return torch.cat(J).numpy()


def with_torch_shared(objective, V1, V2):
    """J of many output layers on each hidden layer by PyTorch, as `Objective.output_values`."""
    (X1, Y), J = map(torch.from_numpy, widened(objective)), []
    columns = torch.from_numpy(np.ascontiguousarray(V2.transpose(0, 2, 1, 3)))
    with torch.inference_mode():
        for hidden, outputs in zip(torch.from_numpy(V1), columns, strict=True):
            beside = outputs.reshape(len(outputs), -1)
            z3 = torch.addmm(beside[-1], torch.sigmoid(X1 @ hidden), beside[:-1])
            error = Y[:, None] - torch.sigmoid(z3).reshape(len(X1), -1, Y.shape[1])
            J.append(0.5 * error.square_().sum(dim=0))
    return torch.stack(J).numpy()


class Floor:
    """What the layers of `with_torch_shared` take at the least."""

    def __init__(self, objective, V1, V2):
        n_samples, dtype = objective.n_samples, objective.dtype
        self._X1 = np.ascontiguousarray(widened(objective)[0].T)
        self._V1 = np.ascontiguousarray(V1.swapaxes(1, 2))
        self._V2 = V2.transpose(0, 1, 3, 2).reshape(len(V2), -1, V2.shape[2]).copy()
        self._a2 = np.ones((V2.shape[2], n_samples), dtype)
        self._z3 = np.empty((self._V2.shape[1], n_samples), dtype)

    def __call__(self):
        hidden = self._a2[:-1]
        for V1, V2 in zip(self._V1, self._V2, strict=True):
            np.tanh(np.matmul(V1, self._X1, out=hidden), out=hidden)
            np.tanh(np.matmul(V2, self._a2, out=self._z3), out=self._z3)


def search(solver, objective, n_jobs):
    with while_solving(objective.n_samples):  # as in a fit
        return solver.solve(objective, rng=np.random.RandomState(0), n_jobs=n_jobs)


def as_in_a_fit(run, n_samples):
    def alone():
        with while_solving(n_samples):
            return run()

    return alone


class Contenders:
    """Functions that look at candidates, and how many each looks at."""

    def __init__(self, case, dtype, threads):
        self._objective = objective = case.objective(dtype)
        rng, network = np.random.default_rng(0), objective.network
        self._W = W = rng.uniform(*WEIGHT_RANGE, (case.n_apart, network.n_weights)).astype(dtype)
        layers = max(2, case.n_apart // 32)
        V1 = rng.uniform(*WEIGHT_RANGE, (layers, *network.shape1)).astype(dtype)
        V2 = rng.uniform(*WEIGHT_RANGE, (layers, SHARED, *network.shape2)).astype(dtype)
        self._layers = V1, V2
        self.runs = {
            "loop": as_in_a_fit(partial(loop, objective, W), objective.n_samples),
            "einsum": partial(einsum, objective, W),
            "values": as_in_a_fit(partial(objective.values, W), objective.n_samples),
            "floor": as_in_a_fit(Floor(objective, V1, V2), objective.n_samples),
        }
        self.n_candidates = dict.fromkeys(self.runs, len(W)) | {"floor": layers * SHARED}
        if torch is not None:
            self.runs["torch"] = partial(with_torch, objective, W)
            self.runs["torch, shared"] = partial(with_torch_shared, objective, V1, V2)
            self.n_candidates |= {"torch": len(W), "torch, shared": layers * SHARED}
        self._searches = {
            "uniform": MonteCarlo(case.n_search, sampler="uniform"),
            "adaptive": MonteCarlo(case.n_search),
            "grid": Grid(max_evals=case.n_search),
        }
        for name, solver in self._searches.items():
            self.runs[name] = partial(search, solver, objective, threads)
        self.check()

    def check(self):
        """Stop unless all J are the loop's; and count what the searches look at."""
        objective, W = self._objective, self._W
        J = loop(objective, W)
        pairs = [
            (self.runs[name](), J) for name in ("einsum", "values", "torch") if name in self.runs
        ]
        for name in self._searches:
            result = self.runs[name]()
            self.n_candidates[name] = result.n_evaluations
            w = result.w.astype(objective.dtype)
            pairs.append((result.value, loop(objective, w[None])))
        if torch is not None:
            pairs.append(
                (self.runs["torch, shared"](), objective.candidates.output_values(*self._layers))
            )
        for one, other in pairs:
            np.testing.assert_allclose(one, other, rtol=AGREEMENT[objective.dtype.name])

    def rates(self, repeats):
        """Candidates a second of each, a list with one number for each repeat."""
        times = interleaved(self.runs, repeats)
        return {name: [self.n_candidates[name] / t for t in times[name]] for name in times}


METHODS = ("values", "uniform", "adaptive", "grid")
PEERS = ("loop", "einsum", "torch", "torch, shared", "floor")
HEADER = ("problem", "method", "a second", *(f"/ {peer}" for peer in PEERS), "of the floor")


def rows(case, dtype, repeats, threads):
    """One line of the table for each method."""
    rate = Contenders(case, dtype, threads).rates(repeats)
    for method in METHODS:
        gains = {peer: ratios(rate[method], rate[peer]) for peer in PEERS if peer in rate}
        yield (
            case.name if method == METHODS[0] else "",
            method,
            f"{median(rate[method]):,.0f}",
            *(spread(gains[peer]) if peer in gains else "" for peer in PEERS),
            against(case.of_floor, gains["floor"]) if method == "uniform" else "",
        )


def quick(case):
    """The case with fewer candidates."""
    return replace(case, n_apart=case.n_apart // 8, n_search=case.n_search // 20)


def main():
    options = parser(__doc__).parse_args()
    threadpool_limits(options.threads)
    if torch is not None:
        torch.set_num_threads(options.threads)
    print_machine()
    repeats = min(options.repeats, 3) if options.quick else options.repeats
    chosen = [quick(case) for case in cases()] if options.quick else cases()
    for dtype in ("float64", "float32"):
        table = [line for case in chosen for line in rows(case, dtype, repeats, options.threads)]
        print_table(f"Candidates a second, {dtype}, median of {repeats}", HEADER, table)


if __name__ == "__main__":
    main()
