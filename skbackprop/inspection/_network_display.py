"""The network diagram: units as circles, weights as lines of different widths."""

from collections.abc import Iterable
from typing import TYPE_CHECKING, Any, Self

import numpy as np
from numpy.typing import NDArray
from sklearn.pipeline import Pipeline
from sklearn.utils._optional_dependencies import check_matplotlib_support

from ..estimators._base import BaseBackprop
from . import _problem
from ._style import NEGATIVE, POSITIVE, figure_and_axes

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.collections import LineCollection
    from matplotlib.figure import Figure, SubFigure

__all__ = ["NetworkDisplay"]

# Heights in inches: the height per unit, and the smallest and the largest height of a figure.
_UNIT_HEIGHT, _LEAST_HEIGHT, _MOST_HEIGHT = 0.3, 3.6, 12.0
# Sizes in points: the largest node, the largest label and the smallest readable label.
_NODE, _FONT, _LEAST_FONT = 20.0, 9.0, 5.5
# Opacity of the smallest weights.
_FAINTEST = 0.25


class NetworkDisplay:
    """A network diagram: units as circles, weights as lines.

    The width of a line is proportional to the absolute value of its weight, relative to the
    largest weight of the layer; its colour shows the sign. Intercepts are the lines from the
    squares with a 1.

    Create it with `from_estimator`.

    Parameters
    ----------
    coefs : list of two ndarrays
        W1 (n_features, n_hidden) and W2 (n_hidden, n_outputs).
    intercepts : list of two ndarrays, or None
        b1 (n_hidden,) and b2 (n_outputs,); None for a network without intercepts.
    feature_names : list of str, default=None
        With None, the features are named x0, x1, ...
    output_names : list of str, default=None
        With None, the outputs are named y0, y1, ...

    Attributes
    ----------
    ax_ : matplotlib Axes
        Axes of the last plot.
    figure_ : matplotlib Figure
        Figure of the last plot.
    lines_ : list of two matplotlib LineCollections
        The weights of both layers, in ascending order of their absolute values.

    Examples
    --------
    >>> from sklearn.datasets import load_iris
    >>> from skbackprop import BackpropClassifier
    >>> from skbackprop.inspection import NetworkDisplay
    >>> X, y = load_iris(return_X_y=True, as_frame=True)
    >>> model = BackpropClassifier(3, random_state=0).fit(X, y)
    >>> display = NetworkDisplay.from_estimator(model)
    >>> display.feature_names[0], display.output_names
    ('sepal length (cm)', ['class 0', 'class 1', 'class 2'])

    ``display.plot()`` draws the diagram.
    """

    ax_: "Axes"
    figure_: "Figure | SubFigure"
    lines_: "list[LineCollection]"

    def __init__(
        self,
        coefs: list[NDArray[Any]],
        intercepts: list[NDArray[Any]] | None,
        *,
        feature_names: list[str] | None = None,
        output_names: list[str] | None = None,
    ) -> None:
        self.coefs = coefs
        self.intercepts = intercepts
        self.feature_names = feature_names
        self.output_names = output_names

    @classmethod
    def from_estimator(
        cls,
        estimator: BaseBackprop | Pipeline,
        *,
        feature_names: Iterable[str] | None = None,
        output_names: Iterable[str] | None = None,
    ) -> Self:
        """Read the weights and the names of a fitted estimator.

        Parameters
        ----------
        estimator : BackpropClassifier, BackpropRegressor, or Pipeline that ends in one
            It must be fitted.
        feature_names : sequence of str, default=None
            With None, the column names of X in the fit are used, if there were any.
        output_names : sequence of str, default=None
            With None, the class names are used. A network for two classes has one output, which
            is named after the second class.

        Returns
        -------
        display : NetworkDisplay

        Raises
        ------
        NotFittedError
            If `estimator` is not fitted.
        TypeError
            If the type of `estimator` is not supported.
        ValueError
            If the number of names differs from the number of features or outputs.
        """
        coefs, intercepts = _problem.layers(estimator)
        inputs = _names("feature_names", feature_names, len(coefs[0]))
        outputs = _names("output_names", output_names, coefs[1].shape[1])
        known = _problem.feature_names(estimator)
        if inputs is None and known is not None:
            inputs = [str(name) for name in known]
        if outputs is None:
            outputs = _problem.output_names(estimator)
        return cls(coefs, intercepts, feature_names=inputs, output_names=outputs)

    def plot(
        self,
        ax: "Axes | None" = None,
        *,
        max_width: float = 4.0,
        positive: str = POSITIVE,
        negative: str = NEGATIVE,
        legend: bool = True,
    ) -> Self:
        """Draw the network.

        Parameters
        ----------
        ax : matplotlib Axes, default=None
            Axes to draw on; None creates a figure whose height grows with the number of units.
        max_width : float, default=4.0
            Width in points of the line of the largest weight of each layer.
        positive, negative : matplotlib colors
            Colours of the signs. The defaults are a blue and an orange that colour-blind people
            can distinguish.
        legend : bool, default=True
            Whether to draw a legend.

        Returns
        -------
        self : NetworkDisplay

        Raises
        ------
        ImportError
            If matplotlib is not installed.
        """
        check_matplotlib_support("NetworkDisplay.plot")
        layers = self._layers()
        height = np.clip(_UNIT_HEIGHT * max(map(len, layers)), _LEAST_HEIGHT, _MOST_HEIGHT)
        self.figure_, ax = figure_and_axes(ax, size=(6.4, height))
        self.ax_ = ax
        ax.set(xlim=(-0.1, 2.1), ylim=(-0.03, 1.03))
        ax.axis("off")
        heights = [_heights(layer) for layer in layers]
        self.lines_ = [
            self._draw_weights(ax, layer, heights, max_width, positive, negative)
            for layer in (0, 1)
        ]
        size = min(_NODE, 0.75 * _spacing_in_points(ax, max(layers, key=len)))
        for x, (layer, y) in enumerate(zip(layers, heights, strict=True)):
            _draw_units(ax, x, layer, y, size, self.intercepts is not None and x < 2)
        if legend:
            self._draw_legend(ax, max_width, positive, negative)
        return self

    def _layers(self) -> list[list[str]]:
        """Labels of the units of each layer; the intercept of a layer is "1" and is the last."""
        (W1, W2), ones = self.coefs, [] if self.intercepts is None else ["1"]
        inputs = self.feature_names or [f"x{i}" for i in range(len(W1))]
        outputs = self.output_names or [f"y{i}" for i in range(W2.shape[1])]
        return [[*inputs, *ones], [*map(str, range(len(W2))), *ones], list(outputs)]

    def _with_intercepts(self, layer: int) -> NDArray[Any]:
        """[W; b] of a layer, or W if there are no intercepts."""
        rows = [] if self.intercepts is None else [self.intercepts[layer][None]]
        return np.concatenate([self.coefs[layer], *rows])

    def _draw_weights(
        self,
        ax: "Axes",
        layer: int,
        heights: list[NDArray[np.float64]],
        max_width: float,
        positive: str,
        negative: str,
    ) -> "LineCollection":
        """Draw the lines of a layer, the largest weights on top."""
        from matplotlib.collections import LineCollection

        W = self._with_intercepts(layer)
        start, end = np.indices(W.shape).reshape(2, -1)
        order = np.abs(W).ravel().argsort(kind="stable")
        start, end, weight = start[order], end[order], W.ravel()[order]
        share = np.abs(weight) / (np.abs(weight).max() or 1.0)
        segments = [
            [(layer, heights[layer][i]), (layer + 1, heights[layer + 1][j])]
            for i, j in zip(start, end, strict=True)
        ]
        lines = LineCollection(
            segments,
            linewidths=max_width * share,
            colors=np.where(weight >= 0, positive, negative),
            alpha=_FAINTEST + (1 - _FAINTEST) * share,
            capstyle="round",
            zorder=1,
        )
        ax.add_collection(lines)
        return lines

    def _draw_legend(self, ax: "Axes", max_width: float, positive: str, negative: str) -> None:
        from matplotlib.lines import Line2D

        handles = [
            Line2D([], [], color=color, lw=max_width, label=label)
            for color, label in ((positive, "positive"), (negative, "negative"))
        ]
        largest = [np.abs(self._with_intercepts(layer)).max() for layer in (0, 1)]
        title = "Weights; the widest is {:.3g} in layer 1, {:.3g} in layer 2".format(*largest)
        ax.legend(
            handles=handles,
            title=title,
            loc="upper center",
            bbox_to_anchor=(0.5, -0.02),
            ncols=2,
            frameon=False,
        )


