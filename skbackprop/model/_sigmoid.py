"""The sigmoid of the lecture, f(z) = 1 / (1 + exp(-z)), and its derivative."""

import numpy as np
from numpy.typing import NDArray

__all__ = ["HAS_FAST_TANH", "activation", "sigmoid", "sigmoid_pair", "sigmoid_slope"]

# Largest exponents for which exp is finite and its reciprocal is not denormal, since arithmetic
# with denormal numbers is slow.
_LARGEST_POWER = {"f": 87.0, "d": 700.0}


def _tanh_uses_avx512() -> bool:
    """Whether NumPy computes tanh with AVX-512 on this processor."""
    try:
        from numpy.lib.introspect import opt_func_info
    except ImportError:  # NumPy 1
        return False
    kinds = opt_func_info(func_name="^tanh$", signature="float(32|64)").get("tanh", {})
    targets = [kind["current"] for kind in kinds.values()]
    # NumPy 2.4 and later report levels of x86-64 instead of single instruction sets
    with_avx512 = ["AVX512" in target or "X86_V4" in target for target in targets]
    return bool(with_avx512) and all(with_avx512)


# Whether the sigmoid is computed by tanh instead of exp. The whole sigmoid by tanh and by exp takes
# these nanoseconds per element: with AVX-512 1.9 and 1.9 in float64, 0.57 and 0.84 in float32; with
# AVX2 8.7 and 4.0, 2.0 and 1.2; with SSE 16 and 4.0, 14 and 2.2.
HAS_FAST_TANH = _tanh_uses_avx512()


def sigmoid(z: NDArray, out: NDArray | None = None) -> NDArray:
    """f(z) = 1 / (1 + exp(-z)), exact at infinite z.

    It is computed by this formula, which has full relative precision for values near 0.

    Parameters
    ----------
    z : ndarray of any shape, float32 or float64, infinities included
    out : ndarray of the shape and dtype of `z`, default=None
        Where the result is written; it may be `z` itself.

    Returns
    -------
    a : ndarray of the shape and dtype of `z`, in [0, 1]

    Examples
    --------
    >>> import numpy as np
    >>> from skbackprop.model import sigmoid
    >>> sigmoid(np.array([-np.inf, 0.0, np.inf]))
    array([0. , 0.5, 1. ])
    """
    with np.errstate(over="ignore", under="ignore"):  # exp(-z) may be infinite, or 0
        power = np.exp(np.negative(z, out=out), out=out)
        power += 1
        return np.reciprocal(power, out=power)


def activation(z: NDArray, out: NDArray | None = None) -> NDArray:
    """f(z) to full absolute precision, which is sufficient for hidden units and sums.

    If NumPy's tanh is fast, f(z) = (1 + tanh(z / 2)) / 2 is used. It takes 0.7 to 1 times as long
    as `sigmoid`, but has less relative precision for values near 0. Otherwise `sigmoid` is used.

    Parameters
    ----------
    z : ndarray of any shape, float32 or float64, infinities included
    out : ndarray of the shape and dtype of `z`, default=None
        Where the result is written; it may be `z` itself.

    Returns
    -------
    a : ndarray of the shape and dtype of `z`, in [0, 1]
    """
    if not HAS_FAST_TANH:
        return sigmoid(z, out=out)
    half = np.multiply(z, 0.5, out=out)
    a = np.tanh(half, out=half)
    a *= 0.5
    a += 0.5
    return a


def sigmoid_slope(a: NDArray, out: NDArray | None = None) -> NDArray:
    """The derivative f'(z) = a (1 - a), computed from a = f(z)."""
    slope = np.subtract(1, a, out=out)
    slope *= a
    return slope


def sigmoid_pair(z: NDArray) -> tuple[NDArray, NDArray]:
    """f(z) and 1 - f(z) = f(-z), both to full relative precision.

    Parameters
    ----------
    z : ndarray of any shape, float32 or float64, infinities included

    Returns
    -------
    a, b : ndarray
        a = 1 / (1 + exp(-z)) and b = 1 - a, of the shape and dtype of `z`.

    Examples
    --------
    >>> import numpy as np
    >>> from skbackprop.losses import sigmoid_pair
    >>> a, b = sigmoid_pair(np.array([0.0, 40.0]))
    >>> a.tolist(), [f"{b_i:.4g}" for b_i in b]
    ([0.5, 1.0], ['0.5', '4.248e-18'])
    """
    # with e = exp(-z): a = 1 / (1 + e) and b = e / (1 + e); the exponent is clipped to avoid
    # overflow, which changes only values of a below 1e-37 (float32) or 1e-304 (float64)
    e = np.negative(z)
    np.minimum(e, _LARGEST_POWER[e.dtype.char], out=e)
    np.exp(e, out=e)
    a = e + 1
    np.reciprocal(a, out=a)
    e *= a
    return a, e
