"""Grid search: every weight takes the values -1, -0.9, ..., 1 of the lecture.

The complete grid is searched if the budget allows. Otherwise branch and bound finds the same
minimum; if the problem is too large for it, coordinate descent searches a part of the grid.
"""

from collections.abc import Iterator
from dataclasses import replace
from decimal import Decimal
from functools import partial
from math import isfinite, log10
from numbers import Integral, Real

import numpy as np
from sklearn.utils._param_validation import Interval

from ..._execution._result import SolverResult, Status
from ...model._objective import Objective
from .._base import Callback, Solver
from .._incumbent import Piece, search
from .._range import WEIGHT_RANGE, check_range, range_remedies
from ._coordinate_descent import CoordinateDescent
from ._enumeration import enumerate_grid, n_networks
from ._fallback import ProofThenSearch
from .branch_and_bound import BranchAndBound, GridProblem, can_prove

__all__ = ["Grid"]

# Largest number of grid values of a weight; the search evaluates all of them at once.
_MOST_VALUES = 10_000


class Grid(Solver):
    """Search of the weight grid -1, -0.9, ..., 1.

    A grid of at most `max_evals` networks is searched completely. For a larger grid, branch and
    bound finds the same minimum: it finds a good point, divides the grid into boxes, and computes
    a lower bound of J over each box, which rules out boxes that cannot contain a better point.
    When no box is left, the point is proven to be the minimum of the grid, however many points
    the grid has, and the status is OPTIMAL. If `max_evals` or `max_time` ends the proof earlier,
    the best point is returned, and no grid point has a cost below ``loss_lower_bound_``. The page
    docs/grid.md of the documentation derives the bound.

    A proof is tried for networks with up to 28 weights and 11 incoming weights per unit, if the
    region in which the loss is convex is known (`Loss.convex_part`). It is given up when its
    bound no longer rises. The rest of `max_evals` is then spent on cyclic coordinate descent,
    which is used from the beginning for other networks and losses. It starts at the ends of short
    gradient descents and changes one weight at a time, until no change of a single weight to
    another grid value lowers the cost. If the minimum is not proven, a ConvergenceWarning says so
    and estimates how many evaluations a proof would take at least. With ``warm_start=True``, one
    start is at the previous weights, rounded to the grid.

    Parameters
    ----------
    step : float, default=0.1
        Distance between neighbouring values, > 0. It must divide the range into equal parts, with
        at most 10,000 values.
    weight_range : tuple of two floats, default=(-1.0, 1.0)
        First and last value of every weight, intercepts included.
    max_evals : int, default=20_000
        Largest number of evaluations of the cost and of lower bounds, >= 1. A box takes up to 8
        evaluations of its lower bound. An evaluation with many lattice points or samples counts
        once more for every 100,000 activations. With the default, a fit takes some seconds. Raise
        it for a longer proof.
    max_time : float or None, default=None
        Seconds, > 0, after which the search ends with the best point so far.

    Examples
    --------
    >>> import numpy as np
    >>> from skbackprop import BackpropRegressor
    >>> from skbackprop.solvers import Grid
    >>> X = np.linspace(-1, 1, 20)[:, None]
    >>> model = BackpropRegressor(1, solver=Grid(2, weight_range=(-4, 4)), alpha=0)
    >>> model.fit(X, X[:, 0]).n_grid_points_
    625
    >>> model.status_.name
    'OPTIMAL'
    >>> bits = [[0, 0], [0, 1], [1, 0], [1, 1]]
    >>> grid = BackpropRegressor(2, solver="grid", alpha=0, random_state=0).fit(bits, [0, 1, 1, 1])
    >>> grid.n_grid_points_, grid.status_.name
    (794280046581, 'OPTIMAL')
    >>> print(f"loss {grid.loss_:.4f}, proven lower bound {grid.loss_lower_bound_:.4f}")
    loss 0.1664, proven lower bound 0.1664
    """

    _parameter_constraints = {
        "step": [Interval(Real, 0, None, closed="neither")],
        "weight_range": WEIGHT_RANGE,
        "max_evals": [Interval(Integral, 1, None, closed="left")],
        "max_time": [Interval(Real, 0, None, closed="neither"), None],
    }

    supports_validation = True

    def __init__(
        self,
        step: float = 0.1,
        *,
        weight_range: tuple[float, float] = (-1.0, 1.0),
        max_evals: int = 20_000,
        max_time: float | None = None,
    ) -> None:
        self.step = step
        self.weight_range = weight_range
        self.max_evals = max_evals
        self.max_time = max_time

    def check(self) -> None:
        super().check()
        check_range(self)
        self.values()

    def values(self) -> np.ndarray:
        """Return the grid values of a weight, as exact decimals: 0 is 0 and 0.3 is the float 0.3.

        Returns
        -------
        ndarray of shape (n_values,), float64, ascending

        Raises
        ------
        ValueError
            If `step` does not divide the range, or gives more than 10,000 values.

        Examples
        --------
        >>> from skbackprop.solvers import Grid
        >>> Grid(step=0.25).values().tolist()
        [-1.0, -0.75, -0.5, -0.25, 0.0, 0.25, 0.5, 0.75, 1.0]
        """
        step, low, high = (Decimal(repr(float(x))) for x in (self.step, *self.weight_range))
        n_steps = int(((high - low) / step).to_integral_value())
        if n_steps < 1 or abs(n_steps * step - (high - low)) > Decimal("1e-9") * (high - low):
            raise ValueError(
                f"step of Grid must divide weight_range={self.weight_range!r} into equal "
                f"parts, got {self.step!r}"
            )
        if n_steps >= _MOST_VALUES:
            raise ValueError(
                f"step of Grid must leave at most {_MOST_VALUES} values in weight_range="
                f"{self.weight_range!r}, got {self.step!r}: raise step"
            )
        if n_steps * step != high - low:  # a step such as 1/3, which has no exact decimal
            return np.linspace(float(low), float(high), n_steps + 1)
        return np.array([float(low + i * step) for i in range(n_steps + 1)])

    def budget(self, objective: Objective) -> int:
        return min(n_networks(objective, len(self.values())), self.max_evals)

    def solve(
        self,
        objective: Objective,
        w0: np.ndarray | None = None,
        *,
        rng: np.random.RandomState,
        n_jobs: int | None = None,
        callback: Callback | None = None,
        validation: Objective | None = None,
        resume: object | None = None,
    ) -> SolverResult:
        values = self.values()
        seed = int(rng.randint(np.iinfo(np.int32).max))
        pieces = self._pieces(objective, values, w0, seed, n_jobs)
        proof = pieces.proof if isinstance(pieces, ProofThenSearch) else None
        result = search(
            objective,
            pieces,
            max_time=self.max_time,
            callback=callback,
            validation=validation,
            describe=None if proof is None else (lambda: proof.note),
        )
        bound = objective.lower_bound
        if proof is not None:
            bound = min(max(bound, proof.lower_bound), result.value)
        n_points = len(values) ** objective.n_weights
        result = replace(result, n_grid_points=n_points, lower_bound=bound)
        if result.status is not Status.EXHAUSTED:
            return result
        # an iterator is the complete enumeration
        if isinstance(pieces, Iterator) or (proof is not None and proof.proven):
            return replace(result, status=Status.OPTIMAL, lower_bound=result.value)
        settled = pieces.settled is not None and np.array_equal(pieces.settled, result.w)
        return replace(
            result,
            status=Status.COORDINATE_MINIMUM if settled else Status.MAX_EVALS,
            warning=self._warning(objective, len(values), result, proof),
        )

    def remedies(self, objective: Objective, result: SolverResult, penalised: bool) -> list[str]:
        return range_remedies(objective, result, self.weight_range, "lower step", penalised)

    def _pieces(
        self,
        objective: Objective,
        values: np.ndarray,
        w0: np.ndarray | None,
        seed: int,
        n_jobs: int | None,
    ) -> ProofThenSearch | CoordinateDescent | Iterator[Piece]:
        """Choose the search for the size of the network and the loss."""
        if n_networks(objective, len(values)) <= self.max_evals:
            return enumerate_grid(objective, values, n_jobs)
        search_in_part = partial(CoordinateDescent, objective, values, seed=seed, n_jobs=n_jobs)
        if not can_prove(objective, len(values), self.max_evals):
            return search_in_part(max_evals=self.max_evals, w0=w0)
        problem, rng = GridProblem.of(objective, values), np.random.default_rng(seed)
        proof = BranchAndBound(problem, rng=rng, n_jobs=n_jobs, max_evals=self.max_evals, w0=w0)
        return ProofThenSearch(proof, search_in_part)

    def _warning(
        self,
        objective: Objective,
        n_values: int,
        result: SolverResult,
        proof: BranchAndBound | None,
    ) -> str:
        """Return the warning that the minimum is not proven, and the effort of a proof."""
        points = (
            f"{n_values}**{objective.n_weights} points (about "
            f"1e{objective.n_weights * log10(n_values):.0f})"
        )
        if proof:
            return (
                f"Grid has not proven that no other of its {points} has a lower cost, with "
                f"max_evals={self.max_evals}: the lowest cost is between "
                f"{result.lower_bound:.6g} and {result.value:.6g}, the cost of the best point "
                f"found; {self._cost_of_the_proof(proof)}"
            )
        needed = n_networks(objective, n_values)
        whole = (
            f"raise max_evals of Grid to {needed} to search the complete grid"
            if needed < 10**10
            else "the network is out of reach of a proof"
        )
        return (
            f"Grid searched a part of its {points}, one weight at a time, with "
            f"max_evals={self.max_evals}: {whole}; solver='gd' needs no grid"
        )

    def _cost_of_the_proof(self, proof: BranchAndBound) -> str:
        """Describe the effort of a complete proof, and the parameters to change for it."""
        smaller = (
            "fewer features or hidden units, a larger step or a narrower weight_range may help"
        )
        if proof.given_up:
            return f"the bound no longer rose, so that raising max_evals does not help; {smaller}"
        needed = self.max_evals - proof.left + proof.still_needed
        if not isfinite(needed):
            return f"the bound has not risen yet, so that raising max_evals may not help; {smaller}"
        needed = _rounded_up(needed)
        return (
            f"at the pace of its last rounds the proof takes {needed:,} evaluations, "
            f"{needed / self.max_evals:.2g} times max_evals, and often several times as many, "
            "because the pace falls: to complete it, raise max_evals accordingly and limit the "
            "time by max_time"
        )


def _rounded_up(number: float) -> int:
    """Round an estimate up to two significant digits."""
    unit = 10 ** max(0, int(log10(number)) - 1)
    return int(number // unit + 1) * unit
