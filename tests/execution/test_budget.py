"""Deadlines, here and elsewhere."""

import pickle
import platform
import time

import pytest

from skbackprop._execution._budget import Budget
from skbackprop._execution._result import Status


@pytest.fixture
def clocks(monkeypatch):
    """Both clocks stand still, at what the test sets."""
    now = {"monotonic": 1000.0, "time": 1e9}
    for name in now:
        monkeypatch.setattr(time, name, lambda name=name: now[name])
    return now


def test_a_deadline_does_not_follow_the_time_of_day(clocks):
    watch = Budget.for_seconds(10)
    clocks["time"] += 1e6
    assert watch(None) is None
    clocks["time"] -= 1e7
    clocks["monotonic"] += 10
    assert watch(None) is Status.MAX_TIME


@pytest.mark.parametrize("step", [9, 11])
def test_another_process_of_the_machine_shares_the_monotonic_clock(clocks, step):
    sent = pickle.dumps(Budget.for_seconds(10))
    clocks["time"] += 1e6
    clocks["monotonic"] += step
    assert (pickle.loads(sent)(None) is Status.MAX_TIME) is (step > 10)


@pytest.mark.parametrize("step", [9, 11])
def test_another_machine_uses_the_time_of_day(clocks, monkeypatch, step):
    sent = pickle.dumps(Budget.for_seconds(10))
    monkeypatch.setattr(platform, "node", lambda: "elsewhere")
    clocks["monotonic"] = 5.0  # it was started a moment ago
    clocks["time"] += step
    assert (pickle.loads(sent)(None) is Status.MAX_TIME) is (step > 10)


def test_no_deadline_stays_none(clocks):
    assert pickle.loads(pickle.dumps(Budget()))(None) is None
