"""J of samples in blocks is that of the same samples in one process; dask has no part in this."""

import pickle
import subprocess
import sys
from itertools import pairwise

import numpy as np
import pytest
from scipy import sparse

from skbackprop._collections import CollectionData, CollectionObjective
from skbackprop._collections._blocks import _InProcess
from skbackprop.estimators._collection_samples import _aligned
from skbackprop.losses import LOSSES
from skbackprop.model import Network, Objective
from skbackprop.model._standardisation import Standardisation

SHAPE = (3, 4, 2)
CUTS = [0, 5, 6, 20, 41]
rng = np.random.default_rng(3)
# far from 0, of very different size, and constant
X = rng.normal(size=(41, 3)) * [1, 1e3, 0] + [5, -2e3, 7]
Y = rng.uniform(0.05, 0.95, size=(41, 2))
WEIGHT = rng.uniform(0.5, 2, size=41)
w, other = rng.normal(size=(2, Network(*SHAPE).n_weights))


def both(loss="squared_error", *, kind=np.asarray, dtype=np.float64, weight=None, intercept=True):
    """The objective of some samples, and that of the same samples in four blocks."""
    network = Network(*SHAPE, intercept)
    weight = None if weight is None else weight.astype(dtype)
    one = Objective.from_arrays(
        network, LOSSES[loss](), kind(X.astype(dtype)), Y.astype(dtype), weight, alpha=0.3
    )
    parts = [
        (one.data.X[a:b], one.data.Y[a:b], None if weight is None else weight[a:b])
        for a, b in pairwise(CUTS)
    ]
    data = CollectionData.of(_InProcess([*parts[:2], None, *parts[2:]]))
    return one, CollectionObjective.of(network, one.loss, data, 0.3)


KINDS = {
    "dense": {},
    "float32": {"dtype": np.float32},
    "sparse": {"kind": sparse.csr_array},
    "weights": {"weight": WEIGHT},
    "no-intercept": {"intercept": False},
}
CASES = [(loss, {}) for loss in LOSSES] + [("log_loss", options) for options in KINDS.values()]
every_case = pytest.mark.parametrize(
    ("loss", "options"), CASES, ids=[*LOSSES, *(f"log_loss-{kind}" for kind in KINDS)]
)


def assert_close(many, one, dtype=np.float64):
    for a, b in zip(many, one, strict=True):
        size = max(np.abs(b).max(), 1)
        np.testing.assert_allclose(a, b, rtol=0, atol=1e4 * np.finfo(dtype).eps * size)


@pytest.mark.parametrize("standardised", [False, True], ids=["as-they-are", "standardised"])
@every_case
def test_its_numbers_are_those_of_one_process(loss, options, standardised):
    one, many = both(loss, **options)
    scaling, at = Standardisation.of(one), w[: one.n_weights]
    if standardised:
        one, many = one.standardised(scaling), many.standardised(scaling)
    else:
        at = scaling.from_scaled(at)
    dtype = options.get("dtype", np.float64)
    assert_close([many.value(at)], [one.value(at)], dtype)
    assert_close(many.value_and_grad(at), one.value_and_grad(at), dtype)
    if one.loss.has_curvature:
        assert_close(many.gauss_newton(at), one.gauss_newton(at), dtype)
    assert_close([many.squared_residuals(at)], [one.squared_residuals(at)], dtype)
    assert_close(many.data.moments, one.data.moments, dtype)
    for name in ("lower_bound", "constant_value", "constant_z3", "total_weight"):
        assert_close([getattr(many, name)], [getattr(one, name)], dtype)
    assert (many.n_samples, many.dtype, many.alpha) == (one.n_samples, one.dtype, one.alpha)
    np.testing.assert_array_equal(many.data.target_span, one.data.target_span)


