"""What benchmarks judge a fitted estimator by, beside its own `score`."""

from inspect import signature

import numpy as np
from scipy.stats import norm

__all__ = ["interval", "log_loss"]

# The log loss of a class that was given no probability at all would be infinite.
LOWEST_PROBABILITY = 1e-9


def log_loss(classifier, X, y):
    """Mean of -log of the probability of the true class; a class not learnt has none."""
    probability = classifier.predict_proba(X)
    of_true = np.where(classifier.classes_ == y[:, None], probability, 0).sum(axis=1)
    return float(-np.log(np.clip(of_true, LOWEST_PROBABILITY, 1)).mean())


def interval(regressor, X, level=0.95):
    """Ends of the interval that should hold this share of y, by whatever way `predict` offers.

    `return_std` is scikit-learn's: mean and standard deviation, taken for a normal distribution.
    TabPFN and TabICL return quantiles, and name their levels differently.

    Returns
    -------
    (low, high) of shape (n_samples,), or None for a regressor without error bars
    """
    offered = signature(regressor.predict).parameters
    ends = [(1 - level) / 2, (1 + level) / 2]
    if "return_std" in offered:
        mean, std = regressor.predict(X, return_std=True)
        return tuple(mean + std * norm.ppf(end) for end in ends)
    if "quantiles" in offered:  # TabPFN: an array for each level
        low, high = regressor.predict(X, output_type="quantiles", quantiles=ends)
        return low, high
    if "alphas" in offered:  # TabICL: a column for each level
        low, high = regressor.predict(X, output_type="quantiles", alphas=ends).T
        return low, high
    return None
