"""`sensitivity`: how strongly a fitted model depends on each feature."""

import numpy as np
from numpy.typing import NDArray
from scipy import sparse
from sklearn.base import BaseEstimator
from sklearn.utils import Bunch
from sklearn.utils.sparsefuncs import mean_variance_axis

from ._problem import MatrixLike
from ._whole_model import WholeModel

__all__ = ["every_output", "sensitivity"]

# Results with a value for each feature.
_BY_FEATURE = ("mean", "std", "rms", "connection_weights", "derivatives")


def sensitivity(model: BaseEstimator, X: MatrixLike, *, standardize: bool = False) -> Bunch:
    """Statistics of the derivatives of a model's predictions, for each feature.

    Parameters
    ----------
    model : estimator
        As for :func:`input_gradient`.
    X : array-like or sparse matrix of shape (n_samples, n_features)
        The samples over which to average, for example those of the fit.
    standardize : bool, default=False
        Whether to multiply each derivative by the standard deviation of its feature in X and
        divide it by the standard deviation of the prediction, to compare features with different
        units. A feature that is constant in X then has a sensitivity of 0.

    Returns
    -------
    result : Bunch
        If there are several outputs, each array has an axis of outputs, in the order of
        :func:`input_gradient`, before the axis of features.

        mean : ndarray of shape (n_features,)
            Mean of the derivative: the direction and size of the average effect. It is near 0 for
            a feature that raises the prediction at some points and lowers it at others.
        std : ndarray of shape (n_features,)
            Standard deviation of the derivative: 0 for a linear effect, and large for an effect
            that varies between points, because of curvature or interactions.
        rms : ndarray of shape (n_features,)
            Root mean square of the derivative, with ``rms**2 == mean**2 + std**2``: the strength
            of the effect, whatever its sign.
        derivatives : ndarray of shape (n_samples, n_features)
            The derivatives from which these three statistics are computed.
        connection_weights : ndarray of shape (n_features,)
            The product of the weights into and out of each hidden unit, summed over the units:
            W1 W2 for the columns of X. It needs no samples but assumes linear units: it is
            meaningful only for features of equal scale and units that are not saturated, and only
            up to a factor, because it is in units of z3. With `standardize` it is multiplied by
            the standard deviation of the feature.
        feature_names, output_names : list of str
            Names of the columns and of the outputs.

    Raises
    ------
    NotFittedError, TypeError, ValueError
        As for :func:`input_gradient`.

    See Also
    --------
    SensitivityDisplay : A display of these statistics.
    sklearn.inspection.permutation_importance : The decrease of the score if a feature is permuted.

    Notes
    -----
    These statistics describe the model, not the data: a feature may have a large derivative in a
    model that predicts poorly. If features are correlated, a model can distribute their common
    effect among them arbitrarily.

    References
    ----------
    The statistics are those of NeuralSens: Pizarroso, Portela and Munoz, Journal of Statistical
    Software 102(7), 2022. Connection weights: Olden, Joy and Death, Ecological Modelling 178, 2004.

    Examples
    --------
    >>> import numpy as np
    >>> from skbackprop import BackpropRegressor
    >>> from skbackprop.inspection import sensitivity
    >>> X = np.random.default_rng(0).uniform(-1, 1, size=(300, 3))
    >>> X = np.vstack([X, -X])
    >>> y = 2 * X[:, 0] + X[:, 1] ** 2
    >>> result = sensitivity(BackpropRegressor(alpha=1e-6, random_state=0).fit(X, y), X)
    >>> np.abs(result.mean).round(1)  # dy/dx[1] = 2 x[1], which is 0 on average
    array([2., 0., 0.])
    >>> print(f"{result.std[1]:.1f}")  # its standard deviation is 2 / sqrt(3) = 1.15
    1.1
    """
    result = every_output(model, X, standardize)
    if len(result.output_names) == 1:
        for name in _BY_FEATURE:
            result[name] = result[name][..., 0, :]
    return result


def every_output(model: BaseEstimator, X: MatrixLike, standardize: bool) -> Bunch:
    """The result of `sensitivity` with an axis of outputs, even if there is only one."""
    whole = WholeModel.of(model)
    X = whole.check_features(X)
    derivatives, weights = whole.derivative(X), (whole.W1 @ whole.W2).T
    if standardize:
        spread, reach = _deviations(X), whole.predict(X).std(axis=0)
        weights = weights * spread
        derivatives *= spread
        derivatives /= np.where(reach > 0, reach, 1)[:, None]
    mean, std = derivatives.mean(axis=0), derivatives.std(axis=0)
    return Bunch(
        mean=mean,
        std=std,
        rms=np.hypot(mean, std),
        derivatives=derivatives,
        connection_weights=weights,
        feature_names=whole.feature_names,
        output_names=whole.output_names,
    )


def _deviations(X: NDArray[np.float64] | sparse.csr_matrix) -> NDArray[np.float64]:
    if sparse.issparse(X):
        return np.sqrt(mean_variance_axis(X, axis=0)[1])
    return X.std(axis=0)
