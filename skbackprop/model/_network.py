"""The network of the lecture: yhat = f(f(X W1) W2), its shapes and its forward pass.

With an intercept the equations hold letter for letter on the widened matrices: X and a2
get a column of ones, W1 and W2 a last row, b1 and b2. That is how they are computed: V1 is
[W1; b1] and V2 is [W2; b2], or just W1 and W2 without intercept, and all weights live in
one flat vector w, which is V1 and V2, each in C order, one after the other.
"""

from dataclasses import dataclass
from functools import cached_property

import numpy as np
from scipy import sparse
from scipy.special import expit

from ._blocks import Scratch, block_length, slices
from ._moments import largest_values, room_for_sums

__all__ = ["Network", "feed_forward", "numbers_per_row", "product", "transposed_product"]


def product(A, B, out=None):
    """The matrix product A B, into `out` where A is dense.

    scipy brings its own array where A is sparse. A product with a single inner dimension is
    left to `multiply`: `matmul` does not hand it to BLAS and is many times slower.
    """
    if sparse.issparse(A):
        return A @ B
    return np.multiply(A, B, out=out) if A.shape[1] == 1 else np.matmul(A, B, out=out)


def numbers_per_row(X):
    """How many numbers a row of X holds, on average; twice its entries where X is sparse."""
    return X.shape[1] if not sparse.issparse(X) else -(-2 * X.nnz // X.shape[0])


def transposed_product(A, B):
    """A^T B of row-contiguous or sparse A and column-contiguous B.

    Where A is dense it is computed as (B^T A)^T, which BLAS does up to a third sooner.
    """
    return A.T @ B if sparse.issparse(A) else (B.T @ A).T


def feed_forward(X, W1, b1, W2, b2):
    """The lecture's yhat in one line, for few samples; `Network.forward` is for many.

    Parameters
    ----------
    X : ndarray of shape (n_samples, n_features)
    W1, b1, W2, b2 : ndarray
        Of shapes (n_features, n_hidden), (n_hidden,), (n_hidden, n_outputs), (n_outputs,).

    Returns
    -------
    yhat : ndarray of shape (n_samples, n_outputs), in [0, 1]
        NaN where a sum overflows in both directions.
    """
    with np.errstate(over="ignore", invalid="ignore"):
        return expit(expit(X @ W1 + b1) @ W2 + b2)


@dataclass(frozen=True)
class Network:
    """Shape of a two-layer network, and how its flat weight vector is laid out.

    Parameters
    ----------
    n_features, n_hidden, n_outputs : int
        Number of inputs, hidden units and output units, each at least 1.
    fit_intercept : bool, default=True
        Whether X and a2 get a column of ones.

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

    def __post_init__(self):
        # Python's own numbers: NumPy's, as from np.arange, overflow where weights are counted
        for name in ("n_features", "n_hidden", "n_outputs"):
            object.__setattr__(self, name, int(getattr(self, name)))
        object.__setattr__(self, "fit_intercept", bool(self.fit_intercept))

    @cached_property
    def shape1(self):
        """Shape of [W1; b1]."""
        return self.n_features + self.fit_intercept, self.n_hidden

    @cached_property
    def shape2(self):
        """Shape of [W2; b2]."""
        return self.n_hidden + self.fit_intercept, self.n_outputs

    @cached_property
    def n_hidden_weights(self):
        """Number of weights of the hidden layer, where W2 begins in w."""
        return self.shape1[0] * self.shape1[1]

    @cached_property
    def n_weights(self):
        """Number of all weights, intercepts included."""
        return self.n_hidden_weights + self.shape2[0] * self.shape2[1]

    def split(self, w):
        """[W1; b1] and [W2; b2] as views of w.

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

    def unpack(self, w):
        """Views of the four parts of w.

        Parameters
        ----------
        w : ndarray of shape (n_weights,)

        Returns
        -------
        W1 : (n_features, n_hidden), b1 : (n_hidden,) or None,
        W2 : (n_hidden, n_outputs), b2 : (n_outputs,) or None
        """
        V1, V2 = self.split(w)
        if not self.fit_intercept:
            return V1, None, V2, None
        return V1[:-1], V1[-1], V2[:-1], V2[-1]

    def pack(self, W1, b1, W2, b2):
        """The flat vector of the four parts; b1 and b2 are left out without intercept."""
        parts = (W1, b1, W2, b2) if self.fit_intercept else (W1, W2)
        return np.concatenate([np.ravel(part) for part in parts])

    @cached_property
    def penalised(self):
        """Boolean mask (n_weights,) of the weights that are not intercepts."""
        mask = np.ones(self.n_weights, dtype=bool)
        _, b1, _, b2 = self.unpack(mask)
        if self.fit_intercept:
            b1[:] = b2[:] = False
        return mask

    def initial_weights(self, rng):
        """A random start that saturates no unit on standardised features.

        Uniform with standard deviation 1 / sqrt(fan_in), so that z has a standard
        deviation of about 1: LeCun, Bottou, Orr and Mueller, Efficient BackProp (1998),
        section 4.6. Intercepts are drawn likewise, which spreads the units' steepest
        points over the data, as the start of Nguyen and Widrow (1990) does more evenly; on
        real tables that one is no better: benchmarks/bench_starts.py.

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

    def widen(self, X, scratch):
        """X with its column of ones; X itself without intercept.

        Parameters
        ----------
        X : ndarray or CSR matrix of shape (n_samples, n_features)
        scratch : Scratch
            Where the result is kept until the next call.

        Returns
        -------
        X1 : ndarray or CSR matrix of shape (n_samples, n_features + fit_intercept)
        """
        if not self.fit_intercept:
            return X
        n_samples, n_features = X.shape
        if sparse.issparse(X):
            return sparse.hstack([X, np.ones((n_samples, 1), dtype=X.dtype)], format="csr")
        X1 = scratch.rows("X1", n_samples, n_features + 1, X.dtype)
        X1[:, :-1] = X
        X1[:, -1] = 1
        return X1

    def largest_inputs(self, X):
        """The largest absolute value of each column of X, widened.

        Parameters
        ----------
        X : ndarray or CSR matrix of shape (n_samples, n_features)

        Returns
        -------
        largest : ndarray of shape (n_features + fit_intercept,), float64
        """
        return np.append(largest_values(X), np.ones(int(self.fit_intercept)))

    def hidden(self, X1, V1, scratch, largest=None):
        """a2 = f(z2) with z2 = X W1, and its column of ones.

        Parameters
        ----------
        X1 : ndarray or CSR matrix of shape (n_samples, n_features + fit_intercept)
            X as `widen` returns it.
        V1 : ndarray of shape (n_features + fit_intercept, n_units)
        scratch : Scratch
            Where the result is kept until the next call.
        largest : ndarray of shape (n_features + fit_intercept,), default=None
            The largest absolute value of each column of `X1`, where sums may overflow.

        Returns
        -------
        a2 : ndarray of shape (n_samples, n_units + fit_intercept)
        """
        n_units = V1.shape[1]
        a2 = scratch.columns("a2", X1.shape[0], n_units + self.fit_intercept, V1.dtype)
        units = a2[:, :n_units]
        # f(z2) = (1 + tanh(z2 / 2)) / 2, where the weights take the inner half: tanh is as
        # fast as exp in NumPy, cannot overflow and is exact at infinite z2
        if largest is not None:
            room = room_for_sums(V1, largest)
            V1 = V1 * room
        z2 = product(X1, 0.5 * V1, units)
        if largest is not None:
            z2 /= room
        np.tanh(z2, out=units)
        units *= 0.5
        units += 0.5
        if self.fit_intercept:
            a2[:, n_units] = 1
        return a2

    @staticmethod
    def output(a2, V2, scratch):
        """z3 = a2 W2.

        Parameters
        ----------
        a2 : ndarray of shape (n_samples, n_hidden + fit_intercept)
        V2 : ndarray of shape (n_hidden + fit_intercept, n_outputs)
        scratch : Scratch
            Where the result is kept until the next call.

        Returns
        -------
        z3 : ndarray of shape (n_samples, n_outputs)
        """
        return product(a2, V2, scratch.columns("z3", len(a2), V2.shape[1], V2.dtype))

    def forward(self, w, X):
        """The feed-forward path, yhat = a3 = f(z3).

        Parameters
        ----------
        w : ndarray of shape (n_weights,), of the dtype of `X`
        X : ndarray or CSR matrix of shape (n_samples, n_features)

        Returns
        -------
        yhat : ndarray of shape (n_samples, n_outputs), in [0, 1]
        """
        V1, V2 = self.split(w)
        with np.errstate(over="ignore", invalid="ignore"):
            yhat = self._forward(V1, V2, X)
            if np.isnan(yhat).any():
                yhat = self._forward(V1, V2, X, self.largest_inputs(X))
        return yhat

    def _forward(self, V1, V2, X, largest=None):
        yhat, scratch = np.empty((X.shape[0], self.n_outputs), dtype=V1.dtype), Scratch()
        units = numbers_per_row(X) + self.n_hidden + self.n_outputs
        length = block_length(units * V1.dtype.itemsize)
        for rows in slices(X.shape[0], length):
            a2 = self.hidden(self.widen(X[rows], scratch), V1, scratch, largest)
            z3 = self.output(a2, V2, scratch)
            yhat[rows] = expit(z3)
        return yhat
