"""The scripts in benchmarks/ can be imported: all names that they use from the package exist."""

import subprocess
import sys
from importlib.util import find_spec
from pathlib import Path

import pytest

BENCHMARKS = Path(__file__).parents[2] / "benchmarks"
NEED_DASK = {"bench_distributed"}
SCRIPTS = sorted(path.stem for path in BENCHMARKS.glob("bench_*.py"))
IMPORT_ALL = "import importlib, sys; [importlib.import_module(name) for name in sys.argv[1:]]"


def import_all(scripts):
    command = [sys.executable, "-W", "error", "-c", IMPORT_ALL, *scripts]
    return subprocess.run(command, cwd=BENCHMARKS, capture_output=True, text=True, timeout=300)


def test_every_script_can_be_imported():
    assert len(SCRIPTS) > 20
    run = import_all(name for name in SCRIPTS if name not in NEED_DASK)
    assert run.returncode == 0, run.stderr


@pytest.mark.skipif(find_spec("dask") is None, reason="needs the extra distributed")
def test_the_script_on_dask_can_be_imported():
    run = import_all(NEED_DASK)
    assert run.returncode == 0, run.stderr
