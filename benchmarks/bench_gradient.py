"""J and its gradient over the whole data: how fast is one evaluation?

Measured: Objective.value_and_grad with the squared error, called as an optimizer calls it.

Against
  scikit-learn  MLPRegressor._backprop, which is its feed-forward pass, loss and gradient in
                one (the lbfgs solver calls it once for each evaluation). Its output layer is
                the identity, so it computes one activation less than we do.
  torch         sigmoid layers, 1/2 of the sum of squares and autograd;
                left out where torch is not installed.
  floor         nothing but the five matrix products into arrays that exist already, and one
                exp or tanh for each activation, over the whole data or over blocks of rows,
                whichever is faster: about the best that NumPy can do.

All work on the same data and the same weights, with the same number of threads for BLAS.
The gradients of skbackprop and torch are compared first. Ratios above 1 mean that skbackprop
is faster, but for the last column, our distance to the floor. On a processor with AVX-512 the
tables are repeated without it, since tanh and exp then take several times as long.

    python benchmarks/bench_gradient.py
    python benchmarks/bench_gradient.py --quick
"""

import inspect
from dataclasses import dataclass
from functools import partial
from statistics import median

import numpy as np
from _processor import again_without_avx512, kind
from _timing import (
    against,
    interleaved,
    milliseconds,
    parser,
    print_machine,
    print_table,
    ratios,
    spread,
)
from sklearn.neural_network import MLPRegressor
from threadpoolctl import threadpool_limits

from skbackprop._execution._while_solving import while_solving
from skbackprop.losses import SquaredError
from skbackprop.model import Network, Objective

try:
    import torch
except ImportError:
    torch = None

# (samples, features, hidden units, outputs) and how much faster than scikit-learn to be, in float64
# and float32, with one thread and with two
SHAPES = {
    (150, 4, 10, 3): {1: (1.15, 1.4), 2: (1.15, 1.4)},
    (1000, 10, 10, 1): {1: (1.3, 1.6), 2: (1.5, 1.8)},
    (10_000, 50, 100, 10): {1: (1.2, 1.5), 2: (1.8, 2.2)},
    (200_000, 20, 32, 1): {1: (1.5, 2.0), 2: (2.5, 3.0)},
    (60_000, 784, 100, 10): {1: (1.0, 1.1), 2: (1.3, 1.4)},
}
QUICK = list(SHAPES)[:3]
# How far the gradients of skbackprop and torch may be apart, relative to their length.
AGREEMENT = {"float64": 1e-8, "float32": 1e-3}
# Bytes of activations in a block of the floor.
BLOCK_BYTES = 2**20


@dataclass(frozen=True)
class Problem:
    """Data and weights for all contenders."""

    network: Network
    X: np.ndarray
    Y: np.ndarray
    w: np.ndarray

    @classmethod
    def random(cls, shape, dtype):
        n, *units = shape
        network, rng = Network(*units), np.random.default_rng(0)
        X = rng.standard_normal((n, network.n_features), dtype=dtype)
        Y = 0.1 + 0.8 * rng.random((n, network.n_outputs), dtype=dtype)
        return cls(network, X, Y.astype(dtype), network.initial_weights(rng))

    @property
    def parts(self):
        """W1, b1, W2, b2 as arrays of their own."""
        return [part.astype(self.X.dtype) for part in self.network.unpack(self.w)]


def ours(problem):
    objective = Objective.from_arrays(problem.network, SquaredError(), problem.X, problem.Y)

    def value_and_grad():
        return objective.value_and_grad(problem.w)

    value_and_grad.context = partial(while_solving, len(problem.X))  # as in a fit
    return value_and_grad


def scikit_learn(problem):
    """MLPRegressor in the state that fit brings it to before the first evaluation."""
    W1, b1, W2, b2 = problem.parts
    model = MLPRegressor(
        hidden_layer_sizes=(problem.network.n_hidden,), activation="logistic", alpha=0.0
    )
    model.coefs_, model.intercepts_ = [W1, W2], [b1, b2]
    model.n_layers_, model.n_outputs_, model.out_activation_ = 3, b2.size, "identity"
    takes_weight = "sample_weight" in inspect.signature(model._backprop).parameters
    weight = (None,) if takes_weight else ()  # since scikit-learn 1.7
    activations, deltas = [problem.X, None, None], [None, None]
    grads = [None, None], [None, None]
    return lambda: model._backprop(problem.X, problem.Y, *weight, activations, deltas, *grads)


