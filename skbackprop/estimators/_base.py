"""The base class of both estimators: a fit as a pipeline of values.

check -> samples -> target encoder -> objective -> solve -> result -> attributes, assigned once,
then warnings. This module contains no mathematics.
"""

from __future__ import annotations

import warnings
from copy import copy
from numbers import Integral, Real
from typing import TYPE_CHECKING, Any

import numpy as np
from scipy import sparse
from sklearn.base import BaseEstimator
from sklearn.exceptions import ConvergenceWarning
from sklearn.utils import check_random_state
from sklearn.utils._param_validation import Interval
from sklearn.utils.validation import check_is_fitted

from .._collections import is_collection
from .._execution._numpy_settings import floating_point_unchecked
from .._execution._while_solving import while_solving
from .._params import NamedChoices, resolve
from .._params._advice import one_layer
from .._params._names import Names
from ..losses import LOSSES, Loss
from ..model._network import Network, feed_forward
from ..solvers import SOLVERS, Solver, Status
from ._auto_alpha import choose_penalty, given_alpha, kept_path
from ._callback_adapter import (
    CallbackSupport,
    callback_adapter,
    combine_callbacks,
    with_callbacks,
)
from ._choices import check_choices
from ._collection_samples import check_collection
from ._data import (
    check_features,
    check_samples,
    check_supports_validation,
    check_validation,
    features_of,
)
from ._diagnosis import diagnose
from ._fit_in_progress import TrainingData
from ._fitted import assign, check_finite, fitted_attributes
from ._folds import merged
from ._held_out import set_aside
from ._objectives import training_objective, validation_objective
from ._progress_table import ProgressTable
from ._solve import solve
from ._target_encoder import TargetEncoder, check_target_range
from ._warm_start import starting_point

if TYPE_CHECKING:
    from collections.abc import Mapping
    from typing import Self

    from numpy.typing import ArrayLike, NDArray

    from .._execution._result import SolverResult
    from ..model import Objective
    from ._auto_alpha import ChosenPenalty
    from ._data import MatrixLike

__all__ = ["BaseBackprop"]

# Up to these numbers of hidden activations and of elements of X, `feed_forward` predicts faster.
_FEW_ACTIVATIONS, _FEW_NUMBERS = 2**10, 2**12


