"""`input_gradient`: the derivatives of a prediction with respect to the features."""

import numpy as np
from numpy.typing import NDArray
from sklearn.base import BaseEstimator

from ._problem import MatrixLike
from ._whole_model import WholeModel

__all__ = ["input_gradient"]


def input_gradient(model: BaseEstimator, X: MatrixLike) -> NDArray[np.float64]:
    """Derivatives of a model's predictions with respect to the features, dy/dx.

    They are exact: backpropagation is continued to the inputs. Scalers and PCA before the network,
    and the transformer of y, are taken into account: the derivatives are in units of y per unit of
    each column of X.

    Parameters
    ----------
    model : estimator
        A fitted BackpropClassifier or BackpropRegressor; or a Pipeline, a
        TransformedTargetRegressor or a search such as GridSearchCV around one. The steps before
        the network may be StandardScaler, MinMaxScaler, MaxAbsScaler, RobustScaler, PCA, feature
        selectors, ColumnTransformer and Pipeline of these, and "passthrough".
    X : array-like or sparse matrix of shape (n_samples, n_features)
        The points at which the derivatives are computed, as for `predict` of the model. Columns
        that do not reach the network, such as those that a ColumnTransformer drops, may hold
        anything, and may be missing in a data frame.

    Returns
    -------
    gradient : ndarray of shape (n_samples, n_features) or (n_samples, n_outputs, n_features)
        For a regressor, the derivatives of `predict`. For a classifier, the derivatives of
        `predict_proba`: of the probability of the second class if there are two, of each class if
        there are more, or of each label. The axis of outputs exists only if there are several.
        If `target_range` of a classifier clips a probability to 0 or 1, its derivative is 0.
        The features are the columns of the fit, in their order; columns that do not reach the
        network have derivative 0.

    Raises
    ------
    NotFittedError
        If the model is not fitted.
    TypeError
        If the type of the model or of one of its steps is not supported.
    ValueError
        If X does not match the model, or a step is not an affine map because of its parameters.

    See Also
    --------
    sensitivity : Statistics of these derivatives for each feature.
    output_bounds : The smallest and the largest prediction over a box.

    Notes
    -----
    With sigma3 = f'(z3), the derivative of an output with respect to its z3, one more step of the
    lecture's backpropagation gives dyhat/dX = sigma2 W1^T, where sigma2 = sigma3 W2^T f'(z2).

    Examples
    --------
    The slope of a fitted sine of a feature in hundreds, at its start, maximum and zero:

    >>> import numpy as np
    >>> from sklearn.pipeline import make_pipeline
    >>> from sklearn.preprocessing import StandardScaler
    >>> from skbackprop import BackpropRegressor
    >>> from skbackprop.inspection import input_gradient
    >>> X = np.linspace(0, 600, 200)[:, None]
    >>> y = np.sin(X[:, 0] / 100)
    >>> model = make_pipeline(StandardScaler(), BackpropRegressor(alpha=1e-6, random_state=0))
    >>> slope = input_gradient(model.fit(X, y), [[0], [157], [314]])
    >>> slope.shape
    (3, 1)
    >>> print("  ".join(f"{value:.3f}" for value in np.abs(slope[:, 0])))
    0.010  0.000  0.010
    """
    whole = WholeModel.of(model)
    gradient = whole.derivative(whole.check_features(X))
    return gradient[:, 0] if gradient.shape[1] == 1 else gradient
