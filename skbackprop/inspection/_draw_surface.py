"""How `CostSurfaceDisplay` is drawn."""

import numpy as np

from ._style import figure_and_axes, outlined

__all__ = ["draw_contours", "draw_surface"]

# Factor between the largest and the smallest J from which equal factors show more.
_WIDE = 10
_N_LEVELS = 15


def draw_surface(display, ax, *, log, cmap, legend):
    """J upwards over the plane."""
    figure, ax = figure_and_axes(ax, size=(6.4, 5.2), projection="3d")
    if getattr(ax, "name", None) != "3d":
        raise ValueError(
            f"ax must be three-dimensional for kind='surface', got {ax!r}: make it with "
            f"subplot_kw={{'projection': '3d'}}, or use kind='contour'"
        )
    ax.computed_zorder = False  # path and points are to be seen through the surface
    x, y = np.meshgrid(display.x, display.y)
    n = len(display.x)
    norm = _norm(display, log)
    ax.plot_surface(
        x, y, display.J, cmap=cmap, norm=norm, rcount=n, ccount=n, linewidth=0, alpha=0.9, zorder=1
    )
    _add_marks(display, ax, cmap, norm)
    ax.set(xlabel=display.labels[0], ylabel=display.labels[1], zlabel="J")
    ax.set_box_aspect(None, zoom=0.85)  # else the outer labels are cut off
    _finish(display, figure, ax, legend)


def draw_contours(display, ax, *, log, cmap, legend):
    """Lines of equal J, seen from above."""
    figure, ax = figure_and_axes(ax, size=(6.4, 5.2))
    norm = _norm(display, log)
    levels = _levels(display.J, log=_is_log(display, log))
    filled = ax.contourf(display.x, display.y, display.J, levels=levels, cmap=cmap, norm=norm)
    ax.contour(
        display.x, display.y, display.J, levels=levels, colors="k", linewidths=0.4, alpha=0.4
    )
    display.colorbar_ = figure.colorbar(filled, ax=ax, label="J", format="%.3g")
    _add_marks(display, ax, cmap, norm)
    ax.set(xlabel=display.labels[0], ylabel=display.labels[1])
    ax.set(xlim=display.x[[0, -1]], ylim=display.y[[0, -1]])
    _finish(display, figure, ax, legend)


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
    if not low < high:  # a flat J still has a picture
        return np.array([low, low + max(abs(low), 1.0)])
    return np.geomspace(low, high, _N_LEVELS) if log else np.linspace(low, high, _N_LEVELS)


def _add_marks(display, ax, cmap, norm):
    """Points tried, the path and the solution: at their own J, where there is a height."""
    flat = ax.name != "3d"

    def at(marks):
        return marks.T[:2] if flat else marks.T

    if display.points is not None:
        many = len(display.points) > 100
        ax.scatter(
            *at(display.points),
            c=display.points[:, 2],
            cmap=cmap,
            norm=norm,
            s=12 if many else 24,
            edgecolors="white",
            linewidths=0.6,
            label="points tried",
            zorder=3,
        )
    if display.path is not None:
        ax.plot(
            *at(display.path),
            color="white",
            lw=1.6,
            path_effects=outlined(1.6),
            zorder=4,
            label="path of the fit",
        )
        _mark(ax, at(display.path[:1]), "o", 7, "its start")
    _mark(ax, at(display.solution[None]), "*", 15, "fitted weights")


def _mark(ax, where, marker, size, label):
    ax.plot(
        *where,
        linestyle="none",
        marker=marker,
        markersize=size,
        color="white",
        markeredgecolor="black",
        label=label,
        zorder=5,
    )


def _finish(display, figure, ax, legend):
    if legend:
        handles, labels = ax.get_legend_handles_labels()
        figure_legend = ax.legend(
            handles, labels, loc="upper center", bbox_to_anchor=(0.5, -0.14), ncols=4, frameon=False
        )
    display.ax_, display.figure_ = ax, figure
