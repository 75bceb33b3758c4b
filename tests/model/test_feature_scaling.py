"""Data larger than the memory that the process may use."""

import subprocess
import sys
import textwrap

import numpy as np
import pytest

N_SAMPLES, N_FEATURES, PIECE = 1_600_000, 32, 100_000
# Bytes beyond those of the imports; X takes 205 MB.
LIMIT = 120 * 2**20

# The limit is on data and not on addresses, of which a mapped file takes as many as it has bytes.
PROGRAM = textwrap.dedent(
    f"""
    import resource, sys
    from pathlib import Path
    import numpy as np
    from skbackprop import BackpropRegressor
    from skbackprop.optimizers import Adam
    from skbackprop.solvers import GradientDescent

    lines = Path("/proc/self/status").read_text().splitlines()
    status = dict(line.split(":", 1) for line in lines)
    used = int(status["VmData"].split()[0]) * 1024
    resource.setrlimit(resource.RLIMIT_DATA, (used + {LIMIT},) * 2)

    X = np.load(sys.argv[1], mmap_mode="r")
    y = np.load(sys.argv[2], mmap_mode="r")
    try:
        np.array(X)
    except MemoryError:
        print("too large")

    solver = GradientDescent(Adam(0.01, batch_size=1_000))
    model = BackpropRegressor(4, solver=solver, alpha=0, random_state=0)
    for start in range(0, len(X), {PIECE}):
        piece = slice(start, start + {PIECE})
        model.partial_fit(X[piece], y[piece], y_range=(-1, 1))
    error = np.mean((model.predict(X) - y) ** 2) / np.var(y)
    print(model.n_iter_, "passes,", "learnt" if error < 0.2 else f"error {{error}}")
    """
)


@pytest.mark.slow
@pytest.mark.skipif(sys.platform != "linux", reason="only Linux limits the data of a process")
def test_a_mapped_file_beyond_the_limit_of_memory_is_learnt_and_predicted(tmp_path):
    paths = [tmp_path / "X.npy", tmp_path / "y.npy"]
    shape, few = (N_SAMPLES, N_FEATURES), np.random.default_rng(0)
    block = few.standard_normal((PIECE, N_FEATURES), dtype=np.float32)
    try:
        X = np.lib.format.open_memmap(paths[0], "w+", np.float32, shape)
        for start in range(0, N_SAMPLES, PIECE):
            X[start : start + PIECE] = block
        del X  # closes the file
        assert paths[0].stat().st_size > LIMIT
        np.save(paths[1], np.tile(np.tanh(block[:, 0]), N_SAMPLES // PIECE))
        command = [sys.executable, "-W", "error", "-c", PROGRAM, *map(str, paths)]
        run = subprocess.run(command, capture_output=True, text=True, check=False, timeout=120)
    finally:
        for path in paths:
            path.unlink(missing_ok=True)
    assert run.stderr == ""
    assert run.stdout.splitlines() == ["too large", f"{N_SAMPLES // PIECE} passes, learnt"]
