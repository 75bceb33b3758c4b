"""Fitted networks for use without this package."""

# _fitted_network : the weights and scales that every export writes
# _to_onnx : `to_onnx`
# _onnx_converters : `register_converters`, and the converters for skl2onnx
# _onnx_graph : the nodes of an ONNX graph

from ._export_c import export_c
from ._export_matlab import export_matlab
from ._export_python import export_python
from ._export_text import export_text
from ._onnx_converters import register_converters
from ._to_onnx import to_onnx

__all__ = [
    "export_c",
    "export_matlab",
    "export_python",
    "export_text",
    "register_converters",
    "to_onnx",
]
