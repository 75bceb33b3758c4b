"""alpha="auto": the penalty that a fit chooses, and what it leaves behind."""

import warnings

import numpy as np
import pytest
from scipy import sparse
from sklearn.base import clone
from sklearn.datasets import load_diabetes, load_iris, make_multilabel_classification
from sklearn.exceptions import ConvergenceWarning

from conftest import XOR_X, same_network
from skbackprop import BackpropClassifier, BackpropRegressor
from skbackprop._execution._budget import Budget
from skbackprop.optimizers import SGD, Adam
from skbackprop.solvers import GradientDescent, Grid, MonteCarlo, Status

RNG = np.random.default_rng(0)
X = RNG.normal(size=(90, 3))
SMOOTH = np.sin(2 * X[:, 0]) + X[:, 1]
NOISE = RNG.normal(size=90)
IRIS_X, IRIS_Y = load_iris(return_X_y=True)
IRIS_X = (IRIS_X - IRIS_X.mean(axis=0)) / IRIS_X.std(axis=0)


def regressor(**options):
    return BackpropRegressor(**{"n_hidden": 4, "random_state": 0, **options})


def classifier(**options):
    return BackpropClassifier(**{"n_hidden": 4, "random_state": 0, **options})


def test_the_penalty_suits_the_noise():
    smooth, noise = regressor().fit(X, SMOOTH), regressor().fit(X, NOISE)
    assert noise.alpha_ > 100 * smooth.alpha_
    assert smooth.score(X, SMOOTH) > 0.95
    assert noise.score(X, NOISE) < 0.2


@pytest.mark.parametrize(
    ("model", "y"),
    [(regressor(), SMOOTH), (classifier(), IRIS_Y)],
    ids=["regressor", "classifier"],
)
def test_the_path_is_in_the_attributes(model, y):
    features = X if len(y) == len(X) else IRIS_X
    model.fit(features, y)
    n_alphas, n_folds = model.loss_path_.shape
    assert n_folds == 5
    assert len(model.alphas_) == n_alphas >= 4
    assert (np.diff(model.alphas_) < 0).all()
    assert (model.loss_path_ > 0).all()
    cost = model.loss_path_.mean(axis=1)
    assert model.alpha_ == model.alphas_[cost <= 1.01 * cost.min()].max()


@pytest.mark.parametrize(
    ("model", "features", "y"),
    [(regressor(), X, SMOOTH), (classifier(), IRIS_X, IRIS_Y)],
    ids=["regressor", "classifier"],
)
def test_alpha_reproduces_J(model, features, y):
    model.fit(features, y)
    # one step of no length, so that J is that of the same weights
    solver = GradientDescent(SGD(learning_rate=1e-12), max_iter=1)
    again = clone(model).set_params(alpha=model.alpha_, warm_start=True, solver=solver)
    again.coefs_, again.intercepts_ = model.coefs_, model.intercepts_
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", ConvergenceWarning)
        again.fit(features, y)
    assert again.loss_ == pytest.approx(model.loss_, rel=1e-9)


def test_a_number_leaves_no_path():
    model = regressor().fit(X, SMOOTH).set_params(alpha=0.05).fit(X, SMOOTH)
    assert model.alpha_ == 0.05
    assert not hasattr(model, "alphas_")
    assert not hasattr(model, "loss_path_")


@pytest.mark.parametrize("solver", [Grid(max_evals=300), MonteCarlo(n_draws=300)])
def test_no_penalty_where_the_range_bounds_the_weights(solver):
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", ConvergenceWarning)
        model = regressor(solver=solver).fit(X, SMOOTH)
    assert model.alpha_ == 0
    assert not hasattr(model, "alphas_")


@pytest.mark.parametrize("estimator", [BackpropClassifier, BackpropRegressor])
@pytest.mark.parametrize("seed", range(8))
def test_xor_is_solved_by_the_defaults(estimator, seed):
    y = np.array([0, 1, 1, 0])
    model = estimator(2, random_state=seed).fit(XOR_X, y)
    np.testing.assert_array_equal(model.predict(XOR_X) > 0.5, y == 1)
    assert model.loss_path_.shape == (0, 0)


# Sample weights


