"""The call of the solver in a fit, which a recording of the fit can wrap."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

from numpy.typing import NDArray
from sklearn.base import BaseEstimator

from .._execution._result import SolverResult
from ..model import Objective
from ..solvers import Solver

__all__ = ["solve", "wrapped_solves"]

Solve = Callable[..., SolverResult]

# By the id of the estimator, which a subclass may have made unhashable.
_WRAPPERS: dict[int, Callable[[Solve], Solve]] = {}


def solve(
    estimator: BaseEstimator,
    solver: Solver,
    objective: Objective,
    w0: NDArray | None,
    **options: Any,
) -> SolverResult:
    """What ``solver.solve`` returns, called through the wrapper of the estimator if it has one."""
    wrap = _WRAPPERS.get(id(estimator))
    run = solver.solve if wrap is None else wrap(solver.solve)
    return run(objective, w0, **options)


@contextmanager
def wrapped_solves(estimator: BaseEstimator, wrap: Callable[[Solve], Solve]) -> Iterator[None]:
    """A context in which fits of an estimator call ``wrap(solver.solve)``.

    Parameters
    ----------
    estimator : BackpropClassifier or BackpropRegressor
        The instance itself; its clones are not meant.
    wrap : callable
        From a function with the parameters of `Solver.solve` to another such function.
    """
    _WRAPPERS[id(estimator)] = wrap
    try:
        yield
    finally:
        del _WRAPPERS[id(estimator)]
