"""The regressor: numbers in and out of the network."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Literal, overload

import numpy as np
from sklearn.base import RegressorMixin
from sklearn.utils.metaestimators import available_if
from sklearn.utils.validation import check_is_fitted

from ..losses import Loss
from ..solvers import MonteCarlo, Solver
from ._base import BaseBackprop
from ._can_go_on import can_go_on
from ._collection_answers import CollectionScores, lazy_on_collections
from ._data import check_features, floating_point_unchecked
from ._hidden_features import HiddenFeatures
from ._range_encoder import RangeEncoder, as_columns, check_y_range
from ._uncertainty import UNKNOWN, ErrorBars, error_bars

if TYPE_CHECKING:
    from typing import Self

    from numpy.typing import ArrayLike, NDArray

    from ..model import Objective
    from ._auto_alpha import ChosenPenalty
    from ._data import MatrixLike

__all__ = ["BackpropRegressor"]


class BackpropRegressor(CollectionScores, HiddenFeatures, RegressorMixin, BaseBackprop):
    """Two-layer sigmoid network for regression, yhat = f(f(X W1) W2).

    y is mapped into `target_range`, for each output by itself, and predictions are mapped
    back, so y needs no scaling and predictions are bounded: with (0.1, 0.9) they stay
    within an eighth of the range of y beyond its extremes. The units of the features do not
    matter with the default solver; for the searches, standardise X.

    Parameters
    ----------
    n_hidden : int, default=10
        Number of hidden units, >= 1.
    solver : {"gd", "montecarlo", "grid"} or Solver, default="gd"
        How the weights are found: gradient descent, Monte Carlo or the weight grid. An
        instance of :mod:`skbackprop.solvers` gives every option.
    loss : str or Loss, default="squared_error"
        The cost: "squared_error" (the lecture's J), "log_loss", "kullback_leibler",
        "generalized_kullback_leibler", "itakura_saito", "hellinger", "exponential", "huber" or
        "quantile". An instance of :mod:`skbackprop.losses` gives every option.
    fit_intercept : bool, default=True
        Whether both layers have intercepts. False is the lecture's network with nothing
        added, which is odd-symmetric about the origin.
    alpha : float or "auto", default="auto"
        Factor, >= 0, of the penalty 1/2 alpha (sum_i v_i ||W1_i||^2 + ||W2||^2) added to J, with
        v_i the variance of feature i in the training data (1 where it is constant), weighted by
        `sample_weight`. So the units of the features do not matter, and with standardised X it is
        1/2 alpha ||W||^2. Intercepts are not penalised. "auto" lets the fit choose the factor by
        samples that it holds out. For the searches "auto" is no penalty, since `weight_range`
        bounds the weights; for `partial_fit` it is that of an earlier `fit`, or no penalty.
    target_range : tuple of two floats, default=(0.1, 0.9)
        The targets of the smallest and the largest y, within [0, 1].
    warm_start : bool, default=False
        Whether `fit` continues from the weights of the previous fit, which may have used
        another solver. The first fit begins at `coefs_` and `intercepts_` if they have been
        set.
    n_jobs : int or None, default=None
        Workers for restarts and searches, as in joblib. The answer does not depend on it.
    random_state : int, RandomState or None, default=None
        Source of all randomness; an int makes fits repeatable.
    verbose : int, default=0
        0 prints nothing. 1 or more prints a table of the solver's progress, at most ten lines
        a second after the first ten, and why it stopped.

    Attributes
    ----------
    alpha_ : float
        The penalty of the fit: `alpha`, or the number that "auto" chose. With this number and
        the same weights J is `loss_`.
    alphas_ : ndarray of shape (n_alphas,)
        If the fit chose the penalty: those that it judged, from the largest to the smallest.
    loss_path_ : ndarray of shape (n_alphas, n_folds)
        If the fit chose the penalty: the mean cost of the samples that each fold held out, a
        row for each of `alphas_`. Empty if there were too few samples to hold any out.
    coefs_ : list of two ndarrays
        W1 (n_features, n_hidden) and W2 (n_hidden, n_outputs).
    intercepts_ : list of two ndarrays
        b1 (n_hidden,) and b2 (n_outputs,), zeros without intercept.
    loss_ : float
        J at the solution, penalty included, in units of the target range.
    loss_curve_ : ndarray of shape (n_records,)
        J after each iteration, penalty included, or the best so far for searches. A warm
        start on the same data adds to it. Read-only after `partial_fit`.
    validation_loss_curve_ : ndarray of shape (n_records,)
        With validation data only: their cost at the same points, without the penalty, in
        units of J (scaled to the total weight of the training data).
    best_validation_loss_ : float
        With validation data only: the lowest of `validation_loss_curve_`.
    best_iter_ : int
        With validation data only: the place of that cost in the curve, from 1. With
        ``early_stopping=True`` the weights are its, unless those of the start were better.
    n_iter_ : int
        Iterations, or draws or evaluations of a search.
    n_evaluations_ : int
        Evaluations of the cost over the whole data.
    status_ : Status
        Why the solver stopped; its string is a sentence.
    message_ : str
        The same in full: why the solver stopped and, if something is wrong with the fit, what
        it is and what to change. A ConvergenceWarning and verbose output say the same.
    solver_ : Solver
        The solver that ran, with all choices made that were left to it.
    loss_lower_bound_ : float
        Grid only: no point of the grid has a smaller `loss_`.
    n_grid_points_ : int
        Grid only: the number of points of the grid, exact.
    n_outputs_ : int
        Number of outputs.
    n_features_in_ : int
        Number of features.
    feature_names_in_ : ndarray of shape (n_features,)
        Names of the features, where X had them.

    Examples
    --------
    >>> from sklearn.datasets import load_diabetes
    >>> from sklearn.model_selection import cross_val_score
    >>> from skbackprop import BackpropRegressor
    >>> X, y = load_diabetes(return_X_y=True)
    >>> model = BackpropRegressor(random_state=0)
    >>> bool(cross_val_score(model, X, y).mean() > 0.4)
    True
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
        """Predicted y of each sample, and how far a y may be from it.

        Parameters
        ----------
        X : array-like, sparse matrix or dask collection of shape (n_samples, n_features)
        return_std : bool, default=False
            Whether to return the standard deviations too. About 95 % of new y like those of the
            fit are within y +- 1.96 y_std. With ``alpha="auto"`` this is measured on samples held
            out; with a number the standard deviation comes from the residuals of the fit,
            divided by the degrees of freedom that the weights leave.

        Returns
        -------
        y : ndarray of shape (n_samples,) or (n_samples, n_outputs)
            Of the dtype of `X`, if that holds numbers as large as y.
        y_std : ndarray of the shape and dtype of y
            With ``return_std=True`` only: s sqrt(1 + h), in the units of y, >= 0. s is the noise
            of the output, the same everywhere, and h the leverage of the sample. 0 for an output
            that was constant in the fit.

        Raises
        ------
        ValueError
            If X is not what is expected; with ``return_std=True`` also if the fit has no
            standard deviations: after `partial_fit`, for a network of more than 750 weights, for
            a loss without a Gauss-Newton form ("exponential") or whose predictions are no centre of
            y ("quantile"), or where the network has as many effective weights as there are samples.
            The message says what to change.

        Notes
        -----
        :doc:`/error_bars` has the formulas, and says when not to trust them. Source: MacKay,
        A practical Bayesian framework for backpropagation networks, Neural Computation 4
        (1992) 448.

        Examples
        --------
        >>> import numpy as np
        >>> from skbackprop import BackpropRegressor
        >>> rng = np.random.default_rng(0)
        >>> X = rng.uniform(-3, 3, size=(200, 1))
        >>> y = np.sin(X[:, 0]) + rng.normal(scale=0.1, size=200)
        >>> model = BackpropRegressor(random_state=0).fit(X, y)
        >>> y_mean, y_std = model.predict(np.array([[0.0], [6.0]]), return_std=True)
        >>> bool(0.08 < y_std[0] < 0.14), bool(y_std[1] > 2 * y_std[0])  # 6 is beyond the data
        (True, True)
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

    @available_if(can_go_on)
    def partial_fit(
        self,
        X: MatrixLike,
        y: ArrayLike,
        sample_weight: ArrayLike | None = None,
        *,
        y_range: tuple[ArrayLike, ArrayLike] | None = None,
    ) -> Self:
        """One pass of a first-order optimizer over some samples.

        Each call continues from the one before it, with the optimizer's memory. Available
        with the optimizers "sgd", "adam" and "rprop". Each call adds the full penalty to the
        cost of its samples: if one pass over the data takes m calls, divide `alpha` by m. A
        first call without an earlier `fit` takes the features as they are, so standardise them;
        after a `fit`, they are scaled as in it. The options `max_iter`, `tol`, `max_time`,
        `early_stopping` and `n_init`, and `verbose`, apply to `fit` only.

        Parameters
        ----------
        X : array-like or sparse matrix of shape (n_samples, n_features)
        y : array-like of shape (n_samples,) or (n_samples, n_outputs)
        sample_weight : array-like of shape (n_samples,), default=None
            Factors of the samples' costs, >= 0.
        y_range : pair of floats, or of array-likes of shape (n_outputs,), default=None
            Smallest and largest y to come, for the first call: they become the ends of
            `target_range`. None takes those of the first samples, which must not be equal.

        Returns
        -------
        self : object

        Raises
        ------
        ValueError
            If a parameter, X, y or `y_range` is not what is expected.

        Warns
        -----
        UserWarning
            If some y are beyond what the network can answer, a range that the first call sets.

        Examples
        --------
        >>> import numpy as np
        >>> from skbackprop import BackpropRegressor
        >>> model = BackpropRegressor(random_state=0).set_params(solver__optimizer="adam")
        >>> X = np.linspace(-2, 2, 200)[:, None]
        >>> for _ in range(200):
        ...     model = model.partial_fit(X, np.sin(X[:, 0]), y_range=(-1, 1))
        >>> bool(model.score(X, np.sin(X[:, 0])) > 0.99)
        True
        """
        return self._partial_fit(X, y, sample_weight, y_range)

    def _fit_encoder(self, y: Any, sample_weight: NDArray[Any] | None) -> RangeEncoder:
        return RangeEncoder.fit(y, sample_weight, target_range=self.target_range)

    def _stream_encoder(
        self, y: Any, sample_weight: NDArray[Any] | None, target_info: Any
    ) -> RangeEncoder:
        y_range = target_info
        if not self.__sklearn_is_fitted__():
            if y_range is None:
                columns = as_columns(y)
                _check_spans(columns.min(axis=0), columns.max(axis=0), "the first samples")
            return RangeEncoder.fit(
                y, sample_weight, target_range=self.target_range, y_range=y_range
            )
        encoder = self._encoder
        _check_spans(encoder.low, encoder.high, "the previous fit")
        if y_range is not None:
            low, high = check_y_range(y_range, len(encoder.low))
            if not (np.allclose(low, encoder.low) and np.allclose(high, encoder.high)):
                raise ValueError(
                    f"y_range must stay what the first call made it, got {y_range!r} after "
                    f"{(encoder.low.tolist(), encoder.high.tolist())!r}: leave it out"
                )
        return encoder

    def _uncertainty(
        self, objective: Objective, w: NDArray[np.float64], chosen: ChosenPenalty | None
    ) -> dict[str, Any]:
        return {"_error_bars": error_bars(objective, w, chosen)}

    def __sklearn_tags__(self) -> Any:
        tags = super().__sklearn_tags__()
        # draws from all of [-1, 1] explain less than half of the variance of ten features
        tags.regressor_tags.poor_score = (
            isinstance(self.solver, MonteCarlo) and self.solver.sampler != "adaptive"
        )
        return tags


def _check_spans(low: NDArray[np.float64], high: NDArray[np.float64], where: str) -> None:
    """Refuse a range of no width for `partial_fit`: the network could answer nothing else."""
    if not (low < high).all():
        constant = float(low[low >= high][0])
        raise ValueError(
            f"y_range must be given in the first call of partial_fit where an output has a single "
            f"value, got only {constant!r} from {where}: begin anew, and pass "
            f"y_range=(smallest, largest y to come) to that call"
        )
