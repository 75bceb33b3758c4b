"""The network of the lecture and its cost as a function of one flat weight vector."""

from ._network import Network, feed_forward
from ._objective import Objective

__all__ = ["Network", "Objective", "feed_forward"]
