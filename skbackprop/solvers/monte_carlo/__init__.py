"""Random search: the lecture's Monte Carlo."""

from ._monte_carlo import MonteCarlo

__all__ = ["MonteCarlo"]
