"""`export_text`: a fitted model as a formula in plain text, LaTeX or for a spreadsheet."""

from collections.abc import Sequence
from numbers import Integral

from sklearn.base import BaseEstimator

from ._folded_network import FoldedNetwork
from ._formula_lines import LATEX, TEXT, formula_lines
from ._source_text import check_option, comment
from ._spreadsheet import spreadsheet

__all__ = ["export_text"]

# Default numbers of significant digits: few for readers, and all digits that a spreadsheet stores.
_DIGITS = {"text": 4, "latex": 4, "spreadsheet": 15}


def export_text(
    model: BaseEstimator,
    *,
    format: str = "text",  # noqa: A002 -- the name that users expect
    precision: int | None = None,
    feature_names: Sequence[str] | None = None,
) -> str:
    """Write a fitted model as a formula.

    The scaling before the network is merged into its weights, and the map of y is in the last
    line, so the formula is a function of the columns on which the model was fitted.

    Parameters
    ----------
    model : estimator
        As for :func:`export_c`.
    format : {"text", "latex", "spreadsheet"}, default="text"
        "text" returns one line for each hidden unit and each output. "latex" returns the same
        lines in an ``aligned`` environment of the package amsmath, for use in a displayed
        equation. "spreadsheet" returns two rows of cells, separated by tabs.
    precision : int or None, default=None
        Number of significant digits, from 1 to 17. None means 4, or 15 for a spreadsheet.
    feature_names : sequence of str of length n_features, default=None
        With None, the names in the fit are used, or "x0", "x1", ... In a text, a name is put in
        brackets if it is more than one word or if the formula uses it otherwise.

    Returns
    -------
    formula : str
        The hidden units are h0, h1, ..., and f is the sigmoid. A regressor has the output y, or
        y0, y1, ...; a classifier has the probabilities p0, p1, ... of `predict_proba`. For more
        than two classes, s0, s1, ... are the shares before they are divided by their sum. With a
        `target_range` other than (0, 1), the output units a0, a1, ... of a classifier are first
        mapped to shares.

        Paste the text for a spreadsheet into cell A1. Row 2 then contains the features, all 0,
        followed by the formulas, which can be filled down. The last column of a classifier is the
        class. The formulas use decimal points, and commas between arguments.

    Raises
    ------
    NotFittedError
        If the model is not fitted.
    TypeError
        If a step before the network is not affine.
    ValueError
        If a parameter is invalid, or if a formula is too long for a spreadsheet.

    See Also
    --------
    export_c, export_python, export_matlab : The same model as code.

    Notes
    -----
    With fewer than 15 digits, a constant near the mean is subtracted from each feature whose mean
    is more than a standard deviation from zero. The formula is then accurate with few digits.

    Examples
    --------
    >>> import numpy as np
    >>> from sklearn.pipeline import make_pipeline
    >>> from sklearn.preprocessing import StandardScaler
    >>> from skbackprop import BackpropRegressor
    >>> from skbackprop.export import export_text
    >>> X = np.linspace(-3, 3, 50)[:, None]
    >>> network = BackpropRegressor(2, alpha=1e-3, random_state=0)
    >>> model = make_pipeline(StandardScaler(), network).fit(X, X[:, 0] ** 2)
    >>> print(export_text(model, feature_names=["u"], precision=3))  # doctest: +ELLIPSIS
    f(z) = 1/(1 + exp(-z))
    h0 = f(...*u)
    h1 = f(...*u)
    y = -1.12 + 11.2*f(...*h0 ... ...*h1)
    <BLANKLINE>
    """
    check_option(format, "format", tuple(_DIGITS))
    digits = _digits(precision, _DIGITS[format])
    network = FoldedNetwork.of(model, far=1.0 if digits < 15 else None)
    names = _names(feature_names, network)
    if format == "spreadsheet":
        return spreadsheet(network, names, digits)
    if format == "latex":
        lines = [(r"f(z)", r"\frac{1}{1 + e^{-z}}")]
        if network.is_clipped:
            lines.append((r"\operatorname{clip}(s)", r"\min(\max(s, 0), 1)"))
        lines += formula_lines(network, names, digits, LATEX)
        body = " \\\\\n".join(f"{left} &= {right}" for left, right in lines)
        return f"\\begin{{aligned}}\n{body}\n\\end{{aligned}}\n"
    lines = [("f(z)", "1/(1 + exp(-z))")]
    if network.is_clipped:
        lines.append(("clip(s)", "min(max(s, 0), 1)"))
    lines += formula_lines(network, names, digits, TEXT)
    return "\n".join([*(f"{left} = {right}" for left, right in lines), *_legend(network), ""])


def _digits(precision: int | None, default: int) -> int:
    if precision is None:
        return default
    valid = isinstance(precision, Integral) and not isinstance(precision, bool)
    if not (valid and 1 <= precision <= 17):
        raise ValueError(
            f"precision must be a number of significant digits from 1 to 17, or None, got "
            f"{precision!r}"
        )
    return int(precision)


def _names(feature_names: Sequence[str] | None, network: FoldedNetwork) -> list[str]:
    if feature_names is None:
        return network.feature_names or [f"x{i}" for i in range(network.n_features)]
    names = [str(name) for name in feature_names]
    if len(names) != network.n_features:
        raise ValueError(
            f"feature_names must be the names of the {network.n_features!r} features of the model, "
            f"got {len(names)!r} names"
        )
    return names


def _legend(network: FoldedNetwork) -> list[str]:
    """Lines that name the class or label of each probability."""
    if network.classes is None:
        return []
    of = "label" if network.kind == "multilabel" else "class"
    classes = enumerate(network.classes)
    return ["", *(f"p{k}: the probability of {of} {comment(label)}" for k, label in classes)]
