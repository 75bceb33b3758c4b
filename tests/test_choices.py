"""Names and instances that do not fit, and what is said of them."""

import re

import pytest
from sklearn.base import clone
from sklearn.datasets import load_iris
from sklearn.model_selection import GridSearchCV
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

from skbackprop import BackpropClassifier, BackpropRegressor
from skbackprop.losses import LogLoss
from skbackprop.optimizers import SGD
from skbackprop.solvers import GradientDescent, MonteCarlo

X, Y = load_iris(return_X_y=True)


@pytest.mark.parametrize(
    ("options", "words"),
    [
        ({"solver": "lbfgs"}, "got 'lbfgs': write solver=GradientDescent('lbfgs')"),
        ({"solver": SGD()}, "got SGD(): write solver=GradientDescent(SGD())"),
        ({"solver": MonteCarlo}, "write solver=MonteCarlo()"),
        ({"solver": "newton"}, "one of 'gd', 'montecarlo', 'grid', or a Solver"),
        ({"solver": LogLoss()}, "got LogLoss()"),
        ({"loss": "mse"}, "got 'mse': write loss='squared_error'"),
        ({"loss": "cross_entropy"}, "write loss='log_loss'"),
        ({"loss": LogLoss}, "write loss=LogLoss()"),
        ({"loss": None}, "got None"),
    ],
    ids=str,
)
def test_a_choice_that_is_none(options, words):
    with pytest.raises(ValueError, match=re.escape(words)):
        BackpropClassifier(**options).fit(X, Y)


@pytest.mark.parametrize(
    ("params", "words"),
    [
        ({"max_iter": 100}, "no parameter 'max_iter', got 100: set solver__max_iter"),
        ({"solver__n_draws": 5}, "it is an option of MonteCarlo, set solver='montecarlo'"),
        ({"solver__learning_rate": 0.1}, "set solver__optimizer__learning_rate"),
        ({"hidden_layer_sizes": (10,)}, "Invalid parameter 'hidden_layer_sizes'"),
    ],
    ids=str,
)
def test_a_parameter_that_is_elsewhere(params, words):
    model = BackpropClassifier(solver=GradientDescent("sgd"))
    with pytest.raises(ValueError, match=re.escape(words)):
        model.set_params(**params)


def test_an_option_of_a_choice_that_comes_with_it():
    model = BackpropClassifier().set_params(solver="montecarlo", solver__n_draws=5)
    assert model.solver.n_draws == 5


def test_features_of_validation_data_are_called_by_their_name():
    with pytest.raises(ValueError, match="X_val has 2 features"):
        BackpropClassifier().fit(X, Y, X_val=X[:, :2], y_val=Y)


class SmallNetwork(BackpropClassifier):
    """An estimator with few parameters, as libraries build them upon another."""

    def __init__(self, n_hidden=3, alpha=0.1):
        super().__init__(n_hidden, alpha=alpha, solver=GradientDescent("adam", max_iter=50))


class Brief(GradientDescent):
    """A solver with few options."""

    def __init__(self, max_iter=20):
        super().__init__("adam", max_iter=max_iter)


class NoPartialFit(BackpropRegressor):
    def __init__(self, n_hidden=3):
        super().__init__(n_hidden)


SUBCLASSES = {
    "estimator": (SmallNetwork(), {"n_hidden": [2, 3]}),
    "solver": (BackpropClassifier(solver=Brief()), {"solver__max_iter": [5, 20]}),
    "both": (SmallNetwork(), {"alpha": [0.1, 1.0]}),
}


@pytest.mark.filterwarnings("ignore::sklearn.exceptions.ConvergenceWarning")
@pytest.mark.parametrize("name", SUBCLASSES)
def test_a_subclass_may_have_fewer_parameters(name):
    model, grid = SUBCLASSES[name]
    (parameter,) = grid
    assert model.get_params()[parameter] == grid[parameter][name != "both" and 1]
    assert repr(clone(model).set_params(**model.get_params())) == repr(model)
    assert GridSearchCV(model, grid, cv=2).fit(X, Y).best_score_ > 0.3
    pipeline = make_pipeline(StandardScaler(), model)
    path = f"{type(model).__name__.lower()}__{parameter}"
    pipeline.set_params(**{path: grid[parameter][0]}).fit(X, Y)
    assert type(model).__name__ in pipeline._repr_html_()


@pytest.mark.parametrize("params", [{"solver__max_iter": 5}, {"solver": "gd"}, {"loss__tau": 1.0}])
def test_a_parameter_that_a_subclass_has_not(params):
    with pytest.raises(ValueError, match="Invalid parameter"):
        SmallNetwork().set_params(**params)


def test_no_advice_to_set_a_parameter_that_a_subclass_has_not():
    with pytest.raises(AttributeError) as caught:
        NoPartialFit().partial_fit(X, Y)
    assert str(caught.value.__cause__).endswith("use fit")


CONFIGURED = [
    BackpropClassifier(),
    BackpropRegressor(solver="grid", loss="exponential"),
    BackpropClassifier(solver=GradientDescent("sgd")),
    BackpropClassifier(solver=GradientDescent(SGD(0.1), max_iter=7)),
    BackpropRegressor(solver=MonteCarlo(10)),
]


@pytest.mark.parametrize("model", CONFIGURED, ids=str)
@pytest.mark.parametrize("target", ["itself", "another"])
def test_parameters_that_are_read_and_set_again_change_nothing(model, target):
    before = repr(model)
    twin = model if target == "itself" else type(model)()
    twin.set_params(**model.get_params())
    assert repr(twin) == before
    assert twin.get_params().keys() == model.get_params().keys()
    assert type(twin.solver) is type(model.solver)
    assert repr(type(model)(**model.get_params(deep=False))) == before


def test_a_name_whose_options_are_set_becomes_an_instance():
    params = BackpropClassifier().get_params()
    assert BackpropClassifier().set_params(**params | {"alpha": 3.0}).solver == "gd"
    assert BackpropClassifier().set_params(**params | {"solver__max_iter": 9}).solver.max_iter == 9
    # one option alone was meant, also if it is the default
    assert BackpropClassifier().set_params(solver__max_iter=500).solver.max_iter == 500
