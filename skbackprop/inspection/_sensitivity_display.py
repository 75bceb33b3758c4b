"""The picture of sensitivities: bars of their sizes, or their distributions over the samples."""

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
# Bins of a distribution, over the range of all features, and the height of the highest one.
_BINS, _HIGHEST = 60, 0.9


class SensitivityDisplay:
    """The derivatives of a prediction by the features, as bars or as distributions.

    Use `from_estimator` to make one.

    Parameters
    ----------
    derivatives : ndarray of shape (n_samples, n_features)
        Derivatives of one output, in any unit that the features share.
    feature_names : list of str
    label : str, default="derivative"
        What the axis of the derivatives says.

    Attributes
    ----------
    ax_ : matplotlib Axes
        Axes of the last plot.
    figure_ : matplotlib Figure
        Figure of the last plot.
    order_ : ndarray of int, shape (n_shown,)
        The features that the last plot has shown, from the largest root mean square to the
        smallest.

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

    ``display.plot()`` draws it.
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
            The output to show, counted from 0; of a classifier of three or more classes the class.
            None is allowed if there is one output only.
        standardize : bool, default=True
            As for :func:`sensitivity`. Features can be compared only if they have the same unit,
            so it is True by default here.
        feature_names : sequence of str, default=None
            None takes the column names of X in the fit, or numbers the features.

        Returns
        -------
        display : SensitivityDisplay

        Raises
        ------
        NotFittedError, TypeError
            As :func:`input_gradient`.
        ValueError
            If `output` or `feature_names` do not suit the model, or X does not.
        """
        result = every_output(estimator, X, standardize)
        n_outputs, names = len(result.output_names), result.feature_names
        if output is None and n_outputs == 1:
            output = 0
        if output not in range(n_outputs):
            raise ValueError(
                f"output must be the number of one of the {n_outputs} outputs, got {output!r}: "
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
        """Draw the features one below the other, by the root mean square of their derivatives.

        Parameters
        ----------
        ax : matplotlib Axes, default=None
            None makes a figure.
        kind : {"bars", "distributions"}, default="bars"
            A bar is the root mean square of the derivative, in blue where its mean is positive and
            in orange where it is negative; a white line is at the size of the mean. The closer it
            is to the end of the bar, the more linear is the effect. A distribution shows how often
            each value of the derivative occurs; a black line is at the mean.
        max_features : int, default=None
            Draw so many features only, those with the largest root mean square; >= 1.

        Returns
        -------
        self : SensitivityDisplay

        Raises
        ------
        ImportError
            If matplotlib is not installed.
        ValueError
            If `kind` or `max_features` is not one of those.
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
