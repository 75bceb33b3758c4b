"""The pages of docs/ keep up with the code: each status, warning and public name is on its page."""

import importlib
import json
import re
import warnings
from pathlib import Path

import numpy as np
import pytest

from conftest import PUBLIC_MODULES
from skbackprop import BackpropClassifier, BackpropRegressor, __version__
from skbackprop.optimizers import SGD
from skbackprop.solvers import GradientDescent, Grid, Status

DOCS = Path(__file__).parents[2] / "docs"
PAGES = sorted(DOCS.glob("*.md"))
# the names that other rooms of the package share
INTERNAL = {"LOSSES", "OPTIMIZERS", "SOLVERS", "__version__"}
QUOTATION = re.compile(r"^```python\n# (skbackprop/\S+)\n(.*?)^```$", re.DOTALL | re.MULTILINE)


def flowing(page):
    """The text of a page with its line breaks undone."""
    return " ".join((DOCS / page).read_text(encoding="utf-8").split())


@pytest.mark.parametrize("status", Status, ids=lambda status: status.name)
def test_troubleshooting_has_every_status(status):
    assert f'`{status.name}`: **"{status.value}"**' in flowing("troubleshooting.md")


def quoted_sentences():
    """The warnings on the page, as patterns: they are headings, with ... for what varies."""
    page = (DOCS / "troubleshooting.md").read_text(encoding="utf-8")
    headings = re.findall(r'^##+ "(.+)"$', page, re.MULTILINE)
    return [".*".join(re.escape(part) for part in heading.split("...")) for heading in headings]


LONG = SGD(learning_rate=1e200)
FITS = {
    "max_iter": lambda X, y: BackpropClassifier(solver=GradientDescent(max_iter=1)).fit(X, y),
    "diverged": lambda X, y: BackpropRegressor(solver=GradientDescent(LONG), alpha=0.1).fit(X, y),
    "diverged in partial_fit": lambda X, y: (
        BackpropRegressor(solver=GradientDescent(LONG), alpha=0.1)
        .partial_fit(X, y)
        .partial_fit(X, y)
    ),
    "grid in part": lambda X, y: BackpropClassifier(solver=Grid(max_evals=500)).fit(X, y),
    "grid not proven": lambda X, y: BackpropClassifier(2, solver=Grid(max_evals=500)).fit(X, y),
    "more to learn": lambda X, y: BackpropClassifier(alpha=100).fit(X, X[:, 0] > 0),
    "nothing learned": lambda X, y: BackpropClassifier(alpha=100).fit(X[:8], y[:8]),
    "beyond y_range": lambda X, y: (
        BackpropRegressor(solver=GradientDescent("sgd")).partial_fit(X, y).partial_fit(X, 9.0 * y)
    ),
}


@pytest.mark.parametrize("name", FITS)
def test_troubleshooting_has_every_warning(name):
    X = np.random.default_rng(0).normal(size=(40, 2))
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        FITS[name](X, (X[:, 0] * X[:, 1] > 0).astype(int))
    assert caught
    for warning in caught:
        assert any(re.match(sentence, str(warning.message)) for sentence in quoted_sentences())


@pytest.mark.parametrize("module", PUBLIC_MODULES)
def test_the_reference_has_every_public_name(module):
    names = importlib.import_module(module).__all__
    page = (DOCS / "api.md").read_text(encoding="utf-8")
    missing = [name for name in names if not re.search(rf"\b{name}\b", page)]
    assert set(missing) <= INTERNAL


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_quoted_code_exists(page):
    for path, quotation in QUOTATION.findall(page.read_text(encoding="utf-8")):
        source = (DOCS.parent / path).read_text(encoding="utf-8").splitlines()
        source = {line.strip() for line in source}
        missing = [line for line in quotation.splitlines() if line.strip() not in source]
        assert not missing, path


def test_the_lecture_quotes_code():
    assert len(QUOTATION.findall((DOCS / "lecture.md").read_text(encoding="utf-8"))) > 10


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_every_page_is_on_the_site(page):
    trees = re.findall(
        r"^```{toctree}\n(.*?)^```$",
        "\n".join(page.read_text(encoding="utf-8") for page in PAGES),
        re.DOTALL | re.MULTILINE,
    )
    assert page.stem == "index" or page.stem in "\n".join(trees).split()


def test_contributing_has_every_task_of_nox():
    noxfile = (DOCS.parent / "noxfile.py").read_text(encoding="utf-8")
    page = (DOCS.parent / "CONTRIBUTING.md").read_text(encoding="utf-8")
    tasks = re.findall(r"^def (\w+)\(session\):$", noxfile, re.MULTILINE)
    assert sorted(re.findall(r"^\| \**`(\w+)`\** \|", page, re.MULTILINE)) == sorted(tasks)


def test_the_list_of_versions_on_the_site_has_this_version():
    versions = json.loads((DOCS / "_static" / "switcher.json").read_text(encoding="utf-8"))
    assert __version__ in [version["version"] for version in versions]
