"""Random search: the lecture's Monte Carlo.

- `_monte_carlo`: the solver; draws in batches from one of the samplers
- `_samplers`: uniform and quasi-random points
- `_adaptive`: draws around the best point so far
- `_draws`: how draws share hidden layers
"""

from ._monte_carlo import MonteCarlo

__all__ = ["MonteCarlo"]
