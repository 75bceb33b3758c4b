"""The call of the solver in a fit, which `record_path` can wrap."""

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

# Keys are the ids of estimators, because a subclass may be unhashable.
_WRAPPERS: dict[int, Callable[[Solve], Solve]] = {}


def solve(
    estimator: BaseEstimator,
    solver: Solver,
    objective: Objective,
    w0: NDArray | None,
    **options: Any,
) -> SolverResult:
    """Call ``solver.solve``, through the wrapper of the estimator if there is one."""
    wrap = _WRAPPERS.get(id(estimator))
    run = solver.solve if wrap is None else wrap(solver.solve)
    return run(objective, w0, **options)


@contextmanager
def wrapped_solves(estimator: BaseEstimator, wrap: Callable[[Solve], Solve]) -> Iterator[None]:
    """Context in which fits of an estimator call ``wrap(solver.solve)``.

    Parameters
    ----------
    estimator : BackpropClassifier or BackpropRegressor
        Only this instance is affected, not its clones.
    wrap : callable
        Maps a function with the parameters of `Solver.solve` to another such function.
    """
    _WRAPPERS[id(estimator)] = wrap
    try:
        yield
    finally:
        del _WRAPPERS[id(estimator)]
