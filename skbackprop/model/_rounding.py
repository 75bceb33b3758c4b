"""Rounding of standardised data, so that networks do not depend on units.

A feature in metres and the same feature in inches are standardised to the same numbers up to
rounding errors. A descent of many steps can amplify these errors to a different network. Rounding
to fewer digits makes the numbers equal.
"""

from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy import sparse

from ._centred import CentredColumns

__all__ = ["rounded", "rounded_mantissas"]

# Standardised data are rounded to multiples of this power of two, 6e-8: the precision of float32,
# which is enough to compare penalties. Rounding errors of standardised float64 data are far
# smaller, up to 1e-13 if the mean of a feature is 1,000 deviations. Of a million such numbers,
# about two are rounded to another multiple because of them.
_STEP = 2.0**-24


def rounded(X: Any, *, overwrite: bool = False) -> Any:
    """Round numbers to multiples of 2^-24, which leaves float32 numbers of 1/2 or more unchanged.

    Parameters
    ----------
    X : ndarray, CSR matrix or CentredColumns
        Numbers of ordinary size, such as standardised features. Others are returned unchanged.
    overwrite : bool, default=False
        Whether the numbers of a matrix may be overwritten, which saves memory.

    Examples
    --------
    >>> import numpy as np
    >>> from skbackprop.model._rounding import rounded
    >>> x = np.array([0.1, 1.7])
    >>> shifted = (x + 1000.0) - 1000.0
    >>> x == shifted, rounded(x) == rounded(shifted)
    (array([False, False]), array([ True,  True]))
    """
    if isinstance(X, CentredColumns):
        return CentredColumns(rounded(X.X, overwrite=overwrite), rounded(X.shift))
    if sparse.issparse(X):
        values = rounded(X.data, overwrite=overwrite)
        return type(X)((values, X.indices, X.indptr), shape=X.shape, copy=False)
    if not isinstance(X, np.ndarray):
        return X
    multiples = np.divide(X, _STEP, out=X if overwrite else None)
    np.rint(multiples, out=multiples)
    multiples *= _STEP
    return multiples


def rounded_mantissas(numbers: NDArray) -> NDArray:
    """Round each number to 24 significant bits, which keeps small numbers positive.

    Parameters
    ----------
    numbers : ndarray of any shape

    Examples
    --------
    >>> import numpy as np
    >>> from skbackprop.model._rounding import rounded_mantissas
    >>> rounded_mantissas(np.array([3e-20, 1 + 1e-12])).tolist()
    [2.9999999047965676e-20, 1.0]
    """
    mantissa, exponent = np.frexp(numbers)
    return np.ldexp(rounded(mantissa), exponent)
