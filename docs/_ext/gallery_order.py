"""The order of the gallery's pages: from the lecture's picture to work on real data."""

READING_ORDER = [
    "plot_lecture_in_ten_cells.py",
    "plot_cost_surface.py",
    "plot_xor.py",
    "plot_local_minima.py",
    "plot_curse_of_dimension.py",
    "plot_levenberg_marquardt.py",
    "plot_classifier_comparison.py",
    "plot_choosing_the_cost.py",
    "plot_error_bars.py",
    "plot_prediction_intervals.py",
    "plot_formula.py",
    "plot_surrogate.py",
    "plot_digits.py",
    "plot_hidden_features.py",
]


class ReadingOrder:
    """A key to sort the gallery's files by; a file that is not listed is an error.

    Parameters
    ----------
    folder : str
        That of the files, as sphinx-gallery passes it.
    """

    def __init__(self, folder):
        self.folder = folder

    def __call__(self, file):
        return READING_ORDER.index(file)
