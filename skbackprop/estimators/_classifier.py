"""The classifier: labels in and out of the network."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
from sklearn.base import ClassifierMixin
from sklearn.utils.metaestimators import available_if
from sklearn.utils.validation import check_is_fitted

from .._params import Names
from ..losses import Loss
from ..model._network import hidden_layer, output_layer
from ..solvers import Solver
from ._base import BaseBackprop
from ._can_go_on import can_go_on
from ._class_encoder import ClassEncoder
from ._collection_answers import CollectionScores, lazy_on_collections
from ._data import check_features, floating_point_unchecked
from ._hidden_features import HiddenFeatures

if TYPE_CHECKING:
    from collections.abc import Mapping
    from typing import Self

    from numpy.typing import ArrayLike, NDArray

    from ._data import MatrixLike

__all__ = ["BackpropClassifier"]


class BackpropClassifier(CollectionScores, HiddenFeatures, ClassifierMixin, BaseBackprop):
    """Two-layer sigmoid network for classification, yhat = f(f(X W1) W2).

    Two classes take one output unit, more classes a unit each, and multilabel y a unit a
    label. The units of the features do not matter with the default solver; for the searches,
    standardise X.

    Parameters
    ----------
    n_hidden : int, default=30
        Number of hidden units, >= 1.
    solver : {"gd", "montecarlo", "grid"} or Solver, default="gd"
        How the weights are found: gradient descent, Monte Carlo or the weight grid. An
        instance of :mod:`skbackprop.solvers` gives every option.
    loss : str or Loss, default="log_loss"
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
        bounds the weights; for `partial_fit` it is that of an earlier `fit`, or no penalty. With
        "log_loss" and standardised X the factor is 1 / C of `LogisticRegression`.
    class_weight : dict, "balanced" or None, default=None
        Factors of the samples' costs by class. "balanced" gives every class the same total
        weight.
    target_range : tuple of two floats, default=(0.0, 1.0)
        The targets of labels 0 and 1, within [0, 1]. (0.1, 0.9) is the classic remedy against
        saturation and makes every cost usable; `predict_proba` maps back.
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
    classes_ : ndarray of shape (n_classes,)
        Labels, sorted; the column numbers for multilabel y. They include classes whose samples
        all have weight 0.
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
        J at the solution, penalty included.
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
        Number of output units.
    n_features_in_ : int
        Number of features.
    feature_names_in_ : ndarray of shape (n_features,)
        Names of the features, where X had them.

    Examples
    --------
    >>> from sklearn.datasets import load_breast_cancer
    >>> from sklearn.model_selection import cross_val_score
    >>> from skbackprop import BackpropClassifier
    >>> X, y = load_breast_cancer(return_X_y=True)
    >>> model = BackpropClassifier(random_state=0)
    >>> bool(cross_val_score(model, X, y).mean() > 0.95)
    True
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
        self.class_weight = class_weight
        self.target_range = target_range
        self.warm_start = warm_start
        self.n_jobs = n_jobs
        self.random_state = random_state
        self.verbose = verbose

    @lazy_on_collections
    def predict(self, X: MatrixLike) -> NDArray[Any]:
        """The most probable label of each sample.

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
        """Probabilities of the classes.

        One output unit gives the probability of the second class. Several outputs are divided
        by their sum. For multilabel y, each output is the probability of its label.

        Parameters
        ----------
        X : array-like, sparse matrix or dask collection of shape (n_samples, n_features)

        Returns
        -------
        proba : ndarray of shape (n_samples, n_classes) or (n_samples, n_labels)
        """
        yhat = self._forward(X)
        return self._encoder.inverse(yhat)

    @lazy_on_collections
    def predict_log_proba(self, X: MatrixLike) -> NDArray[Any]:
        """Logarithms of `predict_proba`.

        Parameters
        ----------
        X : array-like, sparse matrix or dask collection of shape (n_samples, n_features)

        Returns
        -------
        log_proba : ndarray of shape (n_samples, n_classes) or (n_samples, n_labels)
            -inf where a probability is 0.
        """
        with np.errstate(divide="ignore"):
            return np.log(self.predict_proba(X))

    @lazy_on_collections
    def decision_function(self, X: MatrixLike) -> NDArray[Any]:
        """The inputs z3 of the output units, less the z3 of the middle of `target_range`.

        Where this is above 0, an output is above the middle of its targets. With the default
        `target_range` it is the logit of the output, ln(a / (1 - a)), which still tells apart
        samples whose probabilities round to 0 or 1.

        Parameters
        ----------
        X : array-like, sparse matrix or dask collection of shape (n_samples, n_features)

        Returns
        -------
        scores : ndarray of shape (n_samples,), or (n_samples, n_classes) or (n_samples, n_labels)
            For two classes `predict` gives the second where the score is positive. For more
            it gives the class of the largest score, and for multilabel y the labels with
            positive scores. Scores beyond the ends of a narrower `target_range` have
            probabilities that are clipped and may tie: `predict` then takes the first.

        Examples
        --------
        >>> from sklearn.datasets import load_breast_cancer
        >>> from skbackprop import BackpropClassifier
        >>> X, y = load_breast_cancer(return_X_y=True)
        >>> model = BackpropClassifier(5, random_state=0).fit(X, y)
        >>> bool(((model.decision_function(X) > 0) == model.predict(X)).all())
        True
        """
        check_is_fitted(self)
        with floating_point_unchecked():
            X = check_features(self, X)
            weights = (part.astype(X.dtype) for part in (*self.coefs_, *self.intercepts_))
            W1, W2, b1, b2 = weights
            z3 = output_layer(hidden_layer(X, W1, b1), W2, b2) - self._encoder.middle_z3
        return z3.ravel() if len(self.classes_) <= 2 and not self._encoder.multilabel else z3

    @available_if(can_go_on)
    def partial_fit(
        self,
        X: MatrixLike,
        y: MatrixLike,
        classes: ArrayLike | None = None,
        sample_weight: ArrayLike | None = None,
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
        y : array-like of shape (n_samples,) or (n_samples, n_labels)
        classes : array-like of shape (n_classes,), default=None
            All labels to come, in any order. Needed in the first call, unless y is
            multilabel.
        sample_weight : array-like of shape (n_samples,), default=None
            Factors of the samples' costs, >= 0.

        Returns
        -------
        self : object

        Raises
        ------
        ValueError
            If a parameter, X, y or `classes` is not what is expected.

        Examples
        --------
        >>> from sklearn.datasets import load_iris
        >>> from skbackprop import BackpropClassifier
        >>> X, y = load_iris(return_X_y=True)
        >>> model = BackpropClassifier(random_state=0).set_params(solver__optimizer="adam")
        >>> for _ in range(100):
        ...     model = model.partial_fit(X, y, classes=[0, 1, 2])
        >>> bool(model.score(X, y) > 0.9)
        True
        """
        return self._partial_fit(X, y, sample_weight, classes)

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
        classes, first = target_info, not self.__sklearn_is_fitted__()
        if self.class_weight == "balanced":
            raise ValueError(
                "class_weight must be a dict or None for partial_fit, which does not see all "
                "samples, got 'balanced': pass the factors of the classes as a dict"
            )
        listed = classes is not None and np.ndim(classes) == 1 and np.size(classes) > 0
        if not listed and (classes is not None or (first and y.ndim == 1)):
            raise ValueError(
                f"classes must list all labels to come in the first call of partial_fit, got "
                f"{classes!r}: pass classes=np.unique(all_y)"
            )
        if first:
            return ClassEncoder.fit(
                y,
                sample_weight,
                target_range=self.target_range,
                classes=classes,
                class_weight=self.class_weight,
            )
        if listed and not self._encoder.multilabel:
            self._encoder.check_same_classes(np.unique(classes), False)
        return self._encoder.weighted(self.class_weight)

    def __sklearn_tags__(self) -> Any:
        tags = super().__sklearn_tags__()
        tags.classifier_tags.multi_label = True
        return tags
