"""Gradient checking: backpropagation against differences of J."""

from dataclasses import dataclass
from numbers import Real

import numpy as np
from sklearn.exceptions import NotFittedError
from sklearn.utils import gen_batches

from ._problem import fitted_problem, new_problem
from ._weights import blocks, weight_names

__all__ = ["GradientReport", "check_gradient"]

# The step, as a move of z2 or z3. The error of central differences is the sum of rounding,
# eps |J| / step, and of what the third derivative adds, about step^2; their sum is smallest
# near the cube root of eps: Gill, Murray and Wright, Practical Optimization (1981), 8.6.1.
_STEP = float(np.cbrt(np.finfo(np.float64).eps))
# Components that move J by less than this share of it, for a unit move of z, are compared
# to that share: of smaller ones rounding leaves too few digits.
_SHARE = 1e-4
# Numbers in the weights that are evaluated at once.
_AT_ONCE = 2**22


@dataclass(frozen=True, eq=False, repr=False)
class GradientReport:
    """How well the gradient by backpropagation agrees with differences of J.

    Its string is a table.

    Parameters
    ----------
    ok : bool
        Whether `max_error` is at most `tol`.
    max_error : float
        The largest relative error of a component; nan if some component is not a number.
    worst_weight : str
        The weight with that error, such as "W1[0, 2]".
    errors : dict of str -> ndarray
        The relative errors, of the shapes of W1, b1, W2 and b2.
    analytic, numerical : ndarray of shape (n_weights,), float64
        dJ/dw by backpropagation and by differences.
    w : ndarray of shape (n_weights,), float64
        Where they were taken.
    value : float
        J there.
    tol : float
    fitted : bool
        Whether `w` are the weights of the fit; else a random start.
    worst : int
        Position of the worst weight in `w`.
    """

    ok: bool
    max_error: float
    worst_weight: str
    errors: dict
    analytic: np.ndarray
    numerical: np.ndarray
    w: np.ndarray
    value: float
    tol: float
    fitted: bool
    worst: int

    def __str__(self):
        place = "the fitted weights" if self.fitted else "a random start"
        verdict = "agrees" if self.ok else "does NOT agree"
        lines = [
            f"The gradient {verdict} with differences of J: largest relative error "
            f"{self.max_error:.1e}, tol={self.tol:.0e}",
            f"at {place}, {len(self.w)} weights, J = {self.value:.6g}",
            "",
            f"{'part':<6}{'shape':<12}{'largest error':>14}",
        ]
        lines += [
            f"{name:<6}{part.shape!s:<12}{_largest(part):>14.1e}"
            for name, part in self.errors.items()
        ]
        worst = self.worst
        lines += [
            "",
            f"worst: {self.worst_weight}, dJ/dw = {self.analytic[worst]:.9g} by "
            f"backpropagation, {self.numerical[worst]:.9g} by differences",
        ]
        return "\n".join(lines)

    __repr__ = __str__


