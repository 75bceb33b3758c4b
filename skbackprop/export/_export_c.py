"""`export_c`: a fitted model as one self-contained C99 file."""

from string import Template

import numpy as np
from numpy.typing import NDArray
from sklearn.base import BaseEstimator

from . import _c_templates as c
from ._folded_network import FoldedNetwork
from ._reserved_names import C_NAMES
from ._source_text import (
    LIMIT,
    check_flag,
    check_name,
    check_option,
    comment,
    description,
    rows,
    wrapped,
)

__all__ = ["export_c"]


def export_c(
    model: BaseEstimator, *, name: str = "network", dtype: str = "double", derivative: bool = False
) -> str:
    """Write a fitted model as C99 code that needs only ``math.h``.

    The scaling before the network is merged into its weights, and the map of y is in the last
    line, so the arguments of the functions are the columns on which the model was fitted. The
    functions allocate no memory, change no global state and can be called from several threads.

    Parameters
    ----------
    model : estimator
        A fitted BackpropClassifier or BackpropRegressor, or a Pipeline, a
        TransformedTargetRegressor or a search around one. Steps may be StandardScaler,
        MinMaxScaler, MaxAbsScaler, RobustScaler, PCA, feature selectors, and ColumnTransformer of
        these.
    name : str, default="network"
        Name of the function, and prefix of all other names in the file. It must not be a keyword,
        a name of the standard library, or a variable of the code.
    dtype : {"double", "float"}, default="double"
        The type of all numbers. "float" uses no operations in double precision.
    derivative : bool, default=False
        Whether to add the function ``<name>_gradient``.

    Returns
    -------
    code : str
        The content of a file with these functions, for d features and K outputs:

        - ``void network(const double x[d], double y[K])`` computes `predict` of a regressor, or
          `predict_proba` of a classifier;
        - ``int network_class(const double x[d])``, only for a classifier, returns the index in
          `classes_` of the class that `predict` returns;
        - ``void network_labels(const double x[d], int labels[K])`` replaces it if y is
          multilabel;
        - ``void network_gradient(const double x[d], double y[K], double dy[K][d])``, only with
          `derivative`, also computes the derivatives of each output with respect to each feature,
          in units of y per unit of x.

    Raises
    ------
    NotFittedError
        If the model is not fitted.
    TypeError
        If a step before the network is not affine.
    ValueError
        If a parameter is invalid, or a number is too large for "float".

    See Also
    --------
    export_python, export_matlab, export_text : The same model in other languages.
    to_onnx : The same model as a graph, with any step that skl2onnx converts.

    Notes
    -----
    If a scaler or PCA precedes the network and the mean of a feature is far from zero compared
    with its standard deviation, a constant near the mean is subtracted from the feature first.
    Merging it into the intercept would reduce the precision of the result. "Far" means one standard
    deviation for "float" and a thousand for "double". The sigmoid does not overflow for any
    argument.

    Examples
    --------
    >>> from sklearn.datasets import load_diabetes
    >>> from sklearn.pipeline import make_pipeline
    >>> from sklearn.preprocessing import StandardScaler
    >>> from skbackprop import BackpropRegressor
    >>> from skbackprop.export import export_c
    >>> X, y = load_diabetes(return_X_y=True, as_frame=True)
    >>> model = make_pipeline(StandardScaler(), BackpropRegressor(2, random_state=0)).fit(X, y)
    >>> code = export_c(model, dtype="float")
    >>> print(code[code.rindex("void network(") :])
    void network(const float x[10], float y[1])
    {
        float a2[2], a3[1];
    <BLANKLINE>
        network_layers(x, a2, a3);
        network_outputs(a3, y);
    }
    <BLANKLINE>
    """
    check_name(name, C_NAMES)
    check_option(dtype, "dtype", ("double", "float"))
    check_flag(derivative, "derivative")
    network = FoldedNetwork.of(model, dtype=np.float32 if dtype == "float" else np.float64)
    words = _words(network, name, dtype)
    parts = [_head(model, network, words, derivative), _constants(network, name, dtype)]
    templates = [c.SIGMOID, c.LAYERS]
    if network.is_clipped:
        templates += [c.SHARE, c.SLOPE] if derivative else [c.SHARE]
    templates += [c.OUTPUTS[network.kind], c.MAIN]
    if network.kind != "regression":
        templates.append(c.LABELS if network.kind == "multilabel" else c.CLASS)
    if derivative:
        templates.append(c.GRADIENT)
    return "\n".join(parts + [Template(template).substitute(words) for template in templates])


