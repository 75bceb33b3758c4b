"""Labels in and out of the network."""

import numpy as np
from scipy import sparse
from sklearn.base import ClassifierMixin
from sklearn.utils import compute_class_weight
from sklearn.utils.metaestimators import available_if
from sklearn.utils.multiclass import check_classification_targets

from .._params._names import Names
from ._base import BaseBackprop, can_go_on
from ._targets import from_range, is_multilabel, to_range

__all__ = ["BackpropClassifier"]


class BackpropClassifier(ClassifierMixin, BaseBackprop):
    """Two-layer sigmoid network for classification, yhat = f(f(X W1) W2).

    Two classes take one output unit, more classes a unit each, and multilabel y a unit a
    label. Features should be standardised: a sigmoid sees little beyond +-5.

    Parameters
    ----------
    n_hidden : int, default=30
        Number of hidden units, >= 1.
    solver : {"gd", "montecarlo", "grid"} or Solver, default="gd"
        How the weights are found: gradient descent, Monte Carlo or the weight grid. An
        instance of :mod:`skbackprop.solvers` gives every option.
    loss : str or Loss, default="log_loss"
        The cost: "squared_error" (the lecture's J), "log_loss", "kullback_leibler",
        "generalized_kullback_leibler", "itakura_saito", "hellinger" or "exponential". An
        instance of :mod:`skbackprop.losses` gives every option.
    fit_intercept : bool, default=True
        Whether both layers have intercepts. False is the lecture's network with nothing
        added, which is odd-symmetric about the origin.
    alpha : float, default=1.0
        Penalty 1/2 alpha ||W||^2 added to J, >= 0. Intercepts are not penalised. With
        "log_loss" it is the same quantity as 1 / C of `LogisticRegression`; other losses
        want other values, the squared error a fifth of it or less.
    class_weight : dict, "balanced" or None, default=None
        Factors of the samples' costs by class. "balanced" gives every class the same total
        weight.
    target_range : tuple of two floats, default=(0.0, 1.0)
        What labels 0 and 1 become, within [0, 1]. (0.1, 0.9) is the classic remedy against
        saturation and makes every cost usable; `predict_proba` maps back.
    warm_start : bool, default=False
        Whether `fit` goes on from the weights of the previous fit, also that of another
        solver. The first fit begins at `coefs_` and `intercepts_` if they have been set.
    n_jobs : int or None, default=None
        Workers for restarts and searches, as in joblib. The answer does not depend on it.
    random_state : int, RandomState or None, default=None
        Source of all randomness; an int makes fits repeatable.
    verbose : int, default=0
        0 prints nothing; more prints a table of the solver's progress, all of the first
        lines and then ten a second at most, and why it stopped.

    Attributes
    ----------
    classes_ : ndarray of shape (n_classes,)
        Labels, sorted; the column numbers for multilabel y. A class is among them also where
        all its samples have weight 0.
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
    n_iter_ : int
        Iterations, or draws or evaluations of a search.
    n_evaluations_ : int
        Evaluations of the cost over the whole data.
    status_ : Status
        Why the solver stopped; its string is a sentence.
    message_ : str
        The same in full: why the solver stopped, what is wrong with the fit and what to change,
        where something is. A ConvergenceWarning and verbose output say the same.
    solver_ : Solver
        The solver that ran, everything chosen.
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
    >>> from sklearn.pipeline import make_pipeline
    >>> from sklearn.preprocessing import StandardScaler
    >>> from skbackprop import BackpropClassifier
    >>> X, y = load_breast_cancer(return_X_y=True)
    >>> model = make_pipeline(StandardScaler(), BackpropClassifier(random_state=0))
    >>> bool(cross_val_score(model, X, y).mean() > 0.95)
    True
    """

    _parameter_constraints = {
        **BaseBackprop._parameter_constraints,
        "class_weight": [dict, Names(["balanced"]), None],
    }

    def __init__(
        self,
        n_hidden=30,
        *,
        solver="gd",
        loss="log_loss",
        fit_intercept=True,
        alpha=1.0,
        class_weight=None,
        target_range=(0.0, 1.0),
        warm_start=False,
        n_jobs=None,
        random_state=None,
        verbose=0,
    ):
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

    def predict(self, X):
        """The most probable label of each sample.

        Parameters
        ----------
        X : array-like or sparse matrix of shape (n_samples, n_features)

        Returns
        -------
        y : ndarray of shape (n_samples,), or (n_samples, n_labels) of 0 and 1 if multilabel
        """
        proba = self.predict_proba(X)
        if self._multilabel:
            return (proba > 0.5).astype(int)
        return self.classes_[proba.argmax(axis=1)]

    def predict_proba(self, X):
        """Probabilities of the classes.

        One output unit is the probability of the second class; several are divided by
        their sum; those of multilabel y are probabilities of their own.

        Parameters
        ----------
        X : array-like or sparse matrix of shape (n_samples, n_features)

        Returns
        -------
        proba : ndarray of shape (n_samples, n_classes) or (n_samples, n_labels)
        """
        a3 = from_range(self._forward(X), self._target_range)
        if self._multilabel:
            return a3
        if len(self.classes_) == 1:
            return np.ones_like(a3)
        if len(self.classes_) == 2:
            return np.hstack([1 - a3, a3])
        total = a3.sum(axis=1, keepdims=True)
        if not total.all():  # no class at all is likely: all are equally so
            a3 = np.where(total > 0, a3, 1)
            total = np.where(total > 0, total, a3.shape[1])
        return a3 / total

    def predict_log_proba(self, X):
        """Logarithms of `predict_proba`.

        Parameters
        ----------
        X : array-like or sparse matrix of shape (n_samples, n_features)

        Returns
        -------
        log_proba : ndarray of shape (n_samples, n_classes) or (n_samples, n_labels)
            -inf where a probability is 0.
        """
        with np.errstate(divide="ignore"):
            return np.log(self.predict_proba(X))

    @available_if(can_go_on)
    def partial_fit(self, X, y, classes=None, sample_weight=None):
        """One pass of a first-order optimizer over some samples.

        Calls go on from each other, with the optimizer's memory. Available with the
        optimizers "sgd", "adam" and "rprop". The penalty `alpha` stands beside the costs of
        the samples of the call: where one pass over the data takes m calls, divide `alpha` by
        m. What says when a descent ends (`max_iter`, `tol`,
        `max_time`, `early_stopping`), `n_init` and `verbose` are for `fit`.

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

    def _learn_targets(self, y, sample_weight, classes=None):
        multilabel = is_multilabel(y)
        if multilabel:
            classes = np.arange(y.shape[1])
        else:
            classes = np.unique(y if classes is None else classes)
            if len(classes) > 0.5 * len(y):
                check_classification_targets(y)  # warns of labels that look like numbers
        if self.warm_start and self.__sklearn_is_fitted__():
            self._check_same_classes(classes, multilabel)
        self.classes_, self._multilabel = classes, multilabel
        self._target_range = tuple(self.target_range)
        self._class_factors = None
        if self.class_weight is not None:
            self._class_factors = self._factors(y, sample_weight)

    def _check_told(self, y, classes, first):
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
            return
        if listed and not self._multilabel:
            self._check_same_classes(np.unique(classes), self._multilabel)
        self._class_factors = None if self.class_weight is None else self._factors(y, None)

    def _targets(self, y, sample_weight, name="y"):
        multilabel = y.ndim == 2
        if multilabel != self._multilabel or (multilabel and y.shape[1] != len(self.classes_)):
            raise ValueError(
                f"{name} must be as in the first fit, "
                f"{f'{len(self.classes_)} labels' if self._multilabel else 'one label'} a sample, "
                f"got shape {y.shape!r}"
            )
        if multilabel:
            indicator = y.toarray() if sparse.issparse(y) else y
            if not ((indicator == 0) | (indicator == 1)).all():
                raise ValueError(
                    f"{name} must be a multilabel indicator of 0 and 1, got "
                    f"{np.unique(indicator)!r}"
                )
            return to_range(indicator, self._target_range), sample_weight
        codes = self._codes(y, name)
        indicator = codes[:, None] == np.arange(len(self.classes_))
        if len(self.classes_) == 2:
            indicator = indicator[:, 1:]
        if self._class_factors is not None:
            weight = np.ones(len(codes)) if sample_weight is None else sample_weight
            sample_weight = (weight * self._class_factors[codes]).astype(weight.dtype, copy=False)
            if not sample_weight.any():
                raise ValueError(
                    f"class_weight must leave some sample with a weight, got "
                    f"{self.class_weight!r}, all zero for the classes in y"
                )
        return to_range(indicator, self._target_range), sample_weight

    def _codes(self, y, name="y"):
        """The number of each label's class."""
        known = set(self.classes_.tolist())
        unknown = [label for label in np.unique(y).tolist() if label not in known]
        if unknown:
            raise ValueError(
                f"{name} must have labels of the classes {self.classes_!r}, got {unknown!r}, which "
                f"training has not seen"
            )
        return np.searchsorted(self.classes_, y)

    def _strata(self, y):
        return None if self._multilabel else y

    def _check_same_classes(self, classes, multilabel):
        if multilabel != self._multilabel or not np.array_equal(classes, self.classes_):
            raise ValueError(
                f"warm_start and partial_fit need the classes of the previous fit, "
                f"{self.classes_!r}, got {classes!r}: keep them, or begin anew with "
                f"warm_start=False"
            )

    def _factors(self, y, sample_weight):
        """What `class_weight` multiplies the costs of each class by, (n_classes,)."""
        if self._multilabel:
            raise ValueError(
                f"class_weight must be None for multilabel y, got {self.class_weight!r}: give "
                f"sample_weight to fit instead"
            )
        if self.class_weight == "balanced":
            totals = np.bincount(self._codes(y), sample_weight, minlength=len(self.classes_))
            # a class without weight is none to be balanced, and its factor of no account
            present = totals > 0
            factors = totals.sum() / (present.sum() * np.where(present, totals, 1))
        else:
            factors = compute_class_weight(
                self.class_weight, classes=self.classes_, y=self.classes_
            )
        if not (np.isfinite(factors).all() and (factors >= 0).all() and factors.any()):
            raise ValueError(
                f"class_weight must be finite numbers >= 0, not all of them 0, got "
                f"{self.class_weight!r}"
            )
        return factors

    def __sklearn_tags__(self):
        tags = super().__sklearn_tags__()
        tags.classifier_tags.multi_label = True
        return tags
