"""`input_gradient`: the derivatives of a prediction by the features."""

import numpy as np
from numpy.typing import NDArray
from sklearn.base import BaseEstimator

from ._problem import MatrixLike
from ._whole_model import WholeModel

__all__ = ["input_gradient"]


def input_gradient(model: BaseEstimator, X: MatrixLike) -> NDArray[np.float64]:
    """The derivatives of a model's predictions by the features, dy/dx.

    They are exact, by backpropagation that goes on to the inputs. Scalers and PCA in front of the
    network, and the transformer of y, are taken into account: the derivatives are in units of y per
    unit of each column of X.

    Parameters
    ----------
    model : estimator
        A fitted BackpropClassifier or BackpropRegressor; or a Pipeline, a
        TransformedTargetRegressor or a search such as GridSearchCV around one. The steps before
        the network may be StandardScaler, MinMaxScaler, MaxAbsScaler, RobustScaler, PCA, feature
        selectors, ColumnTransformer and Pipeline of these, and "passthrough".
    X : array-like or sparse matrix of shape (n_samples, n_features)
        The points, as for `predict` of the model.

    Returns
    -------
    gradient : ndarray of shape (n_samples, n_features) or (n_samples, n_outputs, n_features)
        Of a regressor the derivatives of `predict`. Of a classifier those of `predict_proba`: of
        the probability of the second of two classes, of each of more classes, or of each label.
        There is an axis of outputs if there are several. The derivative is 0 where `target_range`
        of a classifier makes the probability exactly 0 or 1.

    Raises
    ------
    NotFittedError
        If the model is not fitted.
    TypeError
        If the model or a step of it is of another type. The message names it.
    ValueError
        If X does not suit the model, or a step is not an affine map because of its parameters.

    See Also
    --------
    sensitivity : Statistics of these derivatives by feature.
    output_bounds : The smallest and the largest prediction over a box.

    Notes
    -----
    With the lecture's sigma3 = f'(z3), the derivative of an output by its own z3, one more step of
    backpropagation gives dyhat/dX = sigma2 W1^T, where sigma2 = sigma3 W2^T f'(z2).

    Examples
    --------
    The slope of a fitted curve, for a feature in hundreds:

    >>> import numpy as np
    >>> from sklearn.pipeline import make_pipeline
    >>> from sklearn.preprocessing import StandardScaler
    >>> from skbackprop import BackpropRegressor
    >>> from skbackprop.inspection import input_gradient
    >>> X = np.linspace(0, 600, 200)[:, None]
    >>> y = np.sin(X[:, 0] / 100)
    >>> model = make_pipeline(StandardScaler(), BackpropRegressor(alpha=1e-6, random_state=0))
    >>> slope = input_gradient(model.fit(X, y), X)
    >>> slope.shape
    (200, 1)
    >>> bool(np.abs(slope[:, 0] - np.cos(X[:, 0] / 100) / 100).max() < 2e-3)
    True
    """
    whole = WholeModel.of(model)
    gradient = whole.derivative(whole.check_features(X))
    return gradient[:, 0] if gradient.shape[1] == 1 else gradient
