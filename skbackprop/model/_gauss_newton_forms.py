"""Two forms of the sum over samples in the Gauss-Newton matrix, and the choice between them.

Let x be the inputs of a sample and a its hidden units (both include the 1 of an intercept),
s = f'(z2), w_jo the weights of W2, and c_o the second derivative of the loss with respect to
z3_o, times the sample weight. The derivative of z3_o with respect to W1_ij is x_i s_j w_jo, and
with respect to W2_jo it is a_j, so the sample contributes to the matrix

    x_i x_i'  s_j s_j'  sum_o c_o w_jo w_j'o    at (W1_ij, W1_i'j'),
    w_jo  c_o x_i  s_j a_j'                     at (W1_ij, W2_j'o),
    c_o a_j  a_j'                               at (W2_jo, W2_j'o).

`ByPairs` sums each line over the samples by one matrix product: the first line multiplies all
pairs i <= i' by all pairs j <= j', for any number of outputs. `ByOutputs` follows the definition:
for each output it multiplies an n_weights x n_samples matrix by its transpose. It is the faster
form for the smallest networks with one output, and if there are many pairs but few weights.

In all arrays of this module the last axis, which is contiguous in memory, holds the samples.
"""

from functools import cached_property
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from ._blocks import Scratch, block_length
from ._network import Network

__all__ = ["ByOutputs", "ByPairs", "Form", "Samples", "fastest_form"]

# Computing a number, writing it to memory and reading it again takes as long as this many
# multiply-adds within a matrix product. Both forms were timed on 19 shapes, with and without
# AVX-512: the best value was 20 if the arrays stay in the processor's cache and up to 50 if they do
# not. With 30, the faster form is chosen on all of these shapes.
_PER_NUMBER = 30


class Samples(NamedTuple):
    """Arrays that the forms need for a block of samples, each of shape (n_..., n_samples).

    x (n_inputs) and a (n_units) include the 1 of an intercept. xx holds the products of inputs
    that `ByPairs` needs, or is None. s (n_hidden) is f'(z2), and c (n_outputs) is the curvature.
    """

    x: NDArray
    xx: NDArray | None
    a: NDArray
    s: NDArray
    c: NDArray


class ByOutputs:
    """D^T C D computed by its definition, one output after the other.

    Parameters
    ----------
    network : Network

    Attributes
    ----------
    shapes : list of tuples
        Shapes of the sums that `add` increments and from which `matrix` assembles the matrix.
    n_products : int
        Number of products of a sample's inputs; they do not depend on the weights.
    """

    n_products = 0

    def __init__(self, network: Network) -> None:
        self._network = network
        self._n_rows = network.n_hidden_weights + network.shape2[0]
        self.shapes = [(network.n_weights, network.n_weights)]

    @property
    def block_length(self) -> int:
        """Number of samples in a block."""
        return block_length(8 * self._n_rows)

    def operations(self, n_samples: int) -> float:
        """Time per sample, in units of one multiply-add within a matrix product."""
        # only half of the product of a matrix with its transpose is computed
        return self._network.n_outputs * self._n_rows * (self._n_rows / 2 + _PER_NUMBER)

    def products(self, x: NDArray, scratch: Scratch) -> None:
        """Return None: this form needs no products of inputs."""

    def add(self, samples: Samples, W2: NDArray, scratch: Scratch, H: NDArray) -> None:
        """Add D^T C D of these samples to H."""
        x, _, a, s, c = samples
        net, cut = self._network, self._network.n_hidden_weights
        root = np.sqrt(c)
        D = scratch.rows("D", self._n_rows, x.shape[1], np.float64)
        by_hidden = D[:cut].reshape(*net.shape1, x.shape[1])
        for o in range(net.n_outputs):
            # dz3/dW1 is x_i f'(z2_j) w_jo; the derivative by the output's own weights is a_j
            np.multiply(x[:, None], W2[:, o, None] * s * root[o], out=by_hidden)
            np.multiply(a, root[o], out=D[cut:])
            DCD = D @ D.T
            if net.n_outputs == 1:  # its rows are all weights in their order
                H += DCD
                return
            column = slice(cut + o, None, net.n_outputs)
            H[:cut, :cut] += DCD[:cut, :cut]
            H[column, :cut] += DCD[cut:, :cut]
            H[:cut, column] += DCD[:cut, cut:]
            H[column, column] += DCD[cut:, cut:]

    def matrix(self, W2: NDArray, H: NDArray) -> NDArray[np.float64]:
        """Return D^T C D, which is the sum itself."""
        return H


