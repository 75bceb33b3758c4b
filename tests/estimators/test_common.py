"""scikit-learn's whole check battery, for every estimator, solver and intercept."""

import pytest
from sklearn.utils.estimator_checks import parametrize_with_checks

from skbackprop import BackpropClassifier, BackpropRegressor
from skbackprop.solvers import GradientDescent

ESTIMATORS = BackpropClassifier, BackpropRegressor
INCREMENTAL = [  # with partial_fit, which the battery then checks too
    estimator(alpha=0.1, solver=GradientDescent("adam")) for estimator in ESTIMATORS
]
# The battery looks at behaviour, not at whether its tiny budgets reach convergence; the
# grid's warning that it did not search everything is tested in test_grid.py.
pytestmark = pytest.mark.filterwarnings("ignore::sklearn.exceptions.ConvergenceWarning")


@parametrize_with_checks([estimator() for estimator in ESTIMATORS])
def test_scikit_learn_checks(estimator, check):
    check(estimator)


@pytest.mark.slow
@parametrize_with_checks(
    INCREMENTAL
    + [estimator(fit_intercept=False) for estimator in ESTIMATORS]
    + [
        estimator(solver=solver, fit_intercept=intercept)
        for estimator in ESTIMATORS
        for solver in ("montecarlo", "grid")
        for intercept in (True, False)
    ]
)
def test_scikit_learn_checks_of_other_configurations(estimator, check):
    check(estimator)
