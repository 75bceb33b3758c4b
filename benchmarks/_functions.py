"""Known functions for the benchmarks: curves, surfaces and the hard cases of regression.

A sample for training is drawn anew for each seed, the one for the test is large and always the
same. The test compares with the function itself, without noise, but for pure noise, where there
is nothing else to compare with; `noisy=True` asks for test values with noise for all.

A function belongs to one of two parts: what is chosen is chosen on "development" and reported
on "report". The names in alphabetical order belong to the two in turn, the first to
development. No score plays a part in it.
"""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

__all__ = ["FUNCTIONS", "Function", "held_out", "sample"]

N_TEST, TEST_SEED = 2000, 2_000_003


@dataclass(frozen=True)
class Function:
    """A function of X, and how X and noise are drawn.

    Attributes
    ----------
    name : str
    n : int
        Rows to train on.
    draw : function of (rng, n), returns X
    value : function of X, returns y without noise
    noise : function of (rng, y), returns what is added to y, or None
    raw : bool
        X in units of its own, which a model sees only if it does not scale X by itself.
        Else X is standardised for all.
    only_noise : bool
        There is nothing to learn: the test values have noise as well.
    """

    name: str
    n: int
    draw: Callable
    value: Callable
    noise: Callable | None = None
    raw: bool = False
    only_noise: bool = False

    @property
    def part(self):
        return ("development", "report")[sorted(FUNCTIONS).index(self.name) % 2]


def sample(function, seed):
    """X (n, n_features) and y (n,) to train on."""
    return drawn(function, np.random.default_rng(seed), function.n, noisy=True)


def held_out(function, noisy=False):
    """X and y to test on, the same in every call; y has noise if that is asked for."""
    rng = np.random.default_rng(TEST_SEED)
    return drawn(function, rng, N_TEST, noisy or function.only_noise)


def drawn(function, rng, n, noisy):
    X = function.draw(rng, n)
    y = function.value(X)
    if noisy and function.noise is not None:
        y = y + function.noise(rng, y)
    return X, y


# How X is drawn


def cube(n_features, low=0.0, high=1.0):
    return lambda rng, n: rng.uniform(low, high, (n, n_features))


def normal(n_features):
    return lambda rng, n: rng.standard_normal((n, n_features))


def box(*limits):
    low, high = np.transpose(limits)
    return lambda rng, n: rng.uniform(low, high, (n, len(low)))


def even(low, high):
    """Evenly spaced, as measured curves are."""
    return lambda rng, n: np.linspace(low, high, n)[:, None]


def four_rows(rng, n):
    """All four, or n of them drawn at random."""
    rows = np.array([[0.0, 0.0], [0.0, 1.0], [1.0, 0.0], [1.0, 1.0]])
    return rows if n == len(rows) else rows[rng.integers(len(rows), size=n)]


# Noise


def gauss(deviation):
    return lambda rng, y: deviation * rng.standard_normal(len(y))


def student(deviation, freedom=3):
    """Student's t, scaled: its tails are heavy."""
    return lambda rng, y: deviation * rng.standard_t(freedom, len(y))


def outliers(deviation, share, size):
    """Normal noise, and a share of the rows far away, up or down."""

    def drawn_outliers(rng, y):
        away = size * rng.uniform(1, 3, len(y)) * rng.choice((-1, 1), len(y))
        return deviation * rng.standard_normal(len(y)) + np.where(
            rng.uniform(size=len(y)) < share, away, 0
        )

    return drawn_outliers


def growing(rng, y):
    """Larger where y is larger."""
    return (0.05 + 0.3 * np.abs(y)) * rng.standard_normal(len(y))


# Values


def sine(X):
    """Two periods."""
    return np.sin(4 * np.pi * X[:, 0])


def peaks(X):
    """Hills and valleys of three Gaussian bells."""
    x, y = X.T
    return (
        3 * (1 - x) ** 2 * np.exp(-(x**2) - (y + 1) ** 2)
        - 10 * (x / 5 - x**3 - y**5) * np.exp(-(x**2) - y**2)
        - np.exp(-((x + 1) ** 2) - y**2) / 3
    )


def friedman1(X):
    return (
        10 * np.sin(np.pi * X[:, 0] * X[:, 1])
        + 20 * (X[:, 2] - 0.5) ** 2
        + 10 * X[:, 3]
        + 5 * X[:, 4]
    )


def friedman2(X):
    return np.hypot(X[:, 0], X[:, 1] * X[:, 2] - 1 / (X[:, 1] * X[:, 3]))


def friedman3(X):
    return np.arctan((X[:, 1] * X[:, 2] - 1 / (X[:, 1] * X[:, 3])) / X[:, 0])


CIRCUIT = box((0, 100), (40 * np.pi, 560 * np.pi), (0, 1), (1, 11))  # of friedman2 and 3


def rosenbrock(X):
    return (100 * (X[:, 1:] - X[:, :-1] ** 2) ** 2 + (1 - X[:, :-1]) ** 2).sum(axis=1)


def step(X):
    return (X[:, 0] > 0.4).astype(float)


def steps(X):
    return (X[:, 0] > 0.3) + 2.0 * (X[:, 1] > 0.6)


def growing_curve(X):
    return 2 * X[:, 0] + np.sin(6 * X[:, 0])