def predictions(model, features, y, **fit):
    return model.fit(features, y, **fit).predict(X)


@pytest.mark.parametrize("factor", [1e-3, 1 / 90, 7.0])
def test_a_factor_of_all_weights_does_not_matter(factor):
    plain, weighted = regressor().fit(X, SMOOTH), regressor()
    weighted.fit(X, SMOOTH, sample_weight=np.full(len(X), factor))
    assert weighted.alpha_ == pytest.approx(factor * plain.alpha_)
    np.testing.assert_allclose(weighted.predict(X), plain.predict(X), atol=1e-3)


def test_a_weight_of_two_is_the_sample_twice_and_zero_the_sample_left_out():
    counts = np.random.default_rng(1).integers(0, 3, size=len(X))
    weighted = regressor().fit(X, SMOOTH, sample_weight=counts)
    repeated = regressor().fit(np.repeat(X, counts, axis=0), np.repeat(SMOOTH, counts))
    np.testing.assert_allclose(weighted.loss_path_, repeated.loss_path_, rtol=1e-4)
    np.testing.assert_allclose(weighted.predict(X), repeated.predict(X), atol=1e-3)


def test_the_order_of_the_samples_does_not_matter():
    order = np.random.default_rng(2).permutation(len(X))
    model, shuffled = regressor().fit(X, SMOOTH), regressor().fit(X[order], SMOOTH[order])
    assert shuffled.alpha_ == pytest.approx(model.alpha_)
    np.testing.assert_allclose(shuffled.loss_path_, model.loss_path_, rtol=1e-4)


# Kinds of data

MULTILABEL_X, MULTILABEL_Y = make_multilabel_classification(
    60, n_features=4, n_classes=3, random_state=0
)


@pytest.mark.parametrize(
    ("model", "features", "y"),
    [
        (regressor(), X.astype(np.float32), SMOOTH),
        (regressor(), sparse.csr_array(np.where(X > 0, X, 0)), SMOOTH),
        (regressor(), X, np.column_stack([SMOOTH, 100 * NOISE])),
        (regressor(), X, np.full(len(X), 3.0)),
        (regressor(loss="hellinger", target_range=(0.2, 0.8)), X, SMOOTH),
        (classifier(), MULTILABEL_X, MULTILABEL_Y),
        (classifier(class_weight="balanced"), IRIS_X[:110], IRIS_Y[:110]),
        (classifier(), IRIS_X[:101], IRIS_Y[:101]),
    ],
    ids=[
        "float32",
        "sparse",
        "two outputs",
        "a constant y",
        "another loss",
        "multilabel",
        "balanced",
        "a class of one sample",
    ],
)
def test_kinds_of_data(model, features, y):
    model.fit(features, y)
    assert model.alpha_ > 0
    assert np.isfinite(model.loss_path_).all()
    assert np.isfinite(model.predict(features)).all()


def test_sparse_is_dense():
    features = np.where(X > 0, X, 0)
    dense, thin = regressor().fit(features, SMOOTH), regressor()
    thin.fit(sparse.csr_array(features), SMOOTH)
    assert thin.alpha_ == pytest.approx(dense.alpha_)


def test_samples_of_the_same_features_and_another_label_are_held_out_together():
    # 24 places seen forty times: one label in four is wrong, and a network that learned the
    # three others would be sure of the wrong answer
    places = np.repeat(np.random.default_rng(3).normal(size=(24, 2)), 40, axis=0)
    y = (places[:, 0] > 0).astype(int)
    y[::4] = 1 - y[::4]
    model = classifier().fit(places, y)
    probabilities = model.predict_proba(places)[np.arange(len(y)), (places[:, 0] > 0).astype(int)]
    assert probabilities.mean() == pytest.approx(0.75, abs=0.05)


# The rest of the interface


@pytest.mark.parametrize("optimizer", ["adam", "lbfgs", "lm", "rprop", "sgd"])
def test_every_optimizer(optimizer):
    solver = GradientDescent(optimizer, tol=1e-3)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", ConvergenceWarning)
        model = regressor(solver=solver).fit(X, SMOOTH)
    assert model.score(X, SMOOTH) > 0.7


