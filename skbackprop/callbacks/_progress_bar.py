"""scikit-learn's progress bar, with an error that names the extra to install."""

from sklearn import callback

__all__ = ["ProgressBar"]


class ProgressBar(callback.ProgressBar):
    """The progress bar of scikit-learn, which needs the package rich.

    Set it on the outermost estimator: for a pipeline or a search, the bars of the estimators
    inside are shown as well.

    Parameters
    ----------
    max_propagation_depth : int or None, default=1
        Number of levels of nested estimators for which bars are shown; None shows all levels.

    Raises
    ------
    ImportError
        If rich is not installed; the extra ``progress`` installs it.

    Examples
    --------
    >>> from skbackprop import BackpropRegressor
    >>> from skbackprop.callbacks import ProgressBar
    >>> model = BackpropRegressor().set_callbacks(ProgressBar())  # doctest: +SKIP
    """

    def __init__(self, max_propagation_depth: int | None = 1) -> None:
        try:
            super().__init__(max_propagation_depth)
        except ImportError as error:
            raise ImportError(
                "ProgressBar needs the package rich, which is not installed: "
                'pip install "skbackprop[progress]", or pip install rich'
            ) from error
