"""J as a function of one flat weight vector, its gradient and its Gauss-Newton matrix.

The objective is the only object with access to the data. Solvers, scipy, tests and displays all
use it. All sums are computed over blocks of rows that stay in the processor's cache, so temporary
arrays do not grow with the data.
"""

from collections.abc import Callable
from dataclasses import dataclass, fields, replace
from functools import cached_property, partial
from typing import TYPE_CHECKING, Any, ClassVar, Self

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.special import logit

from ._batched import Candidates
from ._blocks import Scratch, accumulate, block_length, even_slices, rows_of
from ._data import Data
from ._feature_scaling import FeatureScaling
from ._gauss_newton import GaussNewton
from ._monotonicity import Monotonicity
from ._network import Network, Weights, backward, hidden_layer, numbers_per_row, output_layer
from ._objective_parts import ObjectiveParts
from ._penalty import Penalty
from ._rounding import rounded, rounded_mantissas
from ._sigmoid import sigmoid

if TYPE_CHECKING:
    from ..losses import Loss
    from ._standardisation import Standardisation

__all__ = ["Objective", "constant_z3"]

# At |z3| >= 40, the sigmoid is 0 or 1 up to the rounding of float64.
_MOST_Z3 = 40.0


@dataclass(frozen=True, eq=False)
class Objective(ObjectiveParts):
    """J(w) = sum of the cost over samples and outputs + penalty.

    The penalty is 1/2 alpha (sum_i v_i ||W1_i||^2 + ||W2||^2), with v_i the variance of feature i
    in the training data, so that the penalty does not depend on the units of the features.

    Parameters
    ----------
    network : Network
    loss : Loss
    penalty : Penalty
    data : Data
    monotonicity : Monotonicity or None, default=None
        Bounds of the weights, if the output is to be monotone in some features. J is the same
        function with and without them.

    Attributes
    ----------
    feature_scaling : FeatureScaling
        Initial weights and step scales adapted to the size of the features.
    candidates : Candidates
        J of many weight vectors at once, for the searches.

    Examples
    --------
    >>> import numpy as np
    >>> from skbackprop.losses import SquaredError
    >>> from skbackprop.model import Network, Objective
    >>> X = np.array([[0.0, 0.0], [0.0, 1.0], [1.0, 0.0], [1.0, 1.0]])
    >>> Y = np.array([[0.0], [1.0], [1.0], [0.0]])
    >>> xor = Objective.from_arrays(Network(2, 2, 1), SquaredError(), X, Y)
    >>> xor.value(np.zeros(9))
    0.5
    """

    network: Network
    loss: "Loss"
    penalty: Penalty
    data: Data
    monotonicity: Monotonicity | None = None

    # whether the samples are in the memory of this process, or mapped into it from a file
    in_memory: ClassVar[bool] = True
    without_penalty: ClassVar[tuple[str, ...]] = (
        "_gauss_newton",
        "feature_scaling",
        "joins_intercept",
        "row_blocks",
        "scratch",
    )

    @classmethod
    def from_arrays(
        cls,
        network: Network,
        loss: "Loss",
        X: Any,
        Y: NDArray,
        sample_weight: NDArray | None = None,
        alpha: float = 0.0,
        input_scale: NDArray[np.float64] | None = None,
        monotonicity: Monotonicity | None = None,
    ) -> Self:
        """Create the objective from arrays.

        Parameters
        ----------
        network : Network
        loss : Loss
        X : ndarray or CSR matrix of shape (n_samples, n_features), float32 or float64
        Y : ndarray of shape (n_samples, n_outputs), of the dtype of `X`
            Targets in the range of the sigmoid, [0, 1].
        sample_weight : ndarray of shape (n_samples,), of the dtype of `X`, default=None
            Each sample's cost is multiplied by its weight.
        alpha : float, default=0.0
            Factor of the penalty, >= 0. Intercepts are not penalised.
        input_scale : ndarray of shape (n_features,), default=None
            The scale of each feature in the penalty. None means its standard deviation in these
            data, or 1 for constant features.
        monotonicity : Monotonicity or None, default=None
            Bounds of the weights.
        """
        data = Data(X, Y, sample_weight)
        scale = data.unit_deviation if input_scale is None else input_scale
        return cls(network, loss, Penalty(network, alpha, scale), data, monotonicity)

    @cached_property
    def dtype(self) -> np.dtype:
        """The dtype of the samples, in which costs are computed."""
        return self.data.dtype

    @property
    def lower_bound(self) -> float:
        """Lower bound of J: the cost of a perfect fit without penalty."""
        return self._total(self.loss.lower_bound)

    @property
    def constant_value(self) -> float:
        """Cost of the best constant prediction, or of one close to it."""
        return self.cost_of_constant(self.constant_z3)

    def cost_of_constant(self, z3: NDArray) -> float:
        """Cost of a constant prediction; `z3`, (n_outputs,), is its z3."""
        z3 = z3.astype(self.dtype)
        return self._total(lambda Y: self.loss.value(Y, np.broadcast_to(z3, Y.shape)))

    def _total(self, cost: Callable[[NDArray], NDArray]) -> float:
        """The sum of costs of targets, without arrays of the size of all of them."""
        total = 0.0
        for rows in self.row_blocks:
            (part,) = self.data.weighted(rows, cost(self.data.Y[rows]))
            total += part.sum(dtype=np.float64)
        return float(total)

    @property
    def constant_z3(self) -> NDArray:
        """The z3 of the constant prediction of `constant_value`, (n_outputs,)."""
        return constant_z3(self.loss.best_constant(self.data.Y, self.data.sample_weight))

    @property
    def is_one_block(self) -> bool:
        """Whether an evaluation has only one block of rows, which threads cannot share."""
        return len(self.row_blocks) == 1

    @cached_property
    def feature_scaling(self) -> FeatureScaling:
        return FeatureScaling(self.network, self.data, self.monotonicity)

    @cached_property
    def candidates(self) -> Candidates:
        return Candidates(self)

    @cached_property
    def _gauss_newton(self) -> GaussNewton:
        return GaussNewton(self)

    def take(self, rows: slice | NDArray) -> "Objective":
        """The objective of some rows, given as a slice or as an array of int or bool."""
        return replace(self, data=self.data.take(rows))

    def with_data(self, **changes: Any) -> "Objective":
        """The objective with other values of X, Y or sample_weight."""
        return replace(self, data=replace(self.data, **changes))

    def standardised(self, scaling: "Standardisation") -> "Objective":
        """The same J as a function of the weights in standardised coordinates."""
        if scaling.is_identity:
            return self
        return replace(self, penalty=scaling.penalty(self.penalty), data=scaling.data(self.data))

    def rounded(self, *, overwrite_X: bool = False) -> "Objective":
        """The objective of standardised data without the rounding errors of their units."""
        penalty, scale = self.penalty, self.penalty.input_scale
        if scale is not None:
            penalty = replace(penalty, input_scale=rounded(scale))
        X = rounded(self.data.X, overwrite=overwrite_X)
        Y = rounded_mantissas(self.data.Y)  # some losses need targets that are not 0
        return replace(self, penalty=penalty, data=replace(self.data, X=X, Y=Y))

    def in_float64(self) -> "Objective":
        """The objective with dense or sparse samples in float64."""
        X, Y, weight = self.data.X, self.data.Y, self.data.sample_weight
        X, Y = X.astype(np.float64), Y.astype(np.float64)
        weight = None if weight is None else weight.astype(np.float64)
        return self.with_data(X=X, Y=Y, sample_weight=weight)

    def value(self, w: ArrayLike) -> float:
        """J(w).

        Parameters
        ----------
        w : ndarray of shape (n_weights,)

        Returns
        -------
        float
            Infinite if a weight is too large for the dtype of the samples.
        """
        w = np.asarray(w)
        weights = self._unpack(w.astype(self.dtype, copy=False))
        (value,) = accumulate(partial(self._add_cost, weights), self.row_blocks, [()])
        return _number(float(value) + self.penalty.value(w))

    def values(self, W: ArrayLike) -> NDArray[np.float64]:
        """J of many weight vectors, (n_candidates, n_weights), as (n_candidates,)."""
        return self.candidates.values(W)

    def value_and_grad(self, w: ArrayLike) -> tuple[float, NDArray[np.float64]]:
        """J(w) and dJ/dw, by the equations of backpropagation.

        Parameters
        ----------
        w : ndarray of shape (n_weights,)

        Returns
        -------
        value : float
        grad : ndarray of shape (n_weights,), float64
        """
        w = np.asarray(w)
        weights = self._unpack(w.astype(self.dtype, copy=False))
        value, gradient = accumulate(
            partial(self._backpropagate, weights), self.row_blocks, [(), (self.n_weights,)]
        )
        penalty = self.penalty.add_gradient(w, gradient)
        return _number(float(value) + penalty), gradient

    def gauss_newton(self, w: ArrayLike) -> tuple[float, NDArray[np.float64], NDArray[np.float64]]:
        """J(w), dJ/dw and the Gauss-Newton matrix, (n_weights, n_weights)."""
        w = np.asarray(w, dtype=np.float64)
        value, gradient, H = self._gauss_newton(w)
        penalty = self.penalty.add_gradient(w, gradient)
        self.penalty.add_curvature(H)
        return value + penalty, gradient, H

    def squared_residuals(self, w: ArrayLike) -> NDArray[np.float64]:
        """The weighted sum of (y - yhat)^2 of each output, (n_outputs,)."""
        weights = self._unpack(np.asarray(w).astype(self.dtype, copy=False))
        shapes = [(self.network.n_outputs,)]
        (total,) = accumulate(partial(self._add_squares, weights), self.row_blocks, shapes)
        return total

    def feed_forward(self, weights: Weights, X: Any) -> tuple[NDArray, NDArray]:
        """[a2, 1], (n_rows, n_hidden + fit_intercept), and z3, (n_rows, n_outputs), of some rows.

        The next call reuses the two arrays.

        Parameters
        ----------
        weights : Weights
            Of `unpack_joined`, in the dtype of the samples.
        X : ndarray or CSR matrix of shape (n_rows, n_inputs)
            The rows, of [X, 1] if W1 is [W1; b1].
        """
        W1, b1, V2, _ = weights
        n_rows, n_hidden = X.shape[0], W1.shape[1]
        a = self.scratch.columns("a", n_rows, len(V2), W1.dtype)
        a[:, n_hidden:] = 1
        hidden_layer(X, W1, b1, out=a[:, :n_hidden])
        z3 = self.scratch.columns("z3", n_rows, V2.shape[1], V2.dtype)
        return a, output_layer(a, V2, None, out=z3)

    def _add_cost(self, weights: Weights, rows: slice, value: NDArray) -> None:
        """Add the cost of a block of rows, computed by the feed-forward path."""
        _, z3 = self.feed_forward(weights, rows_of(self.inputs, rows))
        (cost,) = self.data.weighted(rows, self.loss.value(self.data.Y[rows], z3))
        value += np.add.reduce(cost, axis=None, dtype=np.float64)

    def _add_squares(self, weights: Weights, rows: slice, total: NDArray) -> None:
        """The squared residuals of a block of rows: add them up, for each output."""
        _, z3 = self.feed_forward(weights, rows_of(self.inputs, rows))
        residual = self.data.Y[rows] - sigmoid(z3, out=z3)
        (square,) = self.data.weighted(rows, residual * residual)
        total += square.sum(axis=0, dtype=np.float64)

    def _backpropagate(
        self, weights: Weights, rows: slice, value: NDArray, gradient: NDArray
    ) -> None:
        """Add the cost of a block of rows and its gradient, by the lecture's equations."""
        X = rows_of(self.inputs, rows)  # may be computed or copied, so only once
        a, z3 = self.feed_forward(weights, X)
        cost, sigma3 = self.loss.value_and_grad(self.data.Y[rows], z3)
        cost, sigma3 = self.data.weighted(rows, cost, sigma3)
        value += np.add.reduce(cost, axis=None, dtype=np.float64)
        backward(X, a, weights.W2, sigma3, self._unpack(gradient), self.scratch)

    @cached_property
    def joins_intercept(self) -> bool:
        """Whether X W1 + b1 is computed as [X, 1] [W1; b1], which is faster for few samples."""
        return self.network.fit_intercept and self.data.X1 is not None

    @property
    def inputs(self) -> Any:
        """What the W1 of `_unpack` is multiplied by: X or [X, 1]."""
        return self.data.X1 if self.joins_intercept else self.data.X

    def _unpack(self, w: NDArray) -> Weights:
        """Views of the parts of w as `feed_forward` and `backward` need them."""
        return self.network.unpack_joined(w, hidden=self.joins_intercept)

    @cached_property
    def row_blocks(self) -> list[slice]:
        """Slices of rows whose activations stay in the cache."""
        activations, inputs = 2 * self.network.n_hidden, numbers_per_row(self.data.X)
        length = block_length((activations + inputs) * self.dtype.itemsize)
        if length < self.n_samples and isinstance(self.data.X, np.ndarray):
            # Only the products with W1 and sigma2 read X, and with many features they take less
            # time for longer blocks. A block of an array is not copied.
            numbers = activations + min(inputs, activations)
            length = block_length(numbers * self.dtype.itemsize)
            length = min(length, self.n_samples // 2)
        return even_slices(self.n_samples, length)

    @cached_property
    def scratch(self) -> Scratch:
        """Arrays for intermediate results."""
        return Scratch()

    def __reduce__(self) -> tuple:
        # data and parameters are pickled; the caches are not
        return Objective, tuple(getattr(self, field.name) for field in fields(self))


def constant_z3(constant: NDArray) -> NDArray:
    """The z3 whose sigmoid is a constant prediction, (n_outputs,)."""
    return np.clip(logit(constant), -_MOST_Z3, _MOST_Z3)


def _number(value: float) -> float:
    """Return J; infinity if it is NaN, which happens if weights overflow in float32."""
    return value if value == value else np.inf
