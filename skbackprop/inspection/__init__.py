"""Pictures of a fit, its derivatives by the features, proven bounds, and a check of its gradient.

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
# _input_gradient : `input_gradient`, the derivatives of a prediction by the features
# _sensitivity, _sensitivity_display : their statistics and their picture
# bounds/ : `output_bounds`, the smallest and the largest prediction over a box, proven
# _whole_model : a pipeline as one function of the user's columns, and its derivative
# _problem : the objective, weights and names of an estimator; nothing else looks inside one
# _weight_names : "W1[0, 2]" and its position among the weights
# _style : colours and figures

from ._check_gradient import GradientReport, check_gradient
from ._cost_surface import CostSurfaceDisplay
from ._input_gradient import input_gradient
from ._loss_curve import LossCurveDisplay
from ._network_display import NetworkDisplay
from ._record_path import record_path
from ._sensitivity import sensitivity
from ._sensitivity_display import SensitivityDisplay
from .bounds import output_bounds

__all__ = [
    "CostSurfaceDisplay",
    "GradientReport",
    "LossCurveDisplay",
    "NetworkDisplay",
    "SensitivityDisplay",
    "check_gradient",
    "input_gradient",
    "output_bounds",
    "record_path",
    "sensitivity",
]
