"""The network of the lecture and its cost J as a function of one flat weight vector.

docs/lecture.md shows the lecture's equations beside this code.

- `_sigmoid`: f, and its derivative
- `_network`: z2, a2, z3 and yhat; backpropagation; the layout of the weights; random
  initial weights
- `_monotonicity`: bounds of the weights that make yhat monotone in some features
- `_penalty`: 1/2 alpha (sum_i v_i ||W1_i||^2 + ||W2||^2)
- `_data`: features, targets, sample weights
- `_objective`, `_objective_parts`: J and its gradient, over blocks of rows
- `_gauss_newton`, `_gauss_newton_forms`: the Gauss-Newton matrix, and how it is summed over samples
- `_leverage`: the uncertainty of a prediction due to the uncertainty of the weights
- `_feature_scaling`: sizes of initial weights and steps, adapted to the units of the features
- `_standardisation`: the coordinates of a descent, which do not depend on these units
- `_rounding`: standardised numbers without the rounding errors that depend on the units
- `_centred`: sparse features with their means subtracted, without becoming dense
- `_batched`: J of many weight vectors at once, for the searches
- `_blocks`, `_moments`: sums over blocks of rows; means and deviations of any size
"""

from ._data import Data
from ._network import Network, feed_forward
from ._objective import Objective
from ._penalty import Penalty
from ._sigmoid import sigmoid

__all__ = ["Data", "Network", "Objective", "Penalty", "feed_forward", "sigmoid"]
