"""What both estimators share: validate -> targets -> objective -> solve -> unpack.

No mathematics here.
"""

import warnings
from numbers import Integral, Real

import numpy as np
from scipy import sparse
from sklearn.base import BaseEstimator, RegressorMixin, clone
from sklearn.exceptions import ConvergenceWarning
from sklearn.utils import check_random_state
from sklearn.utils._param_validation import Interval, StrOptions
from sklearn.utils.validation import (
    _check_sample_weight,
    check_is_fitted,
    column_or_1d,
    validate_data,
)

from ._blocks import one_blas_thread
from ._progress import ProgressTable
from ._registry import NamedChoices, resolve
from ._result import Status
from ._targets import check_target_range
from .losses import LOSSES, Loss
from .network import Network
from .objective import Objective
from .solvers import SOLVERS, Solver

__all__ = ["BaseBackprop"]


class BaseBackprop(NamedChoices, BaseEstimator):
    """The two-layer sigmoid network, yhat = f(f(X W1) W2), behind scikit-learn's interface.

    A subclass says what y means: `_encode(y, sample_weight)` turns it into the network's
    targets, of shape (n_samples, n_outputs), and the weights into those of the cost.
    """

    _choices = {"solver": SOLVERS, "loss": LOSSES}
    _parameter_constraints = {
        "n_hidden": [Interval(Integral, 1, None, closed="left")],
        "solver": [StrOptions(set(SOLVERS)), Solver],
        "loss": [StrOptions(set(LOSSES)), Loss],
        "fit_intercept": ["boolean"],
        "alpha": [Interval(Real, 0, None, closed="left")],
        "target_range": [tuple, list],
        "warm_start": ["boolean"],
        "n_jobs": [
            Interval(Integral, None, -1, closed="right"),
            Interval(Integral, 1, None, closed="left"),
            None,
        ],
        "random_state": ["random_state"],
        "verbose": ["verbose"],
    }

    def fit(self, X, y, sample_weight=None):
        """Find the weights.

        A fit that fails leaves the estimator as it was.

        Parameters
        ----------
        X : array-like or sparse matrix of shape (n_samples, n_features)
            float32 and float64 are kept; sparse input is used as CSR.
        y : array-like of shape (n_samples,) or (n_samples, n_outputs)
        sample_weight : array-like of shape (n_samples,), default=None
            Factors of the samples' costs, >= 0. A weight of 2 is the sample twice, a
            weight of 0 the sample left out.

        Returns
        -------
        self : object

        Raises
        ------
        ValueError
            If a parameter, X or y is not what is expected.

        Warns
        -----
        ConvergenceWarning
            If the solver ended before it was done, or was interrupted from the keyboard; the
            message says what to change.
        """
        before = self.__dict__.copy()
        try:
            advice = self._fit(X, y, sample_weight)
            if advice:
                warnings.warn(advice, ConvergenceWarning, stacklevel=2)
        except BaseException:
            self.__dict__ = before
            raise
        return self

    def _fit(self, X, y, sample_weight):
        self._check_parameters()
        X, y, sample_weight = self._check_data(X, y, sample_weight)
        w0 = self._previous_weights() if self.warm_start else None
        Y, sample_weight = self._encode(y, sample_weight)
        objective = self._objective(X, np.asarray(Y, dtype=X.dtype), sample_weight)
        if w0 is not None and objective.network != self._network:
            raise ValueError(
                f"warm_start=True needs the network of the previous fit, {self._network!r}, got "
                f"{objective.network!r}: keep n_hidden, fit_intercept, the features and the "
                f"outputs, or set warm_start=False"
            )
        self.solver_ = resolve(self.solver, SOLVERS).resolve(objective)
        with one_blas_thread():
            result = self.solver_.solve(
                objective,
                w0,
                rng=check_random_state(self.random_state),
                n_jobs=self.n_jobs,
                callback=ProgressTable() if self.verbose else None,
            )
        self._unpack(result, objective)
        if self.verbose:
            print(
                f"{type(self).__name__} with {self.solver_!r}: J = {result.value:.6g} after "
                f"{result.n_evaluations} evaluations; {result.status}"
            )
        return str(result.status) if result.status is Status.INTERRUPTED else result.advice

    def _check_parameters(self):
        self._validate_params()
        check_target_range(self.target_range)
        for part in (self.solver, self.loss):
            if not isinstance(part, str):
                part.check()

    def _check_data(self, X, y, sample_weight):
        """X, y and the weights as arrays, without the samples that have no weight."""
        X, y = validate_data(
            self,
            X,
            y,
            accept_sparse="csr",
            dtype=[np.float64, np.float32],
            multi_output=True,
            y_numeric=isinstance(self, RegressorMixin),
        )
        if sparse.issparse(y) and (y.shape[1] == 1 or isinstance(self, RegressorMixin)):
            raise TypeError(
                f"y must be dense, or a multilabel indicator of several columns, got a sparse "
                f"matrix of shape {y.shape!r}: use y.toarray()"
            )
        if y.ndim == 2 and y.shape[1] == 1:
            y = column_or_1d(y, warn=True)
        if sample_weight is None:
            return X, y, None
        sample_weight = _check_sample_weight(
            sample_weight, X, dtype=X.dtype, ensure_non_negative=True
        )
        if sample_weight.max() > np.finfo(sample_weight.dtype).max / len(sample_weight):
            raise ValueError(
                f"sample_weight must have a finite sum, got a largest weight of "
                f"{float(sample_weight.max())!r}: divide the weights by their largest"
            )
        if sample_weight.all():
            return X, y, sample_weight
        kept = np.flatnonzero(sample_weight)
        if not len(kept):
            raise ValueError(
                "sample_weight must have at least one positive number, got weights that are "
                "all zero"
            )
        return X[kept], y[kept], sample_weight[kept]

    def _objective(self, X, Y, sample_weight):
        loss = clone(resolve(self.loss, LOSSES))
        loss.check_targets(Y, self.target_range)
        network = Network(X.shape[1], self.n_hidden, Y.shape[1], self.fit_intercept)
        return Objective(network, loss, X, Y, sample_weight, float(self.alpha))

    def _previous_weights(self):
        """The flat weights of the previous fit, None before the first."""
        return self._flat_weights(np.float64) if hasattr(self, "coefs_") else None

    def _flat_weights(self, dtype):
        (W1, W2), (b1, b2) = self.coefs_, self.intercepts_
        return self._network.pack(W1, b1, W2, b2).astype(dtype, copy=False)

    def _unpack(self, result, objective):
        """Fitted attributes from the solver's result."""
        self._network = objective.network
        self.n_outputs_ = objective.network.n_outputs
        W1, b1, W2, b2 = self._network.unpack(result.w.astype(objective.X.dtype))
        if b1 is None:
            b1, b2 = np.zeros(W1.shape[1], W1.dtype), np.zeros(W2.shape[1], W2.dtype)
        self.coefs_, self.intercepts_ = [W1, W2], [b1, b2]
        self.loss_ = result.value
        self.loss_curve_ = result.loss_curve
        self.n_iter_ = result.n_iter
        self.n_evaluations_ = result.n_evaluations
        self.status_ = result.status
        for name in ("n_grid_points", "lower_bound"):
            value, attribute = getattr(result, name), _GRID_ATTRIBUTES[name]
            if value is not None:
                setattr(self, attribute, value)
            else:
                self.__dict__.pop(attribute, None)

    def _forward(self, X):
        """Yhat of the network, (n_samples, n_outputs), in the target range's units."""
        check_is_fitted(self)
        X = validate_data(self, X, accept_sparse="csr", dtype=[np.float64, np.float32], reset=False)
        return self._network.forward(self._flat_weights(X.dtype), X)

    def __sklearn_tags__(self):
        tags = super().__sklearn_tags__()
        tags.input_tags.sparse = True
        return tags


# Attributes that only the grid search sets.
_GRID_ATTRIBUTES = {"n_grid_points": "n_grid_points_", "lower_bound": "loss_lower_bound_"}