def acceleration(X):
    """Nothing, then a blow and its echo, as of a head in an accident, against milliseconds."""
    t = X[:, 0] - 15
    return np.where(t > 0, -160 * np.sin(2 * np.pi * t / 35) * np.exp(-t / 18), 0)


def acceleration_noise(rng, y):
    return np.where(y == 0, 2, 22) * rng.standard_normal(len(y))


def exponential(X):
    """Log-normal: few y are far larger than all others."""
    return np.exp(1.2 * (X @ [0.8, -0.5, 0.33]))


def linear(X):
    return X @ np.linspace(1, -0.5, X.shape[1])


def nothing(X):
    return np.zeros(len(X))


def sinc(X):
    return np.sinc(X[:, 0])


def runge(X):
    return 1 / (1 + 25 * X[:, 0] ** 2)


def bump(X):
    """A narrow bell on a slope."""
    return 0.5 * X[:, 0] + np.exp(-0.5 * ((X[:, 0] - 0.6) / 0.08) ** 2)


def damped(X):
    return np.exp(-2 * X[:, 0]) * np.cos(12 * X[:, 0])


def product_of_two(X):
    return X[:, 0] * X[:, 1]


def xor(X):
    return (X[:, 0] != X[:, 1]).astype(float)


def both(X):
    return X[:, 0] * X[:, 1]


def line(X):
    return 2 * X[:, 0] - 1


def in_units(draw, value, factor=1.0, shift=0.0):
    """Ways to draw X and compute y for the same function of X in other units."""
    factor = np.asarray(factor)
    return (
        lambda rng, n: (draw(rng, n) + shift) * factor,
        lambda X: value(X / factor - shift),
    )


_ALL = [
    Function("acceleration_133", 133, cube(1, 2, 58), acceleration, acceleration_noise),
    Function("bump_101", 101, even(0, 1), bump),
    Function("damped_51", 51, even(0, 1), damped),
    Function("exponential_200", 200, normal(3), exponential, gauss(0.1)),
    Function("exponential_1000", 1000, normal(3), exponential, gauss(0.1)),
    Function("four_and", 4, four_rows, both),
    Function("four_line", 4, even(0, 1), line),
    Function("four_xor", 4, four_rows, xor),
    Function("friedman1_100", 100, cube(10), friedman1, gauss(1.0)),
    Function("friedman1_2000", 2000, cube(10), friedman1, gauss(1.0)),
    Function("friedman2_300", 300, CIRCUIT, friedman2, gauss(125.0)),
    Function("friedman3_500", 500, CIRCUIT, friedman3, gauss(0.1)),
    Function("growing_noise_100", 100, cube(1), growing_curve, growing),
    Function("growing_noise_500", 500, cube(1), growing_curve, growing),
    Function("linear_t3_60", 60, normal(5), linear, student(1.0)),
    Function("linear_t3_600", 600, normal(5), linear, student(1.0)),
    Function("noise_50", 50, normal(5), nothing, gauss(1.0), only_noise=True),
    Function("noise_500", 500, normal(5), nothing, gauss(1.0), only_noise=True),
    Function("outliers_sine_200", 200, cube(1), sine, outliers(0.1, 0.05, 5.0)),
    Function("outliers_friedman1_600", 600, cube(5), friedman1, outliers(1.0, 0.02, 50.0)),
    Function("peaks_100", 100, cube(2, -3, 3), peaks),
    Function("peaks_400", 400, cube(2, -3, 3), peaks, gauss(0.2)),
    Function("peaks_2000", 2000, cube(2, -3, 3), peaks, gauss(0.2)),
    Function("product_100", 100, cube(2, -1, 1), product_of_two),
    Function("raw_circuit_300", 300, CIRCUIT, friedman2, gauss(125.0), raw=True),
    Function(
        "raw_large_300",
        300,
        *in_units(cube(5), friedman1, factor=[1, 1, 1e6, 1, 1]),
        gauss(1.0),
        raw=True,
    ),
    Function(
        "raw_shifted_200",
        200,
        *in_units(cube(1), sine, shift=300.0),  # a thousand deviations
        gauss(0.1),
        raw=True,
    ),
    Function(
        "raw_small_300",
        300,
        *in_units(cube(2, -3, 3), peaks, factor=[1e-6, 1]),
        gauss(0.2),
        raw=True,
    ),
    Function("raw_y_large_300", 300, cube(5), lambda X: 1e6 * friedman1(X), gauss(1e6), raw=True),
    Function(
        "raw_y_shifted_300",
        300,
        cube(5),
        lambda X: 1e-6 * (friedman1(X) + 5000),  # again a thousand deviations
        gauss(1e-6),
        raw=True,
    ),
    Function("rosenbrock_200", 200, cube(2, -2, 2), rosenbrock),
    Function("rosenbrock_1000", 1000, cube(4, -2, 2), rosenbrock, gauss(100.0)),
    Function("runge_51", 51, even(-1, 1), runge),
    Function("sinc_101", 101, even(-4, 4), sinc),
    Function("sine_30", 30, cube(1), sine, gauss(0.1)),
    Function("sine_200", 200, cube(1), sine, gauss(0.3)),
    Function("step_100", 100, cube(1), step, gauss(0.1)),
    Function("step_500", 500, cube(2), steps, gauss(0.3)),
]
FUNCTIONS = {one.name: one for one in sorted(_ALL, key=lambda one: one.name)}
