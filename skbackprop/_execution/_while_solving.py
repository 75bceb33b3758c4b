"""The settings while a solver works: one BLAS thread, NumPy's buffers and floating-point errors."""

from collections.abc import Iterator
from contextlib import contextmanager

from ._numpy_settings import buffer_size, numpy_settings
from ._threads import one_blas_thread

__all__ = ["while_solving"]


@contextmanager
def while_solving(n_samples: int) -> Iterator[None]:
    """Context in which a solver works on so many samples.

    BLAS uses one thread, because this package distributes the blocks of rows over threads.

    Parameters
    ----------
    n_samples : int

    Examples
    --------
    >>> import numpy as np
    >>> from skbackprop._execution._while_solving import while_solving
    >>> with while_solving(1000):
    ...     inside = np.getbufsize()
    >>> inside, np.getbufsize()
    (256, 8192)
    """
    with one_blas_thread(), numpy_settings(buffer_size(n_samples)):
        yield
