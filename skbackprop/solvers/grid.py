"""Grid search: every weight takes the values -1, -0.9, ..., 1 of the lecture.

The whole grid where it can be afforded, else a cyclic coordinate search on the same grid.
"""

from dataclasses import replace
from decimal import Decimal
from math import log10
from numbers import Integral, Real

import numpy as np
from sklearn.utils._param_validation import Interval

from .._result import Status
from ._base import Solver
from ._cyclic import CyclicSearch
from ._enumerate import enumerate_grid, n_networks
from ._incumbent import search
from ._range import WEIGHT_RANGE, check_range

__all__ = ["Grid"]

# Of a weight; each coordinate of the search evaluates all of them at once.
_MOST_VALUES = 10_000


class Grid(Solver):
    """Search of the weight grid -1, -0.9, ..., 1.

    If the whole grid fits `max_evals` it is searched whole and the answer is the minimum
    of the grid. Networks that differ only in the order of their hidden units are the same
    and are evaluated once; given the hidden layer, outputs are independent and are
    minimised one by one. Beyond `max_evals` the same grid is searched cyclically, one
    weight at a time, from several random starts, until no change of a single weight to any
    other grid value lowers the cost; a ConvergenceWarning says so. With ``warm_start=True``
    the first start is the previous weights, rounded to the grid.

    Parameters
    ----------
    step : float, default=0.1
        Distance of neighbouring values, > 0. Must divide the range, into 10,000 values at
        most.
    weight_range : tuple of two floats, default=(-1.0, 1.0)
        First and last value of every weight, intercepts included.
    max_evals : int, default=20_000
        Cost evaluations to spend, >= 1.
    max_time : float or None, default=None
        Seconds, > 0, after which the search ends with the best point so far.

    Examples
    --------
    >>> import numpy as np
    >>> from skbackprop import BackpropRegressor
    >>> from skbackprop.solvers import Grid
    >>> X = np.linspace(-1, 1, 20)[:, None]
    >>> model = BackpropRegressor(1, solver=Grid(step=0.5), random_state=0)
    >>> model.fit(X, X[:, 0]).n_grid_points_
    625
    >>> print(model.status_)
    every point of the grid was searched: this is the grid's minimum
    """

    _parameter_constraints = {
        "step": [Interval(Real, 0, None, closed="neither")],
        "weight_range": WEIGHT_RANGE,
        "max_evals": [Interval(Integral, 1, None, closed="left")],
        "max_time": [Interval(Real, 0, None, closed="neither"), None],
    }

    def __init__(self, step=0.1, *, weight_range=(-1.0, 1.0), max_evals=20_000, max_time=None):
        self.step = step
        self.weight_range = weight_range
        self.max_evals = max_evals
        self.max_time = max_time

    def check(self):
        super().check()
        check_range(self)
        self.values()

    def values(self):
        """The values of a weight, exact decimals: 0 is 0 and 0.3 is the float 0.3.

        Returns
        -------
        ndarray of shape (n_values,), float64, ascending

        Raises
        ------
        ValueError
            If `step` does not divide the range.

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
        if n_steps * step != high - low:  # a step such as 1/3, which is no decimal
            return np.linspace(float(low), float(high), n_steps + 1)
        return np.array([float(low + i * step) for i in range(n_steps + 1)])

    def solve(
        self, objective, w0=None, *, rng, n_jobs=None, callback=None, validation=None, resume=None
    ):
        values = self.values()
        seed = int(rng.randint(np.iinfo(np.int32).max))
        whole = n_networks(objective, len(values)) <= self.max_evals
        if whole:
            pieces = enumerate_grid(objective, values, n_jobs)
        else:
            pieces = CyclicSearch(
                objective, values, max_evals=self.max_evals, w0=w0, seed=seed, n_jobs=n_jobs
            )
        result = search(
            objective,
            pieces,
            max_time=self.max_time,
            callback=callback,
            validation=validation,
        )
        n_grid_points = len(values) ** objective.n_weights
        result = replace(result, n_grid_points=n_grid_points, lower_bound=objective.floor)
        if result.status is not Status.EXHAUSTED:
            return result
        if whole:
            return replace(result, status=Status.OPTIMAL, lower_bound=result.value)
        settled = pieces.settled is not None and np.array_equal(pieces.settled, result.w)
        return replace(
            result,
            status=Status.COORDINATE_MINIMUM if settled else Status.MAX_EVALS,
            advice=self._advice(objective, len(values)),
        )

    def _advice(self, objective, n_values):
        needed = n_networks(objective, n_values)
        digits = objective.n_weights * log10(n_values)
        whole = (
            f"raise max_evals of Grid to {needed} to search it whole"
            if needed < 10**10
            else "it is out of reach of enumeration"
        )
        return (
            f"Grid searched a part of its {n_values}**{objective.n_weights} points (about "
            f"1e{digits:.0f}), one weight at a time, with max_evals={self.max_evals}: {whole}; "
            f"solver='gd' is not bound to a grid"
        )
