"""Problems and reference implementations that several test modules share."""

import importlib.util
import pkgutil
import signal

import numpy as np
import pytest
from two_workers import client, without_gc  # noqa: F401 (pytest finds the fixtures here)

import skbackprop
from skbackprop._execution._threads import one_blas_thread
from skbackprop.losses import LOSSES, SquaredError
from skbackprop.model import Network, Objective

# Tests press Ctrl-C, which jobs in a shell's background would ignore.
signal.signal(signal.SIGINT, signal.default_int_handler)

# scikit-learn's callbacks came with 1.9
MISSING = set() if importlib.util.find_spec("sklearn.callback") else {"callbacks"}
PUBLIC_MODULES = ["skbackprop"] + [
    f"skbackprop.{module.name}"
    for module in pkgutil.iter_modules(skbackprop.__path__)
    if not module.name.startswith("_") and module.name not in MISSING
]

XOR_X = np.array([[0.0, 0.0], [0.0, 1.0], [1.0, 0.0], [1.0, 1.0]])
XOR_Y = np.array([[0.0], [1.0], [1.0], [0.0]])


def random_objective(
    shape=(3, 4, 2), *, n_samples=17, loss="squared_error", intercept=True, alpha=0.0, weights=False
):
    """An objective on random data and a point to look at it from."""
    n_features, n_hidden, n_outputs = shape
    rng = np.random.default_rng(7)
    network = Network(n_features, n_hidden, n_outputs, intercept)
    objective = Objective.from_arrays(
        network,
        LOSSES[loss]() if isinstance(loss, str) else loss,
        rng.normal(size=(n_samples, n_features)),
        rng.uniform(0.05, 0.95, size=(n_samples, n_outputs)),
        rng.uniform(0.5, 2, size=n_samples) if weights else None,
        alpha,
    )
    return objective, rng.normal(size=network.n_weights)


def lecture(X, y, W1, W2):
    """The lecture's equations for J and its gradients, transcribed symbol for symbol."""

    def f(x):
        return 1 / (1 + np.exp(-x))

    def f_prime(x):
        return np.exp(-x) / (1 + np.exp(-x)) ** 2

    z_2 = X @ W1
    a_2 = f(z_2)
    z_3 = a_2 @ W2
    y_hat = a_3 = f(z_3)
    J = np.sum(1 / 2 * (y - y_hat) ** 2)
    sigma_3 = -(y - a_3) * f_prime(z_3)
    dJ_dW2 = a_2.T @ sigma_3
    sigma_2 = sigma_3 @ W2.T * f_prime(z_2)
    dJ_dW1 = X.T @ sigma_2
    return y_hat, J, dJ_dW1, dJ_dW2


def some_now(values, n):
    """Parameters of a test: the first n of the values, and the others in the slow tests."""
    first, others = list(values)[:n], list(values)[n:]
    return first + [pytest.param(value, marks=pytest.mark.slow) for value in others]


def same_network(model, other):
    """Whether two fitted estimators have the same weights, to the last bit."""
    weights = [*model.coefs_, *model.intercepts_]
    others = [*other.coefs_, *other.intercepts_]
    return all(np.array_equal(a, b) for a, b in zip(weights, others, strict=True))


@pytest.fixture
def one_thread():
    """BLAS has one thread, as in a fit; on a busy machine several would wait for each other."""
    with one_blas_thread():
        yield


@pytest.fixture
def xor():
    """XOR with a 2-3-1 network and intercepts."""
    return Objective.from_arrays(Network(2, 3, 1), SquaredError(), XOR_X, XOR_Y)
