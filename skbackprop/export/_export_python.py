"""`export_python`: a fitted model as Python code without NumPy."""

from string import Template
from typing import Any

import numpy as np
from numpy.typing import NDArray
from sklearn.base import BaseEstimator

from ._folded_network import FoldedNetwork
from ._reserved_names import PYTHON_NAMES
from ._source_text import LIMIT, check_flag, check_name, comment, description, rows, wrapped

__all__ = ["export_python"]


def export_python(model: BaseEstimator, *, name: str = "network", derivative: bool = False) -> str:
    """Write a fitted model as Python code that needs only the module ``math``.

    The scaling before the network is merged into its weights, and the map of y is in the last
    line, so the arguments of the functions are the columns on which the model was fitted. For many
    samples at a time, `predict` is much faster.

    Parameters
    ----------
    model : estimator
        As for :func:`export_c`.
    name : str, default="network"
        Name of the function, and prefix of all other names in the file. It must not be a keyword,
        a built-in name, or a variable of the code.
    derivative : bool, default=False
        Whether to add the function ``<name>_gradient``.

    Returns
    -------
    code : str
        A module with these functions of one sample, a sequence of n_features numbers:

        - ``network(x)`` returns the result of `predict` of a regressor, a float, or a list of
          floats for several outputs; for a classifier it returns the result of `predict_proba` as
          a list;
        - ``network_class(x)``, only for a classifier, returns the label that `predict` returns;
        - ``network_labels(x)`` replaces it if y is multilabel, and returns a list of 0 and 1;
        - ``network_gradient(x)``, only with `derivative`, returns the result of ``network`` and
          its derivatives with respect to the features, in units of y per unit of x: a list of
          n_features floats, or a list of such lists for several outputs and for classes.

    Raises
    ------
    NotFittedError
        If the model is not fitted.
    TypeError
        If a step before the network is not affine.
    ValueError
        If a parameter is invalid, or if labels are neither numbers nor strings.

    See Also
    --------
    export_c, export_matlab, export_text : The same model in other languages.

    Examples
    --------
    >>> from sklearn.datasets import load_iris
    >>> from sklearn.pipeline import make_pipeline
    >>> from sklearn.preprocessing import StandardScaler
    >>> from skbackprop import BackpropClassifier
    >>> from skbackprop.export import export_python
    >>> X, y = load_iris(return_X_y=True)
    >>> model = make_pipeline(StandardScaler(), BackpropClassifier(3, random_state=0)).fit(X, y)
    >>> functions = {}
    >>> exec(export_python(model), functions)
    >>> functions["network_class"]([5.1, 3.5, 1.4, 0.2])
    0
    >>> [f"{probability:.1f}" for probability in functions["network"]([6.0, 2.9, 4.8, 1.6])]
    ['0.0', '0.8', '0.2']
    """
    check_name(name, PYTHON_NAMES)
    check_flag(derivative, "derivative")
    network = FoldedNetwork.of(model)
    words = _words(network, name)
    parts = [_head(model, network), _constants(network, name)]
    templates = [_LAYERS]
    if network.is_clipped:
        templates += [_SHARE, _SLOPE] if derivative else [_SHARE]
    templates += [_OUTPUTS[network.kind], _MAIN]
    if network.kind != "regression":
        templates.append(_LABELS if network.kind == "multilabel" else _CLASS)
    if derivative:
        templates.append(_GRADIENT)
    return "\n\n".join(parts + [Template(template).substitute(words) for template in templates])


def _words(network: FoldedNetwork, name: str) -> dict[str, str]:
    """Values of the placeholders of the templates."""
    low, high = network.target_range
    is_single = network.kind == "regression" and network.n_outputs == 1
    words = {
        "name": name,
        "NAME": name.upper(),
        "d": str(network.n_features),
        "limit": LIMIT["double"],
        "low": repr(low),
        "high": repr(high),
        "share": f"_{name}_share(a)" if network.is_clipped else "a",
        "slope": f"_{name}_slope(a) * " if network.is_clipped else "",
        "center": "",
        "result": "y[0]" if is_single else "y",
        "results": "y[0], dy[0]" if is_single else "y, dy",
        "what": "Prediction" if network.kind == "regression" else "Probabilities",
    }
    if network.is_centered:
        words["center"] = Template(_CENTER).substitute(words)
    words["rest"] = Template(_RESTS[network.kind]).substitute(words)
    return words


def _head(model: BaseEstimator, network: FoldedNetwork) -> str:
    lines = [description(model, network)]
    if network.feature_names:
        lines += ["", "Features:", ""]
        lines += [f"    x[{i}]  {comment(text)}" for i, text in enumerate(network.feature_names)]
    return "\n".join([*(f"# {line}".rstrip() for line in lines), "", "import math", ""])


