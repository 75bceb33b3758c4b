"""The type annotations as users meet them: consumer.py uses every public name and attribute."""

import importlib
import inspect
import json
import re
import shutil
import subprocess
import sys
import sysconfig
from pathlib import Path

import consumer
import pytest

from conftest import PUBLIC_MODULES
from skbackprop import BackpropClassifier, BackpropRegressor

SOURCE = Path(consumer.__file__).read_text(encoding="utf-8")
ROOT = Path(__file__).parents[2]
# the names that other rooms of the package share, and those for losses and optimizers of one's own
INTERNAL = {"LOSSES", "OPTIMIZERS", "SOLVERS", "sigmoid_pair"}
INTERNAL |= {"DescentState", "OptimizerState", "StoppingCriteria", "WholeMethod", "minimize"}
NEEDS = {"call_back": "sklearn.callback", "export": "skl2onnx"}
PARTS = ["classify", "regress", "extend", "inspect", "call_back", "write_code", "export"]


def checker():
    """The command of a type checker that is installed beside this Python; None without one."""
    folder = sysconfig.get_path("scripts")
    names = ("basedpyright", "pyright")
    return next(filter(None, (shutil.which(name, path=folder) for name in names)), None)


@pytest.mark.slow
def test_a_type_checker_accepts_a_program_that_uses_everything(tmp_path):
    command = checker()
    if command is None:
        pytest.skip("needs the extra types: pip install skbackprop[types]")
    config = {
        "include": [consumer.__file__],
        "extraPaths": [str(ROOT)],
        "typeCheckingMode": "standard",
        "pythonVersion": "3.11",
    }
    (tmp_path / "pyrightconfig.json").write_text(json.dumps(config), encoding="utf-8")
    options = ["--project", str(tmp_path), "--pythonpath", sys.executable, "--outputjson"]
    run = subprocess.run([command, *options], capture_output=True, text=True, timeout=280)
    report = json.loads(run.stdout)
    assert report["summary"]["filesAnalyzed"] == 1, run.stderr
    errors = [
        f"{item['range']['start']['line'] + 1}: {item['message']}"
        for item in report["generalDiagnostics"]
        if item["severity"] == "error"
    ]
    assert errors == []


@pytest.mark.filterwarnings("ignore::sklearn.exceptions.ConvergenceWarning")
@pytest.mark.parametrize("part", PARTS)
def test_the_program_runs(part):
    if part in NEEDS:
        pytest.importorskip(NEEDS[part])
    getattr(consumer, part)()


@pytest.mark.parametrize("module", [name for name in PUBLIC_MODULES if name != "skbackprop.model"])
def test_the_program_uses_every_public_name(module):
    names = importlib.import_module(module).__all__
    missing = {name for name in names if not re.search(rf"\b{name}\b", SOURCE)}
    assert missing <= INTERNAL


@pytest.mark.parametrize("estimator", [BackpropClassifier, BackpropRegressor])
def test_the_program_uses_every_attribute_and_each_is_annotated(estimator):
    documented = re.findall(r"^(\w+_) : ", inspect.getdoc(estimator), re.MULTILINE)
    assert len(documented) > 10
    annotated = {
        name for kind in estimator.__mro__ for name in vars(kind).get("__annotations__", {})
    }
    assert set(documented) <= annotated
    used = {name for name in documented if f".{name}" in SOURCE}
    assert set(documented) - used <= {"feature_names_in_"}
