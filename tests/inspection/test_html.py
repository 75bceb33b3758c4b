"""What notebooks show of an estimator: all options, and which of them were chosen."""

import pytest
from sklearn.base import BaseEstimator
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler
from sklearn.utils import estimator_html_repr

from skbackprop import BackpropClassifier, BackpropRegressor
from skbackprop.losses import Exponential
from skbackprop.optimizers import Adam
from skbackprop.solvers import GradientDescent, MonteCarlo

needs_a_table = pytest.mark.skipif(
    not hasattr(BaseEstimator, "_get_params_html"), reason="scikit-learn < 1.7 has no table"
)
CHOSEN = {
    "nothing": (BackpropClassifier(), []),
    "a-name": (BackpropClassifier(solver="grid"), ["solver"]),
    "the-default-s-instance": (
        BackpropClassifier(loss=Exponential(), solver=GradientDescent()),
        ["solver", "loss"],
    ),
    "options": (
        BackpropClassifier(
            5, solver=GradientDescent(Adam(beta1=0.8), max_iter=9), loss=Exponential(tau=2.0)
        ),
        [
            *["n_hidden", "solver", "loss", "loss__tau", "solver__max_iter"],
            *["solver__optimizer__beta1", "solver__optimizer"],
        ],
    ),
    "set_params": (
        BackpropRegressor().set_params(solver__optimizer="adam"),
        ["solver", "solver__optimizer"],
    ),
}


@needs_a_table
@pytest.mark.parametrize("name", CHOSEN)
def test_the_table_marks_what_was_chosen(name):
    model, chosen = CHOSEN[name]
    table = model._get_params_html()
    assert list(table.non_default) == chosen
    assert list(table)[: len(chosen)] == chosen
    assert dict(table) == model.get_params()


@pytest.mark.parametrize("name", CHOSEN)
def test_the_page_names_solver_optimizer_and_loss(name):
    model, _ = CHOSEN[name]
    for page in (model._repr_html_(), estimator_html_repr(make_pipeline(StandardScaler(), model))):
        if name == "options":
            assert "GradientDescent(" in page or "GradientDesc" in page
            assert "Exponential(tau=2.0)" in page
        if hasattr(BaseEstimator, "_get_params_html"):
            assert "solver" in page
            assert repr(model.solver)[:10].replace("'", "&#x27;")[:8] in page


@needs_a_table
def test_every_option_is_on_the_page():
    page = BackpropClassifier(solver=MonteCarlo(123))._repr_html_()
    for text in ("solver__n_draws", "123", "solver__weight_range", "solver__sampler"):
        assert text in page
