"""Random search: the lecture's Monte Carlo.

- `_monte_carlo`: the solver, which draws batches from one of the samplers
- `_samplers`: uniform and quasi-random points
- `_adaptive`: draws around the best point so far
- `_draws`: groups of draws that share a hidden layer
"""

from ._monte_carlo import MonteCarlo

__all__ = ["MonteCarlo"]
