"""`to_onnx`: fitted estimators as ONNX graphs, which need neither Python nor scikit-learn."""

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import ArrayLike
from scipy import sparse
from sklearn.base import BaseEstimator, is_classifier
from sklearn.utils.validation import check_is_fitted

from ._onnx_converters import register_converters
from ._plain_onnx import plain_graph
from ._source_text import check_flag

if TYPE_CHECKING:
    from onnx import ModelProto

__all__ = ["to_onnx"]


def to_onnx(
    estimator: BaseEstimator,
    X: ArrayLike | sparse.spmatrix | sparse.csr_array | None = None,
    *,
    target_opset: int | Mapping[str, int] | None = None,
    options: Mapping[str, Any] | None = None,
    name: str | None = None,
    plain: bool = False,
) -> "ModelProto":
    """Convert a fitted estimator, or a fitted pipeline or ensemble with one, to an ONNX model.

    The graph of the network is its forward pass: MatMul, Add and Sigmoid for each layer, then the
    map from the target range to the units of y. Its results are those of `predict` and
    `predict_proba` up to rounding.

    Parameters
    ----------
    estimator : BackpropClassifier, BackpropRegressor or another estimator, fitted
        Each step of a pipeline must be an estimator that skl2onnx can convert.
    X : array-like or sparse matrix of shape (n_samples, n_features), default=None
        A sample of the input, which determines its type. For a DataFrame, the graph has one input
        of shape (n_samples, 1) for each column; otherwise it has one dense input, "X", of the
        dtype of X. None means float32. The network is computed in float64 if the input is
        float64, and in float32 otherwise.
    target_opset : int, dict or None, default=None
        Version of ONNX's operator set, >= 11. None selects the latest version with which skl2onnx
        is tested.
    options : dict or None, default=None
        Options of skl2onnx, as for its function `to_onnx`: a classifier has `zipmap`, `nocl` and
        `output_class_labels`. With None, probabilities are an array. skl2onnx's own default,
        ``{"zipmap": True}``, returns a list of dictionaries.
    name : str or None, default=None
        Name of the graph.
    plain : bool, default=False
        Whether to merge a whole pipeline into three layers: MatMul, Add and Sigmoid twice, then a
        MatMul and an Add that map to the units of y. The graph has one input, "X", and one output.
        Programs that optimise or verify networks, such as OMLT, can read it. All steps of a
        pipeline must then be affine, as for :func:`export_c`. A classifier must have two classes,
        or multilabel y, and ``target_range=(0, 1)``; its only output is "probabilities".

    Returns
    -------
    model : onnx.ModelProto
        Its method ``SerializeToString`` returns the content of an ONNX file. The outputs of a
        classifier are "label" and "probabilities"; the output of a regressor is "variable", of
        shape (n_samples, n_outputs).

    Raises
    ------
    ImportError
        If skl2onnx is not installed.
    NotFittedError
        If the estimator is not fitted.
    TypeError
        With `plain`, if a step before the network is not affine.
    ValueError
        If `target_opset` is too old, labels are neither numbers nor strings, or the weights or
        the values of y are too large for float32. With `plain`, if `options` are given, or the
        probabilities are not affine functions of the output units.

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

    A plain graph of a regressor:

    >>> from skbackprop import BackpropRegressor
    >>> model = make_pipeline(StandardScaler(), BackpropRegressor(random_state=0))
    >>> graph = to_onnx(model.fit(X[:, :3], X[:, 3]), plain=True).graph
    >>> [node.op_type for node in graph.node]
    ['MatMul', 'Add', 'Sigmoid', 'MatMul', 'Add', 'Sigmoid', 'MatMul', 'Add']
    """
    check_flag(plain, "plain")
    if plain:
        if options is not None:
            raise ValueError(f"options must be None with plain=True, got {options!r}")
        dtype = np.dtype(np.float64 if _is_double(X) else np.float32)
        return plain_graph(estimator, dtype, target_opset=target_opset, name=name)
    skl2onnx = register_converters()
    check_is_fitted(estimator)
    if options is None and is_classifier(estimator):
        options = {"zipmap": False}
    return skl2onnx.to_onnx(
        estimator, _sample(X, estimator), name=name, target_opset=target_opset, options=options
    )


def _sample(X: Any, estimator: Any) -> Any:
    """A dense array, or the user's data frame, which determines the type of the input."""
    if X is None:
        return np.zeros((1, estimator.n_features_in_), dtype=np.float32)
    if sparse.issparse(X):
        return X[:1].toarray()
    return X if hasattr(X, "columns") else np.asarray(X)


def _is_double(X: Any) -> bool:
    if X is None:
        return False
    return (X.dtype if sparse.issparse(X) else np.asarray(X).dtype) == np.float64
