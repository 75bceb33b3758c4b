"""Pictures of a fit, and a check of its gradient.

The displays follow scikit-learn's pattern: the constructor takes arrays, ``from_estimator``
computes them, ``plot`` draws them. Drawing needs matplotlib: ``pip install "skbackprop[plot]"``.
"""

# _cost_surface : `CostSurfaceDisplay`, J over two weights or directions
# _plane, _tried_points : what it computes, the plane with J on it and the points of a search
# _draw_cost_surface : how it is drawn
# _loss_curve : `LossCurveDisplay`, J in the course of a fit
# _network_display : `NetworkDisplay`, the network as a diagram
# _check_gradient : backpropagation against differences of J
# _record_path : the weights in the course of a fit
# _reporting_objective : an objective that reports random starts and draws
# _problem : the objective, weights and names of an estimator; nothing else looks inside one
# _weight_names : "W1[0, 2]" and its position among the weights
# _style : colours and figures

from ._check_gradient import GradientReport, check_gradient
from ._cost_surface import CostSurfaceDisplay
from ._loss_curve import LossCurveDisplay
from ._network_display import NetworkDisplay
from ._record_path import record_path

__all__ = [
    "CostSurfaceDisplay",
    "GradientReport",
    "LossCurveDisplay",
    "NetworkDisplay",
    "check_gradient",
    "record_path",
]
