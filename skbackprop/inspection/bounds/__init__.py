"""Proven bounds of a fitted model over a box of inputs.

- `_output_bounds`: `output_bounds`
- `_box`: the user's box
- `_search`: best-first branch and bound
- `_minorant`: the interface of a function for the search; the best of several planes below it
- `_unit_sum`: z3 of one output, and planes below it
- `_class_share`, `_share_planes`: the log odds of one class of several, and planes below them
- `_sigmoid_lines`: lines below the sigmoid on intervals
"""

from ._output_bounds import output_bounds

__all__ = ["output_bounds"]
