"""Colours and figures of all displays. matplotlib is optional and imported when it is needed."""

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure, SubFigure

__all__ = ["NEGATIVE", "POSITIVE", "figure_and_axes", "outlined"]

# A blue and an orange that colour-blind people can distinguish on white and on black: Okabe and
# Ito, Color Universal Design (2008). The blue is a little lighter than theirs, to suit black.
POSITIVE, NEGATIVE = "#2a8fd0", "#d55e00"


def figure_and_axes(
    ax: "Axes | None", *, size: tuple[float, float], **subplot_kw: Any
) -> "tuple[Figure | SubFigure, Axes]":
    """Return a figure and its axes; new ones of `size`, in inches, if `ax` is None."""
    if ax is not None:
        return ax.figure, ax
    from matplotlib import pyplot

    figure, ax = pyplot.subplots(figsize=size, layout="constrained", subplot_kw=subplot_kw)
    return figure, ax


def outlined(width: float) -> list[Any]:
    """Path effects that draw a dark rim around a light line, so that it is visible everywhere."""
    from matplotlib import patheffects

    return [patheffects.Stroke(linewidth=width + 1.6, foreground="black"), patheffects.Normal()]
