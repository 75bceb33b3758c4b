"""Work cut into blocks that stay in the processor's cache and in the memory budget."""

from sklearn import get_config

__all__ = ["block_length", "slices"]

# Bytes of one block of activations. Between a core's second-level cache and the shared
# third: measured, blocks of 1 to 4 MiB are within 5 % of each other, smaller ones lose to
# the overhead of calls and larger ones to memory traffic.
_BLOCK_BYTES = 2**21


def block_length(bytes_each):
    """How many items of `bytes_each` make a block, at least one.

    Never more than ``sklearn.get_config()["working_memory"]`` holds.
    """
    budget = min(_BLOCK_BYTES, int(get_config()["working_memory"] * 2**20))
    return max(1, budget // max(1, bytes_each))


def slices(n, length):
    """Slices of at most `length` that cover range(n), in order."""
    return (slice(start, min(start + length, n)) for start in range(0, n, length))
