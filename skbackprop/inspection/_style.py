"""What the pictures share. matplotlib is imported inside, as it is optional."""

__all__ = ["NEGATIVE", "POSITIVE", "figure_and_axes", "outlined"]

# Blue and orange that the colour-blind tell apart, on white and on black: Okabe and Ito, Color
# Universal Design (2008), the blue lightened by a step for black.
POSITIVE, NEGATIVE = "#2a8fd0", "#d55e00"


def figure_and_axes(ax, *, size, **subplot_kw):
    """The axes and their figure; new ones, in inches, if there are none."""
    if ax is not None:
        return ax.figure, ax
    from matplotlib import pyplot

    figure, ax = pyplot.subplots(figsize=size, layout="constrained", subplot_kw=subplot_kw)
    return figure, ax


def outlined(width):
    """Path effects: a dark rim around light lines, so that they show on every colour."""
    from matplotlib import patheffects

    return [patheffects.Stroke(linewidth=width + 1.6, foreground="black"), patheffects.Normal()]
