"""Every public object says what it is, what it takes and what it raises."""

import importlib
import inspect
from enum import Enum

import pytest

from conftest import PUBLIC_MODULES

PUBLIC = {
    f"{module}.{name}": getattr(importlib.import_module(module), name)
    for module in PUBLIC_MODULES
    for name in importlib.import_module(module).__all__
}
CLASSES = {thing for thing in PUBLIC.values() if inspect.isclass(thing)}


@pytest.mark.parametrize("cls", sorted(CLASSES, key=lambda c: c.__name__), ids=lambda c: c.__name__)
def test_documented(cls):
    doc = inspect.getdoc(cls)
    assert doc
    for name in inspect.signature(cls).parameters:
        if name not in {"args", "kwargs"} and not issubclass(cls, Enum):
            assert f"\n{name}" in doc or f", {name}" in doc, f"{name} is not documented"
    for name, method in inspect.getmembers(cls, callable):
        if not name.startswith("_") and (method.__module__ or "").startswith("skbackprop"):
            assert inspect.getdoc(method), f"{cls.__name__}.{name} has no docstring"


@pytest.mark.parametrize("name", [name for name in PUBLIC if inspect.isroutine(PUBLIC[name])])
def test_function_documented(name):
    assert inspect.getdoc(PUBLIC[name])


@pytest.mark.parametrize("module", PUBLIC_MODULES)
def test_everything_public_exists(module):
    module = importlib.import_module(module)
    assert all(hasattr(module, name) for name in module.__all__)
