"""The display of sensitivities: bars, or distributions over the samples."""

from collections.abc import Iterable
from typing import TYPE_CHECKING, Any, Literal, Self

import numpy as np
from numpy.typing import NDArray
from sklearn.base import BaseEstimator
from sklearn.utils._optional_dependencies import check_matplotlib_support

from ._problem import MatrixLike
from ._sensitivity import every_output
from ._style import NEGATIVE, POSITIVE, figure_and_axes

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure, SubFigure

__all__ = ["SensitivityDisplay"]

_KINDS = ("bars", "distributions")
# Sizes of the figure in inches.
_WIDTH, _HEIGHT_EACH, _HEIGHT_OF_AXIS, _LEAST_HEIGHT = 6.4, 0.32, 0.9, 2.4
# Number of bins of a distribution, over the range of all features, and height of the highest bin.
_BINS, _HIGHEST = 60, 0.9


class SensitivityDisplay:
    """Derivatives of a prediction with respect to the features, as bars or distributions.

    Create it with `from_estimator`.

    Parameters
    ----------
    derivatives : ndarray of shape (n_samples, n_features)
        Derivatives of one output, in a unit that all features share.
    feature_names : list of str
    label : str, default="derivative"
        Label of the axis of the derivatives.

    Attributes
    ----------
    ax_ : matplotlib Axes
        Axes of the last plot.
    figure_ : matplotlib Figure
        Figure of the last plot.
    order_ : ndarray of int, shape (n_shown,)
        The features in the last plot, in descending order of the root mean square.

    See Also
    --------
    sensitivity : The numbers.

    Examples
    --------
    >>> from sklearn.datasets import load_diabetes
    >>> from skbackprop import BackpropRegressor
    >>> from skbackprop.inspection import SensitivityDisplay
    >>> X, y = load_diabetes(return_X_y=True, as_frame=True)
    >>> model = BackpropRegressor(alpha=0.01, random_state=0).fit(X, y)
    >>> display = SensitivityDisplay.from_estimator(model, X)
    >>> display.derivatives.shape, display.feature_names[2]
    ((442, 10), 'bmi')

    ``display.plot()`` draws the bars.
    """

    ax_: "Axes"
    figure_: "Figure | SubFigure"
    order_: NDArray[np.intp]

    def __init__(
        self,
        derivatives: NDArray[np.float64],
        *,
        feature_names: list[str],
        label: str = "derivative",
    ) -> None:
        self.derivatives = derivatives
        self.feature_names = feature_names
        self.label = label

    @classmethod
    def from_estimator(
        cls,
        estimator: BaseEstimator,
        X: MatrixLike,
        *,
        output: int | None = None,
        standardize: bool = True,
        feature_names: Iterable[str] | None = None,
    ) -> Self:
        """Compute the derivatives of a fitted model.

        Parameters
        ----------
        estimator : estimator
            As for :func:`input_gradient`.
        X : array-like or sparse matrix of shape (n_samples, n_features)
        output : int, default=None
            The index of the output to show; for a classifier with three or more classes, of the
            class. None is allowed only if there is a single output.
        standardize : bool, default=True
            As for :func:`sensitivity`. The default is True here, because features can be compared
            only if they have the same unit.
        feature_names : sequence of str, default=None
            With None, the column names of X in the fit are used, or the features are numbered.

        Returns
        -------
        display : SensitivityDisplay

        Raises
        ------
        NotFittedError, TypeError
            As for :func:`input_gradient`.
        ValueError
            If `output`, `feature_names` or X does not match the model.
        """
        result = every_output(estimator, X, standardize)
        n_outputs, names = len(result.output_names), result.feature_names
        if output is None and n_outputs == 1:
            output = 0
        if output not in range(n_outputs):
            raise ValueError(
                f"output must be the index of one of the {n_outputs} outputs, got {output!r}: "
                f"pass an int from 0 to {n_outputs - 1}"
            )
        if feature_names is not None:
            names = list(feature_names)
            if len(names) != len(result.feature_names):
                raise ValueError(
                    f"feature_names must be {len(result.feature_names)} names, one for each "
                    f"column of X, got {len(names)}: {names!r}"
                )
        name = result.output_names[output]
        label = f"derivative of {name}"
        if standardize:
            label += ", in standard deviations of both"
        return cls(result.derivatives[:, output], feature_names=names, label=label)

    def plot(
        self,
        ax: "Axes | None" = None,
        *,
        kind: Literal["bars", "distributions"] = "bars",
        max_features: int | None = None,
    ) -> Self:
        """Draw the features, sorted by the root mean square of their derivatives.

        Parameters
        ----------
        ax : matplotlib Axes, default=None
            Axes to draw on; None creates a figure.
        kind : {"bars", "distributions"}, default="bars"
            A bar shows the root mean square of the derivative, in blue if its mean is positive and
            in orange if it is negative; a white line marks the absolute value of the mean. The
            closer the line is to the end of the bar, the more linear is the effect. A distribution
            shows the frequencies of the values of the derivative; a black line marks the mean.
        max_features : int, default=None
            Number of features to draw, >= 1: those with the largest root mean square.

        Returns
        -------
        self : SensitivityDisplay

        Raises
        ------
        ImportError
            If matplotlib is not installed.
        ValueError
            If `kind` or `max_features` is invalid.
        """
        check_matplotlib_support("SensitivityDisplay.plot")
        if kind not in _KINDS:
            raise ValueError(f"kind must be one of {_KINDS!r}, got {kind!r}")
        if max_features is not None and not max_features >= 1:
            raise ValueError(
                f"max_features must be an int >= 1, or None for all features, got {max_features!r}"
            )
        mean = self.derivatives.mean(axis=0)
        rms = np.sqrt((self.derivatives**2).mean(axis=0))
        self.order_ = np.argsort(-rms, kind="stable")[:max_features]
        height = max(_LEAST_HEIGHT, _HEIGHT_OF_AXIS + _HEIGHT_EACH * len(self.order_))
        self.figure_, ax = figure_and_axes(ax, size=(_WIDTH, height))
        self.ax_, places = ax, np.arange(len(self.order_))
        colors = [POSITIVE if mean[feature] >= 0 else NEGATIVE for feature in self.order_]
        if kind == "bars":
            self._draw_bars(ax, places, np.abs(mean), rms, colors)
        else:
            self._draw_distributions(ax, places, mean, colors)
        ax.set_yticks(places, [str(self.feature_names[feature]) for feature in self.order_])
        ax.set_ylim(len(places) - 0.4, -0.6)
        ax.grid(True, axis="x", alpha=0.3)
        return self

    def _draw_bars(
        self,
        ax: "Axes",
        places: NDArray[np.intp],
        size: NDArray[np.float64],
        rms: NDArray[np.float64],
        colors: list[str],
    ) -> None:
        from matplotlib.patches import Patch

        ax.barh(places, rms[self.order_], color=colors, height=0.7)
        ax.vlines(size[self.order_], places - 0.35, places + 0.35, color="white", lw=2)
        ax.set_xlabel(f"root mean square of the\n{self.label}")
        meanings = {POSITIVE: "positive mean", NEGATIVE: "negative mean"}
        shown = [Patch(color=c, label=text) for c, text in meanings.items() if c in colors]
        ax.legend(handles=shown, loc="lower right")

    def _draw_distributions(
        self,
        ax: "Axes",
        places: NDArray[np.intp],
        mean: NDArray[np.float64],
        colors: list[str],
    ) -> None:
        edges = np.histogram_bin_edges(self.derivatives[:, self.order_], bins=_BINS)
        counts = [np.histogram(self.derivatives[:, f], bins=edges)[0] for f in self.order_]
        options: dict[str, Any] = {"step": "post", "lw": 0}
        for place, count, color in zip(places, counts, colors, strict=True):
            half = 0.5 * _HIGHEST * np.append(count, count[-1]) / count.max()
            ax.fill_between(edges, place - half, place + half, color=color, **options)
        ax.vlines(mean[self.order_], places - 0.35, places + 0.35, color="black", lw=1.5)
        ax.axvline(0, color="0.5", lw=0.8)
        ax.set_xlabel(self.label)