def _constants(network: FoldedNetwork, name: str) -> str:
    """The numbers as tuples; W1 and W2 are transposed, with one row for each target unit."""
    arrays: dict[str, NDArray[np.float64]] = {
        "W1": network.W1.T,
        "B1": network.b1,
        "W2": network.W2.T,
        "B2": network.b2,
    }
    if network.is_centered:
        arrays = {"CENTER": network.center} | arrays
    if network.kind == "regression":
        arrays |= {"SCALE": network.scale, "SHIFT": network.shift}
    lines = []
    for part, array in arrays.items():
        begin, numbers = f"{name.upper()}_{part} = (", rows(np.atleast_2d(array))
        if array.ndim == 1:
            lines += wrapped(_tuple(numbers[0]), begin=begin, end=")")
        else:
            lines.append(begin)
            for row in numbers:
                lines += wrapped(_tuple(row), begin="    (", end="),", indent="     ")
            lines.append(")")
    if network.classes is not None and network.kind != "multilabel":
        labels = _tuple([_literal(label) for label in network.classes])
        lines += wrapped(labels, begin=f"{name.upper()}_CLASSES = (", end=")")
    return "\n".join([*lines, ""])


def _tuple(words: list[str]) -> list[str]:
    """Add a comma if a tuple has only one element."""
    return [f"{words[0]},"] if len(words) == 1 else words


def _literal(label: Any) -> str:
    if isinstance(label, (bool, int, float, str)):
        return repr(label)
    raise ValueError(
        f"labels must be numbers or strings for export_python, got {label!r}: fit the model with "
        f"numbers or strings"
    )


_LAYERS = """\
def _${name}_f(z):
    # f(z) = 1 / (1 + exp(-z)); where exp(-z) would overflow, f is 0
    return 0.0 if z < -$limit else 1.0 / (1.0 + math.exp(-z))


def _${name}_layers(x):
    # the hidden layer a2 and the output units a3
    if len(x) != $d:
        raise ValueError(f"x must hold $d numbers, got {len(x)}")
${center}    z2 = (b + sum(w * v for w, v in zip(row, x)) for row, b in zip(${NAME}_W1, ${NAME}_B1))
    a2 = [_${name}_f(z) for z in z2]
    z3 = (b + sum(w * a for w, a in zip(row, a2)) for row, b in zip(${NAME}_W2, ${NAME}_B2))
    return a2, [_${name}_f(z) for z in z3]
"""

_CENTER = """\
    x = [v - center for v, center in zip(x, ${NAME}_CENTER)]
"""

_SHARE = """\
def _${name}_share(a):
    # an output unit as a share of the range of its targets, clipped to [0, 1]
    share = (a - $low) / ($high - $low)
    return 0.0 if share < 0.0 else 1.0 if share > 1.0 else share
"""

_SLOPE = """\
def _${name}_slope(a):
    return 1.0 / ($high - $low) if $low < a < $high else 0.0
"""

_OUTPUTS = {
    "regression": """\
def _${name}_outputs(a3):
    return [shift + scale * a for shift, scale, a in zip(${NAME}_SHIFT, ${NAME}_SCALE, a3)]
""",
    "binary": """\
def _${name}_outputs(a3):
    (a,) = a3
    share = $share
    return [1.0 - share, share]
""",
    "multilabel": """\
def _${name}_outputs(a3):
    return [$share for a in a3]
""",
    "multiclass": """\
def _${name}_outputs(a3):
    # shares divided by their sum; equal shares if all are 0
    shares = [$share for a in a3]
    total = sum(shares)
    return [1.0 / len(a3) if total == 0.0 else share / total for share in shares]
""",
}

_MAIN = '''\
def $name(x):
    """$what for one sample x of $d numbers."""
    _, a3 = _${name}_layers(x)
    y = _${name}_outputs(a3)
    return $result
'''

_CLASS = '''\
def ${name}_class(x):
    """The most probable class of one sample x of $d numbers."""
    y = $name(x)
    return ${NAME}_CLASSES[y.index(max(y))]
'''

_LABELS = '''\
def ${name}_labels(x):
    """0 or 1 for each label of one sample x of $d numbers."""
    return [int(share > 0.5) for share in $name(x)]
'''

_GRADIENT = '''\
def ${name}_gradient(x):
    """$what for one sample x of $d numbers, and the derivatives with respect to x."""
    a2, a3 = _${name}_layers(x)
    y, dy = _${name}_outputs(a3), []
    for k, a in enumerate(a3):
        sigma3 = ${slope}a * (1.0 - a)
        sigma2 = [sigma3 * w * h * (1.0 - h) for w, h in zip(${NAME}_W2[k], a2)]
        dy.append([sum(s * w for s, w in zip(sigma2, column)) for column in zip(*${NAME}_W1)])
${rest}    return $results
'''

# Computation of the gradient of the outputs from that of the units or of the shares.
_RESTS = {
    "regression": """\
    dy = [[scale * slope for slope in row] for scale, row in zip(${NAME}_SCALE, dy)]
""",
    "multilabel": "",
    "binary": """\
    dy = [[-slope for slope in dy[0]], dy[0]]
""",
    "multiclass": """\
    # if all shares are 0, they are replaced by equal constant shares
    total = sum($share for a in a3) or math.inf
    change = [sum(column) for column in zip(*dy)]
    dy = [[(s - p * c) / total for s, c in zip(row, change)] for row, p in zip(dy, y)]
""",
}
