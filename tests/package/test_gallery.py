"""The gallery's scripts: `examples/plot_*.py`.

The docs build runs them, with warnings as errors. Here is what can be seen without running them.
`pytest -m slow tests/package/test_gallery.py` runs them as well.
"""

import ast
import os
import subprocess
import sys
from importlib import import_module
from pathlib import Path

import pytest

EXAMPLES = Path(__file__).parents[2] / "examples"
SCRIPTS = {path.stem: path for path in sorted(EXAMPLES.glob("plot_*.py"))}
# What the gallery is to show; a script more needs a line here, and a script less a reason
TOPICS = {
    "plot_choosing_the_cost",
    "plot_classifier_comparison",
    "plot_cost_surface",
    "plot_curse_of_dimension",
    "plot_digits",
    "plot_error_bars",
    "plot_formula",
    "plot_hidden_features",
    "plot_lecture_in_ten_cells",
    "plot_levenberg_marquardt",
    "plot_local_minima",
    "plot_prediction_intervals",
    "plot_surrogate",
    "plot_xor",
}

every_script = pytest.mark.parametrize("path", SCRIPTS.values(), ids=SCRIPTS)


def test_no_script_is_missing():
    assert set(SCRIPTS) == TOPICS


@every_script
def test_docstring_is_a_title_and_a_paragraph(path):
    lines = ast.get_docstring(ast.parse(path.read_text(encoding="utf-8"))).splitlines()
    title, underline, blank, *paragraph = lines
    assert underline == "=" * len(title)
    assert blank == ""
    assert paragraph[-1].endswith(".")


@every_script
def test_cells_have_a_title_and_text(path):
    cells = path.read_text(encoding="utf-8").split("# %%\n")[1:]
    assert len(cells) >= 2
    assert all(cell.startswith("# ") for cell in cells)
    assert any("plt.show()" in cell for cell in cells)


@every_script
def test_what_it_imports_from_skbackprop_exists(path):
    tree = ast.parse(path.read_text(encoding="utf-8"))
    imports = [
        node
        for node in ast.walk(tree)
        if isinstance(node, ast.ImportFrom) and node.module.split(".")[0] == "skbackprop"
    ]
    assert imports
    for node in imports:
        module = import_module(node.module)
        missing = [alias.name for alias in node.names if not hasattr(module, alias.name)]
        assert not missing, f"{node.module} has no {missing!r}"


@pytest.mark.slow
@every_script
def test_it_runs_without_a_warning(path, tmp_path):
    pytest.importorskip("matplotlib", "3.7", reason="legends outside of axes came with 3.7")
    finished = subprocess.run(
        [sys.executable, "-W", "error", str(path)],
        cwd=tmp_path,
        env=os.environ | {"MPLBACKEND": "Agg"},
        capture_output=True,
        text=True,
        timeout=240,
        check=False,
    )
    assert finished.returncode == 0, finished.stderr
    assert finished.stderr == ""
