"""Gradient checking: comparison of backpropagation with differences of J."""

from dataclasses import dataclass
from numbers import Real

import numpy as np
from numpy.typing import ArrayLike, NDArray
from sklearn.exceptions import NotFittedError
from sklearn.pipeline import Pipeline
from sklearn.utils import gen_batches

from ..estimators._base import BaseBackprop
from ..model._objective import Objective
from ._problem import MatrixLike, fitted_problem, new_problem
from ._weight_names import blocks, weight_names

__all__ = ["GradientReport", "check_gradient"]

# The step, as a change of z2 or z3. Central differences have a rounding error of about
# eps |J| / step, and a truncation error of about step^2 from the third derivative. Their sum is
# smallest near the cube root of eps: Gill, Murray and Wright, Practical Optimization (1981), 8.6.1.
_STEP = float(np.cbrt(np.finfo(np.float64).eps))
# If a component changes J by less than this fraction of J for a unit change of z, its error is
# divided by this fraction of J instead, because rounding leaves such a component too few digits.
_SHARE = 1e-4
# Largest total number of elements in the weight vectors that are evaluated together.
_AT_ONCE = 2**22


@dataclass(frozen=True, eq=False, repr=False)
class GradientReport:
    """The result of `check_gradient`: a comparison of backpropagation with differences of J.

    ``print(report)`` shows a table.

    Parameters
    ----------
    ok : bool
        Whether `max_error` is at most `tol`.
    max_error : float
        The largest relative error of a component; NaN if a component is NaN.
    worst_weight : str
        The name of the weight with the largest error, such as "W1[0, 2]".
    errors : dict of str -> ndarray
        The relative errors of "W1", "b1", "W2" and "b2", in the shapes of these arrays.
    analytic, numerical : ndarray of shape (n_weights,), float64
        dJ/dw by backpropagation and by differences.
    w : ndarray of shape (n_weights,), float64
        The weights at which both were computed.
    value : float
        J at `w`.
    tol : float
        The largest relative error that was accepted.
    fitted : bool
        Whether `w` are the weights of the fit; otherwise they are random.
    worst : int
        Position of the worst weight in `w`.
    """

    ok: bool
    max_error: float
    worst_weight: str
    errors: dict[str, NDArray[np.float64]]
    analytic: NDArray[np.float64]
    numerical: NDArray[np.float64]
    w: NDArray[np.float64]
    value: float
    tol: float
    fitted: bool
    worst: int

    def __str__(self) -> str:
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


def check_gradient(
    estimator: BaseBackprop | Pipeline,
    X: MatrixLike,
    y: ArrayLike,
    sample_weight: ArrayLike | None = None,
    *,
    tol: float = 1e-5,
) -> GradientReport:
    """Compare the gradient by backpropagation with differences of J.

    Courses on backpropagation recommend this check; run it first if you write your own loss. J is
    the estimator's cost on these data, with its loss, penalty, class weights and `target_range`.
    The gradient is computed at the fitted weights, or at random weights if the estimator is not
    fitted.

    Parameters
    ----------
    estimator : BackpropClassifier, BackpropRegressor, or Pipeline that ends in one
        It is not modified.
    X : array-like or sparse matrix of shape (n_samples, n_features)
        Some tens of samples are enough.
    y : array-like of shape (n_samples,) or (n_samples, n_outputs)
    sample_weight : array-like of shape (n_samples,), default=None
    tol : float, default=1e-5
        The largest relative error that is accepted, > 0. Rounding causes errors up to 1e-6;
        mistakes in a gradient cause errors of 1e-2 and more.

    Returns
    -------
    report : GradientReport
        ``print(report)`` shows a table.

    Raises
    ------
    TypeError
        If the type of `estimator` is not supported.
    ValueError
        If `tol`, X or y is invalid.

    Notes
    -----
    Differences are central: (J(w + h) - J(w - h)) / 2h for each weight, with a step h that
    changes z2 or z3 by about 6e-6. Let a be a component by backpropagation and n the same
    component by differences. The relative error is

        ``|a - n| / max(|a|, |n|, 1e-4 J s)``

    as in the notes of Stanford's CS231n, except for the last term. In this term J is the cost at
    these weights or at zero weights, whichever is larger, and s is the largest change of z2 or z3
    for a unit step of the weight. Near a minimum, a and n are differences of much larger numbers
    and have few correct digits; the last term keeps their ratio from failing the check. All
    computations are in float64, with two evaluations of J per weight.

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
    >>> report.ok, len(report.w)
    (True, 43)
    >>> {part: errors.shape for part, errors in report.errors.items()}
    {'W1': (4, 5), 'b1': (5,), 'W2': (5, 3), 'b2': (3,)}
    """
    if not isinstance(tol, Real) or not float(tol) > 0:
        raise ValueError(f"tol must be a number > 0, got {tol!r}")
    try:
        problem, fitted = fitted_problem(estimator, X, y, sample_weight), True
    except NotFittedError:
        problem, fitted = new_problem(estimator, X, y, sample_weight), False
    objective, w = problem.objective, problem.w
    value, analytic = objective.value_and_grad(w)
    scale = objective.feature_scaling.largest_move
    numerical = central_differences(objective, w, _STEP / scale)
    # J at w alone is too small a reference near a perfect fit
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


def central_differences(
    objective: Objective, w: NDArray[np.float64], steps: NDArray[np.float64]
) -> NDArray[np.float64]:
    """Compute the derivatives of J by central differences, (n_weights,).

    Parameters
    ----------
    objective : Objective
    w : ndarray of shape (n_weights,)
    steps : ndarray of shape (n_weights,), > 0
    """
    # large enough to change w; the quotient below uses the difference after rounding
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


def relative_error(analytic: NDArray, numerical: NDArray, least: NDArray) -> NDArray[np.float64]:
    """``|a - n| / max(|a|, |n|, least)``, and 0 if all three are 0."""
    distance = np.abs(analytic - numerical)
    size = np.maximum(np.maximum(np.abs(analytic), np.abs(numerical)), least)
    with np.errstate(invalid="ignore", divide="ignore"):
        return np.where(distance == 0, 0.0, distance / size)


def _largest(errors: NDArray[np.float64]) -> float:
    return errors.max(initial=0.0)
