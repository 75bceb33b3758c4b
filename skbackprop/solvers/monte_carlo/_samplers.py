"""Points that fill the unit cube, for a search that takes them one batch after another.

Each sampler is begun with a number of dimensions and a source of randomness, and returns a
function from a number of points to the next ones, of shape (n_points, n_dimensions). What
it returns depends on the points taken before and on nothing else.
"""

from inspect import signature

from scipy.stats import qmc

__all__ = ["SAMPLERS", "check_dimensions"]

# Joe and Kuo's direction numbers, those of scipy, end here.
_MOST_SOBOL_DIMENSIONS = qmc.Sobol.MAXDIM
# The source of randomness of scipy.stats.qmc was called seed before scipy 1.15.
_RNG = "rng" if "rng" in signature(qmc.LatinHypercube).parameters else "seed"


def _uniform(n_dimensions, rng):
    """Independent points, as in the lecture."""
    return lambda n: rng.random((n, n_dimensions))


def _engine(kind):
    """A sampler of `scipy.stats.qmc`, scrambled."""
    return lambda n_dimensions, rng: kind(n_dimensions, **{_RNG: rng}).random


SAMPLERS = {
    "uniform": _uniform,
    "sobol": _engine(qmc.Sobol),
    "halton": _engine(qmc.Halton),
    "latin_hypercube": _engine(qmc.LatinHypercube),
}


def check_dimensions(sampler, network):
    """Refuse a Sobol' sequence of more dimensions than there are direction numbers for.

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
