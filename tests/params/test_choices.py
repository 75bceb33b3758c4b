"""Names and instances that do not fit, and what is said of them."""

import pickle
import re
from copy import copy, deepcopy
from inspect import signature

import pytest
from sklearn.base import clone
from sklearn.datasets import load_iris
from sklearn.model_selection import GridSearchCV
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

from skbackprop import BackpropClassifier, BackpropRegressor
from skbackprop.losses import LogLoss, Loss
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
        (
            {"solver": GradientDescent("newton")},
            "optimizer must be one of 'auto', 'sgd', 'adam', 'rprop', 'lbfgs', 'lm', or an "
            "Optimizer with its own options, got 'newton'",
        ),
        ({"solver": GradientDescent("Adam")}, "write optimizer='adam'"),
        ({"solver": GradientDescent(SGD)}, "write optimizer=SGD()"),
        (
            {"solver": MonteCarlo(sampler="even")},
            "one of 'adaptive', 'uniform', 'sobol', 'halton', 'latin_hypercube'",
        ),
        ({"n_hidden": (10, 10)}, "got (10, 10): there is one hidden layer, write n_hidden=10"),
        ({"n_hidden": [7]}, "there is one hidden layer, write n_hidden=7"),
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
        ({"hidden_layer_sizes": (10,)}, "there is one hidden layer, write n_hidden=10"),
        ({"momentum": 0.5, "nonsense": 1}, "set solver__optimizer__momentum"),
        ({"nonsense": 1}, "Invalid parameter 'nonsense'"),
    ],
    ids=str,
)
def test_a_parameter_that_is_elsewhere(params, words):
    model = BackpropClassifier(solver=GradientDescent("sgd"))
    with pytest.raises(ValueError, match=re.escape(words)):
        model.set_params(**params)


@pytest.mark.parametrize(
    ("make", "options", "words"),
    [
        (BackpropClassifier, {"max_iter": 9}, "write solver=GradientDescent(max_iter=9)"),
        (BackpropClassifier, {"early_stopping": True}, "GradientDescent(early_stopping=True)"),
        (BackpropClassifier, {"optimizer": "adam"}, "solver=GradientDescent(optimizer='adam')"),
        (
            BackpropRegressor,
            {"learning_rate": 0.1},
            "BackpropRegressor has no parameter 'learning_rate', got 0.1: it is an option of SGD, "
            "write solver=GradientDescent(optimizer=SGD(learning_rate=0.1))",
        ),
        (BackpropRegressor, {"learning_rate": "adaptive"}, "SGD(schedule='adaptive')"),
        (BackpropRegressor, {"hidden_layer_sizes": (9, 9)}, "one hidden layer, write n_hidden=9"),
        (BackpropRegressor, {"activation": "relu"}, "all units are sigmoids, leave it out"),
        (BackpropRegressor, {"n_draws": 5}, "write solver=MonteCarlo(n_draws=5)"),
        (BackpropRegressor, {"tau": 2.0}, "write loss=Exponential(tau=2.0)"),
        (BackpropRegressor, {"decay": 0.1}, "write alpha=0.1"),
        (BackpropRegressor, {"hidden": 3}, "did you mean 'n_hidden'?"),
        (BackpropRegressor, {"n_job": 1, "nonsense": 1}, "did you mean 'n_jobs'?"),
        (GradientDescent, {"momentum": 0.5}, "write optimizer=SGD(momentum=0.5)"),
        (GradientDescent, {"nonsense": 1}, "its parameters are optimizer, max_iter, tol"),
        (MonteCarlo, {"n_samples": 1}, "its parameters are n_draws, weight_range"),
        (SGD, {"lr": 0.1}, "write learning_rate=0.1"),
        (LogLoss, {"tau": 1}, "LogLoss has no parameter 'tau', got 1: it has no parameters"),
    ],
    ids=str,
)
def test_an_argument_that_the_constructor_lacks(make, options, words):
    with pytest.raises(TypeError, match=re.escape(words)):
        make(**options)


class Fewer(BackpropRegressor):
    """A subclass with a signature of its own."""

    def __init__(self, width=3):
        super().__init__(n_hidden=width)
        self.width = width


class Any(Loss):
    """A loss whose constructor takes all names."""

    def __init__(self, **options):
        self.options = options

    def value(self, y, z3):
        raise NotImplementedError

    def value_and_grad(self, y, z3):
        raise NotImplementedError


@pytest.mark.parametrize("copy", [clone, copy, deepcopy, lambda x: pickle.loads(pickle.dumps(x))])
@pytest.mark.parametrize(
    "model",
    [
        Fewer(width=2),
        BackpropClassifier(2, alpha=3),
        GradientDescent("sgd", tol=1),
        SGD(),
        LogLoss(),
    ],
    ids=str,
)
def test_what_has_been_constructed_can_be_copied(model, copy):
    assert repr(copy(model)) == repr(model)


def test_signatures_are_those_of_the_constructors():
    for kind in (BackpropClassifier, GradientDescent, SGD, Fewer):
        expected = [*signature(kind.__init__).parameters.values()][1:]
        assert [*signature(kind).parameters.values()] == expected


def test_advice_for_subclasses_is_about_their_own_parameters():
    with pytest.raises(TypeError, match="Fewer has no parameter 'max_iter', got 3: its parameters"):
        Fewer(max_iter=3)
    assert Any(anything=1).options == {"anything": 1}


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
    sgd = BackpropClassifier(solver=GradientDescent("sgd")).get_params()
    assert BackpropClassifier().set_params(**sgd | {"solver": "gd"}).solver.optimizer == "sgd"
    # one option alone was meant, also if it is the default
    assert BackpropClassifier().set_params(solver__max_iter=500).solver.max_iter == 500
