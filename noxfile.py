"""Tasks for developers: `nox -s NAME` runs one in its own environment; `nox -l` lists them.

Arguments after `--` are passed on: `nox -s test -- tests/losses/test_losses.py -x`.
"""

import tempfile
from pathlib import Path

import nox

ROOT = Path(__file__).parent
PROJECT = nox.project.load_toml(ROOT / "pyproject.toml")["project"]

nox.needs_version = ">=2024.10.9"
nox.options.sessions = ["lint", "test", "doctest"]
nox.options.reuse_venv = "yes"

WHOLE_SUITE = ["-n", "auto"]

WHEEL_WORKS = """
from importlib.metadata import version
from importlib.resources import files
import skbackprop
package = files(skbackprop)
assert "site-packages" in str(package), package
assert package.joinpath("py.typed").is_file()
assert version("skbackprop") == skbackprop.__version__
print("skbackprop", skbackprop.__version__, "from the wheel:", package)
"""


@nox.session
def test(session):
    """Run the tests and the examples in docstrings, with the newest released libraries."""
    session.install("-e", ".[test]")
    session.run("python", "-m", "pytest", *(session.posargs or WHOLE_SUITE))


@nox.session(python="3.11")
def test_oldest(session):
    """Run the tests with the oldest supported NumPy, SciPy and scikit-learn."""
    oldest = [requirement.replace(">=", "==") for requirement in PROJECT["dependencies"]]
    binary = "numpy,scipy,scikit-learn"  # the oldest releases can no longer be built
    session.install("--only-binary", binary, "-e", ".[test]", *oldest, "pandas<3")
    session.run("python", "-m", "pytest", *(session.posargs or WHOLE_SUITE))


@nox.session
def test_prerelease(session):
    """Run the tests with pre-releases of NumPy, SciPy and scikit-learn.

    The variable PIP_EXTRA_INDEX_URL can name an index of nightly builds.
    """
    session.install("-e", ".[test]")
    libraries = ["numpy", "scipy", "scikit-learn"]
    session.install("--pre", "--upgrade", "--only-binary", ",".join(libraries), *libraries)
    session.run("python", "-m", "pip", "list")
    session.run("python", "-m", "pytest", *(session.posargs or WHOLE_SUITE))


@nox.session
def test_ecosystem(session):
    """Run the tests that need ONNX, OMLT, skops, skrub, Optuna, SHAP or MAPIE."""
    session.install("-e", ".[test,ecosystem]")
    rooms = {
        "export": ["to_onnx", "plain_onnx"],
        "estimators": ["ecosystem", "skops", "stored_models", "uncertainty"],
        "package": ["examples"],
    }
    files = [f"tests/{room}/test_{name}.py" for room, names in rooms.items() for name in names]
    tests = session.posargs or files
    session.run("python", "-m", "pytest", "-rs", "skbackprop/export", *tests)


@nox.session
def slow(session):
    """Run the longer tests, which are marked as slow."""
    session.install("-e", ".[test]")
    session.run("python", "-m", "pytest", "-m", "slow", *session.posargs)


@nox.session
def coverage(session):
    """Measure the test coverage of the package; fail if it is below the required minimum."""
    session.install("-e", ".[test,ecosystem,distributed,coverage]")
    session.run("coverage", "run", "-m", "pytest", *session.posargs)
    session.run("coverage", "report")


@nox.session
def lint(session):
    """Check style, format and spelling."""
    session.install(*PROJECT["optional-dependencies"]["lint"])
    session.run("ruff", "check", ".")
    session.run("ruff", "format", "--check", ".")
    session.run("codespell")


@nox.session
def types(session):
    """Check the annotations."""
    session.install("-e", ".[types]")
    session.run("mypy", "skbackprop", *session.posargs)


@nox.session
def doctest(session):
    """Run the examples in the pages of the documentation and in README.md."""
    session.install("-e", ".[test]")
    pages = [str(page.relative_to(ROOT)) for page in sorted(ROOT.glob("docs/*.md"))]
    session.run("python", "-m", "pytest", *pages, "README.md", "--doctest-glob=*.md")


@nox.session
def docs(session):
    """Build the documentation site, its gallery included, in docs/_build/html."""
    session.install("-e", ".[docs]")
    options = ["-W", "-n", "--keep-going", "-q", *session.posargs]
    session.run("sphinx-build", *options, "docs", "docs/_build/html")


@nox.session
def bench(session):
    """Run a benchmark: `nox -s bench -- gradient --quick`."""
    name, *options = session.posargs or ["gradient", "--quick"]
    session.install("-e", ".[test]")
    session.run("python", f"benchmarks/bench_{name}.py", *options)


@nox.session
def build(session):
    """Build the sdist and the wheel in dist/, check them, and import the package from the wheel."""
    session.install("build", "twine")
    for file in ROOT.glob("dist/*"):
        file.unlink()
    session.run("python", "-m", "build")
    session.run("twine", "check", "--strict", *map(str, ROOT.glob("dist/*")))
    (wheel,) = ROOT.glob("dist/*.whl")
    session.install(str(wheel))
    session.install("--force-reinstall", "--no-deps", str(wheel))  # even with the same version
    with session.chdir(tempfile.gettempdir()):  # outside the repository
        session.run("python", "-c", WHEEL_WORKS)
