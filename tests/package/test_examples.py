"""The scripts in examples/ and the Python in docs/deploying.md run, and say what they should."""

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
REASON = "needs the extra ecosystem: pip install skbackprop[ecosystem]"
# matplotlib announces changes to those who import shap
QUIET = ["-W", "error", "-W", "ignore::PendingDeprecationWarning"]

# The packages that a script needs beside scikit-learn, and words of its output.
SCRIPTS = {
    "quickstart": ([], ["Breast cancer", "montecarlo", "The choice: GradientDescent"]),
    "local_minima": ([], ["XOR, two hidden units", "starts  solved  milliseconds"]),
    "optuna_search": (["optuna"], ["the five lowest", "optimizer=", "accuracy of 0.9"]),
    "explain": ([], ["Permutation importance", "bmi   0.1", "Partial dependence"]),
}


def run(script):
    """The output of a script, which may not warn."""
    return subprocess.run(
        [sys.executable, *QUIET, ROOT / "examples" / f"{script}.py"],
        env=os.environ | {"PYTHONPATH": str(ROOT), "MPLBACKEND": "Agg"},
        capture_output=True,
        text=True,
        timeout=300,
    )


SLOW = {"explain", "local_minima", "quickstart"}  # .ci/run also runs the quickstart as README says


@pytest.mark.parametrize(
    "script",
    [pytest.param(name, marks=pytest.mark.slow if name in SLOW else ()) for name in SCRIPTS],
)
def test_script(script):
    packages, words = SCRIPTS[script]
    for package in packages:
        pytest.importorskip(package, reason=REASON)
    done = run(script)
    assert done.returncode == 0, done.stderr
    assert not done.stderr
    for word in words:
        assert word in done.stdout


def test_every_plain_script_is_run():
    plain = {path.stem for path in (ROOT / "examples").glob("*.py")}
    assert {name for name in plain if not name.startswith("plot_")} == SCRIPTS.keys()


def test_shap_is_part_of_the_explanation():
    pytest.importorskip("shap", reason=REASON)
    output = run("explain").stdout
    (prediction,) = re.findall(r"to that of a patient, ([\d.]+)", output)
    (total,) = re.findall(r"^  sum +([\d.]+)", output, re.M)
    assert prediction == total


def test_python_in_the_page_on_deploying(tmp_path, monkeypatch):
    for package in ("onnxruntime", "skl2onnx", "skops", "skrub", "optuna", "shap"):
        pytest.importorskip(package, reason=REASON)
    monkeypatch.chdir(tmp_path)
    page = (ROOT / "docs" / "deploying.md").read_text("utf-8")
    blocks = re.findall(r"^```python\n(.*?)^```$", page, re.M | re.S)
    assert len(blocks) >= 7
    names = {}
    for block in blocks:
        exec(compile(block, "docs/deploying.md", "exec"), names)
