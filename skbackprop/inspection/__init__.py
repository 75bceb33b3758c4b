"""Displays of a fit, derivatives with respect to the features, proven bounds, gradient checking.

The displays follow scikit-learn's pattern: the constructor accepts arrays, ``from_estimator``
computes them, and ``plot`` draws them. Plots need matplotlib: ``pip install "skbackprop[plot]"``.

- `_cost_surface`: `CostSurfaceDisplay`, J over two weights or directions
- `_plane`, `_tried_points`: its computations, the plane with J on it and the points of a search
- `_draw_cost_surface`: its drawing functions
- `_loss_curve`: `LossCurveDisplay`, J during a fit
- `_network_display`: `NetworkDisplay`, the network as a diagram
- `_check_gradient`: backpropagation compared with differences of J
- `_record_path`: the weights during a fit
- `_reporting_objective`: an objective that reports random starts and draws
- `_input_gradient`: `input_gradient`, the derivatives of a prediction with respect to the features
- `_sensitivity`, `_sensitivity_display`: statistics of these derivatives, and their display
- `bounds/`: `output_bounds`, proven bounds of the predictions over a box
- `_whole_model`: a pipeline as one function of the user's columns, and its derivative
- `_features`: the columns of X that reach the network
- `_problem`: the objective, weights and names of an estimator; no other file reads its internals
- `_weight_names`: "W1[0, 2]" and its position among the weights
- `_style`: colours and figures
"""

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
