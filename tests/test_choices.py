"""Names and instances that do not fit, and what is said of them."""

import re

import pytest
from sklearn.datasets import load_iris

from skbackprop import BackpropClassifier
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
