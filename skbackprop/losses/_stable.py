"""The few functions of z that every cost is made of, exact where sigmoids saturate."""

import numpy as np

__all__ = [
    "decay",
    "excess",
    "half_square",
    "i_divergence",
    "output_error",
    "row_products",
    "sigmoid_pair",
    "softplus",
]


def sigmoid_pair(z):
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
    >>> a.tolist(), bool(np.isclose(b[1], np.exp(-40), rtol=1e-15, atol=0))
    ([0.5, 1.0], True)
    """
    e = decay(z)
    a = e + 1
    np.reciprocal(a, out=a)
    e *= a
    return a, e


def decay(z):
    """The number e = exp(-z), of which a = 1 / (1 + e) and 1 - a = e / (1 + e).

    Where it would overflow, the largest power serves as well: a is below all that matters.
    """
    e = np.negative(z)
    np.minimum(e, _LARGEST_POWER[e.dtype.char], out=e)
    return np.exp(e, out=e)


# Powers whose exponential is finite, and whose reciprocal is not denormal: those are slow.
_LARGEST_POWER = {"f": 87.0, "d": 700.0}


def output_error(y, a, b):
    """The error a - y, without cancellation where the target is 0 or 1."""
    difference = (1 - y) * a
    difference -= y * b
    return difference


def half_square(error):
    """Half the square, in the place of the error."""
    error *= error
    error *= 0.5
    return error


def row_products(a, b):
    """Inner products along the last axis, without an array of the products."""
    return np.einsum("...n,...n->...", a, b)


def softplus(z):
    """ln(1 + exp(z)) = -ln(1 - f(z))."""
    with np.errstate(under="ignore"):
        return np.log1p(np.exp(-np.abs(z))) + np.maximum(z, 0)


def excess(x, log1p_x):
    """The excess x - ln(1 + x) >= 0, without the cancellation near x = 0.

    Near 0 it comes from ln(1 + x) = 2 artanh s with s = x / (2 + x), where x - 2s = s x.
    """
    near = np.abs(x) < 0.05
    x_near = np.where(near, x, 0)
    s = x_near / (2 + x_near)
    s2 = s * s
    series = s * x_near - 2 * s * s2 * (1 / 3 + s2 * (1 / 5 + s2 * (1 / 7 + s2 / 9)))
    return np.where(near, series, x - log1p_x)


def i_divergence(y, y_complement, z3):
    """The cost y ln(y / a) - y + a, as y (x - ln(1 + x)) with x = (a - y) / y; a where y = 0."""
    a, b = sigmoid_pair(z3)
    positive = np.where(y > 1e-30, y, 1)  # less makes no difference to a sum with a
    x = (y_complement * a - y * b) / positive
    log_ratio = -softplus(-z3) - np.log(positive)
    return np.where(y > 1e-30, y * excess(x, log_ratio), a)
