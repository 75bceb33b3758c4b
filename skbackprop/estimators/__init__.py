"""The two estimators, which put scikit-learn's interface around the network."""

from ._classifier import BackpropClassifier
from ._regressor import BackpropRegressor
from ._trusted import trusted_types

__all__ = ["BackpropClassifier", "BackpropRegressor", "trusted_types"]