def check_gradient(estimator, X, y, sample_weight=None, *, tol=1e-5):
    """Compare the gradient by backpropagation with differences of J.

    The step that every course on backpropagation asks for, and the first thing to do with a
    loss of your own. The gradient is that of the estimator's own J: its loss, penalty, class
    weights and `target_range` on these data, taken at its weights, or at a random start if
    it is not fitted.

    Parameters
    ----------
    estimator : BackpropClassifier, BackpropRegressor, or Pipeline that ends in one
        It is left as it is.
    X : array-like or sparse matrix of shape (n_samples, n_features)
        Some tens of samples are enough.
    y : array-like of shape (n_samples,) or (n_samples, n_outputs)
    sample_weight : array-like of shape (n_samples,), default=None
    tol : float, default=1e-5
        The largest relative error that is no mistake, > 0. Rounding leaves errors of 1e-6 and
        less; mistakes make errors of 1e-2 and more.

    Returns
    -------
    report : GradientReport
        Print it.

    Raises
    ------
    TypeError
        If `estimator` is another estimator.
    ValueError
        If `tol`, X or y is not what is expected.

    Notes
    -----
    Differences are central: (J(w + h) - J(w - h)) / 2h, for each weight, with a step h that
    moves z2 or z3 by about 6e-6. With a for a component by backpropagation and n for the same
    by differences, the relative error is

        ``|a - n| / max(|a|, |n|, 1e-4 J s)``

    as in the notes of Stanford's CS231n, but for the last term. There J is that of these
    weights or of weights of zero, whichever is larger, and s is how far a unit step of the
    weight moves z2 or z3, at most. Near a minimum a and n are differences of much larger
    numbers, of which rounding leaves few digits; the term keeps their quotient from being
    judged. Everything is computed in float64. It takes two evaluations of J a weight.

    References
    ----------
    P. E. Gill, W. Murray, M. H. Wright, Practical Optimization (1981), section 8.6.

    Examples
    --------
    >>> from sklearn.datasets import load_iris
    >>> from skbackprop import BackpropClassifier
    >>> from skbackprop.inspection import check_gradient
    >>> X, y = load_iris(return_X_y=True)
    >>> report = check_gradient(BackpropClassifier(5), X, y)
    >>> report.ok
    True
    >>> list(report.errors), report.errors["W1"].shape
    (['W1', 'b1', 'W2', 'b2'], (4, 5))
    """
    if not isinstance(tol, Real) or not tol > 0:
        raise ValueError(f"tol must be a number > 0, got {tol!r}")
    try:
        problem, fitted = fitted_problem(estimator, X, y, sample_weight), True
    except NotFittedError:
        problem, fitted = new_problem(estimator, X, y, sample_weight), False
    objective, w = problem.objective, problem.w
    value, analytic = objective.value_and_grad(w)
    scale = objective.feature_scaling.largest_move
    numerical = central_differences(objective, w, _STEP / scale)
    # near a perfect fit J itself is too small to compare with
    size = max(abs(value), abs(objective.value(np.zeros_like(w))))
    error = relative_error(analytic, numerical, _SHARE * size * scale)
    worst = int(np.nan_to_num(error, nan=np.inf).argmax())
    return GradientReport(
        ok=bool(error[worst] <= tol),
        max_error=float(error[worst]),
        worst_weight=weight_names(objective.network, problem.feature_names)[worst],
        errors={name: error[part] for name, part in blocks(objective.network).items()},
        analytic=analytic,
        numerical=numerical,
        w=w,
        value=value,
        tol=float(tol),
        fitted=fitted,
        worst=worst,
    )


def central_differences(objective, w, steps):
    """DJ/dw by differences, (n_weights,).

    Parameters
    ----------
    objective : Objective
    w : ndarray of shape (n_weights,)
    steps : ndarray of shape (n_weights,), > 0
    """
    # as far as w + h can be told from w, and h as it is after rounding
    steps = np.maximum(steps, _STEP**2 * np.abs(w))
    up, down = w + steps, w - steps
    differences = np.empty(len(w))
    for batch in gen_batches(len(w), max(1, _AT_ONCE // (2 * len(w)))):
        moved = np.arange(len(w))[batch]
        both = np.tile(w, (2, len(moved), 1))
        both[0, np.arange(len(moved)), moved] = up[moved]
        both[1, np.arange(len(moved)), moved] = down[moved]
        above, below = objective.values(both.reshape(-1, len(w))).reshape(2, -1)
        differences[moved] = (above - below) / (up - down)[moved]
    return differences


def relative_error(analytic, numerical, least):
    """``|a - n| / max(|a|, |n|, least)``, and 0 where all three are 0."""
    distance = np.abs(analytic - numerical)
    size = np.maximum(np.maximum(np.abs(analytic), np.abs(numerical)), least)
    with np.errstate(invalid="ignore", divide="ignore"):
        return np.where(distance == 0, 0.0, distance / size)


def _largest(errors):
    return errors.max(initial=0.0)