def _words(network: FoldedNetwork, name: str, dtype: str) -> dict[str, str]:
    """Values of the placeholders of the templates."""
    low, high = rows(np.array([network.target_range]), dtype)[0]
    f = "f" if dtype == "float" else ""
    share = f"{name}_share(a3[k])" if network.is_clipped else "a3[k]"
    words = {
        "name": name,
        "real": dtype,
        "f": f,
        "d": str(network.n_features),
        "h": str(network.n_hidden),
        "u": str(network.n_units),
        "k": str(network.n_outputs),
        "limit": f"{LIMIT[dtype]}{f}",
        "low": f"{low}{f}",
        "high": f"{high}{f}",
        "x": f"(x[i] - {name}_center[i])" if network.is_centered else "x[i]",
        "share": share,
        "first_share": share.replace("[k]", "[0]"),
    }
    words["slope"] = f"{name}_slope(a3[k]) * " if network.is_clipped else ""
    if network.kind == "regression":
        words["slope"] = f"{name}_scale[k] * "
    words["rest"] = Template(c.RESTS[network.kind]).substitute(words)
    # binary: the derivative of the second class comes from the only output unit
    words["row"] = "1" if network.kind == "binary" else "k"
    words["total"] = f"    {dtype} total = 0.0{f};\n" if network.kind == "multiclass" else ""
    return words


def _head(
    model: BaseEstimator, network: FoldedNetwork, words: dict[str, str], derivative: bool
) -> str:
    """The comment at the top: description, declarations, features and outputs."""
    declared = [c.DECLARE]
    if network.kind != "regression":
        declared.append(c.DECLARE_LABELS if network.kind == "multilabel" else c.DECLARE_CLASS)
    if derivative:
        declared.append(c.DECLARE_GRADIENT)
    lines = [description(model, network), "", "Declarations:", ""]
    lines += [f"    {Template(line).substitute(words)};" for line in declared]
    if network.feature_names:
        lines += ["", "Features:", ""]
        lines += [f"    x[{i}]  {comment(text)}" for i, text in enumerate(network.feature_names)]
    if network.classes is not None:
        what = "Labels" if network.kind == "multilabel" else "Probabilities of the classes"
        lines += ["", f"{what}:", ""]
        lines += [f"    y[{k}]  {comment(text)}" for k, text in enumerate(network.classes)]
    body = "\n".join(f" * {line}".rstrip() for line in lines)
    return f"/*\n{body}\n */\n\n#include <math.h>\n"


def _constants(network: FoldedNetwork, name: str, dtype: str) -> str:
    """The static arrays; W1 and W2 are transposed, with one row for each target unit."""
    arrays: dict[str, NDArray[np.float64]] = {
        "W1": network.W1.T,
        "b1": network.b1,
        "W2": network.W2.T,
        "b2": network.b2,
    }
    if network.is_centered:
        arrays = {"center": network.center} | arrays
    if network.kind == "regression":
        arrays |= {"scale": network.scale, "shift": network.shift}
    lines = []
    for part, array in arrays.items():
        shape = "".join(f"[{length}]" for length in array.shape)
        declaration = f"static const {dtype} {name}_{part}{shape} = {{"
        f = "f" if dtype == "float" else ""
        numbers = [[f"{number}{f}" for number in row] for row in rows(np.atleast_2d(array), dtype)]
        if array.ndim == 1:
            lines += wrapped(numbers[0], begin=declaration, end="};")
        else:
            lines.append(declaration)
            for row in numbers:
                lines += wrapped(row, begin="    {", end="},", indent="     ")
            lines[-1] = lines[-1].removesuffix(",")
            lines.append("};")
    return "\n".join([*lines, ""])
