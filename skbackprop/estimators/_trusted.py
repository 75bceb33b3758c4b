"""The types that a file of a fitted estimator may contain, for skops."""

import numpy as np

from .._execution._result import Status
from ..losses import LOSSES
from ..model._leverage import Leverage
from ..model._network import Network
from ..model._standardisation import Standardisation
from ..optimizers import OPTIMIZERS, DescentState, FirstOrder
from ..solvers import SOLVERS
from ._class_encoder import ClassEncoder
from ._classifier import BackpropClassifier
from ._range_encoder import RangeEncoder
from ._regressor import BackpropRegressor
from ._uncertainty import ErrorBars

__all__ = ["trusted_types"]


def trusted_types() -> list[str]:
    """Names of all types of this package that a fitted estimator may contain, for `skops.io.load`.

    The names are read from the installed package, not from the file, so a file with other types
    is not loaded. Add the types of your own losses, optimizers, solvers and schedules.

    Returns
    -------
    names : list of str
        Full names of the types, sorted.

    Examples
    --------
    >>> import skbackprop
    >>> names = skbackprop.trusted_types()
    >>> [name for name in names if name.endswith(("Classifier", ".LogLoss"))]
    ['skbackprop.estimators._classifier.BackpropClassifier', 'skbackprop.losses._log_loss.LogLoss']
    """
    kinds: list[type] = [BackpropClassifier, BackpropRegressor, ClassEncoder, RangeEncoder, Network]
    kinds += [Status, DescentState, Standardisation, ErrorBars, Leverage]
    kinds += [kind for registry in (LOSSES, OPTIMIZERS, SOLVERS) for kind in registry.values()]
    kinds += [
        type(optimizer().init(np.zeros(1)))
        for optimizer in OPTIMIZERS.values()
        if issubclass(optimizer, FirstOrder)
    ]
    names = {f"{kind.__module__}.{kind.__qualname__}" for kind in kinds}
    return sorted(name for name in names if name.startswith("skbackprop."))  # no tuples
