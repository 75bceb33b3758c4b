"""scikit-learn's whole check battery, for every estimator, solver and intercept."""

import pytest
from sklearn.utils.estimator_checks import parametrize_with_checks

from skbackprop import BackpropClassifier, BackpropRegressor
from skbackprop.solvers import GradientDescent

INCREMENTAL = [  # with partial_fit, which the battery then checks too
    estimator(solver=GradientDescent("adam"))
    for estimator in (BackpropClassifier, BackpropRegressor)
]


@parametrize_with_checks(
    INCREMENTAL
    + [
        estimator(solver=solver, fit_intercept=fit_intercept)
        for estimator in (BackpropClassifier, BackpropRegressor)
        for solver in ("gd", "montecarlo", "grid")
        for fit_intercept in (True, False)
    ]
)
# The battery looks at behaviour, not at whether its tiny budgets reach convergence; the
# grid's warning that it did not search everything is tested in test_grid.py.
@pytest.mark.filterwarnings("ignore::sklearn.exceptions.ConvergenceWarning")
def test_scikit_learn_checks(estimator, check):
    check(estimator)
