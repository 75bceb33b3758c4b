"""Two-layer sigmoid networks for scikit-learn, trained by grid, Monte Carlo or descent."""

from .estimators import BackpropClassifier, BackpropRegressor, trusted_types

__all__ = ["BackpropClassifier", "BackpropRegressor", "__version__", "trusted_types"]

__version__ = "0.1.0"
