"""NumPy's settings while this package computes; they belong to the calling thread."""

from collections.abc import Iterator
from contextlib import contextmanager

import numpy as np

__all__ = ["buffer_size", "floating_point_unchecked", "numpy_settings"]

# Elements in NumPy's buffers for columns of at least as many samples. NumPy copies a number or
# column that an operation repeats, such as b1 in X W1 + b1, into buffers that hold as many whole
# columns as fit. With NumPy's own 8,192 elements, X W1 + b1 takes two to four times as long if two
# columns fit. With 256 elements it takes as long as the sum; conversions of float32, which need
# buffers, take up to a fifth longer, and so do operations on shorter columns. The results are the
# same.
_SMALL = 256


def floating_point_unchecked() -> np.errstate:
    """Context in which overflow and underflow cause neither warnings nor errors."""
    return np.errstate(over="ignore", under="ignore", invalid="ignore")


def buffer_size(n_samples: int) -> int:
    """The elements in NumPy's buffers with which a fit to so many samples is fast."""
    return _SMALL if n_samples >= _SMALL else np.getbufsize()


@contextmanager
def numpy_settings(buffer_size: int) -> Iterator[None]:
    """Context of a solve. Overflow is unchecked in it, because infinite costs are never lowest.

    Parameters
    ----------
    buffer_size : int
        Elements in NumPy's buffers, a multiple of 16.

    Examples
    --------
    >>> import numpy as np
    >>> from skbackprop._execution._numpy_settings import buffer_size, numpy_settings
    >>> with numpy_settings(buffer_size(1000)):
    ...     inside = np.getbufsize(), np.geterr()["over"]
    >>> inside, (np.getbufsize(), np.geterr()["over"])
    ((256, 'ignore'), (8192, 'warn'))
    """
    with floating_point_unchecked():
        former = np.setbufsize(buffer_size)
        try:
            yield
        finally:
            np.setbufsize(former)
