"""The classifier."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
from sklearn.base import ClassifierMixin
from sklearn.utils.metaestimators import available_if
from sklearn.utils.validation import check_is_fitted

from .._execution._numpy_settings import floating_point_unchecked
from .._params import Names
from ..losses import Loss
from ..model._network import hidden_layer, output_layer
from ..solvers import Solver
from ._base import BaseBackprop
from ._class_encoder import ClassEncoder
from ._collection_answers import CollectionScores, lazy_on_collections
from ._data import check_features
from ._has_partial_fit import has_partial_fit
from ._hidden_features import HiddenFeatures
from ._stream import fit_batch

if TYPE_CHECKING:
    from collections.abc import Mapping
    from typing import Self

    from numpy.typing import ArrayLike, NDArray

    from ._data import MatrixLike

__all__ = ["BackpropClassifier"]


class BackpropClassifier(CollectionScores, HiddenFeatures, ClassifierMixin, BaseBackprop):
    """Two-layer sigmoid network for classification, yhat = f(f(X W1) W2).

    There is one output unit for two classes, one per class for more classes, and one per label
    for multilabel y. The default solver standardises the features internally, so X needs no
    scaling; for the searches, standardise X.

    Parameters
    ----------
    n_hidden : int, default=30
        Number of hidden units, >= 1.
    solver : {"gd", "montecarlo", "grid"} or Solver, default="gd"
        The method of finding the weights: gradient descent, Monte Carlo or the weight grid. Pass
        an instance from :mod:`skbackprop.solvers` to set options.
    loss : str or Loss, default="log_loss"
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
        of an earlier `fit`, or none. With "log_loss" and standardised X, alpha corresponds to
        1 / C of `LogisticRegression`.
    monotonic_cst : array-like of int of shape (n_features,), dict or None, default=None
        1 if the probability of the second class must not fall when the feature rises, -1 if it
        must not rise, 0 for no constraint. A dict by feature name leaves the other features
        unconstrained. The constraint holds everywhere, not only at the samples. It needs two
        classes, ``fit_intercept=True`` and ``solver="gd"`` with any optimizer but "lm":
        see :doc:`/constraints`.
    class_weight : dict, "balanced" or None, default=None
        Factors of the samples' costs for each class. "balanced" gives every class the same total
        weight.
    target_range : tuple of two floats, default=(0.0, 1.0)
        The targets of labels 0 and 1, within [0, 1]. (0.1, 0.9) is the classic remedy against
        saturation and makes every loss usable; `predict_proba` reverses the mapping.
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
    classes_ : ndarray of shape (n_classes,)
        Labels, sorted; for multilabel y, the column indices. Classes whose samples all have
        weight 0 are included.
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
        J at the solution, including the penalty.
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
        Number of output units.
    n_features_in_ : int
        Number of features.
    feature_names_in_ : ndarray of shape (n_features,)
        Names of the features, if X has names.

    Examples
    --------
    >>> from sklearn.datasets import load_breast_cancer
    >>> from sklearn.model_selection import cross_val_score
    >>> from skbackprop import BackpropClassifier
    >>> X, y = load_breast_cancer(return_X_y=True)
    >>> model = BackpropClassifier(random_state=1)
    >>> print(f"accuracy {cross_val_score(model, X, y).mean():.2f}")
    accuracy 0.98
    """

    class_weight: Mapping[Any, float] | str | None

    classes_: NDArray[Any]

    _encoder: ClassEncoder

    _parameter_constraints: dict[str, Any] = {
        **BaseBackprop._parameter_constraints,
        "class_weight": [dict, Names(["balanced"]), None],
    }

    def __init__(
        self,
        n_hidden: int = 30,
        *,
        solver: str | Solver = "gd",
        loss: str | Loss = "log_loss",
        fit_intercept: bool = True,
        alpha: float | str = "auto",
        monotonic_cst: ArrayLike | Mapping[str, int] | None = None,
        class_weight: Mapping[Any, float] | str | None = None,
        target_range: tuple[float, float] = (0.0, 1.0),
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
        self.class_weight = class_weight
        self.target_range = target_range
        self.warm_start = warm_start
        self.n_jobs = n_jobs
        self.random_state = random_state
        self.verbose = verbose

    @lazy_on_collections
    def predict(self, X: MatrixLike) -> NDArray[Any]:
        """Predict the most probable label of each sample.

        Parameters
        ----------
        X : array-like, sparse matrix or dask collection of shape (n_samples, n_features)

        Returns
        -------
        y : ndarray of shape (n_samples,), or (n_samples, n_labels) of 0 and 1 if multilabel
        """
        proba = self.predict_proba(X)
        return self._encoder.labels(proba)

    @lazy_on_collections
    def predict_proba(self, X: MatrixLike) -> NDArray[Any]:
        """Predict the probabilities of the classes.

        A single output is the probability of the second class. Several outputs are divided by
        their sum. For multilabel y, each output is the probability of its label.

        Parameters
        ----------
        X : array-like, sparse matrix or dask collection of shape (n_samples, n_features)

        Returns
        -------
        proba : ndarray of shape (n_samples, n_classes) or (n_samples, n_labels)
            Numbers in [0, 1].
        """
        yhat = self._forward(X)
        return self._encoder.inverse(yhat)

    @lazy_on_collections
    def predict_log_proba(self, X: MatrixLike) -> NDArray[Any]:
        """Predict the logarithms of the probabilities.

        Parameters
        ----------
        X : array-like, sparse matrix or dask collection of shape (n_samples, n_features)

        Returns
        -------
        log_proba : ndarray of shape (n_samples, n_classes) or (n_samples, n_labels)
            -inf if a probability is 0.
        """
        with np.errstate(divide="ignore"):
            return np.log(self.predict_proba(X))

    @lazy_on_collections
    def decision_function(self, X: MatrixLike) -> NDArray[Any]:
        """Return the inputs z3 of the output units, minus the z3 of the middle of `target_range`.

        If a score is positive, the output is above the middle of its targets. With the default
        `target_range` the score is the logit of the output, ln(a / (1 - a)), which distinguishes
        even samples whose probabilities round to 0 or 1.

        Parameters
        ----------
        X : array-like, sparse matrix or dask collection of shape (n_samples, n_features)

        Returns
        -------
        scores : ndarray of shape (n_samples,), or (n_samples, n_classes) or (n_samples, n_labels)
            For two classes, `predict` returns the second class if the score is positive. For more
            classes it returns the class with the largest score, and for multilabel y the labels
            with positive scores. For a narrower `target_range`, probabilities of outputs outside
            it are clipped and may tie: `predict` then returns the first class.

        Examples
        --------
        >>> from sklearn.datasets import load_breast_cancer
        >>> from skbackprop import BackpropClassifier
        >>> X, y = load_breast_cancer(return_X_y=True)
        >>> model = BackpropClassifier(5, random_state=0).fit(X, y)
        >>> (model.decision_function(X[18:24]) > 0).tolist()
        [False, True, True, True, False, False]
        >>> model.predict(X[18:24]).tolist()
        [0, 1, 1, 1, 0, 0]
        """
        check_is_fitted(self)
        with floating_point_unchecked():
            X = check_features(self, X)
            W1, W2, b1, b2 = (part.astype(X.dtype) for part in (*self.coefs_, *self.intercepts_))
            z3 = output_layer(hidden_layer(X, W1, b1), W2, b2) - self._encoder.middle_z3
        return z3.ravel() if len(self.classes_) <= 2 and not self._encoder.multilabel else z3

    @available_if(has_partial_fit)
    def partial_fit(
        self,
        X: MatrixLike,
        y: MatrixLike,
        classes: ArrayLike | None = None,
        sample_weight: ArrayLike | None = None,
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
        y : array-like of shape (n_samples,) or (n_samples, n_labels)
        classes : array-like of shape (n_classes,), default=None
            All labels that any call will contain, in any order. Required in the first call,
            unless y is multilabel.
        sample_weight : array-like of shape (n_samples,), default=None
            Factors of the samples' costs, >= 0.

        Returns
        -------
        self : object

        Raises
        ------
        ValueError
            If a parameter, X, y or `classes` is invalid.

        Examples
        --------
        >>> from sklearn.datasets import load_iris
        >>> from skbackprop import BackpropClassifier
        >>> X, y = load_iris(return_X_y=True)
        >>> model = BackpropClassifier(random_state=0).set_params(solver__optimizer="adam")
        >>> for _ in range(100):
        ...     model = model.partial_fit(X, y, classes=[0, 1, 2])
        >>> print(f"accuracy {model.score(X, y):.2f}")
        accuracy 0.98
        """
        return fit_batch(self, X, y, sample_weight, classes)

    def _fit_encoder(self, y: Any, sample_weight: NDArray[Any] | None) -> ClassEncoder:
        encoder = ClassEncoder.fit(
            y, sample_weight, target_range=self.target_range, class_weight=self.class_weight
        )
        if self.warm_start and self.__sklearn_is_fitted__():
            self._encoder.check_same_classes(encoder.classes, encoder.multilabel)
        return encoder

    def _stream_encoder(
        self, y: Any, sample_weight: NDArray[Any] | None, target_info: Any
    ) -> ClassEncoder:
        return ClassEncoder.of_stream(
            self._encoder if self.__sklearn_is_fitted__() else None,
            y,
            sample_weight,
            target_range=self.target_range,
            classes=target_info,
            class_weight=self.class_weight,
        )

    def __sklearn_tags__(self) -> Any:
        tags = super().__sklearn_tags__()
        tags.classifier_tags.multi_label = True
        return tags
