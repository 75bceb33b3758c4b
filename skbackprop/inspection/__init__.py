"""Pictures of a fit, and a check of its gradient.

The displays follow scikit-learn's pattern: ``from_estimator`` computes, ``plot`` draws. Drawing
needs matplotlib: ``pip install "skbackprop[plot]"``.
"""

from ._cost_surface import CostSurfaceDisplay
from ._gradient import GradientReport, check_gradient
from ._loss_curve import LossCurveDisplay
from ._network import NetworkDisplay
from ._record import record_path

__all__ = [
    "CostSurfaceDisplay",
    "GradientReport",
    "LossCurveDisplay",
    "NetworkDisplay",
    "check_gradient",
    "record_path",
]
