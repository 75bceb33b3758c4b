"""Leave out the examples in docstrings whose optional dependencies are not installed."""

from importlib.util import find_spec

_NEEDS = {
    "skbackprop/callbacks/*.py": "sklearn.callback",  # scikit-learn 1.9
    "skbackprop/export/*onnx*.py": "skl2onnx",
    "tests/callbacks/progress_bars.py": "sklearn.callback",
    "tests/estimators/stored/make.py": "skops",
}
collect_ignore_glob = [path for path, package in _NEEDS.items() if not find_spec(package)]
