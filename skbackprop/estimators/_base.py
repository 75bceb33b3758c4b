"""What both estimators share: validate -> targets -> objective -> solve -> unpack.

No mathematics here.
"""

import warnings
from contextlib import contextmanager, nullcontext
from numbers import Integral, Real

import numpy as np
from scipy import sparse
from sklearn.base import BaseEstimator, RegressorMixin, clone
from sklearn.exceptions import ConvergenceWarning
from sklearn.utils import (
    assert_all_finite,
    check_array,
    check_consistent_length,
    check_random_state,
)
from sklearn.utils._param_validation import Interval
from sklearn.utils.validation import (
    check_is_fitted,
    column_or_1d,
    validate_data,
)

from .._execution._threads import one_blas_thread
from .._params._advice import one_layer
from .._params._registry import NamedChoices, resolve
from ..losses import LOSSES
from ..model._network import Network, feed_forward
from ..model._objective import Objective
from ..solvers import SOLVERS
from ._callback_adapter import CallbackSupport, TrainingData, bridge, together, with_callbacks
from ._choices import check_choices
from ._data import Samples
from ._diagnosis import diagnose
from ._numbers import numbers_only
from ._progress_table import ProgressTable
from ._split import held_out_rows
from ._start import flat_weights
from ._targets import check_target_range

__all__ = ["BaseBackprop"]


def can_go_on(estimator):
    """Whether the estimator has `partial_fit`: only first-order optimizers can go on with it.

    Raises
    ------
    AttributeError
        If it has not.
    """
    solver = estimator.solver
    if isinstance(solver, str) and solver in SOLVERS:
        solver = resolve(solver, SOLVERS)
    if getattr(solver, "supports_partial_fit", False):
        return True
    change, parameters = "use fit", estimator.get_params()
    if "solver__optimizer" in parameters:
        change += ", or set_params(solver__optimizer='adam')"
    elif "solver" in parameters:
        change += ", or set_params(solver=GradientDescent('adam'))"
    raise AttributeError(
        f"partial_fit needs solver=GradientDescent with optimizer 'sgd', 'adam' or 'rprop', "
        f"got solver={estimator.solver!r}: {change}"
    )


