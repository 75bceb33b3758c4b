"""The part of an ONNX graph for one estimator, written node by node."""

from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import ArrayLike, DTypeLike, NDArray

if TYPE_CHECKING:
    from skl2onnx.common._container import ModelComponentContainer
    from skl2onnx.common._topology import Operator, Scope

__all__ = ["OLDEST_OPSET", "OnnxGraph", "is_double"]

# The oldest operator set in which Equal compares floats.
OLDEST_OPSET = 11


class OnnxGraph:
    """The part of an ONNX graph for one estimator.

    A tensor is identified by its name. Numbers become constants of the graph.

    Parameters
    ----------
    scope, operator, container : objects of skl2onnx
        The arguments of a converter: the names in use, the estimator with its inputs and
        outputs, and the nodes written so far.
    """

    def __init__(
        self, scope: "Scope", operator: "Operator", container: "ModelComponentContainer"
    ) -> None:
        if container.target_opset < OLDEST_OPSET:
            raise ValueError(
                f"target_opset must be {OLDEST_OPSET} or newer for skbackprop's estimators, got "
                f"{container.target_opset!r}"
            )
        self._scope, self._container, self._operator = scope, container, operator
        self._dtype = np.dtype(np.float64 if is_double(operator) else np.float32)
        self.outputs: list[str] = [variable.full_name for variable in operator.outputs]

    def add(
        self, op: str, *inputs: str | ArrayLike, output: str | None = None, **attributes: Any
    ) -> str:
        """Add a node and return the name of its output.

        Parameters
        ----------
        op : str
            The ONNX operator.
        *inputs : str or array-like
            Names of tensors, or numbers.
        output : str, default=None
            Name of the output; None generates one.
        **attributes : dict
            Attributes of the operator.

        Returns
        -------
        str
        """
        names = [part if isinstance(part, str) else self._numbers(part) for part in inputs]
        output = output or self._scope.get_unique_variable_name(op.lower())
        name = self._scope.get_unique_operator_name(op)
        self._container.add_node(op, names, output, name=name, **attributes)
        return output

    def features(self) -> str:
        """X in the type of the network; several inputs are concatenated."""
        wanted, names = self.onnx_type(self._dtype), []
        for variable in self._operator.inputs:
            name = variable.full_name
            if variable.type.to_onnx_type().tensor_type.elem_type != wanted:
                name = self.add("Cast", name, to=wanted)
            names.append(name)
        return names[0] if len(names) == 1 else self.add("Concat", *names, axis=1)

    def row_sums(self, tensor: str) -> str:
        """Add the sums of the rows, as a column.

        skl2onnx writes the node, because its form depends on the version of the operator set.
        """
        from skl2onnx.common._apply_operation import apply_reducesum

        total: str = self._scope.get_unique_variable_name("total")
        apply_reducesum(self._scope, tensor, total, self._container, axes=[1], keepdims=1)
        return total

    def constant(self, values: NDArray[Any]) -> str:
        """Add an array of numbers, or of strings with dtype object, and return its name."""
        name: str = self._scope.get_unique_variable_name("constant")
        kind, content = self.onnx_type(values.dtype), values.ravel().tolist()
        self._container.add_initializer(name, kind, values.shape, content)
        return name

    def _numbers(self, values: ArrayLike) -> str:
        """Add a constant in the type of the network and return its name."""
        with np.errstate(over="ignore"):
            array = np.asarray(values, dtype=np.float64).astype(self._dtype)
        if not np.isfinite(array).all():
            raise ValueError(
                f"the weights and y must fit the type of the input, {self._dtype.name!r}, got "
                f"larger numbers: pass X of float64 to to_onnx"
            )
        return self.constant(array)

    @staticmethod
    def onnx_type(dtype: DTypeLike) -> int:
        """ONNX's code of a NumPy dtype; object means strings."""
        from onnx.helper import np_dtype_to_tensor_dtype

        return np_dtype_to_tensor_dtype(np.dtype(dtype))


def is_double(operator: "Operator") -> bool:
    """Whether an input is float64; the network is then computed in float64, else in float32."""
    from skl2onnx.common.data_types import DoubleTensorType

    return any(isinstance(variable.type, DoubleTensorType) for variable in operator.inputs)
