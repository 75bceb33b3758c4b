"""The sigmoid of the lecture, f(z) = 1 / (1 + exp(-z)), and its derivative."""

import numpy as np
from numpy.typing import NDArray

__all__ = ["activation", "has_fast_tanh", "sigmoid", "sigmoid_pair", "sigmoid_slope"]

# Largest exponents for which exp is finite and its reciprocal is not denormal, since arithmetic
# with denormal numbers is slow.
_LARGEST_POWER = {"f": 87.0, "d": 700.0}


def _tanh_uses_avx512() -> bool:
    """Whether NumPy computes tanh of float64 with AVX-512 on this processor."""
    try:
        from numpy.lib.introspect import opt_func_info
    except ImportError:  # NumPy 1
        return False
    kinds = opt_func_info(func_name="^tanh$", signature="float64").get("tanh", {})
    targets = [kind["current"] for kind in kinds.values()]
    # NumPy 2.4 and later report levels of x86-64 instead of single instruction sets
    return any("AVX512" in target or "X86_V4" in target for target in targets)


_FAST_TANH = {"f": True, "d": _tanh_uses_avx512()}


def has_fast_tanh(z: NDArray) -> bool:
    """Whether tanh is faster than exp for arrays of the dtype of `z`.

    In float32 it always is. In float64 with AVX-512, tanh takes 0.8 ns per element and exp 1.3 ns;
    with AVX2 they take 13.2 ns and 5.0 ns.
    """
    return _FAST_TANH[z.dtype.char]


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

    If NumPy's tanh is fast, f(z) = (1 + tanh(z / 2)) / 2 is used. It takes 0.7 to 0.9 times as
    long as `sigmoid`, but has less relative precision for values near 0. Otherwise `sigmoid` is
    used.

    Parameters
    ----------
    z : ndarray of any shape, float32 or float64, infinities included
    out : ndarray of the shape and dtype of `z`, default=None
        Where the result is written; it may be `z` itself.

    Returns
    -------
    a : ndarray of the shape and dtype of `z`, in [0, 1]
    """
    if not has_fast_tanh(z):
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
