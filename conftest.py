"""The examples in docstrings that need a package of an extra are left out where it is missing."""

from importlib.util import find_spec

collect_ignore = [] if find_spec("skl2onnx") else ["skbackprop/onnx.py"]
