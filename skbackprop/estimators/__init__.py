"""The two estimators: labels and numbers in and out of the network."""

from ._classifier import BackpropClassifier
from ._regressor import BackpropRegressor
from ._trusted import trusted_types

__all__ = ["BackpropClassifier", "BackpropRegressor", "trusted_types"]