class BaseBackprop(CallbackSupport, NamedChoices, BaseEstimator):
    """The two-layer sigmoid network, yhat = f(f(X W1) W2), behind scikit-learn's interface.

    A subclass defines the meaning of y by two methods that return a `TargetEncoder`:
    `_fit_encoder` for `fit`, and `_stream_encoder` for `partial_fit`.
    """

    n_hidden: int
    solver: str | Solver
    loss: str | Loss
    fit_intercept: bool
    alpha: float | str
    monotonic_cst: ArrayLike | Mapping[str, int] | None
    target_range: tuple[float, float]
    warm_start: bool
    n_jobs: int | None
    random_state: int | np.random.RandomState | None
    verbose: int

    alpha_: float
    alphas_: NDArray[np.float64]
    loss_path_: NDArray[np.float64]
    coefs_: list[NDArray[Any]]
    intercepts_: list[NDArray[Any]]
    loss_: float
    loss_curve_: NDArray[np.float64]
    validation_loss_curve_: NDArray[np.float64]
    best_validation_loss_: float
    best_iter_: int
    n_iter_: int
    n_evaluations_: int
    status_: Status
    message_: str
    solver_: Solver
    loss_lower_bound_: float
    n_grid_points_: int
    n_outputs_: int
    n_features_in_: int
    feature_names_in_: NDArray[np.object_]

    _network: Network
    # Assigning to it sets the attributes of a fit on an estimator, and removes all others.
    _fitted = property(fset=assign)

    _choices = {"solver": SOLVERS, "loss": LOSSES}
    _parameter_constraints: dict[str, Any] = {
        "n_hidden": [Interval(Integral, 1, None, closed="left")],
        "solver": "no_validation",  # check_choices has a better message
        "loss": "no_validation",
        "fit_intercept": ["boolean"],
        "alpha": [Interval(Real, 0, None, closed="left"), Names(["auto"])],
        "monotonic_cst": ["array-like", dict, None],
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

    def fit(
        self,
        X: MatrixLike,
        y: MatrixLike,
        sample_weight: ArrayLike | None = None,
        *,
        X_val: MatrixLike | None = None,
        y_val: MatrixLike | None = None,
        sample_weight_val: ArrayLike | None = None,
    ) -> Self:
        """Fit the weights.

        If a fit raises an error, the estimator is not modified. The exception is a warning that
        is turned into an error: it is issued after the fitted attributes have been set.

        Parameters
        ----------
        X : array-like, sparse matrix or dask collection of shape (n_samples, n_features)
            Features. float32 and float64 are kept; sparse input is converted to CSR. Absolute
            values must not exceed 1e150 in float64 and 1e18 in float32. The blocks of a dask
            array or data frame must hold whole rows; see :doc:`/scaling`.
        y : array-like of shape (n_samples,) or (n_samples, n_outputs)
        sample_weight : array-like of shape (n_samples,), default=None
            Factors of the samples' costs, >= 0. A weight of 2 is equivalent to the sample twice,
            a weight of 0 to leaving the sample out.
        X_val : array-like or sparse matrix of shape (n_val, n_features), default=None
            Validation data. Their cost is recorded in `validation_loss_curve_` and used by
            ``early_stopping=True`` of the solver and by ``alpha="auto"``.
        y_val : array-like of shape (n_val,) or (n_val, n_outputs), default=None
            Targets or labels of the validation data; required together with `X_val`.
        sample_weight_val : array-like of shape (n_val,), default=None
            Factors of the costs of the validation samples, >= 0.

        Returns
        -------
        self : object

        Raises
        ------
        ValueError
            If a parameter, X or y is invalid.

        Warns
        -----
        ConvergenceWarning
            If the solver stopped early, was interrupted from the keyboard, or has learned far
            less than possible. The message, which is also in `message_`, suggests changes.
        """
        alarming = self._fit(X, y, sample_weight, X_val, y_val, sample_weight_val)
        if alarming:
            warnings.warn(self.message_, ConvergenceWarning, stacklevel=2)
        return self

    @with_callbacks
    def _fit(
        self, X: Any, y: Any, sample_weight: Any, X_val: Any, y_val: Any, sample_weight_val: Any
    ) -> bool:
        """Fit and assign the attributes; return whether to warn with the message."""
        self._check_parameters()
        solver, checked = resolve(self.solver, SOLVERS), copy(self)
        check = check_collection if is_collection(X) else check_samples
        samples: Any = check(checked, X, y, sample_weight)
        validation = check_validation(checked, samples.dtype, X_val, y_val, sample_weight_val)
        if validation is not None:
            check_supports_validation(solver, "X_val: leave out X_val and y_val")
        rng = check_random_state(self.random_state)
        # use all samples: a class is kept even if all its samples have weight 0
        encoder = self._fit_encoder(*samples.targets)
        constant = features_of(checked) | encoder.attributes
        samples, name = samples.with_weight(), "y_val"
        if validation is None and solver.held_out:
            constant["_split_seed"] = seed = self._seed_of_split(rng)
            (samples, validation), name = set_aside(solver, samples, encoder, seed), "y"
        alpha = given_alpha(self, solver)
        objective = training_objective(checked, samples, encoder, alpha or 0.0)
        samples = samples.released()
        w0 = state = None
        if self.warm_start:
            w0, state = starting_point(self, solver, objective)
        options = {} if state is None else {"resume": state}
        if validation is not None:
            options["validation"] = validation_objective(objective, validation, encoder, name)
        solver = solver.resolve(objective)

        def attributes(result: SolverResult) -> dict[str, Any]:
            return constant | fitted_attributes(result, objective, solver)

        data = TrainingData(X, samples)
        held_out = None
        if validation is not None:
            held_out = TrainingData(X if X_val is None else X_val, validation)
        with callback_adapter(self, solver, objective, attributes, data, held_out) as adapter:
            with while_solving(objective.n_samples):
                table = ProgressTable() if self.verbose else None
                callback = combine_callbacks(table, adapter)
                # the blocks of a collection have workers of their own
                n_jobs = self.n_jobs if objective.in_memory else 1
                options |= {"rng": rng, "n_jobs": n_jobs, "callback": callback}
                chosen = None
                if alpha is None:
                    stratify = encoder.strata(samples.targets[0]) is not None
                    chosen = choose_penalty(solver, objective, w0, stratify, options)
                    objective = chosen.objective
                    constant |= chosen.attributes
                    result = chosen.solve(self, solver, **options)
                else:
                    constant |= kept_path(self, solver)
                    if "alphas_" in constant:  # the sample order of that fit
                        objective = merged(objective)
                    result = solve(self, solver, objective, w0, **options)
                check_finite(result, solver)
                diagnosis = diagnose(objective, result, solver, alpha_given=alpha is not None)
                constant |= self._uncertainty(objective, result.w, chosen)
            self._fitted = attributes(result) | {"message_": diagnosis.message}
            if adapter is not None:
                adapter.finish()
        if self.verbose:
            self._print_end()
        return diagnosis.alarming

    def _check_parameters(self) -> None:
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

    def _fit_encoder(self, y: Any, sample_weight: NDArray[Any] | None) -> TargetEncoder:
        """Fit the encoder to all y, for `fit`."""
        raise NotImplementedError

    def _stream_encoder(
        self, y: Any, sample_weight: NDArray[Any] | None, target_info: Any
    ) -> TargetEncoder:
        """Return the encoder for `partial_fit`, which is fixed by the first call."""
        raise NotImplementedError

    def _uncertainty(
        self, objective: Objective, w: NDArray[np.float64], chosen: ChosenPenalty | None
    ) -> dict[str, Any]:
        """Return the attributes of a finished fit that describe its uncertainty."""
        return {}

    def _seed_of_split(self, rng: np.random.RandomState) -> int:
        """Return the seed of the validation split; a warm start uses the same seed again."""
        if self.warm_start and hasattr(self, "_split_seed"):
            return self._split_seed
        return int(rng.randint(np.iinfo(np.int32).max))

    def _print_end(self) -> None:
        print(
            f"{type(self).__name__} with {self.solver_!r}: J = {self.loss_:.6g} after "
            f"{self.n_iter_} iterations, {self.n_evaluations_} evaluations; {self.message_}"
        )

    def _flat_weights(self, dtype: Any) -> NDArray[Any]:
        (W1, W2), (b1, b2) = self.coefs_, self.intercepts_
        return self._network.pack(W1, b1, W2, b2).astype(dtype, copy=False)

    def __sklearn_is_fitted__(self) -> bool:
        # coefs_ alone may have been set by hand, as initial weights of the first fit
        return {"_network", "coefs_"} <= vars(self).keys()

    def _forward(self, X: Any) -> NDArray[Any]:
        """Outputs of the network, (n_samples, n_outputs), in units of the target range."""
        check_is_fitted(self)
        with floating_point_unchecked():
            return self._yhat(check_features(self, X))

    def _yhat(self, X: Any) -> NDArray[Any]:
        (W1, W2), (b1, b2) = self.coefs_, self.intercepts_
        many = X.shape[0] * W1.shape[1] > _FEW_ACTIVATIONS or X.size > _FEW_NUMBERS
        if many or sparse.issparse(X):
            return self._network.forward(self._flat_weights(X.dtype), X)
        if W1.dtype != X.dtype:
            W1, b1, W2, b2 = (part.astype(X.dtype) for part in (W1, b1, W2, b2))
        return feed_forward(X, W1, b1, W2, b2)

    def __sklearn_tags__(self) -> Any:
        tags = super().__sklearn_tags__()
        tags.input_tags.sparse = True
        return tags
