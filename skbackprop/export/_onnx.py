"""Fitted estimators as ONNX graphs, which run where there is neither Python nor scikit-learn.

skl2onnx walks pipelines and ensembles; here it learns what the two-layer network is. It comes
with the extra `onnx` and is imported when a function is called, not before.
"""

import numpy as np
from scipy import sparse
from sklearn.base import is_classifier
from sklearn.utils.validation import check_is_fitted

from ..estimators._classifier import BackpropClassifier
from ..estimators._regressor import BackpropRegressor

__all__ = ["register_converters", "to_onnx"]

# The first in which Equal compares floats.
_OLDEST_OPSET = 11


def to_onnx(estimator, X=None, *, target_opset=None, options=None, name=None):
    """The ONNX model of a fitted estimator, or of a fitted pipeline or ensemble of such.

    The graph of the network is the forward pass itself: MatMul, Add, Sigmoid for each layer,
    then the way back from the target range. Its answers are those of `predict` and
    `predict_proba` up to rounding.

    Parameters
    ----------
    estimator : BackpropClassifier, BackpropRegressor or another estimator, fitted
        All parts of a pipeline have to be estimators that skl2onnx can convert.
    X : array-like or sparse matrix of shape (n_samples, n_features), default=None
        A sample of the input, for its type. A DataFrame gives an input of shape
        (n_samples, 1) for each column, all else one dense input, "X", of its dtype; None is
        float32. The network is computed in float64 for an input of that, else in float32.
    target_opset : int, dict or None, default=None
        Version of ONNX's set of operators, >= 11; None takes the latest that skl2onnx is tested
        with.
    options : dict or None, default=None
        Options of skl2onnx, as its own `to_onnx` takes them: `zipmap`, `nocl` and
        `output_class_labels` of a classifier. None gives probabilities as an array; skl2onnx
        alone would make a list of dictionaries of them, its ``{"zipmap": True}``.
    name : str or None, default=None
        Name of the graph.

    Returns
    -------
    model : onnx.ModelProto
        Its ``SerializeToString()`` is what an ONNX file holds. A classifier's outputs are
        "label" and "probabilities", a regressor's is "variable", of shape
        (n_samples, n_outputs).

    Raises
    ------
    ImportError
        If skl2onnx is not installed.
    NotFittedError
        If the estimator is not fitted.
    ValueError
        If `target_opset` is too old, labels are neither numbers nor strings, or the weights or y
        do not fit float32.

    Examples
    --------
    >>> from sklearn.datasets import load_iris
    >>> from sklearn.pipeline import make_pipeline
    >>> from sklearn.preprocessing import StandardScaler
    >>> from skbackprop import BackpropClassifier
    >>> from skbackprop.export import to_onnx
    >>> X, y = load_iris(return_X_y=True)
    >>> model = make_pipeline(StandardScaler(), BackpropClassifier(random_state=0)).fit(X, y)
    >>> [output.name for output in to_onnx(model).graph.output]
    ['label', 'probabilities']
    """
    skl2onnx = register_converters()
    check_is_fitted(estimator)
    if X is None:
        X = np.zeros((1, estimator.n_features_in_), dtype=np.float32)
    elif sparse.issparse(X):
        X = X[:1].toarray()
    elif not hasattr(X, "columns"):
        X = np.asarray(X)
    if options is None and is_classifier(estimator):
        options = {"zipmap": False}
    return skl2onnx.to_onnx(estimator, X, name=name, target_opset=target_opset, options=options)


def register_converters():
    """Teach skl2onnx both estimators; then its own `to_onnx` and `convert_sklearn` know them.

    Calling it again changes nothing.

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


class _Graph:
    """The part of an ONNX graph that one estimator becomes, written node by node.

    Tensors go by their names; numbers become constants of the graph.

    Parameters
    ----------
    scope, operator, container
        What skl2onnx hands to a converter.
    """

    def __init__(self, scope, operator, container):
        if container.target_opset < _OLDEST_OPSET:
            raise ValueError(
                f"target_opset must be {_OLDEST_OPSET} or newer for skbackprop's estimators, got "
                f"{container.target_opset!r}"
            )
        self._scope, self._container, self._operator = scope, container, operator
        self._dtype = np.dtype(np.float64 if _is_double(operator) else np.float32)
        self.outputs = [variable.full_name for variable in operator.outputs]

    def add(self, op, *inputs, output=None, **attributes):
        """Add the node `op`, and return the name of its output."""
        inputs = [part if isinstance(part, str) else self._numbers(part) for part in inputs]
        output = output or self._scope.get_unique_variable_name(op.lower())
        name = self._scope.get_unique_operator_name(op)
        self._container.add_node(op, inputs, output, name=name, **attributes)
        return output

    def features(self):
        """X in the type of the network; of several inputs, side by side."""
        wanted, names = self.onnx_type(self._dtype), []
        for variable in self._operator.inputs:
            name = variable.full_name
            if variable.type.to_onnx_type().tensor_type.elem_type != wanted:
                name = self.add("Cast", name, to=wanted)
            names.append(name)
        return names[0] if len(names) == 1 else self.add("Concat", *names, axis=1)

    def row_sums(self, tensor):
        """The sums of the rows, as a column; how to write it depends on the set of operators."""
        from skl2onnx.common._apply_operation import apply_reducesum

        total = self._scope.get_unique_variable_name("total")
        apply_reducesum(self._scope, tensor, total, self._container, axes=[1], keepdims=1)
        return total

    def constant(self, values):
        """Add an array, int64 and strings (of dtype object) included, and return its name."""
        name = self._scope.get_unique_variable_name("constant")
        kind, content = self.onnx_type(values.dtype), values.ravel().tolist()
        self._container.add_initializer(name, kind, values.shape, content)
        return name

    def _numbers(self, values):
        """A constant in the type of the network."""
        with np.errstate(over="ignore"):
            values = np.asarray(values, dtype=np.float64).astype(self._dtype)
        if not np.isfinite(values).all():
            raise ValueError(
                f"the weights and y must fit the type of the input, {self._dtype.name!r}, got "
                f"larger numbers: pass X of float64 to to_onnx"
            )
        return self.constant(values)

    @staticmethod
    def onnx_type(dtype):
        """ONNX's number of a type of NumPy; that of object is strings."""
        from onnx.helper import np_dtype_to_tensor_dtype

        return np_dtype_to_tensor_dtype(np.dtype(dtype))


