"""Two-layer sigmoid networks for scikit-learn, trained by grid, Monte Carlo or descent."""

from ._classifier import BackpropClassifier
from ._regressor import BackpropRegressor

__all__ = ["BackpropClassifier", "BackpropRegressor", "__version__"]

__version__ = "0.1.0"
