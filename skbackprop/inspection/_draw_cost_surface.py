"""Drawing functions of `CostSurfaceDisplay`."""

from typing import TYPE_CHECKING, Any, cast

import numpy as np
from numpy.typing import NDArray

from ._style import figure_and_axes, outlined

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.colors import Colormap, Normalize
    from matplotlib.figure import Figure, SubFigure
    from mpl_toolkits.mplot3d import Axes3D

    from ._cost_surface import CostSurfaceDisplay

__all__ = ["draw_contours", "draw_surface"]

# The scale of J is logarithmic if the largest J is more than this many times the smallest J.
_WIDE = 10
_N_LEVELS = 15
# Relative differences of J up to this are rounding errors.
_ROUNDING = 1e-12
# If there are more points than this, they are drawn smaller.
_MANY = 100


def draw_surface(
    display: "CostSurfaceDisplay",
    ax: "Axes | None",
    *,
    log: bool | str,
    cmap: "str | Colormap",
    legend: bool,
) -> None:
    """Draw J as a surface over the plane."""
    from matplotlib.ticker import MaxNLocator

    figure, axes = figure_and_axes(ax, size=(6.4, 5.4), projection="3d")
    if axes.name != "3d":
        raise ValueError(
            f"ax must be three-dimensional for kind='surface', got {axes!r}: create it with "
            f"subplot_kw={{'projection': '3d'}}, or use kind='contour'"
        )
    space = cast("Axes3D", axes)
    space.computed_zorder = False  # the path and the points are visible through the surface
    x, y = np.meshgrid(display.x, display.y)
    norm = _norm(display, log)
    n = len(display.x)
    space.plot_surface(x, y, display.J, cmap=cmap, norm=norm, rcount=n, ccount=n, antialiased=False)
    _add_marks(display, space, cmap, norm)
    space.set_xlabel(display.labels[0], labelpad=_pad(display.labels[0]))
    space.set_ylabel(display.labels[1], labelpad=_pad(display.labels[1]))
    space.zaxis.set_rotate_label(False)
    space.set_zlabel("J", rotation=0)
    for axis in (space.xaxis, space.yaxis, space.zaxis):
        axis.set_major_locator(MaxNLocator(5))
    space.set_box_aspect((4, 4, 3), zoom=0.88)  # with zoom=1 the outer labels are cut off
    _finish(display, figure, space, legend, below=0.0)


def draw_contours(
    display: "CostSurfaceDisplay",
    ax: "Axes | None",
    *,
    log: bool | str,
    cmap: "str | Colormap",
    legend: bool,
) -> None:
    """Draw lines of equal J."""
    figure, ax = figure_and_axes(ax, size=(6.4, 5.2))
    if ax.name == "3d":
        raise ValueError(
            f"ax must be two-dimensional for kind='contour', got {ax!r}: use kind='surface'"
        )
    norm = _norm(display, log)
    levels = _levels(display.J, log=_is_log(display, log))
    filled = ax.contourf(display.x, display.y, display.J, levels=levels, cmap=cmap, norm=norm)
    if len(levels) > 2:
        lines: dict[str, Any] = {"colors": "k", "linewidths": 0.4, "alpha": 0.4}
        ax.contour(display.x, display.y, display.J, levels=levels, **lines)
    display.colorbar_ = figure.colorbar(filled, ax=ax, format="%.3g")
    display.colorbar_.set_label("J", rotation=0)
    _add_marks(display, ax, cmap, norm)
    ax.set(xlabel=display.labels[0], ylabel=display.labels[1])
    ax.set(xlim=display.x[[0, -1]], ylim=display.y[[0, -1]])
    _finish(display, figure, ax, legend, below=-0.13 - 0.05 * display.labels[0].count("\n"))


