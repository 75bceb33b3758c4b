"""Searches of scikit-learn over the estimators' parameters."""

import joblib
import numpy as np
import pytest
from scipy.stats import loguniform, randint
from sklearn.base import clone
from sklearn.experimental import enable_halving_search_cv  # noqa: F401 (the import enables it)
from sklearn.model_selection import (
    GridSearchCV,
    HalvingGridSearchCV,
    RandomizedSearchCV,
)
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler
from toy_problems import (
    IN_BAND,
    PLANE,
    Classifier,
    one_thread,  # noqa: F401 (pytest finds it here)
    small_budget,
)

from conftest import same_network, some_now
from skbackprop.losses import LogLoss, SquaredError
from skbackprop.optimizers import SGD
from skbackprop.solvers import GradientDescent, Grid, MonteCarlo

# Each search space with what it must find; the losers cannot learn the band.
SEARCHES = {
    "solver-names": ({"solver": ["montecarlo", "gd"]}, {"solver": "gd"}),
    "option-of-named-solver": ({"solver__max_iter": [1, 60]}, {"solver__max_iter": 60}),
    "name-and-option": (
        {"solver": ["gd"], "solver__max_iter": [1, 60]},
        {"solver": "gd", "solver__max_iter": 60},
    ),
    "option-of-named-optimizer": (
        {"solver__optimizer": ["sgd"], "solver__optimizer__learning_rate": [1e-9, 10.0]},
        {"solver__optimizer": "sgd", "solver__optimizer__learning_rate": 10.0},
    ),
    "optimizer-instances": (
        {
            "solver": [GradientDescent()],
            "solver__optimizer": [SGD(1e-9), SGD(10.0)],
            "solver__optimizer__momentum": [0.9],
        },
        {"solver__optimizer__momentum": 0.9},
    ),
    "conditional-spaces": (
        [
            {"solver": [MonteCarlo()], "solver__n_draws": [10, 100]},
            {"solver": [Grid(step=0.5)], "solver__max_evals": [100, 200]},
            {"solver": [GradientDescent()], "solver__optimizer": ["lm", "lbfgs"]},
        ],
        {"solver__optimizer": "lm"},
    ),
    "loss-names": ({"loss": ["hellinger", "log_loss"]}, {}),
    "option-of-named-loss": (
        {"loss": ["exponential"], "loss__tau": [2.0], "solver": ["montecarlo", "gd"]},
        {"loss": "exponential", "loss__tau": 2.0, "solver": "gd"},
    ),
    "loss-instances": ({"loss": [SquaredError(), LogLoss()]}, {}),
    "alpha": ({"alpha": [1e3, 1e-3]}, {"alpha": 1e-3}),
    "n_hidden": ({"n_hidden": [1, 4]}, {"n_hidden": 4}),
}


def instances(spaces):
    """Every solver, optimizer and loss instance in search spaces."""
    values = [value for space in spaces for values in space.values() for value in values]
    return [value for value in values if hasattr(value, "get_params")]


@small_budget
@pytest.mark.parametrize("prefix", some_now(["", "backpropclassifier__"], 1))
@pytest.mark.parametrize(("spaces", "best"), SEARCHES.values(), ids=SEARCHES.keys())
def test_grid_search_finds_the_best_and_leaves_the_instances_alone(spaces, best, prefix):
    spaces = spaces if isinstance(spaces, list) else [spaces]
    spaces = [{prefix + name: values for name, values in space.items()} for space in spaces]
    before = [(part, part.get_params(deep=False)) for part in instances(spaces)]
    estimator = make_pipeline(StandardScaler(), Classifier()) if prefix else Classifier()
    search = GridSearchCV(estimator, spaces, cv=3, error_score="raise").fit(PLANE, IN_BAND)

    assert search.best_score_ > 0.9
    assert {prefix + name: value for name, value in best.items()}.items() <= (
        search.best_params_.items()
    )
    by_hand = clone(estimator).set_params(**clone(search.best_params_, safe=False))
    by_hand.fit(PLANE, IN_BAND)
    np.testing.assert_array_equal(search.predict_proba(PLANE), by_hand.predict_proba(PLANE))
    assert all(vars(part) == options for part, options in before)


def test_a_search_leaves_a_named_solver_of_the_estimator_a_name():
    model = Classifier()
    GridSearchCV(model, {"solver__n_init": [1, 2]}, cv=2).fit(PLANE, IN_BAND)
    assert vars(model) == vars(Classifier())


def test_grid_search_does_not_depend_on_threads():
    search = GridSearchCV(Classifier(n_jobs=2), {"solver__n_init": [1, 3]}, cv=3)
    one = clone(search).fit(PLANE, IN_BAND)
    with joblib.parallel_config(backend="threading", n_jobs=2):
        two = clone(search).fit(PLANE, IN_BAND)
    assert same_network(one.best_estimator_, two.best_estimator_)
    for score in ("mean_test_score", "std_test_score"):
        np.testing.assert_array_equal(one.cv_results_[score], two.cv_results_[score])


@small_budget
def test_random_search_over_solvers_and_distributions():
    solvers = [MonteCarlo(n_draws=100), GradientDescent(max_iter=60)]
    space = {"solver": solvers, "alpha": loguniform(1e-4, 1e-2), "n_hidden": randint(2, 5)}
    search = RandomizedSearchCV(Classifier(), space, n_iter=8, cv=3, random_state=0)
    search.fit(PLANE, IN_BAND)
    assert isinstance(search.best_estimator_.solver_, GradientDescent)
    assert search.best_estimator_.coefs_[0].shape == (2, search.best_params_["n_hidden"])
    assert search.best_score_ > 0.9
    assert {type(value) for value in search.cv_results_["param_solver"]} == set(map(type, solvers))
    assert [vars(solver) for solver in solvers] == [
        vars(MonteCarlo(n_draws=100)),
        vars(GradientDescent(max_iter=60)),
    ]


@small_budget
@pytest.mark.parametrize("solver", [GradientDescent(), "gd"], ids=["instance", "name"])
def test_halving_search_spends_iterations_on_the_promising(solver):
    search = HalvingGridSearchCV(
        Classifier(solver=solver),
        {"alpha": [1e3, 1e2, 1e-3]},
        resource="solver__max_iter",
        min_resources=20,
        max_resources=60,
        cv=3,
    ).fit(PLANE, IN_BAND)
    assert search.n_resources_ == [20, 60]
    assert search.best_params_ == {"alpha": 1e-3, "solver__max_iter": 60}
    assert search.best_estimator_.solver.max_iter == 60
    assert search.best_score_ > 0.9
