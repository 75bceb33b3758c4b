"""The network of the lecture: forward pass, backpropagation, layout and random start of weights.

With intercepts, z2 = X W1 + b1 and z3 = a2 W2 + b2. Each layer is a function in this module;
`Objective` calls the functions for one block of rows after the other. Arrays of units have
contiguous columns (one unit, all samples), because networks have few units and many samples.
"""

from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy import sparse
from scipy.special import expit

from ._blocks import Scratch, block_length, rows_of, slices
from ._sigmoid import activation, sigmoid

__all__ = [
    "Network",
    "Weights",
    "backward",
    "feed_forward",
    "hidden_layer",
    "numbers_per_row",
    "output_layer",
]


class Weights(NamedTuple):
    """The weights of both layers; b1 and b2 are None without intercepts.

    Shapes: W1 (n_features, n_hidden), b1 (n_hidden,), W2 (n_hidden, n_outputs), b2 (n_outputs,).
    """

    W1: NDArray
    b1: NDArray | None
    W2: NDArray
    b2: NDArray | None


def feed_forward(X: NDArray, W1: NDArray, b1: ArrayLike, W2: NDArray, b2: ArrayLike) -> NDArray:
    """The lecture's yhat in one line, for few samples. For many, `Network.forward` is faster.

    scipy's `expit` needs one call for the sigmoid, but more time for each element.

    Parameters
    ----------
    X : ndarray of shape (n_samples, n_features)
    W1, b1, W2, b2 : ndarray
        Of shapes (n_features, n_hidden), (n_hidden,), (n_hidden, n_outputs), (n_outputs,).

    Returns
    -------
    yhat : ndarray of shape (n_samples, n_outputs), in [0, 1]
    """
    return expit(expit(X @ W1 + b1) @ W2 + b2)


def hidden_layer(
    X: Any,
    W1: NDArray,
    b1: NDArray | None,
    out: NDArray | None = None,
    f: Callable[..., NDArray] = activation,
) -> NDArray:
    """a2 = f(z2) with z2 = X W1 + b1.

    Parameters
    ----------
    X : ndarray or CSR matrix of shape (n_samples, n_features)
    W1 : ndarray of shape (n_features, n_hidden)
    b1 : ndarray of shape (n_hidden,) or None
    out : ndarray of shape (n_samples, n_hidden), default=None
        Where the result is written.
    f : callable, default=activation
        The function of the hidden units, called as ``f(z2, out=z2)``.

    Returns
    -------
    a2 : ndarray of shape (n_samples, n_hidden)
    """
    z2 = _product(X, W1, out)
    if b1 is not None:
        z2 += b1
    return f(z2, out=z2)


def output_layer(
    a2: NDArray, W2: NDArray, b2: NDArray | None, out: NDArray | None = None
) -> NDArray:
    """z3 = a2 W2 + b2.

    Parameters
    ----------
    a2 : ndarray of shape (n_samples, n_hidden)
    W2 : ndarray of shape (n_hidden, n_outputs)
    b2 : ndarray of shape (n_outputs,) or None
    out : ndarray of shape (n_samples, n_outputs), default=None
        Where the result is written.

    Returns
    -------
    z3 : ndarray of shape (n_samples, n_outputs)
    """
    z3 = _product(a2, W2, out)
    if b2 is not None:
        z3 += b2
    return z3


def backward(
    X: Any, a: NDArray, V2: NDArray, sigma3: NDArray, gradient: Weights, scratch: Scratch
) -> None:
    """Backpropagation: add the contribution of some samples to the gradient of J.

    Parameters
    ----------
    X : ndarray or CSR matrix of shape (n_samples, n_inputs)
        The samples, or [X, 1] if W1 is [W1; b1].
    a : ndarray of shape (n_samples, n_hidden + fit_intercept)
        [a2, 1]; a2 is overwritten.
    V2 : ndarray of shape (n_hidden + fit_intercept, n_outputs)
        [W2; b2].
    sigma3 : ndarray of shape (n_samples, n_outputs)
        Derivatives of the cost with respect to z3.
    gradient : Weights
        The sums of derivatives so far, as of `unpack_joined`, incremented in place.
    scratch : Scratch
    """
    dJ_dW1, dJ_db1, dJ_dV2, _ = gradient
    n_samples, n_hidden = len(a), dJ_dW1.shape[1]
    a2, W2 = a[:, :n_hidden], V2[:n_hidden]
    dJ_dV2 += a.T @ sigma3
    sigma2 = _product(sigma3, W2.T, scratch.columns("sigma2", n_samples, n_hidden, a.dtype))
    sigma2 *= a2
    sigma2 *= np.subtract(1, a2, out=a2)  # f'(z2) = a2 (1 - a2)
    dJ_dW1 += _transposed_product(X, sigma2)  # X^T sigma2
    if dJ_db1 is not None:
        dJ_db1 += scratch.ones(n_samples, a.dtype) @ sigma2  # the sums of its columns, by BLAS