def test_validation_data_judge_the_penalties():
    model = regressor().fit(X[::2], SMOOTH[::2], X_val=X[1::2], y_val=SMOOTH[1::2])
    assert model.loss_path_.shape[1] == 1
    assert len(model.validation_loss_curve_) == len(model.loss_curve_)


def test_early_stopping_judges_by_the_samples_it_sets_aside():
    model = regressor(solver=GradientDescent(early_stopping=True)).fit(X, SMOOTH)
    assert model.loss_path_.shape[1] == 1


def test_restarts_have_the_chosen_penalty():
    model = regressor(solver=GradientDescent(n_init=3)).fit(X, SMOOTH)
    single = regressor().fit(X, SMOOTH)
    assert model.alpha_ == single.alpha_
    assert model.loss_ <= single.loss_ * (1 + 1e-12)


def test_evaluations_of_the_choice_count():
    model = regressor().fit(X, SMOOTH)
    fixed = regressor(alpha=model.alpha_).fit(X, SMOOTH)
    assert model.n_evaluations_ > fixed.n_evaluations_ + 10 * model.loss_path_.size
    assert model.n_iter_ == len(model.loss_curve_)


def test_a_warm_start_keeps_the_penalty():
    model = regressor(warm_start=True).fit(X, SMOOTH)
    alpha, path = model.alpha_, model.loss_path_
    model.fit(X, SMOOTH + 0.1 * NOISE)
    assert model.alpha_ == alpha
    assert model.loss_path_ is path


@pytest.mark.parametrize("optimizer", ["lm", Adam(batch_size=20)], ids=str)
def test_warm_starts_are_one_long_fit(optimizer):
    # the samples stay in the order of the fit that chose the penalty, and so in their batches
    features, y = X[:40], SMOOTH[:40]
    model = regressor(solver=GradientDescent(optimizer, max_iter=20, tol=0))
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", ConvergenceWarning)
        one = clone(model).fit(features, y)
        two = model.set_params(warm_start=True, solver__max_iter=10)
        two.fit(features, y).fit(features, y)
    assert same_network(one, two)
    np.testing.assert_array_equal(two.loss_curve_, one.loss_curve_)


def test_a_warm_start_after_a_search_chooses():
    model = regressor(solver=MonteCarlo(n_draws=200), warm_start=True)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", ConvergenceWarning)
        model.fit(X, SMOOTH)
    model.set_params(solver="gd").fit(X, SMOOTH)
    assert model.alpha_ in model.alphas_


@pytest.mark.parametrize("warm_start", [False, True], ids=["cold", "warm"])
def test_a_search_after_a_choice_keeps_no_path(warm_start):
    model = regressor(warm_start=warm_start).fit(X, SMOOTH)
    alpha = model.alpha_
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", ConvergenceWarning)
        model.set_params(solver=MonteCarlo(n_draws=200)).fit(X, SMOOTH)
    assert model.alpha_ == 0
    assert not hasattr(model, "alphas_")
    model.set_params(solver="gd").fit(X, SMOOTH)
    assert model.alpha_ > 0
    assert warm_start or model.alpha_ == alpha


def test_partial_fit():
    model = regressor(solver=GradientDescent("adam"))
    assert model.partial_fit(X, SMOOTH).alpha_ == 0  # a stream has no samples to spare
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", ConvergenceWarning)
        alpha = model.fit(X, SMOOTH).alpha_
    assert model.partial_fit(X, SMOOTH).alpha_ == alpha > 0
    assert alpha in model.alphas_


@pytest.mark.parametrize("max_time", [1e-9, 0.01])
def test_time_counts_the_choice(max_time):
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", ConvergenceWarning)
        model = regressor(solver=GradientDescent(max_time=max_time)).fit(X, SMOOTH)
    assert model.status_ is Status.MAX_TIME
    assert np.isfinite(model.predict(X)).all()
    assert model.alpha_ > 0


@pytest.mark.parametrize("n_rungs", [1, 3])
def test_a_stop_in_the_choice_keeps_the_best(monkeypatch, n_rungs):
    judged = []

    def stops_after_some(progress):
        judged.append(progress.alpha)
        return len(judged) == n_rungs

    budget = Budget(callback=stops_after_some)
    monkeypatch.setattr(Budget, "for_seconds", lambda *options: budget)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", ConvergenceWarning)
        model = regressor().fit(X, SMOOTH)
    assert model.status_ is Status.STOPPED
    assert sorted(model.alphas_) == sorted(judged)
    assert model.alpha_ in judged
    assert np.isfinite(model.predict(X)).all()


