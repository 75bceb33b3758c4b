"""Samplers of points in the unit cube, for a search that uses them batch by batch.

A sampler is called with the number of dimensions and a random number generator. It returns a
function that takes a number of points and returns the next points of the sequence, an array of
shape (n_points, n_dimensions). These depend only on the number of points taken before.
"""

from collections.abc import Callable
from inspect import signature

import numpy as np
from scipy.stats import qmc

from ...model import Network

__all__ = ["SAMPLERS", "check_dimensions"]

NextPoints = Callable[[int], np.ndarray]
Sampler = Callable[[int, np.random.Generator], NextPoints]

# scipy has Joe and Kuo's direction numbers for this many dimensions.
_MOST_SOBOL_DIMENSIONS = qmc.Sobol.MAXDIM
# The parameter rng of scipy.stats.qmc was named seed before scipy 1.15.
_RNG = "rng" if "rng" in signature(qmc.LatinHypercube).parameters else "seed"


def _uniform(n_dimensions: int, rng: np.random.Generator) -> NextPoints:
    """Independent points, as in the lecture."""
    return lambda n: rng.random((n, n_dimensions))


def _engine(kind: type[qmc.QMCEngine]) -> Sampler:
    """Create the sampler for a class of `scipy.stats.qmc`, with scrambling."""
    return lambda n_dimensions, rng: kind(n_dimensions, **{_RNG: rng}).random


SAMPLERS: dict[str, Sampler] = {
    "uniform": _uniform,
    "sobol": _engine(qmc.Sobol),
    "halton": _engine(qmc.Halton),
    "latin_hypercube": _engine(qmc.LatinHypercube),
}


def check_dimensions(sampler: str, network: Network) -> None:
    """Raise an error if a Sobol' sequence would have too many dimensions.

    Raises
    ------
    ValueError
        If a layer of the network has too many weights.
    """
    n_dimensions = max(network.n_hidden_weights, network.n_weights - network.n_hidden_weights)
    if sampler == "sobol" and n_dimensions > _MOST_SOBOL_DIMENSIONS:
        raise ValueError(
            f"sampler='sobol' of MonteCarlo has points of at most {_MOST_SOBOL_DIMENSIONS} "
            f"dimensions, got a layer of {n_dimensions!r} weights: use sampler='halton', or "
            f"lower n_hidden"
        )