class BaseBackprop(CallbackSupport, NamedChoices, BaseEstimator):
    """The two-layer sigmoid network, yhat = f(f(X W1) W2), behind scikit-learn's interface.

    A subclass says what y means. `_learn_targets(y, sample_weight)` learns it from the
    training data, `_targets(y, sample_weight)` turns y into the network's targets, of shape
    (n_samples, n_outputs), and the weights into those of the cost, and `_strata(y)` says
    what a validation split has to represent.
    """

    _choices = {"solver": SOLVERS, "loss": LOSSES}
    _parameter_constraints = {
        "n_hidden": [Interval(Integral, 1, None, closed="left")],
        "solver": "no_validation",  # here: check_choices says more
        "loss": "no_validation",
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

    def fit(self, X, y, sample_weight=None, *, X_val=None, y_val=None, sample_weight_val=None):
        """Find the weights.

        A fit that fails leaves the estimator as it was. A warning that is turned into an error
        does not: it comes after the fitted attributes.

        Parameters
        ----------
        X : array-like or sparse matrix of shape (n_samples, n_features)
            float32 and float64 are kept; sparse input is used as CSR.
        y : array-like of shape (n_samples,) or (n_samples, n_outputs)
        sample_weight : array-like of shape (n_samples,), default=None
            Factors of the samples' costs, >= 0. A weight of 2 is the sample twice, a
            weight of 0 the sample left out.
        X_val : array-like or sparse matrix of shape (n_val, n_features), default=None
            Validation data, whose cost is recorded in `validation_loss_curve_`, and on which
            ``early_stopping=True`` of the solver stops.
        y_val : array-like of shape (n_val,) or (n_val, n_outputs), default=None
            Given if and only if `X_val` is.
        sample_weight_val : array-like of shape (n_val,), default=None
            Factors of the costs of the validation samples, >= 0.

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
            If the solver ended before it was done, was interrupted from the keyboard, or has
            learned far less than there is to learn. The message, also in `message_`, says what
            to change.
        """
        with self._undone_on_failure():
            alarming = self._fit(X, y, sample_weight, X_val, y_val, sample_weight_val)
        if alarming:
            warnings.warn(self.message_, ConvergenceWarning, stacklevel=2)
        return self

    @with_callbacks
    def _fit(self, X, y, sample_weight, X_val, y_val, sample_weight_val):
        self._check_parameters()
        solver = resolve(self.solver, SOLVERS)
        samples = self._check_samples(X, y, sample_weight)
        validation = self._check_validation(solver, samples, X_val, y_val, sample_weight_val)
        rng = check_random_state(self.random_state)
        # of all samples: a class stays one where none of its samples has a weight
        self._learn_targets(samples.y, samples.weight)
        samples, name = samples.with_weight(), "y_val"
        if validation is None and solver.held_out:
            self._check_supports_validation(solver, f"held_out={solver.held_out!r}")
            train, held_out = self._split(samples.y, solver.held_out, rng)
            samples, validation, name = samples.take(train), samples.take(held_out), "y"
        objective = self._objective(samples)
        w0 = resume = None
        if self.warm_start:
            w0, resume = self._where_it_stands(solver, objective.network)
        known = {"resume": resume}
        if validation is not None:
            known["validation"] = self._validation_objective(objective, validation, name)
        self.solver_ = solver.resolve(objective)
        self._forget_optional()
        callbacks = bridge(
            self,
            objective,
            TrainingData(X, samples),
            validation and TrainingData(X if X_val is None else X_val, validation),
        )
        with one_blas_thread(), _quiet():  # a cost that overflows is not the lowest
            result = self.solver_.solve(
                objective,
                w0,
                rng=rng,
                n_jobs=self.n_jobs,
                callback=together(ProgressTable() if self.verbose else None, callbacks),
                **{key: value for key, value in known.items() if value is not None},
            )
            diagnosis = diagnose(objective, result, self.solver_)
        self._unpack(result, objective)
        self.message_ = diagnosis.message
        if callbacks is not None:
            callbacks.finish()
        if self.verbose:
            print(
                f"{type(self).__name__} with {self.solver_!r}: J = {self.loss_:.6g} after "
                f"{self.n_iter_} iterations, {self.n_evaluations_} evaluations; {self.message_}"
            )
        return diagnosis.alarming

    def _partial_fit(self, X, y, sample_weight, told):
        """One pass of the optimizer over some samples, for `partial_fit`.

        `told` is what the user tells in the first call about all the y to come.
        """
        with self._undone_on_failure():
            self._check_parameters()
            solver = resolve(self.solver, SOLVERS)
            first = not self.__sklearn_is_fitted__()
            samples = self._check_samples(X, y, sample_weight, reset=first).with_weight()
            self._check_told(samples.y, told, first)
            if first:
                self._learn_targets(samples.y, samples.weight, told)
            self._check_same_range()
            self._check_reach(samples.y)
            objective = self._objective(samples)
            w0, resume = self._where_it_stands(solver, objective.network)
            self.solver_ = solver.resolve(objective)
            rng = check_random_state(self.random_state)
            with one_blas_thread():
                result = self.solver_.epoch(objective, w0, rng=rng, resume=resume)
            self._unpack(result, objective)
        if result.warning:
            warnings.warn(self.message_, ConvergenceWarning, stacklevel=3)
        return self

    @contextmanager
    def _undone_on_failure(self):
        """Nothing is lost: after an exception the estimator is what it was."""
        before = self.__dict__.copy()
        try:
            yield
        except BaseException:
            self.__dict__ = before
            raise

    def _check_parameters(self):
        check_choices(self.solver, self.loss)
        if isinstance(self.n_hidden, (tuple, list, np.ndarray)):
            raise ValueError(
                f"n_hidden must be an int, got {self.n_hidden!r}: {one_layer(self.n_hidden)}"
            )
        self._validate_params()
        check_target_range(self.target_range)
        for part in (self.solver, self.loss):
            if not isinstance(part, str):
                part.check()

    def _check_samples(self, X, y, sample_weight, reset=True):
        """The user's samples as arrays."""
        regression = isinstance(self, RegressorMixin)
        numbers = numbers_only(y, "y") if regression else nullcontext()
        with _quiet(), numbers_only(X, "X"), numbers:
            X, y = validate_data(
                self,
                X,
                y,
                reset=reset,
                accept_sparse="csr",
                dtype=[np.float64, np.float32],
                multi_output=True,
                y_numeric=regression,
            )
            if regression and not sparse.issparse(y):
                y = y.astype(np.float64, copy=False)
                assert_all_finite(y, input_name="y")  # None among objects has become NaN
        return Samples.weighted(X, self._check_y(y), sample_weight)

    def _check_y(self, y):
        if sparse.issparse(y) and (y.shape[1] == 1 or isinstance(self, RegressorMixin)):
            raise TypeError(
                f"y must be dense, or a multilabel indicator of several columns, got a sparse "
                f"matrix of shape {y.shape!r}: use y.toarray()"
            )
        return column_or_1d(y, warn=True) if y.ndim == 2 and y.shape[1] == 1 else y

    def _check_validation(self, solver, samples, X_val, y_val, sample_weight_val):
        """The user's validation samples as arrays, None if there are none."""
        given = {"X_val": X_val, "y_val": y_val, "sample_weight_val": sample_weight_val}
        names = [name for name, value in given.items() if value is not None]
        if not names:
            return None
        if names[:2] != ["X_val", "y_val"]:
            raise ValueError(
                f"X_val and y_val must be given together, got only {names!r}: pass both, or none"
            )
        self._check_supports_validation(solver, "X_val: leave out X_val and y_val")
        try:
            validate_data(self, X_val, reset=False, skip_check_array=True)  # feature names, number
        except ValueError as error:
            raise ValueError(str(error).replace("X has", "X_val has")) from None
        with _quiet(), numbers_only(X_val, "X_val"):
            X_val = check_array(
                X_val, accept_sparse="csr", dtype=samples.X.dtype, input_name="X_val"
            )
        regression = isinstance(self, RegressorMixin)
        with numbers_only(y_val, "y_val") if regression else nullcontext():
            y_val = check_array(
                y_val,
                accept_sparse="csr",
                ensure_2d=False,
                dtype=np.float64 if regression else None,
                input_name="y_val",
            )
        check_consistent_length(X_val, y_val)
        y_val = self._check_y(y_val)
        samples = Samples.weighted(X_val, y_val, sample_weight_val, "sample_weight_val")
        return samples.with_weight()

    @staticmethod
    def _check_supports_validation(solver, got):
        if not solver.supports_validation:
            raise ValueError(
                f"solver={solver!r} takes no validation data, got {got}; a solver of your own "
                f"that takes them has the class attribute supports_validation = True"
            )

    def _split(self, y, share, rng):
        """Rows to train on and rows set aside; the same ones in a warm start."""
        if not (self.warm_start and hasattr(self, "_split_seed")):
            self._split_seed = int(rng.randint(np.iinfo(np.int32).max))
        return held_out_rows(y.shape[0], share, self._strata(y), self._split_seed)

    def _objective(self, samples):
        Y, weight = self._targets(samples.y, samples.weight)
        Y = np.asarray(Y, dtype=samples.X.dtype)
        loss = clone(resolve(self.loss, LOSSES))
        loss.check_targets(Y, self.target_range)
        network = Network(samples.X.shape[1], self.n_hidden, Y.shape[1], self.fit_intercept)
        return Objective.from_arrays(network, loss, samples.X, Y, weight, float(self.alpha))

    def _validation_objective(self, objective, samples, name):
        """The cost of the validation data, without the penalty, in units of J.

        It is scaled to the total weight of the training data, to stand beside J in a plot.
        `name` is what the user calls its y.
        """
        Y, weight = self._targets(samples.y, samples.weight, name)
        weight = np.ones(len(Y)) if weight is None else weight.astype(np.float64)
        weight = weight / weight.max()  # the smallest numbers have no reciprocal
        weight *= objective.total_weight / weight.sum()
        dtype = samples.X.dtype
        Y = np.clip(Y, objective.loss.least_target, 1).astype(dtype, copy=False)
        validation = objective.with_data(X=samples.X, Y=Y, sample_weight=weight.astype(dtype))
        return validation.with_alpha(0.0)

    def _where_it_stands(self, solver, network):
        """The flat weights to begin with, and what a solver of this class left with them.

        Before the first fit these are `coefs_` and `intercepts_` that were set by hand, or None.
        There is no state after another solver's.
        """
        state = None
        if self.__sklearn_is_fitted__():
            self._check_same_network(network)
            kind, left = self._solver_state
            state = left if kind is type(solver) and solver.supports_state else None
        elif not hasattr(self, "coefs_"):
            return None, None
        return flat_weights(self, network), state

    def _check_reach(self, y):
        """Say so if `partial_fit` gets y that the network cannot answer."""

    def _check_same_range(self):
        if tuple(self.target_range) != self._target_range:
            raise ValueError(
                f"target_range must stay what the first call of partial_fit made it, "
                f"{self._target_range!r}, got {self.target_range!r}: set it back"
            )

    def _check_same_network(self, network):
        if network != self._network:
            raise ValueError(
                f"warm_start and partial_fit need the network of the previous fit, "
                f"{self._network!r}, got {network!r}: keep n_hidden, fit_intercept, the features "
                f"and the outputs, or begin anew with warm_start=False"
            )

    def _flat_weights(self, dtype):
        (W1, W2), (b1, b2) = self.coefs_, self.intercepts_
        return self._network.pack(W1, b1, W2, b2).astype(dtype, copy=False)

    def _unpack(self, result, objective):
        if not (np.isfinite(result.w).all() and np.isfinite(result.value)):
            raise ValueError(
                f"{self.solver_!r} must find weights with a finite cost, got J={result.value!r}: "
                f"standardise the features of X, or divide X by a constant"
            )
        self._forget_optional()
        self.__dict__ |= self._fitted_attributes(result, objective)

    def _forget_optional(self):
        for attribute in _OPTIONAL_ATTRIBUTES.values():
            self.__dict__.pop(attribute, None)

    def _fitted_attributes(self, result, objective):
        """Fitted attributes from the solver's result, a dict."""
        network = objective.network
        W1, b1, W2, b2 = network.unpack(result.w.astype(objective.dtype))
        if b1 is None:
            b1, b2 = np.zeros(W1.shape[1], W1.dtype), np.zeros(W2.shape[1], W2.dtype)
        optional = {
            attribute: getattr(result, name) for name, attribute in _OPTIONAL_ATTRIBUTES.items()
        }
        return {
            "_network": network,
            "n_outputs_": network.n_outputs,
            "coefs_": [W1, W2],
            "intercepts_": [b1, b2],
            "loss_": result.value,
            "loss_curve_": result.loss_curve,
            "_solver_state": (type(self.solver_), result.state),
            "n_iter_": result.n_iter,
            "n_evaluations_": result.n_evaluations,
            "status_": result.status,
            "message_": result.warning or str(result.status),
            **{name: value for name, value in optional.items() if value is not None},
        }

    def __sklearn_is_fitted__(self):
        # weights that were set by hand for the first fit are not those of a fit
        return {"_network", "coefs_"} <= vars(self).keys()

    def _forward(self, X):
        """Yhat of the network, (n_samples, n_outputs), in the target range's units."""
        check_is_fitted(self)
        with _quiet(), numbers_only(X, "X"):
            X = validate_data(
                self, X, accept_sparse="csr", dtype=[np.float64, np.float32], reset=False
            )
        if X.size > _FEW or sparse.issparse(X):
            return self._network.forward(self._flat_weights(X.dtype), X)
        (W1, W2), (b1, b2) = self.coefs_, self.intercepts_
        if W1.dtype != X.dtype:
            W1, b1, W2, b2 = (part.astype(X.dtype) for part in (W1, b1, W2, b2))
        yhat = feed_forward(X, W1, b1, W2, b2)
        if np.isnan(yhat).any():  # sums have overflowed, which takes longer to put right
            return self._network.forward(self._flat_weights(X.dtype), X)
        return yhat

    def __sklearn_tags__(self):
        tags = super().__sklearn_tags__()
        tags.input_tags.sparse = True
        return tags


def _quiet():
    """A context without warnings of what overflows."""
    return np.errstate(over="ignore", invalid="ignore")


# Numbers in X up to which predictions are not worth cutting into blocks.
_FEW = 2**12
# Attributes that only some fits set, by the names of the solver's result.
_OPTIONAL_ATTRIBUTES = {
    "n_grid_points": "n_grid_points_",
    "lower_bound": "loss_lower_bound_",
    "validation_loss_curve": "validation_loss_curve_",
}