def pytorch(problem):
    X, Y = torch.from_numpy(problem.X), torch.from_numpy(problem.Y)
    parts = [torch.from_numpy(part).requires_grad_() for part in problem.parts]
    W1, b1, W2, b2 = parts

    def value_and_grad():
        a2 = torch.sigmoid(torch.addmm(b1, X, W1))
        yhat = torch.sigmoid(torch.addmm(b2, a2, W2))
        value = 0.5 * (yhat - Y).square().sum()
        return value.item(), torch.autograd.grad(value, parts)

    return value_and_grad


def floor(problem, length, function):
    """The products of backpropagation, and exp or tanh of activations, by `length` rows."""
    W1, _, W2, _ = problem.parts
    X, length = problem.X, min(length, len(problem.X))
    a2, sigma2 = (np.empty((length, W1.shape[1]), X.dtype) for _ in range(2))
    a3 = np.empty((length, W2.shape[1]), X.dtype)
    dJ_dW1, dJ_dW2 = np.empty_like(W1), np.empty_like(W2)
    # matmul takes a column times a row the slow way, without BLAS
    back = np.multiply if W2.shape[1] == 1 else np.matmul

    def products():
        for start in range(0, len(X), length):
            rows = X[start : start + length]
            m = len(rows)
            function(np.matmul(rows, W1, out=a2[:m]), out=a2[:m])
            function(np.matmul(a2[:m], W2, out=a3[:m]), out=a3[:m])
            np.matmul(a2[:m].T, a3[:m], out=dJ_dW2)
            back(a3[:m], W2.T, out=sigma2[:m])
            np.matmul(rows.T, sigma2[:m], out=dJ_dW1)

    return products


def contenders(problem):
    n = len(problem.X)
    block = BLOCK_BYTES // (2 * problem.network.n_hidden * problem.X.itemsize)
    runs = {"ours": ours(problem), "sklearn": scikit_learn(problem)}
    if torch is not None:
        runs["torch"] = pytorch(problem)
    for function in (np.exp, np.tanh):
        for length in {n, min(block, n)}:
            name = f"floor, {function.__name__}, {length} rows"
            runs[name] = floor(problem, length, function)
    return runs


def check_gradients(problem, runs):
    """Stop unless J and gradient are those of torch."""
    value, grad = runs["ours"]()
    torch_value, parts = runs["torch"]()
    torch_grad = problem.network.pack(*(part.numpy() for part in parts))
    tolerance = AGREEMENT[problem.X.dtype.name]
    apart = np.linalg.norm(grad - torch_grad) / np.linalg.norm(torch_grad)
    if not (apart <= tolerance and abs(value - torch_value) <= tolerance * torch_value):
        raise SystemExit(f"skbackprop and torch differ by {apart:.1e} on {problem.network}")
    return f"{apart:.0e}"


def row(shape, dtype, repeats, n_threads):
    """One line of the table."""
    problem = Problem.random(shape, dtype)
    runs = contenders(problem)
    apart = check_gradients(problem, runs) if torch else "-"
    times = interleaved(runs, repeats)
    floors = [times[name] for name in times if name.startswith("floor")]
    lowest = min(floors, key=median)
    gain = ratios(times["sklearn"], times["ours"])
    target = SHAPES[shape][min(n_threads, 2)][dtype == "float32"]
    return (
        "-".join(map(str, shape)),
        apart,
        milliseconds(times["ours"]),
        milliseconds(times["sklearn"]),
        milliseconds(times["torch"]) if torch else "-",
        milliseconds(lowest),
        spread(gain),
        against(target, gain),
        spread(ratios(times["torch"], times["ours"])) if torch else "-",
        spread(ratios(times["ours"], lowest)),
    )


HEADER = (
    "n-features-hidden-outputs",
    "|g - torch|",
    "ours ms",
    "sklearn ms",
    "torch ms",
    "floor ms",
    "sklearn / ours",
    "target",
    "torch / ours",
    "ours / floor",
)


def main():
    options = parser(__doc__).parse_args()
    threadpool_limits(options.threads)
    if torch is not None:
        torch.set_num_threads(options.threads)
    print_machine()
    repeats = min(options.repeats, 3) if options.quick else options.repeats
    for dtype in ("float64", "float32"):
        shapes = QUICK if options.quick else SHAPES
        rows = [row(shape, dtype, repeats, options.threads) for shape in shapes]
        print_table(f"J and gradient, {dtype}, {kind()}, median of {repeats}", HEADER, rows)
    again_without_avx512()


if __name__ == "__main__":
    main()