def _product(A: Any, B: NDArray, out: NDArray | None) -> NDArray:
    """The matrix product A B, written to `out` if given.

    If the inner dimension is 1, `multiply` computes the product: `matmul` does not use BLAS for it
    and is many times slower.
    """
    if not isinstance(A, np.ndarray):  # scipy allocates the result
        product = A @ B
        if out is None:
            return product
        out[...] = product
        return out
    return np.multiply(A, B, out=out) if A.shape[1] == 1 else np.matmul(A, B, out=out)


def _transposed_product(A: Any, B: NDArray) -> NDArray:
    """A^T B, for A sparse or with contiguous rows, and B with contiguous columns.

    If A is dense, the product is computed as (B^T A)^T, which takes BLAS up to a third less time.
    """
    return A.T @ B if sparse.issparse(A) else (B.T @ A).T


def numbers_per_row(X: Any) -> int:
    """Mean count of numbers in a row of X; for a sparse X, twice the number of entries."""
    return -(-2 * X.nnz // X.shape[0]) if hasattr(X, "nnz") else X.shape[1]


@dataclass(frozen=True)
class Network:
    """Shape of a two-layer network, and the layout of its flat weight vector.

    One flat vector w holds all weights: W1, b1, W2, b2, each in C order, one after the other. b1
    thus follows W1 like an additional row, and the layers [W1; b1] and [W2; b2] are views of w.

    Parameters
    ----------
    n_features, n_hidden, n_outputs : int
        Number of inputs, hidden units and output units, each at least 1.
    fit_intercept : bool, default=True
        Whether there are intercepts b1 and b2.

    Examples
    --------
    >>> import numpy as np
    >>> from skbackprop.model import Network
    >>> network = Network(2, 3, 1)
    >>> network.n_weights
    13
    >>> network.forward(np.zeros(13), np.ones((4, 2))).ravel()
    array([0.5, 0.5, 0.5, 0.5])
    """

    n_features: int
    n_hidden: int
    n_outputs: int
    fit_intercept: bool = True

    def __post_init__(self) -> None:
        # Python integers: NumPy integers, e.g. from np.arange, may overflow in n_weights
        for name in ("n_features", "n_hidden", "n_outputs"):
            object.__setattr__(self, name, int(getattr(self, name)))
        object.__setattr__(self, "fit_intercept", bool(self.fit_intercept))

    @cached_property
    def shape1(self) -> tuple[int, int]:
        """Shape of [W1; b1]."""
        return self.n_features + self.fit_intercept, self.n_hidden

    @cached_property
    def shape2(self) -> tuple[int, int]:
        """Shape of [W2; b2]."""
        return self.n_hidden + self.fit_intercept, self.n_outputs

    @cached_property
    def n_hidden_weights(self) -> int:
        """Number of weights of the hidden layer, which is the index in w at which W2 begins."""
        return self.shape1[0] * self.shape1[1]

    @cached_property
    def n_weights(self) -> int:
        """Number of all weights, intercepts included."""
        return self.n_hidden_weights + self.shape2[0] * self.shape2[1]

    def split(self, w: NDArray) -> tuple[NDArray, NDArray]:
        """The layers [W1; b1] and [W2; b2] as views of w.

        Parameters
        ----------
        w : ndarray of shape (..., n_weights)

        Returns
        -------
        V1 : ndarray of shape (..., n_features + fit_intercept, n_hidden)
        V2 : ndarray of shape (..., n_hidden + fit_intercept, n_outputs)
        """
        cut, batch = self.n_hidden_weights, w.shape[:-1]
        return w[..., :cut].reshape(batch + self.shape1), w[..., cut:].reshape(batch + self.shape2)

    def unpack(self, w: NDArray) -> Weights:
        """Views of the four parts of w.

        Parameters
        ----------
        w : ndarray of shape (n_weights,)

        Returns
        -------
        weights : Weights
        """
        i, h, k = self.n_features, self.n_hidden, self.n_outputs
        if not self.fit_intercept:
            return Weights(w[: i * h].reshape(i, h), None, w[i * h :].reshape(h, k), None)
        cut = self.n_hidden_weights
        W1, b1 = w[: i * h].reshape(i, h), w[i * h : cut]
        return Weights(W1, b1, w[cut:-k].reshape(h, k), w[-k:])

    def unpack_joined(self, w: NDArray, hidden: bool) -> Weights:
        """Views like those of `unpack`, with [W2; b2] as W2 for hidden units [a2, 1], and b2 None.

        Parameters
        ----------
        w : ndarray of shape (n_weights,)
        hidden : bool
            Whether W1 is [W1; b1] too, for samples [X, 1], and b1 None.

        Returns
        -------
        weights : Weights
        """
        cut = self.n_hidden_weights
        W1, W2 = w[:cut].reshape(self.shape1), w[cut:].reshape(self.shape2)
        if hidden or not self.fit_intercept:
            return Weights(W1, None, W2, None)
        return Weights(W1[:-1], W1[-1], W2, None)

    def pack(
        self, W1: ArrayLike, b1: ArrayLike | None, W2: ArrayLike, b2: ArrayLike | None
    ) -> NDArray:
        """Concatenate the four parts to a flat vector; without intercepts, omit b1 and b2."""
        parts = (W1, b1, W2, b2) if self.fit_intercept else (W1, W2)
        return np.concatenate([np.ravel(np.asarray(part)) for part in parts])

    @cached_property
    def penalised(self) -> NDArray[np.bool_]:
        """Boolean mask (n_weights,) of the weights that are not intercepts."""
        mask = np.ones(self.n_weights, dtype=bool)
        _, b1, _, b2 = self.unpack(mask)
        if b1 is not None and b2 is not None:
            b1[:] = b2[:] = False
        return mask

    def initial_weights(self, rng: np.random.Generator) -> NDArray[np.float64]:
        """Random initial weights that saturate no unit if the features are standardised.

        The weights are uniform with standard deviation 1 / sqrt(fan_in), so that z has a standard
        deviation of about 1: LeCun, Bottou, Orr and Mueller, Efficient BackProp (1998), section
        4.6. Intercepts have the same distribution, which spreads the steepest points of the units
        over the data. The method of Nguyen and Widrow (1990) spreads them more evenly, but is no
        better on real tables: benchmarks/bench_starts.py.

        Parameters
        ----------
        rng : numpy.random.Generator

        Returns
        -------
        w : ndarray of shape (n_weights,), float64
        """
        layers = []
        for rows, columns in (self.shape1, self.shape2):
            bound = np.sqrt(3 / rows)
            layers.append(rng.uniform(-bound, bound, size=rows * columns))
        return np.concatenate(layers)

    def forward(self, w: NDArray, X: Any) -> NDArray:
        """The feed-forward path, yhat = a3 = f(z3).

        Parameters
        ----------
        w : ndarray of shape (n_weights,), of the dtype of `X`
        X : ndarray or CSR matrix of shape (n_samples, n_features)

        Returns
        -------
        yhat : ndarray of shape (n_samples, n_outputs), in [0, 1]
        """
        W1, b1, W2, b2 = self.unpack(w)
        yhat, scratch = np.empty((X.shape[0], self.n_outputs), dtype=w.dtype), Scratch()
        units = numbers_per_row(X) + self.n_hidden + self.n_outputs
        for rows in slices(X.shape[0], block_length(units * w.dtype.itemsize)):
            n_samples = rows.stop - rows.start
            a2 = scratch.columns("a2", n_samples, self.n_hidden, w.dtype)
            a2 = hidden_layer(rows_of(X, rows), W1, b1, out=a2)
            z3 = output_layer(a2, W2, b2)
            yhat[rows] = sigmoid(z3, out=z3)
        return yhat
