"""The display of a fit: J against iterations, evaluations or seconds."""

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, Literal, Self, TypeAlias

import numpy as np
from numpy.typing import ArrayLike, NDArray
from sklearn.pipeline import Pipeline
from sklearn.utils._optional_dependencies import check_matplotlib_support
from sklearn.utils.validation import check_is_fitted

from ..estimators._base import BaseBackprop
from ._problem import MatrixLike, split
from ._record_path import record_fit
from ._style import figure_and_axes

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure, SubFigure
    from matplotlib.lines import Line2D

__all__ = ["LossCurveDisplay"]

_MEASURES = ("iterations", "evaluations", "seconds")
# An axis is logarithmic if its largest value is more than this many times its smallest value.
_WIDE_J, _WIDE_X = 10, 30
# Each curve has its own line style in addition to its colour, for colour-blind readers.
_DASHES: tuple[Any, ...] = ("-", (0, (6, 1.5)), (0, (4, 1, 1, 1)), (0, (2, 1)))


Measure: TypeAlias = Literal["iterations", "evaluations", "seconds"]
# x, J and the validation cost of a fit; the last is None without validation data.
Curves: TypeAlias = tuple[NDArray, NDArray[np.float64], NDArray[np.float64] | None]


class LossCurveDisplay:
    """J, and the cost of validation data, during one or several fits.

    Create it with `from_estimator`.

    Parameters
    ----------
    x : list of ndarray
        For each fit an array (n_records,) of iterations, evaluations or seconds so far.
    losses : list of ndarray
        For each fit an array (n_records,) of J, including the penalty.
    validation_losses : list of (ndarray or None)
        For each fit an array (n_records,) of the cost of the validation data, or None.
    names : list of str
        A name for each fit.
    measure : {"iterations", "evaluations", "seconds"}, default="iterations"
        The unit of x.

    Attributes
    ----------
    ax_ : matplotlib Axes
        Axes of the last plot.
    figure_ : matplotlib Figure
        Figure of the last plot.
    lines_ : list of matplotlib Line2D
        The curve of J of each fit.

    Examples
    --------
    >>> from sklearn.datasets import load_iris
    >>> from skbackprop import BackpropClassifier
    >>> from skbackprop.inspection import LossCurveDisplay
    >>> X, y = load_iris(return_X_y=True)
    >>> model = BackpropClassifier(3, random_state=0).fit(X, y)
    >>> display = LossCurveDisplay.from_estimator(model)
    >>> display.names, len(display.x)
    (['BackpropClassifier'], 1)

    To show several fits against time, clones are fitted and timed:

    >>> models = {name: BackpropClassifier(3, random_state=0) for name in ["lm", "lbfgs"]}
    >>> models = {name: m.set_params(solver__optimizer=name) for name, m in models.items()}
    >>> display = LossCurveDisplay.from_estimator(models, X, y, measure="seconds")
    >>> display.names, display.measure
    (['lm', 'lbfgs'], 'seconds')
    """

    ax_: "Axes"
    figure_: "Figure | SubFigure"
    lines_: "list[Line2D]"

    def __init__(
        self,
        x: list[NDArray],
        losses: list[NDArray[np.float64]],
        validation_losses: list[NDArray[np.float64] | None],
        *,
        names: list[str],
        measure: Measure = "iterations",
    ) -> None:
        self.x = x
        self.losses = losses
        self.validation_losses = validation_losses
        self.names = names
        self.measure = measure

    @classmethod
    def from_estimator(
        cls,
        estimator: BaseBackprop | Pipeline | Mapping[str, BaseBackprop | Pipeline],
        X: MatrixLike | None = None,
        y: ArrayLike | None = None,
        *,
        measure: Measure = "iterations",
        **fit_params: Any,
    ) -> Self:
        """Read the curves of fitted estimators, or fit clones and measure them.

        Parameters
        ----------
        estimator : estimator, or dict of str -> estimator
            A BackpropClassifier, a BackpropRegressor or a pipeline that ends in one; or
            several of them by name. Without `X` they must be fitted.
        X : array-like or sparse matrix of shape (n_samples, n_features), default=None
            If given, a clone of each estimator is fitted to X and y. This is necessary for
            evaluations and seconds, because estimators do not store them for each iteration.
        y : array-like of shape (n_samples,) or (n_samples, n_outputs), default=None
        measure : {"iterations", "evaluations", "seconds"}, default="iterations"
            The unit of the horizontal axis. For a search, an iteration is a batch of draws or a
            sweep.
        **fit_params : dict
            Passed to `fit`, such as `X_val` and `y_val`.

        Returns
        -------
        display : LossCurveDisplay

        Raises
        ------
        NotFittedError
            If an estimator is not fitted and `X` is not given.
        TypeError
            If the type of `estimator` is not supported.
        ValueError
            If `measure` is unknown, or if it requires `X` and `y`.
        """
        if measure not in _MEASURES:
            raise ValueError(f"measure must be one of {_MEASURES!r}, got {measure!r}")
        _check_given(X, y, fit_params)
        if X is None and measure != "iterations":
            raise ValueError(
                f"measure={measure!r} needs X and y, got None, because estimators store only J of "
                f"each iteration: pass the data of the fit, so that clones are fitted and measured"
            )
        named = estimator if isinstance(estimator, Mapping) else {_name(estimator): estimator}
        if not named:
            raise ValueError(f"estimator must be one or several estimators, got {estimator!r}")
        curves = [
            _kept(each) if X is None else _measured(each, measure, X, y, fit_params)
            for each in named.values()
        ]
        x, losses, validation_losses = map(list, zip(*curves, strict=True))
        return cls(x, losses, validation_losses, names=list(map(str, named)), measure=measure)

    def plot(
        self,
        ax: "Axes | None" = None,
        *,
        xscale: Literal["auto", "linear", "log"] = "auto",
        yscale: Literal["auto", "linear", "log"] = "auto",
        legend: bool = True,
    ) -> Self:
        """Draw the curves.

        Parameters
        ----------
        ax : matplotlib Axes, default=None
            Axes to draw on; None creates a figure.
        xscale : {"auto", "linear", "log"}, default="auto"
            "auto" means "log" if the fits differ in length by more than a factor of 30.
        yscale : {"auto", "linear", "log"}, default="auto"
            "auto" means "log" if J is positive and spans more than a factor of ten.
        legend : bool, default=True
            Whether to draw a legend; a single curve has none.

        Returns
        -------
        self : LossCurveDisplay

        Raises
        ------
        ImportError
            If matplotlib is not installed.
        ValueError
            If a scale is unknown.
        """
        check_matplotlib_support("LossCurveDisplay.plot")
        for name, scale in {"xscale": xscale, "yscale": yscale}.items():
            if scale not in ("auto", "linear", "log"):
                raise ValueError(f"{name} must be 'auto', 'linear' or 'log', got {scale!r}")
        self.figure_, ax = figure_and_axes(ax, size=(6.4, 4.2))
        self.ax_, self.lines_ = ax, []
        for number in range(len(self.x)):
            self._draw(ax, number)
        ax.set(xlabel=self._xlabel(), ylabel="J")
        ax.set_xscale(self._wide_x() if xscale == "auto" else xscale)
        ax.set_yscale(self._wide_y() if yscale == "auto" else yscale)
        ax.grid(True, which="major", alpha=0.3)
        if legend and len(ax.lines) > 1:
            ax.legend()
        return self

    def _draw(self, ax: "Axes", number: int) -> None:
        """Draw J of one fit, and its validation cost as a lighter line of the same colour."""
        few: dict[str, Any] = {"marker": "."} if len(self.x[number]) < 10 else {}
        dashes = _DASHES[number % len(_DASHES)]
        (line,) = ax.plot(
            self.x[number], self.losses[number], label=self.names[number], ls=dashes, **few
        )
        self.lines_.append(line)
        validation = self.validation_losses[number]
        if validation is not None:
            label = f"{self.names[number]}, validation"
            color = line.get_color()
            ax.plot(self.x[number], validation, label=label, color=color, lw=1.2, alpha=0.8, ls=":")

    def _xlabel(self) -> str:
        return {
            "iterations": "iterations",
            "evaluations": "evaluations of J",
            "seconds": "seconds",
        }[self.measure]

    def _wide_x(self) -> Literal["linear", "log"]:
        ends = [x[-1] for x in self.x if len(x)]
        starts = [x[0] for x in self.x if len(x)]
        wide = ends and min(starts) > 0 and max(ends) > _WIDE_X * min(ends)
        return "log" if wide else "linear"

    def _wide_y(self) -> Literal["linear", "log"]:
        curves = [*self.losses, *(curve for curve in self.validation_losses if curve is not None)]
        J = np.concatenate(curves)
        J = J[np.isfinite(J)]
        wide = len(J) and J.min() > 0 and J.max() > _WIDE_J * J.min()
        return "log" if wide else "linear"


