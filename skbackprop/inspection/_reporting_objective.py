"""An objective that reports the random starts and the draws of a solver."""

from collections.abc import Callable
from dataclasses import dataclass, field, fields

import numpy as np
from numpy.typing import NDArray

from ..model._batched import Candidates
from ..model._feature_scaling import FeatureScaling
from ..model._objective import Objective
from ..model._standardisation import Standardisation

__all__ = ["reporting_objective"]


def reporting_objective(
    objective: Objective,
    *,
    on_start: Callable[[NDArray[np.float64]], None] | None = None,
    on_draws: Callable[[NDArray, NDArray], None] | None = None,
) -> Objective:
    """Return a copy of the objective that also calls `on_start` and `on_draws`.

    Pickling drops the callbacks, so a copy in another process reports nothing.

    Parameters
    ----------
    objective : Objective
    on_start : callable, default=None
        ``on_start(w)`` is called with each random start.
    on_draws : callable, default=None
        ``on_draws(V1, V2)`` is called with the draws of Monte Carlo: hidden layers V1,
        (n_layers, ...), and the output layers V2 for each of them,
        (n_layers, n_candidates, ...).

    Returns
    -------
    Objective
    """
    parts = {part.name: getattr(objective, part.name) for part in fields(objective)}
    reporting = _ReportingObjective(**parts)
    # In the places of the cached properties, which pickle leaves out.
    reporting.__dict__["on_start"] = on_start
    if on_start is not None:
        known = objective.network, objective.data, objective.monotonicity
        scaling = _ReportedStart(*known, on_start=on_start)
        reporting.__dict__["feature_scaling"] = scaling
    if on_draws is not None:
        reporting.__dict__["candidates"] = _ReportedDraws(reporting, on_draws)
    return reporting


class _ReportingObjective(Objective):
    """An objective that also reports random starts of descents in standardised coordinates."""

    def standardised(self, scaling: Standardisation) -> Objective:
        on_start = self.__dict__.get("on_start")
        if scaling.is_identity or on_start is None:
            return super().standardised(scaling)

        def report(w: NDArray[np.float64]) -> None:
            on_start(scaling.from_scaled(w))

        return reporting_objective(super().standardised(scaling), on_start=report)


@dataclass(frozen=True, eq=False)
class _ReportedStart(FeatureScaling):
    """Feature scaling that reports each random start."""

    on_start: Callable[[NDArray[np.float64]], None] = field(kw_only=True)

    def initial_weights(self, rng: np.random.Generator) -> NDArray[np.float64]:
        w = super().initial_weights(rng)
        self.on_start(w)
        return w


@dataclass(frozen=True, eq=False)
class _ReportedDraws(Candidates):
    """Candidates that report the draws of Monte Carlo."""

    on_draws: Callable[[NDArray, NDArray], None]

    def best_of(self, V1: NDArray, V2: NDArray) -> tuple[NDArray, float]:
        self.on_draws(V1, V2)
        return super().best_of(V1, V2)
