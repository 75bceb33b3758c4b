"""The rooms of the package: imports run downwards only, and docs/extending.md shows the rooms."""

import ast
import re
from pathlib import Path

import pytest

import skbackprop

PACKAGE = Path(skbackprop.__file__).parent
PAGE = PACKAGE.parent / "docs" / "extending.md"
# From the roof down. A room may import from the rooms after it.
ROOMS = [
    "export",
    "callbacks",
    "inspection",
    "estimators",
    "solvers",
    "optimizers",
    "losses",
    "_collections",
    "model",
    "_execution",
    "_params",
]


def is_for_types(node):
    """Whether it is the block `if TYPE_CHECKING:`, which never runs."""
    return isinstance(node, ast.If) and getattr(node.test, "id", "") == "TYPE_CHECKING"


def imports(node, package):
    """Full names of the modules of this package that are imported below a node."""
    for child in ast.iter_child_nodes(node):
        if is_for_types(child):
            continue
        if isinstance(child, ast.ImportFrom):
            above = package[: len(package) + 1 - child.level] if child.level else []
            module = [*above, *filter(None, (child.module or "").split("."))]
            names = [alias.name for alias in child.names] if child.module is None else [""]
            yield from (".".join(filter(None, [*module, name])) for name in names)
        elif isinstance(child, ast.Import):
            yield from (alias.name for alias in child.names)
        yield from imports(child, package)


def rooms_imported(path):
    package = [PACKAGE.name, *path.relative_to(PACKAGE).parts[:-1]]
    found = imports(ast.parse(path.read_text(encoding="utf-8")), package)
    parts = [name.split(".") for name in found]
    return {part[1] for part in parts if part[0] == PACKAGE.name and len(part) > 1}


def test_there_are_no_other_rooms():
    folders = {path.parent.name for path in PACKAGE.glob("*/__init__.py")}
    assert folders == set(ROOMS)


@pytest.mark.parametrize("room", ROOMS)
def test_imports_run_downwards_only(room):
    below = set(ROOMS[ROOMS.index(room) :])
    for path in (PACKAGE / room).rglob("*.py"):
        assert rooms_imported(path) & set(ROOMS) <= below, path


def test_each_room_imports_something_that_the_test_sees():
    lowest = {"_params"}
    silent = {
        room
        for room in ROOMS
        if not any(rooms_imported(path) - {room} for path in (PACKAGE / room).rglob("*.py"))
    }
    assert silent <= lowest | {"_execution"}


@pytest.mark.parametrize(
    "folder", [path.parent for path in PACKAGE.rglob("*/__init__.py")], ids=lambda path: path.name
)
def test_each_room_has_an_index_of_its_files(folder):
    index = ast.get_docstring(ast.parse((folder / "__init__.py").read_text(encoding="utf-8")))
    files = {path.stem for path in folder.glob("*.py")} - {"__init__"}
    assert set(re.findall(r"`(_\w+)`", index)) == files


def test_the_page_shows_the_rooms_from_the_roof_down():
    page = PAGE.read_text(encoding="utf-8")
    assert re.findall(r"^\| `(\w+)/` \|", page, re.MULTILINE) == ROOMS
