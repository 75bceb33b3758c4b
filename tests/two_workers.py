"""A dask cluster of two worker processes, for the tests that need one."""

import gc
import os
import signal
import threading

import pytest


@pytest.fixture(scope="module")
def client():
    """Two worker processes, reached through the loopback interface alone."""
    distributed = pytest.importorskip("distributed")
    dask_config = pytest.importorskip("dask").config
    options = {"n_workers": 2, "threads_per_worker": 1, "host": "127.0.0.1"}
    dashboards = dict.fromkeys(["dashboard_address", "worker_dashboard_address"], "127.0.0.1:0")
    # a cluster gives a worker up that is away 15 s after it died, be it for the second time
    patience = {"distributed.deploy.lost-worker-timeout": "1h"}
    with (
        dask_config.set(patience),
        distributed.LocalCluster(**options, **dashboards) as cluster,
        distributed.Client(cluster) as client,
    ):
        yield client


@pytest.fixture
def without_gc():
    """Dask measures the garbage collection in a callback, where Ctrl+C would be ignored."""
    gc.disable()
    yield
    gc.enable()


class Kill:
    """A callback that ends processes with SIGKILL a moment after its first call."""

    def __init__(self, *pids, after=0.05):
        self._timer = threading.Timer(after, self._kill, pids)
        self.calls, self.done, self.calls_after = 0, False, 0

    def __call__(self, progress):
        if self.calls == 0:
            self._timer.start()
        self.calls += 1
        self.calls_after += self.done
        return False

    def _kill(self, *pids):
        for pid in pids:
            os.kill(pid, signal.SIGKILL)
        self.done = True