def _is_log(display: "CostSurfaceDisplay", log: bool | str) -> bool:
    positive = display.J.min() > 0
    if log == "auto":
        return bool(positive and display.J.max() > _WIDE * display.J.min())
    if log and not positive:
        raise ValueError(
            f"log=True needs a positive J, got a smallest J of {float(display.J.min())!r}: use "
            f"log=False"
        )
    return bool(log)


def _norm(display: "CostSurfaceDisplay", log: bool | str) -> "Normalize":
    """The scale of the colours of J."""
    from matplotlib.colors import LogNorm, Normalize

    kind: type[Normalize] = LogNorm if _is_log(display, log) else Normalize
    return kind(display.J.min(), display.J.max())


def _levels(J: NDArray[np.float64], *, log: bool) -> NDArray[np.float64]:
    low, high = J.min(), J.max()
    # contours need two levels, even if J is constant up to rounding
    if high - low <= _ROUNDING * max(abs(low), abs(high)):
        return np.array([low, low + max(abs(low), 1.0)])
    return np.geomspace(low, high, _N_LEVELS) if log else np.linspace(low, high, _N_LEVELS)


def _add_marks(
    display: "CostSurfaceDisplay", ax: "Axes", cmap: "str | Colormap", norm: "Normalize"
) -> None:
    """Draw the evaluated points, the path and the solution; on a surface, each at its J."""

    def at(marks: NDArray[np.float64]) -> NDArray[np.float64]:
        return marks.T[:2] if ax.name != "3d" else _inside(display, marks).T

    if display.points is not None:
        style: dict[str, Any] = {} if ax.name != "3d" else {"depthshade": False}
        style |= {"c": display.points[:, 2], "cmap": cmap, "norm": norm}
        style |= {"s": 14 if len(display.points) > _MANY else 24}
        style |= {"edgecolors": "white", "linewidths": 0.7, "zorder": 3}
        ax.scatter(*at(display.points), **style)
        # The legend shows a gray mark, since white rims are not visible there.
        nowhere = np.full((1, 3), np.nan)
        _mark(ax, at(nowhere), "o", 5, "points tried", color="gray")
    if display.path is not None:
        line: dict[str, Any] = {"color": "white", "lw": 1.6, "path_effects": outlined(1.6)}
        ax.plot(*at(display.path), label="path of the fit", zorder=4, **line)
        _mark(ax, at(display.path[:1]), "o", 7, "its start")
    _mark(ax, at(display.solution[None]), "*", 15, "fitted weights")


def _inside(display: "CostSurfaceDisplay", marks: NDArray[np.float64]) -> NDArray[np.float64]:
    """Replace marks outside the plane by NaN, since three-dimensional axes do not clip."""
    low, high = np.array([display.x[[0, -1]], display.y[[0, -1]]]).T
    rounding = 1e-9 * (high - low)
    beyond = (marks[:, :2] < low - rounding) | (marks[:, :2] > high + rounding)
    return np.where(beyond.any(axis=1, keepdims=True), np.nan, marks)


def _mark(
    ax: "Axes",
    where: NDArray[np.float64],
    marker: str,
    size: float,
    label: str,
    color: str = "white",
) -> None:
    ax.plot(
        *where,
        linestyle="none",
        marker=marker,
        markersize=size,
        color=color,
        markeredgecolor="black",
        label=label,
        zorder=5,
    )


def _pad(label: str) -> int:
    """Distance between a label and its axis in points; larger for a label with two lines."""
    return 9 + 6 * label.count("\n")


def _finish(
    display: "CostSurfaceDisplay",
    figure: "Figure | SubFigure",
    ax: "Axes",
    legend: bool,
    *,
    below: float,
) -> None:
    if legend:
        n_labels = len(ax.get_legend_handles_labels()[1])
        columns = 2 if n_labels > 3 else n_labels  # four side by side are too wide
        ax.legend(loc="upper center", bbox_to_anchor=(0.5, below), ncols=columns, frameon=False)
    display.ax_, display.figure_ = ax, figure
