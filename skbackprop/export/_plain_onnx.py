"""The plain ONNX graph of a whole model, with only MatMul, Add and Sigmoid, for optimisers."""

from collections.abc import Mapping
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray
from sklearn.base import BaseEstimator

from ._folded_network import FoldedNetwork
from ._onnx_graph import OLDEST_OPSET

if TYPE_CHECKING:
    from onnx import ModelProto

__all__ = ["plain_graph"]

# The operator set in which MatMul, Add and Sigmoid obtained their present form.
_OPSET = 14


def plain_graph(
    model: BaseEstimator,
    dtype: np.dtype,
    *,
    target_opset: int | Mapping[str, int] | None = None,
    name: str | None = None,
) -> "ModelProto":
    """Create a graph of two layers MatMul, Add, Sigmoid and a last layer MatMul, Add.

    Parameters
    ----------
    model : estimator
        As for `affine_model`.
    dtype : dtype of float32 or float64
    target_opset, name : as for `to_onnx`

    Raises
    ------
    ImportError
        If onnx is not installed.
    ValueError
        If the last line of the model is not affine.
    """
    try:
        from onnx import helper, numpy_helper
    except ImportError as error:
        raise ImportError(
            'export to ONNX needs onnx, which is not installed: pip install "skbackprop[onnx]"'
        ) from error
    network = FoldedNetwork.of(model, dtype=dtype, far=np.inf)
    W3, b3 = _last_layer(network)
    output = "variable" if network.kind == "regression" else "probabilities"
    layers = [
        (network.W1, network.b1, "a2"),
        (network.W2, network.b2, "a3"),
        (W3, b3, output),
    ]
    nodes, constants, source = [], [], "X"
    for number, (W, b, result) in enumerate(layers, 1):
        names = [f"W{number}", f"b{number}"]
        for constant, array in zip(names, (W, b), strict=True):
            constants.append(numpy_helper.from_array(array.astype(dtype), constant))
        product, total = f"product{number}", result if number == 3 else f"z{number + 1}"
        nodes.append(helper.make_node("MatMul", [source, names[0]], [product], f"MatMul{number}"))
        nodes.append(helper.make_node("Add", [product, names[1]], [total], f"Add{number}"))
        if number < 3:
            nodes.append(helper.make_node("Sigmoid", [total], [result], f"Sigmoid{number}"))
        source = result
    kind = helper.np_dtype_to_tensor_dtype(dtype)
    graph = helper.make_graph(
        nodes,
        name or "network",
        [helper.make_tensor_value_info("X", kind, [None, network.n_features])],
        [helper.make_tensor_value_info(output, kind, [None, W3.shape[1]])],
        constants,
    )
    sets = [helper.make_opsetid("", _opset(target_opset))]
    # declare the oldest sufficient version, because older runtimes reject newer files
    version = helper.find_min_ir_version_for(sets)
    return helper.make_model(graph, opset_imports=sets, ir_version=version)


def _last_layer(network: FoldedNetwork) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """W3 and b3 of the map from a3 to the output."""
    if network.kind == "regression":
        return np.diag(network.scale), network.shift
    if network.is_clipped:
        raise ValueError(
            f"plain=True needs a classifier with target_range=(0, 1), whose probabilities are not "
            f"clipped, got {network.target_range!r}: fit with (0, 1), or use plain=False"
        )
    if network.kind == "multiclass":
        raise ValueError(
            f"plain=True needs a regressor, two classes or multilabel y, because the probabilities "
            f"of more classes are divided by their sum, got {len(network.classes or [])!r} classes:"
            f" use plain=False"
        )
    if network.kind == "binary":
        return np.array([[-1.0, 1.0]]), np.array([1.0, 0.0])
    return np.eye(network.n_units), np.zeros(network.n_units)


def _opset(target_opset: int | Mapping[str, int] | None) -> int:
    if isinstance(target_opset, Mapping):
        target_opset = target_opset.get("")
    if target_opset is None:
        return _OPSET
    if target_opset < OLDEST_OPSET:
        raise ValueError(f"target_opset must be {OLDEST_OPSET} or newer, got {target_opset!r}")
    return target_opset
