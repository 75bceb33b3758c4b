"""What a fit prints: a table with verbose=1, and nothing at all without."""

import re

import numpy as np
import pytest
from sklearn.base import clone
from sklearn.datasets import load_iris
from sklearn.preprocessing import scale

from conftest import some_now
from skbackprop import BackpropClassifier, BackpropRegressor
from skbackprop.optimizers import OPTIMIZERS, SGD, Adam
from skbackprop.solvers import GradientDescent, Grid, MonteCarlo

IRIS_X, IRIS_Y = load_iris(return_X_y=True)
IRIS_X = scale(IRIS_X)
TABLE = {
    **{name: GradientDescent(name, max_iter=4, tol=0) for name in OPTIMIZERS},
    "sgd in batches": GradientDescent(SGD(batch_size=50), max_iter=4, tol=0),
    "adam in batches": GradientDescent(Adam(batch_size=50), max_iter=4, tol=0),
    "montecarlo": MonteCarlo(150),  # ten steps: all lines are printed
    "montecarlo, uniform": MonteCarlo(20_000, sampler="uniform"),
    "grid, whole": Grid(1.0, max_evals=10**6),
    "grid, proof": Grid(max_evals=3_000),
    "grid, cyclic": Grid(max_evals=3_000),
}
pytestmark = pytest.mark.filterwarnings("ignore::sklearn.exceptions.ConvergenceWarning")
NUMBER = r"\d[\d.e+-]*"


def classifier(name, **options):
    options = {"loss": "hellinger"} if name == "grid, cyclic" else options
    options = {"alpha": 1.0, "random_state": 0} | options
    n_hidden = 1 if name == "grid, whole" else 3
    return BackpropClassifier(n_hidden, solver=clone(TABLE[name]), **options)


def fit(name, capsys, *, validation=False, **options):
    model = classifier(name).set_params(**options)
    given = {"X_val": IRIS_X[::2], "y_val": IRIS_Y[::2]} if validation else {}
    model.fit(IRIS_X, IRIS_Y, **given)
    printed = capsys.readouterr()
    assert printed.err == ""
    return model, printed.out


@pytest.mark.parametrize("name", TABLE)
def test_verbose_0_prints_nothing(name, capsys):
    assert fit(name, capsys, validation=True, verbose=0)[1] == ""


@pytest.mark.parametrize("validation", some_now([True, False], 1))
@pytest.mark.parametrize("name", TABLE)
def test_verbose_1_prints_a_table(name, validation, capsys):
    model, printed = fit(name, capsys, validation=validation, verbose=1)
    header, *lines, last = printed.splitlines()
    descent = isinstance(model.solver_, GradientDescent)
    columns = ["iteration", "evaluations", "J"]
    columns += ["validation J"] * validation + ["step"] * descent + ["seconds", "note"]
    assert re.split(r"  +|(?<=n) (?=e)", header.strip()) == columns
    assert all(len(line) <= 115 for line in lines)
    cells = [line.split() for line in lines]
    assert all(re.fullmatch(NUMBER, cell) for row in cells for cell in row[: len(columns) - 1])
    curves = [model.loss_curve_] + ([model.validation_loss_curve_] if validation else [])
    for column, curve in enumerate(curves, start=2):
        shown = [float(row[column]) for row in cells]
        assert shown == pytest.approx(curve[: len(shown)], rel=1e-5)
    if descent:
        assert len(lines) == 4
        assert [float(row[len(columns) - 3]) > 0 for row in cells] == [True] * 4
    assert last.startswith(f"BackpropClassifier with {model.solver_!r}: J = {model.loss_:.6g}")
    assert last.endswith(model.message_)


def test_levenberg_marquardt_shows_its_damping(capsys):
    assert "damping" in fit("lm", capsys, verbose=1)[1].splitlines()[1]


def test_branch_and_bound_shows_how_the_proof_stands(capsys):
    model, printed = fit("grid, proof", capsys, verbose=1)
    _, first, *lines, _ = printed.splitlines()
    assert first.endswith("no bound yet")
    note = rf"bound ({NUMBER}), gap {NUMBER}%, \d+ open, \d+ nodes, \d+/s$"
    bounds = [float(re.search(note, line)[1]) for line in lines]
    assert bounds == sorted(bounds)
    assert bounds[-1] <= model.loss_lower_bound_ * (1 + 1e-5)


@pytest.mark.parametrize("n_jobs", some_now([1, 2], 1))
def test_each_of_several_starts_has_a_number_and_a_last_line(n_jobs, capsys):
    options = {"solver__n_init": 3, "n_jobs": n_jobs, "verbose": 1}
    model, printed = fit("adam", capsys, **options)
    header, *lines, _ = printed.splitlines()
    assert header.split()[:2] == ["start", "iteration"]
    ends = [line for line in lines if line.endswith("max iter")]
    assert sorted(int(line.split()[0]) for line in ends) == [0, 1, 2]
    assert min(float(line.split()[3]) for line in ends) == pytest.approx(model.loss_, rel=1e-5)
    silent = clone(model).set_params(verbose=0).fit(IRIS_X, IRIS_Y)
    assert capsys.readouterr().out == ""
    np.testing.assert_array_equal(silent.coefs_[0], model.coefs_[0])


def test_a_long_fit_prints_at_most_ten_lines_a_second_after_the_first_ten(capsys):
    X = np.linspace(-1, 1, 40)[:, None]
    solver = GradientDescent("adam", max_iter=1_000, tol=0)
    BackpropRegressor(2, alpha=0.1, solver=solver, random_state=0, verbose=1).fit(X, X[:, 0] ** 2)
    _, *lines, _ = capsys.readouterr().out.splitlines()
    seconds = float(lines[-1].split()[4])
    assert 10 <= len(lines) <= 11 + 10 * (seconds + 0.1)