def test_verbose_shows_the_path(capsys):
    regressor(verbose=1).fit(X, SMOOTH)
    out = capsys.readouterr().out
    assert out.index("held-out cost") < out.index("iteration")


@pytest.mark.parametrize("held_out", ["folds", "given"])
def test_verbose_shows_the_path_in_units_of_j(capsys, held_out):
    given = {"X_val": X, "y_val": SMOOTH} if held_out == "given" else {}
    tables = []
    for weight in (np.ones(len(X)), np.full(len(X), 4.0)):
        regressor(verbose=1).fit(X, SMOOTH, sample_weight=weight, **given)
        path, _ = capsys.readouterr().out.split("iteration", 1)
        # the time decides which lines are printed after the first ten
        tables.append(np.array([line.split()[:4] for line in path.splitlines()[1:11]], float))
    ratio = tables[1] / tables[0]  # penalty, evaluations, J and cost of the held-out samples
    assert len(ratio) >= 9
    np.testing.assert_allclose(ratio, [[4, 1, 4, 4]] * len(ratio), rtol=0.01)


@pytest.mark.parametrize("alpha", ["best", -1, None])
def test_other_values_are_refused(alpha):
    with pytest.raises(ValueError, match=r"'alpha' parameter.*'auto'"):
        regressor(alpha=alpha).fit(X, SMOOTH)


@pytest.mark.parametrize("random_state", range(4))
def test_a_weak_signal_among_heavy_tailed_noise_is_not_overfitted(random_state):
    # the small penalties at which the comparison begins over-fit, and the next larger ones do too
    rng = np.random.default_rng(random_state)

    def sample(n):
        features = rng.normal(size=(n, 23))
        signal = 0.3 * features[:, 0] + 0.2 * features[:, 1] * features[:, 2]
        return features, signal + rng.standard_t(4, size=n)

    model = BackpropRegressor(random_state=random_state).fit(*sample(560))
    assert model.score(*sample(3000)) > -0.05


def peaks(features):
    """Bumps and hollows of two variables."""
    u, v = 1.5 * features.T
    return 3 * (1 - u) ** 2 * np.exp(-(u**2) - (v + 1) ** 2) - np.exp(-((u + 1) ** 2) - v**2) / 3


def checkers(features):
    """The colours of the 16 fields of a board."""
    return np.floor(features).sum(axis=1).astype(int) % 2


def test_losses_that_differ_by_a_constant_choose_the_same_penalty():
    X, y = load_diabetes(return_X_y=True)
    X, y = X[:200], y[:200]
    model = BackpropRegressor(4, random_state=0)
    entropy, divergence = (
        clone(model).set_params(loss=loss).fit(X, y) for loss in ("log_loss", "kullback_leibler")
    )
    assert entropy.alpha_ == pytest.approx(divergence.alpha_, rel=1e-9)
    np.testing.assert_allclose(entropy.alphas_, divergence.alphas_, rtol=1e-9)
    np.testing.assert_allclose(entropy.predict(X), divergence.predict(X), atol=1e-6 * np.ptp(y))


@pytest.mark.parametrize(
    ("model", "target", "least"),
    [(BackpropRegressor(20), peaks, 0.985), (BackpropClassifier(20), checkers, 0.9)],
    ids=["peaks", "checkers"],
)
def test_many_units_are_trained_for_long_enough(model, target, least):
    # descents of a few iterations end on plateaus, above all with many units; the median, because
    # one start in ten still ends on one, and the processor's last bits decide which start it is
    scores = []
    for random_state in range(3):
        rng = np.random.default_rng(random_state)
        features, new = rng.uniform(-2, 2, size=(1000, 2)), rng.uniform(-2, 2, size=(2000, 2))
        fitted = clone(model).set_params(random_state=random_state).fit(features, target(features))
        scores.append(fitted.score(new, target(new)))
    assert np.median(scores) > least