class ByPairs:
    """D^T C D of all outputs at once, by products of pairs.

    Parameters
    ----------
    network : Network

    Attributes
    ----------
    shapes, n_products
        As for `ByOutputs`.
    """

    def __init__(self, network: Network) -> None:
        self._network = network
        (d, h), (u, k) = network.shape1, network.shape2
        self.n_products = _n_pairs(d)
        self.shapes = [(_n_pairs(h), _n_pairs(d)), (k * d, h * u), (k * u, u)]

    @property
    def block_length(self) -> int:
        """Number of samples in a block."""
        return block_length(8 * max(max(shape) for shape in self.shapes))

    def operations(self, n_samples: int) -> float:
        """Time per sample, in units of one multiply-add within a matrix product."""
        # each block adds to the sums, and writes the factors of the products
        n_rows = min(n_samples, self.block_length)
        multiplied = sum(a * b * (1 + _PER_NUMBER / n_rows) for a, b in self.shapes)
        return multiplied + sum(_PER_NUMBER * (a + b) for a, b in self.shapes)

    def products(self, x: NDArray, scratch: Scratch) -> NDArray:
        """Products x_i x_i' of all pairs i <= i', (n_products, n_samples)."""
        return _pair_products(x, x, scratch.rows("xx", self.n_products, x.shape[1], np.float64))

    def add(
        self,
        samples: Samples,
        W2: NDArray,
        scratch: Scratch,
        first: NDArray,
        second: NDArray,
        third: NDArray,
    ) -> None:
        """Add the sums over these samples for the three lines of the module's docstring."""
        x, xx, a, s, c = samples
        assert xx is not None
        first += self._slope_products(s, c, W2, scratch) @ xx.T
        second += _outer(c, x, scratch) @ _outer(s, a, scratch, "sa").T
        third += _outer(c, a, scratch) @ a.T

    def _slope_products(
        self, s: NDArray, c: NDArray, W2: NDArray, scratch: Scratch
    ) -> NDArray[np.float64]:
        """s_j s_j' sum_o c_o w_jo w_j'o of all pairs j <= j', (n_pairs, n_samples)."""
        n_pairs, n_samples = self.shapes[0][0], s.shape[1]
        out = scratch.rows("ss", n_pairs, n_samples, np.float64)
        if len(c) == 1:
            sw = s * W2
            return _pair_products(sw, sw * c, out)
        _pair_products(s, s, out)
        ww = _pair_products(W2, W2, np.empty((n_pairs, len(c))))
        out *= np.matmul(ww, c, out=scratch.rows("wcw", n_pairs, n_samples, np.float64))
        return out

    def matrix(
        self, W2: NDArray, first: NDArray, second: NDArray, third: NDArray
    ) -> NDArray[np.float64]:
        """Assemble D^T C D from the sums over all samples."""
        net, cut = self._network, self._network.n_hidden_weights
        (d, h), (u, k) = net.shape1, net.shape2
        H = np.zeros((net.n_weights, net.n_weights))
        H[:cut, :cut] = first.take(self._places)
        by_both = H[:cut, cut:].reshape(d, h, u, k)
        np.multiply(second.reshape(k, d, h, u).transpose(1, 2, 3, 0), W2[:, None], out=by_both)
        H[cut:, :cut] = H[:cut, cut:].T
        of_same_output = np.einsum("jolo->ojl", H[cut:, cut:].reshape(u, k, u, k))
        of_same_output[...] = third.reshape(k, u, u)
        return H

    @cached_property
    def _places(self) -> NDArray[np.intp]:
        """Index into the first sum for each pair of weights of W1."""
        d, h = self._network.shape1
        places = self.n_products * _pair_places(h)[:, None, :] + _pair_places(d)[:, None, :, None]
        return places.reshape(d * h, d * h)


Form = ByPairs | ByOutputs


def fastest_form(network: Network, n_samples: int) -> Form:
    """Return the form that is estimated to take less time.

    Parameters
    ----------
    network : Network
    n_samples : int

    Returns
    -------
    Form
    """
    forms: list[Form] = [ByOutputs(network), ByPairs(network)]
    return min(forms, key=lambda form: form.operations(n_samples))


def _n_pairs(n: int) -> int:
    return n * (n + 1) // 2


def _pair_places(n: int) -> NDArray[np.intp]:
    """Index of the pair (i, j), the same as that of (j, i), in the order of `_pair_products`."""
    places = np.empty((n, n), dtype=np.intp)
    first, second = np.triu_indices(n)
    places[first, second] = places[second, first] = np.arange(len(first))
    return places


def _pair_products(rows: NDArray, others: NDArray, out: NDArray) -> NDArray:
    """Products rows[i] * others[j] of all pairs i <= j, one after the other."""
    start = 0
    for i, row in enumerate(rows):
        stop = start + len(rows) - i
        np.multiply(row, others[i:], out=out[start:stop])
        start = stop
    return out


def _outer(rows: NDArray, others: NDArray, scratch: Scratch, name: str = "outer") -> NDArray:
    """Products of each of `rows` with each of `others`, (n_rows * n_others, n_samples)."""
    out = scratch.rows(name, len(rows) * len(others), rows.shape[1], np.float64)
    np.multiply(rows[:, None], others, out=out.reshape(len(rows), *others.shape))
    return out
