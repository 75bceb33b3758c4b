"""A fit ends when J is low enough."""

import pytest
from callback_fits import Record, classifier, data, every_solver

from skbackprop.callbacks import TargetLoss
from skbackprop.solvers import Status

pytestmark = pytest.mark.filterwarnings("ignore::sklearn.exceptions.ConvergenceWarning")


@every_solver
def test_target_loss(name):
    X, y = data(name)
    curve = classifier(name).fit(X, y).loss_curve_
    target = float(curve[len(curve) // 2 - 1])
    record = Record()
    model = classifier(name).set_callbacks(TargetLoss(target), record).fit(X, y)
    assert model.loss_ <= target
    assert model.status_ == Status.STOPPED
    before = [fitted for *_, fitted in record.ended if fitted is not None and fitted.loss_ > target]
    assert len(before) < len(record.fitted())
