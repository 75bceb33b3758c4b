"""Callbacks for `set_callbacks`, which scikit-learn has had since its release 1.9."""

from importlib.util import find_spec

import sklearn

if find_spec("sklearn.callback") is None:
    raise ImportError(
        f"skbackprop.callbacks needs scikit-learn 1.9 or newer, got {sklearn.__version__}: "
        f"pip install --upgrade scikit-learn; everything else of skbackprop works without"
    )

from ..estimators._fit_in_progress import validation_data
from ._progress_bar import ProgressBar
from ._snapshot import Snapshot
from ._target_loss import TargetLoss

__all__ = ["ProgressBar", "Snapshot", "TargetLoss", "validation_data"]