def _check_given(X: Any, y: Any, fit_params: dict[str, Any]) -> None:
    """Raise an error if only some of the data of a fit are given."""
    given = {"X": X is not None, "y": y is not None, **dict.fromkeys(fit_params, True)}
    got = [name for name, is_given in given.items() if is_given]
    if got and not (given["X"] and given["y"]):
        raise ValueError(
            f"X and y must be given together, and whenever a parameter of fit is given, got only "
            f"{got!r}"
        )


def _name(estimator: BaseBackprop | Pipeline) -> str:
    return type(split(estimator)[0]).__name__


def _kept(estimator: BaseBackprop | Pipeline) -> Curves:
    """Return the curves that a fitted estimator has stored."""
    network, _ = split(estimator)
    check_is_fitted(network)
    curve = np.asarray(network.loss_curve_)
    validation = getattr(network, "validation_loss_curve_", None)
    return np.arange(1, len(curve) + 1), curve, validation


def _measured(
    estimator: BaseBackprop | Pipeline,
    measure: Measure,
    X: MatrixLike,
    y: Any,
    fit_params: dict[str, Any],
) -> Curves:
    """Fit and measure a clone; return its curves."""
    fitted, track = record_fit(estimator, X, y, **fit_params)
    if measure == "iterations":
        return _kept(fitted)
    x: list[Any] = track.n_evaluations if measure == "evaluations" else track.seconds
    validated = track.validation_losses and track.validation_losses[0] is not None
    validation = np.array(track.validation_losses) if validated else None
    return np.array(x), np.array(track.losses), validation
