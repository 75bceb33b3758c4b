"""How `CostSurfaceDisplay` is drawn."""

import numpy as np

from ._style import figure_and_axes, outlined

__all__ = ["draw_contours", "draw_surface"]

# Factor between the largest and the smallest J from which equal factors show more.
_WIDE = 10
_N_LEVELS = 15
# Of J: differences that are rounding.
_ROUNDING = 1e-12
# Points from which they are drawn smaller.
_MANY = 100


def draw_surface(display, ax, *, log, cmap, legend):
    """J upwards over the plane."""
    from matplotlib.ticker import MaxNLocator

    figure, ax = figure_and_axes(ax, size=(6.4, 5.4), projection="3d")
    if ax.name != "3d":
        raise ValueError(
            f"ax must be three-dimensional for kind='surface', got {ax!r}: make it with "
            f"subplot_kw={{'projection': '3d'}}, or use kind='contour'"
        )
    ax.computed_zorder = False  # path and points are to be seen through the surface
    x, y = np.meshgrid(display.x, display.y)
    norm = _norm(display, log)
    n = len(display.x)
    ax.plot_surface(x, y, display.J, cmap=cmap, norm=norm, rcount=n, ccount=n, antialiased=False)
    _add_marks(display, ax, cmap, norm)
    ax.set_xlabel(display.labels[0], labelpad=_pad(display.labels[0]))
    ax.set_ylabel(display.labels[1], labelpad=_pad(display.labels[1]))
    ax.zaxis.set_rotate_label(False)
    ax.set_zlabel("J", rotation=0)
    for axis in (ax.xaxis, ax.yaxis, ax.zaxis):
        axis.set_major_locator(MaxNLocator(5))
    ax.set_box_aspect((4, 4, 3), zoom=0.88)  # else the outer labels are cut off
    _finish(display, figure, ax, legend, below=0.0)


def draw_contours(display, ax, *, log, cmap, legend):
    """Lines of equal J, seen from above."""
    figure, ax = figure_and_axes(ax, size=(6.4, 5.2))
    if ax.name == "3d":
        raise ValueError(f"ax must be flat for kind='contour', got {ax!r}: use kind='surface'")
    norm = _norm(display, log)
    levels = _levels(display.J, log=_is_log(display, log))
    filled = ax.contourf(display.x, display.y, display.J, levels=levels, cmap=cmap, norm=norm)
    if len(levels) > 2:
        lines = {"colors": "k", "linewidths": 0.4, "alpha": 0.4}
        ax.contour(display.x, display.y, display.J, levels=levels, **lines)
    display.colorbar_ = figure.colorbar(filled, ax=ax, format="%.3g")
    display.colorbar_.set_label("J", rotation=0)
    _add_marks(display, ax, cmap, norm)
    ax.set(xlabel=display.labels[0], ylabel=display.labels[1])
    ax.set(xlim=display.x[[0, -1]], ylim=display.y[[0, -1]])
    _finish(display, figure, ax, legend, below=-0.13 - 0.05 * display.labels[0].count("\n"))


def _is_log(display, log):
    positive = display.J.min() > 0
    if log == "auto":
        return bool(positive and display.J.max() > _WIDE * display.J.min())
    if log and not positive:
        raise ValueError(
            f"log=True needs a positive J, got a smallest J of {float(display.J.min())!r}: use "
            f"log=False"
        )
    return bool(log)


def _norm(display, log):
    """Colours of J."""
    from matplotlib.colors import LogNorm, Normalize

    kind = LogNorm if _is_log(display, log) else Normalize
    return kind(display.J.min(), display.J.max())


def _levels(J, *, log):
    low, high = J.min(), J.max()
    # a J that is flat, up to rounding, still has a picture
    if high - low <= _ROUNDING * max(abs(low), abs(high)):
        return np.array([low, low + max(abs(low), 1.0)])
    return np.geomspace(low, high, _N_LEVELS) if log else np.linspace(low, high, _N_LEVELS)


def _add_marks(display, ax, cmap, norm):
    """Points tried, the path and the solution: at their own J, where there is a height."""

    def at(marks):
        return marks.T[:2] if ax.name != "3d" else _inside(display, marks).T

    if display.points is not None:
        ax.scatter(
            *at(display.points),
            c=display.points[:, 2],
            cmap=cmap,
            norm=norm,
            s=14 if len(display.points) > _MANY else 24,
            edgecolors="white",
            linewidths=0.7,
            zorder=3,
            **({} if ax.name != "3d" else {"depthshade": False}),
        )
        nowhere = np.full((1, 3), np.nan)  # their white rims do not show in a legend
        _mark(ax, at(nowhere), "o", 5, "points tried", color="gray")
    if display.path is not None:
        line = {"color": "white", "lw": 1.6, "path_effects": outlined(1.6)}
        ax.plot(*at(display.path), label="path of the fit", zorder=4, **line)
        _mark(ax, at(display.path[:1]), "o", 7, "its start")
    _mark(ax, at(display.solution[None]), "*", 15, "fitted weights")


def _inside(display, marks):
    """The marks, nan where they are beyond the plane: three-dimensional axes do not clip."""
    low, high = np.array([display.x[[0, -1]], display.y[[0, -1]]]).T
    rounding = 1e-9 * (high - low)
    beyond = (marks[:, :2] < low - rounding) | (marks[:, :2] > high + rounding)
    return np.where(beyond.any(axis=1, keepdims=True), np.nan, marks)


def _mark(ax, where, marker, size, label, color="white"):
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


def _pad(label):
    """Room for the ticks, in points: more for a label of two lines."""
    return 9 + 6 * label.count("\n")


def _finish(display, figure, ax, legend, *, below):
    if legend:
        n_labels = len(ax.get_legend_handles_labels()[1])
        columns = 2 if n_labels > 3 else n_labels  # four beside each other are too wide
        ax.legend(loc="upper center", bbox_to_anchor=(0.5, below), ncols=columns, frameon=False)
    display.ax_, display.figure_ = ax, figure
