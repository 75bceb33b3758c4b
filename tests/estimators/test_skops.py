"""Fitted estimators in files of skops: loaded without pickle, and nothing is lost."""

import numpy as np
import pandas as pd
import pytest
from sklearn.base import clone
from sklearn.datasets import load_iris
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler, scale

from conftest import same_network
from skbackprop import BackpropClassifier, BackpropRegressor, trusted_types
from skbackprop.losses import LOSSES, Exponential
from skbackprop.optimizers import LBFGS, OPTIMIZERS, SGD, Adam, LevenbergMarquardt, Rprop
from skbackprop.solvers import SOLVERS, GradientDescent, Grid, MonteCarlo, Status

skops_io = pytest.importorskip(
    "skops.io", reason="needs the extra ecosystem: pip install skbackprop[ecosystem]"
)
from skops.io.exceptions import UntrustedTypesFoundException  # noqa: E402 (only with skops)

pytestmark = pytest.mark.filterwarnings(
    # budgets are small on purpose, and the estimators say so
    "ignore::sklearn.exceptions.ConvergenceWarning"
)

X, Y = load_iris(return_X_y=True)
X = scale(X)
SPECIES = np.array(["setosa", "versicolor", "virginica"])[Y]


def round_trip(model):
    return skops_io.loads(skops_io.dumps(model), trusted=trusted_types())


def descent(optimizer, **options):
    return {"solver": GradientDescent(optimizer, max_iter=8, tol=0, **options)}


OPTIONS = {
    **{f"solver-{name}": {"solver": name} for name in SOLVERS if name != "grid"},
    **{f"optimizer-{name}": descent(name) for name in OPTIMIZERS},
    **{f"loss-{name}": {"loss": name} for name in LOSSES if name != "itakura_saito"},
    **{
        f"loss-instance-{name}": {"loss": loss(), "target_range": (0.1, 0.9)}
        for name, loss in LOSSES.items()
    },
    "grid-whole": {"n_hidden": 1, "solver": Grid(step=1.0, max_evals=300)},
    "grid-cyclic": {"solver": Grid(max_evals=300)},
    "montecarlo-noted": {"solver": MonteCarlo(500, weight_range=(-0.1, 0.1)), "alpha": 0},
    "montecarlo-sobol": {"solver": MonteCarlo(256, sampler="sobol")},
    "sgd-batches": descent(SGD(batch_size=20, schedule="adaptive", nesterov=True)),
    "adam-batches": descent(Adam(batch_size=20)),
    "rprop": descent(Rprop(initial_step=0.2)),
    "lbfgs-restarts": descent(LBFGS(), n_init=3),
    "lm-early": descent(LevenbergMarquardt(), early_stopping=True),
    "auto": {"alpha": "auto"},
    "options": {
        "loss": Exponential(tau=2.0),
        "alpha": np.float64(0.1),
        "fit_intercept": False,
        "random_state": np.random.RandomState(3),
    },
}
every_option = pytest.mark.parametrize("options", OPTIONS.values(), ids=OPTIONS)


def classifier(**options):
    return BackpropClassifier(**{"n_hidden": 2, "alpha": 1.0, "random_state": 0, **options})


def regressor(**options):
    return BackpropRegressor(**{"n_hidden": 2, "alpha": 0.1, "random_state": 0, **options})


@every_option
@pytest.mark.parametrize(("make", "y"), [(classifier, SPECIES), (regressor, X[:, 2])])
def test_no_piece_is_lost(make, y, options):
    model = make(**options).fit(X, y)
    twin = round_trip(model)
    assert same_network(twin, model)
    np.testing.assert_array_equal(twin.predict(X), model.predict(X))
    assert repr(twin.set_params(random_state=0)) == repr(model.set_params(random_state=0))
    assert repr(twin.solver_) == repr(model.solver_)
    assert twin.status_ == model.status_
    assert twin.message_ == model.message_
    for name in ("loss_", "n_iter_", "n_evaluations_", "n_grid_points_", "loss_lower_bound_"):
        assert getattr(twin, name, None) == getattr(model, name, None)
    np.testing.assert_array_equal(twin.loss_curve_, model.loss_curve_)


@every_option
def test_a_loaded_model_continues_exactly(options):
    model = classifier(warm_start=True, **options).fit(X, SPECIES)
    twin = round_trip(model)
    assert same_network(twin.fit(X, SPECIES), model.fit(X, SPECIES))
    np.testing.assert_array_equal(twin.loss_curve_, model.loss_curve_)
    assert twin.n_evaluations_ == model.n_evaluations_


@pytest.mark.parametrize("optimizer", ["sgd", "adam", "rprop"])
def test_partial_fit_of_a_loaded_model_continues_exactly(optimizer):
    model = classifier().set_params(solver__optimizer=optimizer)
    for _ in range(3):
        model.partial_fit(X, SPECIES, np.unique(SPECIES))
    twin = round_trip(model)
    for _ in range(3):
        assert same_network(twin.partial_fit(X, SPECIES), model.partial_fit(X, SPECIES))


@pytest.mark.parametrize(
    ("network", "y"),
    [
        (classifier(class_weight={0: 1.0, 1: 2.0}), (Y > 0).astype(int)),
        (classifier(), SPECIES.astype(object)),
        (classifier(), np.column_stack([Y > 0, Y > 1]).astype(int)),
        (regressor(), X[:, 2:]),
    ],
    ids=["class-weight", "objects", "multilabel", "multi-output"],
)
@pytest.mark.parametrize("dtype", ["float32", "float64"])
def test_pipelines_of_named_features(network, y, dtype):
    frame = pd.DataFrame(X.astype(dtype), columns=list("abcd"))
    pipeline = make_pipeline(StandardScaler(), clone(network)).fit(frame, y)
    twin = round_trip(pipeline)
    np.testing.assert_array_equal(twin.predict(frame), pipeline.predict(frame))
    assert twin[-1].coefs_[0].dtype == pipeline[-1].coefs_[0].dtype
    assert list(twin.feature_names_in_) == list("abcd")


def test_the_trusted_types_are_those_that_skops_reports():
    reported = set()
    for make, y in [(classifier, SPECIES), (regressor, X[:, 2])]:
        for options in OPTIONS.values():
            file = skops_io.dumps(make(**options).fit(X, y))
            reported |= set(skops_io.get_untrusted_types(data=file))
    assert trusted_types() == sorted(reported)
    assert all(name.startswith("skbackprop.") for name in reported)


def test_what_is_not_listed_is_refused():
    file = skops_io.dumps(classifier().fit(X, Y))
    with pytest.raises(UntrustedTypesFoundException, match="skbackprop"):
        skops_io.loads(file, trusted=[])


def inverse(t):
    return 1 / t


def test_a_schedule_of_ones_own_is_listed_by_its_name():
    model = classifier(**descent(SGD(schedule=inverse))).fit(X, Y)
    file = skops_io.dumps(model)
    (own,) = set(skops_io.get_untrusted_types(data=file)) - set(trusted_types())
    assert own == f"{__name__}.inverse"
    twin = skops_io.loads(file, trusted=[*trusted_types(), own])
    assert twin.solver.optimizer.schedule is inverse


@pytest.mark.parametrize("status", Status, ids=lambda status: status.name)
def test_a_status_is_stored_by_name(status):
    file = skops_io.dumps(status)
    assert skops_io.loads(file, trusted=trusted_types()) is status
    assert status.__reduce__() == (Status, (status.name,))
