"""The regressor."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Literal, overload

import numpy as np
from sklearn.base import RegressorMixin
from sklearn.utils.metaestimators import available_if
from sklearn.utils.validation import check_is_fitted

from .._execution._numpy_settings import floating_point_unchecked
from ..losses import Loss
from ..solvers import MonteCarlo, Solver
from ._base import BaseBackprop
from ._collection_answers import CollectionScores, lazy_on_collections
from ._data import check_features
from ._has_partial_fit import has_partial_fit
from ._hidden_features import HiddenFeatures
from ._range_encoder import RangeEncoder
from ._stream import fit_batch
from ._uncertainty import UNKNOWN, ErrorBars, error_bars

if TYPE_CHECKING:
    from collections.abc import Mapping
    from typing import Self

    from numpy.typing import ArrayLike, NDArray

    from ..model import Objective
    from ._auto_alpha import ChosenPenalty
    from ._data import MatrixLike

__all__ = ["BackpropRegressor"]


class BackpropRegressor(CollectionScores, HiddenFeatures, RegressorMixin, BaseBackprop):
    """Two-layer sigmoid network for regression, yhat = f(f(X W1) W2).

    Each output of y is mapped into `target_range`, and predictions are mapped back, so y needs
    no scaling. Predictions are bounded: with (0.1, 0.9) they exceed the extremes of y by at most
    an eighth of its range. The default solver standardises the features internally, so X needs
    no scaling; for the searches, standardise X.

    Parameters
    ----------
    n_hidden : int, default=10
        Number of hidden units, >= 1.
    solver : {"gd", "montecarlo", "grid"} or Solver, default="gd"
        The method of finding the weights: gradient descent, Monte Carlo or the weight grid. Pass
        an instance from :mod:`skbackprop.solvers` to set options.
    loss : str or Loss, default="squared_error"
        The cost: "squared_error" (the lecture's J), "log_loss", "kullback_leibler",
        "generalized_kullback_leibler", "itakura_saito", "hellinger", "exponential", "huber" or
        "quantile". Pass an instance from :mod:`skbackprop.losses` to set options.
    fit_intercept : bool, default=True
        Whether both layers have intercepts. False is the lecture's network without intercepts,
        whose hidden layer is symmetric about the origin: f(-z2) = 1 - f(z2).
    alpha : float or "auto", default="auto"
        Factor, >= 0, of the penalty 1/2 alpha (sum_i v_i ||W1_i||^2 + ||W2||^2) added to J, with
        v_i the variance of feature i in the training data (1 if it is constant), weighted by
        `sample_weight`. The penalty thus does not depend on the units of the features; for
        standardised X it is 1/2 alpha ||W||^2. Intercepts are not penalised. With "auto" the fit
        chooses the factor by the cost of held-out samples. For the searches "auto" means no
        penalty, because `weight_range` bounds the weights; for `partial_fit` it means the penalty
        of an earlier `fit`, or none.
    monotonic_cst : array-like of int of shape (n_features,), dict or None, default=None
        1 if the prediction must not fall when the feature rises, -1 if it must not rise, 0 for no
        constraint. A dict by feature name leaves the other features unconstrained. The constraint
        holds everywhere, not only at the samples. It needs one output,
        ``fit_intercept=True`` and ``solver="gd"`` with any optimizer but "lm": see
        :doc:`/constraints`.
    target_range : tuple of two floats, default=(0.1, 0.9)
        The targets of the smallest and the largest y, within [0, 1].
    warm_start : bool, default=False
        Whether `fit` continues from the weights of the previous fit, which may have used
        another solver. The first fit starts at `coefs_` and `intercepts_` if these have been
        set.
    n_jobs : int or None, default=None
        Number of workers for restarts and searches, as in joblib. It does not change the result.
    random_state : int, RandomState or None, default=None
        Source of all randomness; an int makes fits reproducible.
    verbose : int, default=0
        0 prints nothing. 1 or more prints a table of the solver's progress, with at most ten
        lines per second after the first ten, and the reason why it stopped.

    Attributes
    ----------
    alpha_ : float
        The penalty of the fit: `alpha`, or the number that "auto" chose. With this number and
        the same weights J is `loss_`.
    alphas_ : ndarray of shape (n_alphas,)
        Only if the fit chose the penalty: the penalties that it compared, in descending order.
    loss_path_ : ndarray of shape (n_alphas, n_folds)
        Only if the fit chose the penalty: the mean cost of the held-out samples of each fold, one
        row for each of `alphas_`. Empty if there were too few samples to hold any out.
    coefs_ : list of two ndarrays
        W1 (n_features, n_hidden) and W2 (n_hidden, n_outputs).
    intercepts_ : list of two ndarrays
        b1 (n_hidden,) and b2 (n_outputs,); zeros if `fit_intercept` is False.
    loss_ : float
        J at the solution, including the penalty, in units of the target range.
    loss_curve_ : ndarray of shape (n_records,)
        J after each iteration, including the penalty; for searches, the best J so far. A warm
        start on the same data extends the curve. Read-only after `partial_fit`.
    validation_loss_curve_ : ndarray of shape (n_records,)
        Only with validation data: their cost at the same points, without the penalty, in
        units of J (scaled to the total weight of the training data).
    best_validation_loss_ : float
        Only with validation data: the minimum of `validation_loss_curve_`.
    best_iter_ : int
        Only with validation data: the iteration, from 1, with the lowest validation cost. With
        ``early_stopping=True`` its weights are kept, unless the initial weights were better.
    n_iter_ : int
        Number of iterations; for searches, number of evaluations.
    n_evaluations_ : int
        Number of evaluations of the cost on all samples.
    status_ : Status
        The reason why the solver stopped; its string is a sentence.
    message_ : str
        The reason why the solver stopped and, if there is a problem with the fit, a description
        with changes that may help. A ConvergenceWarning and verbose output show the same message.
    solver_ : Solver
        The solver that was used, with all automatic options resolved.
    loss_lower_bound_ : float
        Grid only: no point of the grid has a lower `loss_`.
    n_grid_points_ : int
        Grid only: the number of points of the grid, an exact integer.
    n_outputs_ : int
        Number of outputs.
    n_features_in_ : int
        Number of features.
    feature_names_in_ : ndarray of shape (n_features,)
        Names of the features, if X has names.

    Examples
    --------
    >>> from sklearn.datasets import load_diabetes
    >>> from sklearn.model_selection import cross_val_score
    >>> from skbackprop import BackpropRegressor
    >>> X, y = load_diabetes(return_X_y=True)
    >>> model = BackpropRegressor(random_state=0)
    >>> print(f"R2 {cross_val_score(model, X, y).mean():.1f}")
    R2 0.5
    """

    _encoder: RangeEncoder
    _error_bars: ErrorBars | str

    def __init__(
        self,
        n_hidden: int = 10,
        *,
        solver: str | Solver = "gd",
        loss: str | Loss = "squared_error",
        fit_intercept: bool = True,
        alpha: float | str = "auto",
        monotonic_cst: ArrayLike | Mapping[str, int] | None = None,
        target_range: tuple[float, float] = (0.1, 0.9),
        warm_start: bool = False,
        n_jobs: int | None = None,
        random_state: int | np.random.RandomState | None = None,
        verbose: int = 0,
    ) -> None:
        self.n_hidden = n_hidden
        self.solver = solver
        self.loss = loss
        self.fit_intercept = fit_intercept
        self.alpha = alpha
        self.monotonic_cst = monotonic_cst
        self.target_range = target_range
        self.warm_start = warm_start
        self.n_jobs = n_jobs
        self.random_state = random_state
        self.verbose = verbose

    @overload
    def predict(self, X: MatrixLike, return_std: Literal[False] = False) -> NDArray[Any]: ...

    @overload
    def predict(
        self, X: MatrixLike, return_std: Literal[True]
    ) -> tuple[NDArray[Any], NDArray[Any]]: ...

    @overload
    def predict(
        self, X: MatrixLike, return_std: bool
    ) -> NDArray[Any] | tuple[NDArray[Any], NDArray[Any]]: ...

    @lazy_on_collections
    def predict(
        self, X: MatrixLike, return_std: bool = False
    ) -> NDArray[Any] | tuple[NDArray[Any], NDArray[Any]]:
        """Predict y for each sample, and optionally its standard deviation.

        Parameters
        ----------
        X : array-like, sparse matrix or dask collection of shape (n_samples, n_features)
        return_std : bool, default=False
            Whether to also return the standard deviations. About 95 % of new y from the same
            distribution lie within y +- 1.96 y_std. With ``alpha="auto"`` this is calibrated on
            held-out samples; with a number for alpha the standard deviation is computed from the
            residuals of the fit and its residual degrees of freedom.

        Returns
        -------
        y : ndarray of shape (n_samples,) or (n_samples, n_outputs)
            In the dtype of `X`, unless y would overflow in it.
        y_std : ndarray of the shape and dtype of y
            Only with ``return_std=True``: s sqrt(1 + h), in the units of y, >= 0. s is the noise
            of the output, which is assumed to be constant, and h is the leverage of the sample. 0
            for an output that was constant in the fit.

        Raises
        ------
        ValueError
            If X is invalid. With ``return_std=True`` also if the fit has no standard deviations:
            after `partial_fit`, for networks of more than 750 weights, for losses without a
            Gauss-Newton form ("exponential"), for losses that do not estimate the centre of y
            ("quantile"), and if the network has as many effective weights as samples. The message
            suggests changes.

        Notes
        -----
        :doc:`/error_bars` contains the formulas and their limitations. Source: MacKay, A
        practical Bayesian framework for backpropagation networks, Neural Computation 4 (1992)
        448.

        Examples
        --------
        >>> import numpy as np
        >>> from skbackprop import BackpropRegressor
        >>> rng = np.random.default_rng(0)
        >>> X = rng.uniform(-3, 3, size=(200, 1))
        >>> y = np.sin(X[:, 0]) + rng.normal(scale=0.1, size=200)
        >>> model = BackpropRegressor(n_hidden=3, random_state=0).fit(X, y)
        >>> y_mean, y_std = model.predict([[0.0]], return_std=True)
        >>> print(f"standard deviation {y_std[0]:.1f}")  # that of the noise
        standard deviation 0.1
        >>> y_mean, y_std = model.predict([[4.0]], return_std=True)  # outside the data
        >>> print(f"standard deviation {y_std[0]:.1f}")
        standard deviation 0.2
        """
        check_is_fitted(self)
        X = check_features(self, X)
        with floating_point_unchecked():
            y = self._encoder.inverse(self._yhat(X))
            if not return_std:
                return y
            bars = getattr(self, "_error_bars", UNKNOWN)
            if isinstance(bars, str):
                raise ValueError(bars)
            std = bars.std(self._flat_weights(np.float64), X)
            return y, self._encoder.inverse_std(std, X.dtype)

    @available_if(has_partial_fit)
    def partial_fit(
        self,
        X: MatrixLike,
        y: ArrayLike,
        sample_weight: ArrayLike | None = None,
        *,
        y_range: tuple[ArrayLike, ArrayLike] | None = None,
    ) -> Self:
        """Make one pass of a first-order optimizer over some samples.

        Each call continues from the previous one, with the optimizer's memory. The method is
        available with the optimizers "sgd", "adam" and "rprop". Each call adds the full penalty
        to the cost of its samples: if one pass over the data takes m calls, divide `alpha` by m.
        Without an earlier `fit` the features are not standardised, so standardise them yourself;
        after a `fit`, the scales of that fit are used. The options `max_iter`, `tol`, `max_time`,
        `early_stopping`, `n_init` and `verbose` apply only to `fit`.

        Parameters
        ----------
        X : array-like or sparse matrix of shape (n_samples, n_features)
        y : array-like of shape (n_samples,) or (n_samples, n_outputs)
        sample_weight : array-like of shape (n_samples,), default=None
            Factors of the samples' costs, >= 0.
        y_range : pair of floats, or of array-likes of shape (n_outputs,), default=None
            Smallest and largest y that any call will contain, given in the first call: they are
            mapped to the ends of `target_range`. None uses the extremes of the first samples,
            which must not be equal.

        Returns
        -------
        self : object

        Raises
        ------
        ValueError
            If a parameter, X, y or `y_range` is invalid.

        Warns
        -----
        UserWarning
            If some y are outside the range of possible predictions, which the first call sets.

        Examples
        --------
        >>> import numpy as np
        >>> from skbackprop import BackpropRegressor
        >>> model = BackpropRegressor(random_state=0).set_params(solver__optimizer="adam")
        >>> X = np.linspace(-2, 2, 200)[:, None]
        >>> for _ in range(200):
        ...     model = model.partial_fit(X, np.sin(X[:, 0]), y_range=(-1, 1))
        >>> print(f"R2 {model.score(X, np.sin(X[:, 0])):.3f}")
        R2 0.998
        """
        return fit_batch(self, X, y, sample_weight, y_range)

    def _fit_encoder(self, y: Any, sample_weight: NDArray[Any] | None) -> RangeEncoder:
        return RangeEncoder.fit(y, sample_weight, target_range=self.target_range)

    def _stream_encoder(
        self, y: Any, sample_weight: NDArray[Any] | None, target_info: Any
    ) -> RangeEncoder:
        return RangeEncoder.of_stream(
            self._encoder if self.__sklearn_is_fitted__() else None,
            y,
            sample_weight,
            target_range=self.target_range,
            y_range=target_info,
        )

    def _uncertainty(
        self, objective: Objective, w: NDArray[np.float64], chosen: ChosenPenalty | None
    ) -> dict[str, Any]:
        return {"_error_bars": error_bars(objective, w, chosen)}

    def __sklearn_tags__(self) -> Any:
        tags = super().__sklearn_tags__()
        # for ten features, Monte Carlo in [-1, 1] explains less than half of the variance
        tags.regressor_tags.poor_score = (
            isinstance(self.solver, MonteCarlo) and self.solver.sampler != "adaptive"
        )
        return tags
