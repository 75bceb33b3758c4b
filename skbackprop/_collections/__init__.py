"""Data in blocks of rows that dask holds: a fit sends weights to the blocks and adds up sums.

- `_kinds`: which data are dask collections, and their blocks, cut by rows
- `_blocks`: blocks on the workers of a cluster or in this process, and functions called on each
- `_block_sums`: what is computed on one block
- `_data`: what the fit has to know of all blocks together
- `_objective`: J of the blocks, with the interface of `Objective`
- `_candidates`: J of many weight vectors, for the searches
- `_answers`: predictions as collections, computed when they are asked for

dask is imported only after the user has passed a collection, and so has imported it.
"""

from ._answers import answers
from ._blocks import Blocks
from ._data import CollectionData
from ._kinds import check_in_memory, computed, in_parts, is_collection
from ._objective import CollectionObjective

__all__ = [
    "Blocks",
    "CollectionData",
    "CollectionObjective",
    "answers",
    "check_in_memory",
    "computed",
    "in_parts",
    "is_collection",
]
