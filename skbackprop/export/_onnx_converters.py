"""`register_converters`, and the skl2onnx converters of both estimators.

skl2onnx traverses pipelines and ensembles and calls a converter for each estimator in them. The
extra `onnx` installs it; it is imported only when a function is called.
"""

from types import ModuleType
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray
from sklearn.utils.validation import check_is_fitted

from ..estimators._classifier import BackpropClassifier
from ..estimators._regressor import BackpropRegressor
from ._fitted_network import FittedNetwork
from ._onnx_graph import OnnxGraph, is_double

if TYPE_CHECKING:
    from skl2onnx.common._container import ModelComponentContainer
    from skl2onnx.common._topology import Operator, Scope

__all__ = ["register_converters"]


def register_converters() -> ModuleType:
    """Register both estimators with skl2onnx, for its functions `to_onnx` and `convert_sklearn`.

    Further calls have no effect.

    Returns
    -------
    skl2onnx : module

    Raises
    ------
    ImportError
        If skl2onnx is not installed.

    Examples
    --------
    >>> from skbackprop import BackpropRegressor
    >>> from skbackprop.export import register_converters
    >>> skl2onnx = register_converters()
    >>> model = BackpropRegressor(3, alpha=1e-3, random_state=0)
    >>> model = model.fit([[0.0], [1.0], [2.0]], [0.0, 1.0, 4.0])
    >>> input_type = skl2onnx.common.data_types.FloatTensorType([None, 1])
    >>> graph = skl2onnx.convert_sklearn(model, initial_types=[("X", input_type)]).graph
    >>> [node.op_type for node in graph.node][:6]
    ['MatMul', 'Add', 'Sigmoid', 'MatMul', 'Add', 'Sigmoid']
    """
    try:
        import skl2onnx
    except ImportError as error:
        raise ImportError(
            'export to ONNX needs skl2onnx, which is not installed: pip install "skbackprop[onnx]"'
        ) from error
    skl2onnx.update_registered_converter(
        BackpropClassifier,
        "SkbackpropClassifier",
        _classifier_shapes,
        _convert_classifier,
        options={
            "zipmap": [True, False, "columns"],
            "nocl": [True, False],
            "output_class_labels": [True, False],
        },
    )
    skl2onnx.update_registered_converter(
        BackpropRegressor, "SkbackpropRegressor", _regressor_shapes, _convert_regressor
    )
    return skl2onnx


def _convert_regressor(
    scope: "Scope", operator: "Operator", container: "ModelComponentContainer"
) -> None:
    """Write the forward pass, then the map from the target range to the units of y."""
    network = FittedNetwork.of(operator.raw_operator)
    graph = OnnxGraph(scope, operator, container)
    yhat, (low, high) = _forward(graph, network), network.target_range
    share = graph.add("Mul", graph.add("Sub", yhat, low), network.y_span / (high - low))
    graph.add("Add", share, network.y_low, output=graph.outputs[0])


def _convert_classifier(
    scope: "Scope", operator: "Operator", container: "ModelComponentContainer"
) -> None:
    """Write the forward pass, the map of the target range to [0, 1], and both predictions."""
    estimator = operator.raw_operator
    network, graph = FittedNetwork.of(estimator), OnnxGraph(scope, operator, container)
    label, proba = graph.outputs
    shared = not network.is_multilabel and len(estimator.classes_) != 2
    a3 = _from_range(graph, _forward(graph, network, small=shared), network.target_range)
    if network.is_multilabel:
        graph.add("Identity", a3, output=proba)
        graph.add("Cast", graph.add("Greater", a3, 0.5), output=label, to=graph.onnx_type(np.int64))
        return
    if shared:
        _shares(graph, a3, len(estimator.classes_), proba)
    else:
        graph.add("Concat", graph.add("Sub", 1.0, a3), a3, axis=1, output=proba)
    best = graph.add("ArgMax", proba, axis=1, keepdims=0)
    graph.add("Gather", graph.constant(_labels(scope, estimator)), best, output=label)


def _forward(graph: OnnxGraph, network: FittedNetwork, *, small: bool = False) -> str:
    """Write the forward pass, yhat = f(f(X W1 + b1) W2 + b2).

    With `small=True`, outputs near 0 have full relative precision. The Sigmoid operator of the
    runtimes is precise only relative to 1, which is not enough if outputs are divided by their
    sum. The definition of f is precise, and safe: if exp(-z3) overflows, 1 / (1 + infinity) is 0.
    """
    a2 = graph.add("Sigmoid", _layer(graph, graph.features(), network.W1, network.b1))
    z3 = _layer(graph, a2, network.W2, network.b2)
    if not small:
        return graph.add("Sigmoid", z3)
    return graph.add("Reciprocal", graph.add("Add", graph.add("Exp", graph.add("Neg", z3)), 1.0))


def _layer(graph: OnnxGraph, tensor: str, W: NDArray, b: NDArray | None) -> str:
    z = graph.add("MatMul", tensor, W)
    return z if b is None else graph.add("Add", z, b)


def _from_range(graph: OnnxGraph, yhat: str, target_range: tuple[float, float]) -> str:
    """Map the target range to [0, 1] and clip values outside."""
    low, high = target_range
    if low == 0 and high == 1:
        return yhat
    share = graph.add("Div", graph.add("Sub", yhat, low), high - low)
    return graph.add("Min", graph.add("Max", share, 0.0), 1.0)


def _shares(graph: OnnxGraph, a3: str, n_classes: int, proba: str) -> None:
    """Divide outputs by their sum; use equal shares if all outputs are 0."""
    total = graph.row_sums(a3)
    none = graph.add("Equal", total, 0.0)
    graph.add("Where", none, 1 / n_classes, graph.add("Div", a3, total), output=proba)


def _labels(scope: "Scope", estimator: BackpropClassifier) -> NDArray[Any]:
    """Labels of the classes as int64 or strings; their indices with the option `nocl`."""
    from skl2onnx.common.utils_classifier import get_label_classes

    labels = get_label_classes(scope, estimator)
    if labels.dtype.kind in "biuf" and labels.max() <= np.iinfo(np.int64).max:
        return labels.astype(np.int64)
    if all(isinstance(label, str) for label in labels):
        return labels.astype(object)
    raise ValueError(
        f"labels must be numbers below 2**63 or strings for ONNX, got {estimator.classes_!r}: "
        f"fit with such labels, or pass the option nocl=True, which uses indices of the classes"
    )


def _regressor_shapes(operator: "Operator") -> None:
    check_is_fitted(operator.raw_operator)
    _set_shape(operator, 0, operator.raw_operator.n_outputs_)


def _classifier_shapes(operator: "Operator") -> None:
    from skl2onnx.common.data_types import Int64TensorType, StringTensorType

    estimator = operator.raw_operator
    check_is_fitted(estimator)
    _set_shape(operator, 1, len(estimator.classes_))
    strings = _labels(operator.scope_inst, estimator).dtype.kind == "O"
    is_multilabel = FittedNetwork.of(estimator).is_multilabel
    shape = operator.outputs[1].type.shape if is_multilabel else [_rows(operator)]
    operator.outputs[0].set_type((StringTensorType if strings else Int64TensorType)(shape))


def _set_shape(operator: "Operator", output: int, columns: int) -> None:
    from skl2onnx.common.data_types import DoubleTensorType, FloatTensorType

    kind = DoubleTensorType if is_double(operator) else FloatTensorType
    operator.outputs[output].set_type(kind([_rows(operator), columns]))


def _rows(operator: "Operator") -> int | None:
    """Number of rows of the input; None if it is not fixed."""
    return operator.inputs[0].get_first_dimension()