def _heights(labels: list[str]) -> NDArray[np.float64]:
    """Heights of the units of a layer, from top to bottom, centred."""
    n = len(labels)
    return 0.5 + (np.arange(n, dtype=np.float64)[::-1] - (n - 1) / 2) / (n - 0.4)


def _spacing_in_points(ax: "Axes", layer: list[str]) -> float:
    """Distance between the units of a layer, in points."""
    return ax.get_position().height * ax.figure.bbox.height / ax.figure.dpi * 72 / len(layer)


def _colours(ax: "Axes") -> tuple[Any, Any]:
    """Colours of text and background in the current style."""
    from matplotlib import rcParams

    return rcParams["text.color"], ax.get_facecolor()


def _draw_units(
    ax: "Axes",
    x: int,
    labels: list[str],
    heights: NDArray[np.float64],
    size: float,
    last_is_one: bool,
) -> None:
    """Draw the nodes of a layer, `size` points wide, and their names if there is room."""
    foreground, background = _colours(ax)
    is_one = np.zeros(len(labels), dtype=bool)
    is_one[-1] = last_is_one
    for chosen, marker in ((~is_one, "o"), (is_one, "s")):
        ax.scatter(
            np.full(chosen.sum(), x),
            heights[chosen],
            s=size**2,
            marker=marker,
            facecolors=background,
            edgecolors=foreground,
            linewidths=min(1.0, size / 12),
            zorder=2,
        )
    beside = min(_FONT, 0.8 * _spacing_in_points(ax, labels))
    for label, y, one in zip(labels, heights, is_one, strict=True):
        inside = x == 1 or one
        font = min(_FONT, 0.55 * size) if inside else beside
        if font < _LEAST_FONT:
            continue
        ax.annotate(
            label,
            (x, y),
            xytext=(0 if inside else (size / 2 + 5) * (x - 1), 0),
            textcoords="offset points",
            ha="center" if inside else ("right", "left")[x // 2],
            va="center_baseline",
            fontsize=font,
            annotation_clip=False,
            zorder=3,
        )


def _names(parameter: str, names: Iterable[str] | None, n: int) -> list[str] | None:
    if names is None:
        return None
    names = [str(name) for name in names]
    if len(names) != n:
        raise ValueError(f"{parameter} must have {n} names, got {names!r}")
    return names
