"""The weight grid of the lecture: searched whole, answered by a proof, or searched in part."""

from ._grid import Grid

__all__ = ["Grid"]