def _forward(graph, estimator, *, small=False):
    """The forward pass, yhat = f(f(X W1) W2).

    With `small` small outputs are exact in all their digits. The runtimes' Sigmoid is so only
    in those of 1, which shows where outputs are divided by their sum. The definition of f is
    exact, and safe: where exp(-z3) overflows, 1 / (1 + infinity) is 0.
    """
    (W1, W2), (b1, b2) = estimator.coefs_, estimator.intercepts_
    a2 = graph.add("Sigmoid", _layer(graph, estimator, graph.features(), W1, b1))
    z3 = _layer(graph, estimator, a2, W2, b2)
    if not small:
        return graph.add("Sigmoid", z3)
    return graph.add("Reciprocal", graph.add("Add", graph.add("Exp", graph.add("Neg", z3)), 1.0))


def _layer(graph, estimator, tensor, W, b):
    z = graph.add("MatMul", tensor, W)
    return graph.add("Add", z, b) if estimator._network.fit_intercept else z


def _convert_regressor(scope, operator, container):
    """The forward pass and `TargetScale.backward`."""
    estimator = operator.raw_operator
    graph = _Graph(scope, operator, container)
    yhat, scale = _forward(graph, estimator), estimator._encoder
    low, high = scale.target_range
    share = graph.add("Mul", graph.add("Sub", yhat, low), scale.span / (high - low))
    graph.add("Add", share, scale.low, output=graph.outputs[0])


def _convert_classifier(scope, operator, container):
    """The forward pass, `from_range`, and the steps of `predict_proba` and `predict`."""
    estimator = operator.raw_operator
    graph = _Graph(scope, operator, container)
    label, proba = graph.outputs
    shared = not estimator._encoder.multilabel and len(estimator.classes_) != 2
    a3 = _from_range(
        graph, _forward(graph, estimator, small=shared), estimator._encoder.target_range
    )
    if estimator._encoder.multilabel:
        graph.add("Identity", a3, output=proba)
        graph.add("Cast", graph.add("Greater", a3, 0.5), output=label, to=graph.onnx_type(np.int64))
        return
    if shared:
        _shares(graph, a3, len(estimator.classes_), proba)
    else:
        graph.add("Concat", graph.add("Sub", 1.0, a3), a3, axis=1, output=proba)
    best = graph.add("ArgMax", proba, axis=1, keepdims=0)
    graph.add("Gather", graph.constant(_labels(scope, estimator)), best, output=label)


def _from_range(graph, yhat, target_range):
    low, high = target_range
    if low == 0 and high == 1:
        return yhat
    share = graph.add("Div", graph.add("Sub", yhat, low), high - low)
    return graph.add("Min", graph.add("Max", share, 0.0), 1.0)


def _shares(graph, a3, n_classes, proba):
    """Outputs divided by their sum; all alike where no class is likely at all."""
    total = graph.row_sums(a3)
    none = graph.add("Equal", total, 0.0)
    graph.add("Where", none, 1 / n_classes, graph.add("Div", a3, total), output=proba)


def _labels(scope, estimator):
    """The labels of the classes, or their numbers with the option `nocl`: int64 or strings."""
    from skl2onnx.common.utils_classifier import get_label_classes

    labels = get_label_classes(scope, estimator)
    if labels.dtype.kind in "biuf" and labels.max() <= np.iinfo(np.int64).max:
        return labels.astype(np.int64)
    if all(isinstance(label, str) for label in labels):
        return labels.astype(object)
    raise ValueError(
        f"labels must be numbers below 2**63 or strings for ONNX, got {estimator.classes_!r}: "
        f"fit with such labels, or pass the option nocl=True, which numbers the classes"
    )


def _regressor_shapes(operator):
    check_is_fitted(operator.raw_operator)
    _set_shape(operator, 0, operator.raw_operator.n_outputs_)


def _classifier_shapes(operator):
    from skl2onnx.common.data_types import Int64TensorType, StringTensorType

    estimator = operator.raw_operator
    check_is_fitted(estimator)
    _set_shape(operator, 1, len(estimator.classes_))
    strings = _labels(operator.scope_inst, estimator).dtype.kind == "O"
    shape = operator.outputs[1].type.shape if estimator._encoder.multilabel else [_rows(operator)]
    operator.outputs[0].set_type((StringTensorType if strings else Int64TensorType)(shape))


def _set_shape(operator, output, columns):
    from skl2onnx.common.data_types import DoubleTensorType, FloatTensorType

    kind = DoubleTensorType if _is_double(operator) else FloatTensorType
    operator.outputs[output].set_type(kind([_rows(operator), columns]))


def _rows(operator):
    return operator.inputs[0].get_first_dimension()


def _is_double(operator):
    """Whether to compute in float64: if an input is of that. All else is float32 in ONNX."""
    from skl2onnx.common.data_types import DoubleTensorType

    return any(isinstance(variable.type, DoubleTensorType) for variable in operator.inputs)
