"""`export_matlab`: a fitted model as a function for MATLAB and GNU Octave."""

from string import Template

import numpy as np
from sklearn.base import BaseEstimator

from ._folded_network import FoldedNetwork
from ._reserved_names import MATLAB_NAMES
from ._source_text import check_flag, check_name, comment, description, rows, wrapped

__all__ = ["export_matlab"]


def export_matlab(model: BaseEstimator, *, name: str = "network", derivative: bool = False) -> str:
    """Write a fitted model as a function for MATLAB (R2016b or newer) or GNU Octave.

    The scaling before the network is merged into its weights, and the map of y is in the last
    line, so the argument of the function are the columns on which the model was fitted. It
    computes all rows at once, in single precision if x is single.

    Parameters
    ----------
    model : estimator
        As for :func:`export_c`.
    name : str, default="network"
        Name of the function; the file must be called ``<name>.m``. It must not be a keyword or a
        variable of the code.
    derivative : bool, default=False
        Whether the function returns the derivatives as its last output.

    Returns
    -------
    code : str
        The content of the file, a function of x with one row per sample. Its outputs are

        - y, with one row per sample: the result of `predict` of a regressor or `predict_proba` of
          a classifier;
        - only for a classifier, the indices of the most probable classes in `classes_`, from 1;
          or if y is multilabel, 0 or 1 for each label;
        - only with `derivative`, the derivatives of y with respect to the features, of size
          n_samples x n_outputs x n_features, in units of y per unit of x.

    Raises
    ------
    NotFittedError
        If the model is not fitted.
    TypeError
        If a step before the network is not affine.
    ValueError
        If a parameter is invalid.

    See Also
    --------
    export_c, export_python, export_text : The same model in other languages.

    Examples
    --------
    >>> from sklearn.datasets import load_diabetes
    >>> from sklearn.pipeline import make_pipeline
    >>> from sklearn.preprocessing import StandardScaler
    >>> from skbackprop import BackpropRegressor
    >>> from skbackprop.export import export_matlab
    >>> X, y = load_diabetes(return_X_y=True)
    >>> model = make_pipeline(StandardScaler(), BackpropRegressor(2, random_state=0)).fit(X, y)
    >>> code = export_matlab(model)
    >>> print(code[code.index("a2 =") :])
    a2 = 1 ./ (1 + exp(-(x * W1 + b1)));
    a3 = 1 ./ (1 + exp(-(a2 * W2 + b2)));
    y = shift + scale .* a3;
    end
    <BLANKLINE>
    """
    check_name(name, MATLAB_NAMES)
    check_flag(derivative, "derivative")
    network = FoldedNetwork.of(model)
    words = _words(network, name)
    template = _LAYERS + (_CLIP if network.is_clipped else "") + _OUTPUTS[network.kind]
    if derivative:
        template += _GRADIENT
    lines = _head(model, network, name, derivative) + _constants(network)
    return "\n".join([*lines, Template(template).substitute(words) + "end", ""])


def _results(network: FoldedNetwork, derivative: bool) -> list[str]:
    """Names of the outputs of the function."""
    labels = {"regression": [], "multilabel": ["labels"]}.get(network.kind, ["index"])
    return ["y", *labels, *(["dy"] if derivative else [])]


def _words(network: FoldedNetwork, name: str) -> dict[str, str]:
    """Values of the placeholders of the templates."""
    low, high = (repr(end) for end in network.target_range)
    slope = f"((a3(:, k) > {low}) & (a3(:, k) < {high})) ./ ({high} - {low}) .* "
    if not network.is_clipped:
        slope = ""
    words = {
        "d": str(network.n_features),
        "u": str(network.n_units),
        "x": "(x - center)" if network.is_centered else "x",
        "low": low,
        "high": high,
        "share": "share" if network.is_clipped else "a3",
        "slope": "scale(k) .* " if network.kind == "regression" else slope,
        "before": str(len(_results(network, derivative=False))),
    }
    words["rest"] = Template(_RESTS[network.kind]).substitute(words)
    return words


def _head(model: BaseEstimator, network: FoldedNetwork, name: str, derivative: bool) -> list[str]:
    """The first line of the function and its help text."""
    n_outputs, results = network.n_outputs, _results(network, derivative)
    what = "Predictions" if network.kind == "regression" else "Probabilities"
    lines = [f"{name.upper()}  {what} for the rows of x.", "", description(model, network), ""]
    lines.append(f"x: n x {network.n_features}, a row for each sample")
    lines.append(f"y: n x {n_outputs}")
    if "index" in results:
        lines.append("index: n x 1, the most probable class")
    if "labels" in results:
        lines.append(f"labels: n x {n_outputs}, 0 or 1")
    if derivative:
        lines.append(f"dy: n x {n_outputs} x {network.n_features}, the derivatives of y by x")
    if network.feature_names:
        lines += ["", "Features:", ""]
        lines += [f"    x(:, {i})  {comment(s)}" for i, s in enumerate(network.feature_names, 1)]
    if network.classes is not None:
        lines += ["", "Labels:" if "labels" in results else "Classes:", ""]
        lines += [f"    y(:, {k})  {comment(s)}" for k, s in enumerate(network.classes, 1)]
    left = results[0] if len(results) == 1 else f"[{', '.join(results)}]"
    return [f"function {left} = {name}(x)", *(f"% {line}".rstrip() for line in lines), ""]


def _constants(network: FoldedNetwork) -> list[str]:
    arrays = {"W1": network.W1, "b1": network.b1, "W2": network.W2, "b2": network.b2}
    if network.is_centered:
        arrays = {"center": network.center} | arrays
    if network.kind == "regression":
        arrays |= {"scale": network.scale, "shift": network.shift}
    lines = []
    for part, array in arrays.items():
        *first, last = rows(np.atleast_2d(array))
        begin = f"{part} = ["
        for row in first:
            lines += wrapped(row, begin=begin, end=";", line_end=" ...")
            begin = "    "
        lines += wrapped(last, begin=begin, end="];", line_end=" ...")
    return lines


# For large negative z, exp(-z) is Inf, and the sigmoid is 0, which is correct.
_LAYERS = """\
a2 = 1 ./ (1 + exp(-($x * W1 + b1)));
a3 = 1 ./ (1 + exp(-(a2 * W2 + b2)));
"""

_CLIP = """\
share = (a3 - $low) ./ ($high - $low);
share(share < 0) = 0;
share(share > 1) = 1;
"""

_OUTPUTS = {
    "regression": """\
y = shift + scale .* a3;
""",
    "binary": """\
y = [1 - $share, $share];
[~, index] = max(y, [], 2);
""",
    "multilabel": """\
y = $share;
labels = double(y > 0.5);
""",
    "multiclass": """\
total = sum($share, 2);
y = $share ./ total;
y(total == 0, :) = 1 ./ $u;
[~, index] = max(y, [], 2);
""",
}

_GRADIENT = """\
if nargout > $before
    dy = zeros(size(x, 1), $u, $d);
    for k = 1:$u
        sigma3 = ${slope}a3(:, k) .* (1 - a3(:, k));
        sigma2 = (sigma3 * W2(:, k)') .* a2 .* (1 - a2);
        dy(:, k, :) = reshape(sigma2 * W1', [], 1, $d);
    end
${rest}end
"""

# Computation of the gradient of the outputs from that of the units or of the shares.
_RESTS = {
    "regression": "",
    "multilabel": "",
    "binary": """\
    dy = cat(2, -dy, dy);
""",
    "multiclass": """\
    change = sum(dy, 2);
    dy = (dy - y .* change) ./ total;
    dy(total == 0, :, :) = 0;
""",
}
