"""Callbacks for `set_callbacks`, which scikit-learn brought with its release 1.9."""

from ..estimators._fit_in_progress import validation_data
from ._callbacks import EarlyStopping, ProgressBar, Snapshot, TargetLoss, TimeLimit

__all__ = [
    "EarlyStopping",
    "ProgressBar",
    "Snapshot",
    "TargetLoss",
    "TimeLimit",
    "validation_data",
]
