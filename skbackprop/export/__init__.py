"""Fitted networks for use without this package.

- `_export_c`, `_c_templates`: `export_c`
- `_export_python`, `_export_matlab`: `export_python`, `export_matlab`
- `_export_text`, `_formula_lines`, `_spreadsheet`: `export_text`
- `_folded_network`: the input of these functions, a whole model as one network
- `_fitted_network`: the weights and scales of the network itself
- `_source_text`: numbers, names and lines of generated code
- `_reserved_names`: names that a function of generated code cannot have
- `_plain_onnx`: the plain graph of `to_onnx`
- `_to_onnx`: `to_onnx`
- `_onnx_converters`: `register_converters`, and the converters for skl2onnx
- `_onnx_graph`: the nodes of an ONNX graph
"""

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
