"""The weights of a fitted estimator and the map of its outputs, for all exports.

This is the only file of the folder that reads private attributes of the estimators.
"""

from dataclasses import dataclass
from typing import Self

import numpy as np
from numpy.typing import NDArray

from ..estimators._base import BaseBackprop
from ..estimators._class_encoder import ClassEncoder
from ..estimators._range_encoder import RangeEncoder

__all__ = ["FittedNetwork"]


@dataclass(frozen=True, eq=False)
class FittedNetwork:
    """The numbers of a fitted network.

    Parameters
    ----------
    W1, b1, W2, b2 : ndarray
        Arrays of shapes (n_features, n_hidden), (n_hidden,), (n_hidden, n_outputs) and
        (n_outputs,); b1 and b2 are None for a network without intercepts.
    target_range : tuple of two floats
        The outputs for labels 0 and 1, or for the smallest and the largest y.
    y_low, y_span : ndarray of shape (n_outputs,)
        For a regressor, the smallest y, and the largest minus the smallest y; 0 and 1 for a
        classifier.
    is_multilabel : bool
        Whether each output is a separate label; False for a regressor.
    """

    W1: NDArray
    b1: NDArray | None
    W2: NDArray
    b2: NDArray | None
    target_range: tuple[float, float]
    y_low: NDArray[np.float64]
    y_span: NDArray[np.float64]
    is_multilabel: bool

    @classmethod
    def of(cls, estimator: BaseBackprop) -> Self:
        """Read a fitted BackpropClassifier or BackpropRegressor."""
        W1, W2 = estimator.coefs_
        has_intercepts = estimator._network.fit_intercept
        b1, b2 = estimator.intercepts_ if has_intercepts else (None, None)
        encoder = estimator._encoder
        scale = encoder if isinstance(encoder, RangeEncoder) else None
        n_outputs = W2.shape[1]
        return cls(
            W1,
            b1,
            W2,
            b2,
            target_range=encoder.target_range,
            y_low=np.zeros(n_outputs) if scale is None else scale.low,
            y_span=np.ones(n_outputs) if scale is None else scale.span,
            is_multilabel=isinstance(encoder, ClassEncoder) and encoder.multilabel,
        )
