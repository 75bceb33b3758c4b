"""Callbacks for `set_callbacks`, which is available in scikit-learn 1.9 and newer.

- `_target_loss`, `_snapshot`, `_progress_bar`: the public callbacks
- `_per_fit`: the base class of the first two
"""

from importlib.util import find_spec

import sklearn

if find_spec("sklearn.callback") is None:
    raise ImportError(
        f"skbackprop.callbacks needs scikit-learn 1.9 or newer, got {sklearn.__version__}: "
        f"pip install --upgrade scikit-learn; the rest of skbackprop works without it"
    )

from ..estimators._fit_in_progress import validation_data
from ._progress_bar import ProgressBar
from ._snapshot import Snapshot
from ._target_loss import TargetLoss

__all__ = ["ProgressBar", "Snapshot", "TargetLoss", "validation_data"]
