"""A fitted model as one function of the user's columns, and its derivative.

Scalers and PCA before the network are merged into W1 and b1, and the transformer of y is merged
into the scale of the outputs. The result is the lecture's network,

    z2 = (X - center) W1 + b1      a2 = f(z2)      z3 = a2 W2 + b2      yhat = f(z3),

followed by the map from yhat to the prediction. The centre is near the data, so that X W1 and b1 do
not cancel if the mean of a column is far from 0.
"""

from dataclasses import dataclass
from typing import Any, Self

import numpy as np
from numpy.typing import NDArray
from scipy import sparse
from sklearn.base import BaseEstimator

from .._collections import check_in_memory
from .._execution._numpy_settings import floating_point_unchecked
from ..estimators._affine_steps import affine_model
from ..estimators._base import BaseBackprop
from ..model._blocks import block_length, slices
from ..model._network import feed_forward
from ..model._sigmoid import sigmoid_pair
from ._features import features_in_use
from ._problem import OutputScale, output_names, output_scale

__all__ = ["WholeModel"]


@dataclass(frozen=True, eq=False)
class WholeModel:
    """The predictions of a fitted model, (n_samples, n_outputs), as a function of its columns.

    Parameters
    ----------
    first : estimator
        The first step of the model, with the number and the names of the user's columns.
    network : BackpropClassifier or BackpropRegressor
        The estimator at the end of the model.
    center : ndarray of shape (n_features,)
        Constants that are subtracted from the columns.
    in_use : ndarray of bool, shape (n_features,)
        Whether a column reaches the network. The others may hold anything, even text.
    W1, b1, W2, b2 : ndarray, float64
        The weights for the user's columns: (n_features, n_hidden), (n_hidden,),
        (n_hidden, n_outputs), (n_outputs,).
    W1_size, b1_size : ndarray of the shapes of W1 and b1
        X W1 + b1 is a sum; these bound the sum of its absolute terms, with and without a centre,
        relative to which rounding errors are bounded.
    scale : OutputScale
        The map from outputs to predictions, in the units of y.
    feature_names : list of str
    """

    first: BaseEstimator
    network: BaseBackprop
    center: NDArray[np.float64]
    in_use: NDArray[np.bool_]
    W1: NDArray[np.float64]
    b1: NDArray[np.float64]
    W2: NDArray[np.float64]
    b2: NDArray[np.float64]
    W1_size: NDArray[np.float64]
    b1_size: NDArray[np.float64]
    scale: OutputScale
    feature_names: list[str]

    @classmethod
    def of(cls, model: BaseEstimator) -> Self:
        """Read a fitted model.

        Raises
        ------
        NotFittedError
            If the model is not fitted.
        TypeError or ValueError
            If a step before the network, or the transformer of y, is not an affine map.
        """
        parts = affine_model(model)
        network = parts.network
        W1, W2 = (W.astype(np.float64) for W in network.coefs_)
        b1, b2 = (b.astype(np.float64) for b in network.intercepts_)
        scale = output_scale(network)
        scale = scale._replace(
            low=parts.target_scale * scale.low + parts.target_shift,
            span=parts.target_scale * scale.span,
        )
        before = parts.before
        W1_size = np.abs(before.A) @ np.abs(W1)
        shift = np.abs(before.at_zero) + np.abs(before.b)
        names = parts.feature_names or [f"x{column}" for column in range(len(before.A))]
        return cls(
            parts.first,
            network,
            before.center,
            in_use=np.count_nonzero(before.A, axis=1) > 0,
            W1=before.A @ W1,
            b1=before.b @ W1 + b1,
            W2=W2,
            b2=b2,
            W1_size=W1_size,
            b1_size=np.abs(before.center) @ W1_size + shift @ np.abs(W1) + np.abs(b1),
            scale=scale,
            feature_names=names,
        )

    @property
    def n_features(self) -> int:
        """Number of columns of X."""
        return self.W1.shape[0]

    @property
    def output_names(self) -> list[str]:
        """Names of the outputs."""
        return output_names(self.network)

    def check_features(self, X: Any) -> Any:
        """Check X against the columns of the fit; return a float64 array or CSR matrix.

        Columns that do not reach the network are 0 in the result.
        """
        check_in_memory(X=X)
        return features_in_use(self.first, X, self.in_use)

    def predict(self, X: Any) -> NDArray[np.float64]:
        """Predictions in units of y, or probabilities; (n_samples, n_outputs).

        For two classes, the probability of the second class.
        """
        X, b1 = self._centered(X)
        return self.of_yhat(feed_forward(X, self.W1, b1, self.W2, self.b2))

    def of_yhat(self, yhat: NDArray[np.float64]) -> NDArray[np.float64]:
        """Predictions for outputs of the network, both (n_samples, n_outputs)."""
        shares = self._shares(yhat)
        if self.scale.is_divided:
            total = shares.sum(axis=1, keepdims=True)
            return np.where(total > 0, shares / np.where(total > 0, total, 1), 1 / shares.shape[1])
        return self.scale.low + self.scale.span * shares

    def derivative(self, X: Any) -> NDArray[np.float64]:
        """Derivatives of the predictions, (n_samples, n_outputs, n_features).

        Parameters
        ----------
        X : ndarray or CSR matrix of shape (n_samples, n_features)
        """
        n_samples, (n_hidden, n_outputs) = X.shape[0], self.W2.shape
        result = np.empty((n_samples, n_outputs, self.n_features))
        length = block_length(8 * n_outputs * (n_hidden + self.n_features))
        with floating_point_unchecked():
            for rows in slices(n_samples, length):
                result[rows] = self._derivative(X[rows])
        return result

    def _derivative(self, X: Any) -> NDArray[np.float64]:
        """Backpropagation to X: sigma2 = sigma3 W2^T f'(z2), dyhat/dX = sigma2 W1^T.

        Here sigma3 is f'(z3), separately for each output, and sigma2 has an additional axis for
        the outputs.
        """
        X, b1 = self._centered(X)
        a2, rest2 = sigmoid_pair(X @ self.W1 + b1)
        yhat, rest3 = sigmoid_pair(a2 @ self.W2 + self.b2)
        sigma3 = yhat * rest3
        sigma2 = sigma3[:, :, None] * self.W2.T * (a2 * rest2)[:, None, :]
        low, high = self.scale.target_range
        dshares = sigma2 @ self.W1.T / (high - low)
        if self.scale.is_clipped:
            dshares *= ((low <= yhat) & (yhat <= high))[:, :, None]
        if not self.scale.is_divided:
            return self.scale.span[:, None] * dshares
        # p = share / total, so dp = (dshare - p dtotal) / total; constant if the total is 0
        total = self._shares(yhat).sum(axis=1)[:, None, None]
        dtotal = dshares.sum(axis=1, keepdims=True)
        p = self.of_yhat(yhat)[:, :, None]
        return (dshares - p * dtotal) / np.where(total > 0, total, np.inf)

    def _centered(self, X: Any) -> tuple[Any, NDArray[np.float64]]:
        """X - center, and the b1 that goes with it."""
        if sparse.issparse(X):  # it stays sparse, so the centre is merged into b1
            return X, self.b1 - self.center @ self.W1
        return X - self.center, self.b1

    def _shares(self, yhat: NDArray[np.float64]) -> NDArray[np.float64]:
        low, high = self.scale.target_range
        shares = (yhat - low) / (high - low)
        return np.clip(shares, 0, 1) if self.scale.is_clipped else shares
