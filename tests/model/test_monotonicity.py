"""Bounds of the weights of monotone networks: turned units, projections, random starts."""

from dataclasses import replace

import numpy as np
import pytest
from numpy.testing import assert_allclose, assert_array_equal

from conftest import random_objective
from skbackprop.model import Network
from skbackprop.model._monotonicity import Monotonicity
from skbackprop.model._standardisation import Standardisation

NETWORK = Network(3, 5, 1)
MONOTONE = Monotonicity(NETWORK, np.array([1, 0, -1], dtype=np.int8))
WEIGHTS = np.random.default_rng(0).normal(size=(20, NETWORK.n_weights))
X = np.random.default_rng(1).normal(size=(50, 3))


def signs_hold(w):
    W1, _, W2, _ = NETWORK.unpack(w)
    return bool((W1[0] >= 0).all() and (W1[2] <= 0).all() and (W2 >= 0).all())


def objective():
    found, _ = random_objective((3, 5, 1), n_samples=60)
    return replace(found.with_data(X=100 + 7 * found.data.X), monotonicity=MONOTONE)


@pytest.mark.parametrize("w", WEIGHTS, ids=range(20))
def test_a_network_with_turned_units_is_the_same_function(w):
    turned = MONOTONE.turned(w)
    assert (NETWORK.unpack(turned).W2 >= 0).all()
    assert_allclose(NETWORK.forward(turned, X), NETWORK.forward(w, X), rtol=1e-12)
    assert_array_equal(MONOTONE.turned(turned), turned)


def test_only_weights_with_the_right_signs_are_admitted():
    for change in (MONOTONE.projected, MONOTONE.reflected):
        for w in WEIGHTS:
            assert MONOTONE.admits(w) == signs_hold(w)
            assert MONOTONE.admits(change(w))
            assert signs_hold(change(w))
    assert not any(map(MONOTONE.admits, WEIGHTS))


def test_the_projection_is_the_nearest_point_and_leaves_free_weights_alone():
    low, high = MONOTONE.bounds
    for w in WEIGHTS:
        projected = MONOTONE.projected(w)
        inside = (low < w) & (w < high)
        assert_array_equal(projected[inside], w[inside])
        assert (projected[~inside] == 0).all()


def test_reflected_weights_keep_their_sizes():
    for w in WEIGHTS:
        for part, before in zip(
            NETWORK.unpack(MONOTONE.reflected(w))[:3], NETWORK.unpack(w)[:3], strict=True
        ):
            assert_array_equal(np.abs(part), np.abs(before))


@pytest.mark.parametrize("standardised", [False, True])
def test_random_starts_obey(standardised):
    found = objective()
    if standardised:
        found = found.standardised(Standardisation.of(found))
    z3 = []
    for seed in range(20):
        w = found.feature_scaling.initial_weights(np.random.default_rng(seed))
        assert signs_hold(w)
        z3.append(found.feed_forward(NETWORK.unpack(w), found.data.X)[1].copy())
    assert np.abs(z3).mean() < 2  # weights of one sign would saturate the output otherwise


def test_the_way_to_other_coordinates_keeps_the_signs():
    found = objective()
    scaling = Standardisation.of(found)
    for w in map(MONOTONE.projected, WEIGHTS):
        assert signs_hold(scaling.to_scaled(w))
        assert signs_hold(scaling.from_scaled(w))


def test_the_free_gradient_is_that_of_weights_that_can_move():
    w = MONOTONE.projected(WEIGHTS[0])
    low, high = MONOTONE.bounds
    grad = np.random.default_rng(2).normal(size=len(w))
    free = MONOTONE.free_gradient(w, grad)
    step = w - 1e-6 * grad
    held = (step < low) | (step > high)
    assert held.any()
    assert (free[held & (w == 0)] == 0).all()
    assert_array_equal(free[~held], grad[~held])


def test_parts_and_copies_of_an_objective_keep_the_bounds():
    found = objective()
    others = [found.take(slice(5)), found.with_alpha(2.0), found.in_float64()]
    others += [found.standardised(Standardisation.of(found)), found.with_data(X=found.data.X)]
    assert all(other.monotonicity is MONOTONE for other in others)