@every_case
def test_candidates_cost_what_they_cost_in_one_process(loss, options):
    one, many = both(loss, **options)
    W = np.array([w, other])[:, : one.n_weights] * 1e-3
    dtype = options.get("dtype", np.float64)
    assert_close([many.values(W)], [one.values(W)], dtype)
    V1, V2 = one.network.split(W)
    (a, a_value), (b, b_value) = (
        objective.candidates.best_of(V1, V2[:, None]) for objective in (many, one)
    )
    np.testing.assert_array_equal(a, b)
    assert_close([a_value], [b_value], dtype)
    incoming = rng.normal(size=(5, one.network.shape1[0])) * 1e-3
    assert_close(
        [many.candidates.of_unit(W[0], 2)(incoming)],
        [one.candidates.of_unit(W[0], 2)(incoming)],
        dtype,
    )


@pytest.mark.parametrize("kind", KINDS.values(), ids=KINDS)
@pytest.mark.parametrize("standardised", [False, True], ids=["as-they-are", "standardised"])
def test_some_rows_are_fetched_in_the_order_that_was_asked_for(kind, standardised):
    one, many = both(**kind)
    if standardised:
        scaling = Standardisation.of(one)
        one, many = one.standardised(scaling), many.standardised(scaling)
    rows = np.array([40, 0, 5, 6, 19, 4, 20])
    a, b = many.take(rows), one.take(rows)
    for name in ("Y", "sample_weight"):
        np.testing.assert_array_equal(getattr(a.data, name), getattr(b.data, name))
    at = np.eye(3)
    np.testing.assert_allclose(a.data.X @ at, b.data.X @ at, rtol=1e-6, atol=1e-6)
    assert a.value(w[: a.n_weights] * 1e-3) == pytest.approx(b.value(w[: b.n_weights] * 1e-3))


def test_many_blocks_add_up_in_the_order_of_the_blocks():
    objectives = [both()[1] for _ in range(2)]
    assert len({objective.value(w) for objective in objectives}) == 1


def test_it_stays_in_its_process():
    _, many = both()
    with pytest.raises(TypeError, match="n_jobs=None"):
        pickle.dumps(many)


def test_dask_is_not_imported_without_a_collection():
    program = (
        "import sys, numpy as np; from skbackprop import BackpropRegressor as R;"
        "X = np.arange(40.0)[:, None]; model = R(2, random_state=0).fit(X, X[:, 0]);"
        "model.predict(X); model.score(X, X[:, 0]);"
        "print([name for name in sys.modules if name.split('.')[0] in ('dask', 'distributed')])"
    )
    command = [sys.executable, "-W", "ignore", "-c", program]
    run = subprocess.run(command, capture_output=True, text=True, check=True, timeout=120)
    assert run.stdout.strip() == "[]"


@pytest.mark.parametrize(("distance", "absorbed"), [(3.0, True), (50.0, True), (1e6, False)])
def test_weights_absorb_the_scales_of_features_that_are_not_far_from_0(distance, absorbed):
    features = rng.normal(size=(41, 3)) * [1, 1e3, 1e-3] + [distance, 0, 0]
    one = Objective.from_arrays(Network(*SHAPE), LOSSES["log_loss"](), features, Y, alpha=0.3)
    data = CollectionData.of(_InProcess([(features, one.data.Y, None)]))
    many = CollectionObjective.of(one.network, one.loss, data, 0.3)
    scaling = Standardisation.of(one)
    one, many = one.standardised(scaling), many.standardised(scaling)
    of_weights, of_features = scaling.parts(many.dtype)
    assert (of_weights.shift[0] != 0) == absorbed
    assert of_features.is_identity == absorbed
    assert_close(many.value_and_grad(w), one.value_and_grad(w))
    assert_close(many.gauss_newton(w), one.gauss_newton(w))


@pytest.mark.parametrize("kind", [np.asarray, sparse.csr_array])
def test_numbers_at_any_address_are_aligned(kind):
    buffer = np.zeros(8 * 12 + 4, dtype=np.uint8)[4:]
    numbers = buffer.view(np.float64)
    numbers[:] = range(12)
    assert not numbers.flags.aligned
    features = kind(numbers.reshape(4, 3))
    if kind is sparse.csr_array:
        features.data = numbers[1:]
    aligned = _aligned(features, np.float64)
    assert (aligned.data if kind is sparse.csr_array else aligned).flags.aligned
    assert (aligned - kind(np.arange(12.0).reshape(4, 3))).sum() == 0
