"""Which state a descent can go on with: that of the same optimizer, weights, data and penalty."""

import numpy as np
import pytest

from conftest import random_objective
from skbackprop.optimizers import SGD, Adam, DescentState

pytestmark = pytest.mark.usefixtures("one_thread")

OBJECTIVE, W = random_objective(n_samples=20, alpha=0.1)
VALIDATION = OBJECTIVE.take(slice(5))


def state(validation=None):
    curve = [] if validation is None else [validation.value(W)]
    return DescentState(
        optimizer=SGD,
        w=W,
        value=OBJECTIVE.value(W),
        best_w=W + 1,
        validation_curve=np.array(curve),
    )


@pytest.mark.parametrize(
    ("optimizer", "w0", "expected"),
    [
        (SGD(), W + 1, True),
        (SGD(0.1), W + 1, True),
        (SGD(), (W + 1).astype(np.float32), True),
        (SGD(), (W + 1) * (1 + 1e-9), True),
        (SGD(), W, False),
        (SGD(), None, False),
        (Adam(), W + 1, False),
    ],
    ids=["same", "other options", "float32", "rounded", "last weights", "none", "other optimizer"],
)
def test_belongs_to(optimizer, w0, expected):
    assert state().belongs_to(optimizer, w0) is expected


def test_a_state_without_weights_belongs_to_nothing():
    assert not DescentState(optimizer=SGD).belongs_to(SGD(), W)


@pytest.mark.parametrize(
    ("objective", "before", "now", "expected"),
    [
        (OBJECTIVE, None, None, True),
        (OBJECTIVE, VALIDATION, VALIDATION, True),
        (OBJECTIVE.take(slice(19)), None, None, False),
        (OBJECTIVE.with_alpha(0.2), None, None, False),
        (OBJECTIVE, None, VALIDATION, False),
        (OBJECTIVE, VALIDATION, None, False),
        (OBJECTIVE, VALIDATION, OBJECTIVE.take(slice(4)), False),
    ],
    ids=["same", "validated", "data", "alpha", "newly validated", "no longer", "other data"],
)
def test_the_state_fits_its_objective(objective, before, now, expected):
    assert state(before).fits(objective, now) is expected
