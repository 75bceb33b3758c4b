"""Fits of dask collections on worker processes of this machine, and of a file beyond memory.

"evaluation" is J and its gradient at one point, of 2 million rows, 20 features and 10 hidden
units: in this process on one thread, and on one and two workers of one thread each. A speed-up of
two workers needs two idle cores: look at the load that is printed.

"overhead" is the time of an evaluation of 16 rows in as many blocks as threads: messages, and the
work of dask's scheduler. The break-even size is the number of rows at which two workers save as
much as that.

Times are the shortest of the repeats, since other programs of the machine only add to them. The
processor's time is shown too, because other programs hardly affect it.

"100 workers" is arithmetic, not a measurement: the work of an evaluation divided by 100, the
overhead of two workers, what 98 more tasks take the scheduler, measured with tasks that do nothing,
and the messages of 100 gradients by a network of 1 Gbit/s.

"file" is a fit by L-BFGS and a prediction of an X of 10 million rows by 20 (1.6 GB) that is mapped
from a file, in a process whose data may grow to 600 MB.

"peers": the log loss after the same number of iterations of L-BFGS, from random starts of their
own, and the time, of Spark's multilayer perceptron with as many hidden units and two threads, if
pyspark and Java are installed. dask_ml has no multilayer perceptron.

    python benchmarks/bench_distributed.py
    python benchmarks/bench_distributed.py --quick
    python benchmarks/bench_distributed.py --peers
    python benchmarks/bench_distributed.py --file FOLDER

Needs the extra `distributed`. --file needs 1.7 GB in the folder, and Linux.
"""

import subprocess
import sys
import tempfile
import textwrap
from contextlib import contextmanager
from importlib.util import find_spec
from pathlib import Path
from time import perf_counter, process_time

import dask.array as da
import numpy as np
import pandas as pd
from _timing import parser, print_machine, print_table
from distributed import Client, LocalCluster
from threadpoolctl import threadpool_limits

from skbackprop._collections import Blocks, CollectionData, CollectionObjective
from skbackprop.losses import SquaredError
from skbackprop.model import Network, Objective

N_FEATURES, N_HIDDEN = 20, 10
NETWORK = Network(N_FEATURES, N_HIDDEN, 1)
W = np.random.default_rng(1).normal(size=NETWORK.n_weights)
N_BLOCKS = 8
# A message of a gradient on a network of 1 Gbit/s, which the arithmetic allows for.
BYTES_PER_SECOND = 1.25e8

FILE_PROGRAM = textwrap.dedent(
    """
    import resource, sys, time, warnings
    from pathlib import Path
    import numpy as np
    from skbackprop import BackpropRegressor
    from skbackprop.solvers import GradientDescent

    lines = [line.split() for line in Path("/proc/self/status").read_text().splitlines()]
    kilobytes = {line[0]: int(line[1]) for line in lines if line[-1] == "kB"}
    # the limit is on addresses of data, of which some are never used
    unused = (kilobytes["VmData:"] - kilobytes["RssAnon:"]) * 1024
    resource.setrlimit(resource.RLIMIT_DATA, (600 * 2**20 + unused,) * 2)
    warnings.simplefilter("ignore")
    X, y = (np.load(path, mmap_mode="r") for path in sys.argv[1:])
    try:
        np.array(X)
        print("the limit does not work")
    except MemoryError:
        pass
    for alpha in (0.1, "auto"):
        solver = GradientDescent("lbfgs", max_iter=10)
        begun = time.process_time()
        model = BackpropRegressor(10, alpha=alpha, solver=solver, random_state=0).fit(X, y)
        fitted = time.process_time()
        model.predict(X)
        print(
            f"alpha={alpha}: fit {fitted - begun:.0f} s, predict "
            f"{time.process_time() - fitted:.1f} s of the processor's time"
        )
    """
)


def numbers(n_samples, seed=0):
    rng = np.random.default_rng(seed)
    X = rng.standard_normal((n_samples, N_FEATURES))
    return X, 0.5 + 0.4 * np.tanh(X[:, :1] + X[:, 1:2] * X[:, 2:3])


def made(block_length, seed):
    """A block that is made where it stays."""
    return *numbers(block_length, seed), None


@contextmanager
def workers(n_workers):
    options = {"threads_per_worker": 1, "host": "127.0.0.1", "dashboard_address": "127.0.0.1:0"}
    with LocalCluster(n_workers=n_workers, **options) as cluster, Client(cluster) as client:
        yield client


def in_blocks(n_samples, n_blocks):
    """J of samples that are made on the workers."""
    parts = [(n_samples // n_blocks, seed) for seed in range(n_blocks)]
    data = CollectionData.of(Blocks.load(parts, made))
    return CollectionObjective.of(NETWORK, SquaredError(), data, 0.1)


def in_process(n_samples, n_blocks):
    """J of the same samples in this process."""
    blocks = [made(n_samples // n_blocks, seed) for seed in range(n_blocks)]
    X, Y = (np.concatenate([block[i] for block in blocks]) for i in range(2))
    return Objective.from_arrays(NETWORK, SquaredError(), X, Y, alpha=0.1)


def milliseconds(call, repeats):
    """The shortest time of a call, after one that does not count: other programs only add to it."""
    times = []
    for _ in range(repeats + 1):
        begun = perf_counter()
        call()
        times.append(perf_counter() - begun)
    return 1e3 * min(times[1:])


def evaluation(objective, repeats):
    return milliseconds(lambda: objective.value_and_grad(W), repeats)


def processor_time(objective, client, repeats):
    """Milliseconds of the processor for an evaluation: of the busiest worker, and of the caller.

    The caller is this process, with the scheduler in it. Without a client there is the caller only.
    """
    before, here = client.run(process_time) if client else {}, process_time()
    for _ in range(repeats):
        objective.value_and_grad(W)
    after, then = client.run(process_time) if client else {}, process_time()
    spent = [after[worker] - before[worker] for worker in before] or [0.0]
    return 1e3 * max(spent) / repeats, 1e3 * (then - here) / repeats


def of_task(client, repeats, n_tasks=100):
    """What one more task takes, in milliseconds."""
    times = [
        milliseconds(lambda n=n: client.gather(client.map(abs, range(n), pure=False)), repeats)
        for n in (1, n_tasks)
    ]
    return (times[1] - times[0]) / (n_tasks - 1)


def report(n_samples, repeats):
    whole = in_process(n_samples, N_BLOCKS)
    value, gradient = whole.value_and_grad(W)
    times, overhead = {0: evaluation(whole, repeats)}, {}
    work = {0: processor_time(whole, None, repeats)}
    for n_workers in (1, 2):
        with workers(n_workers) as client:
            many = in_blocks(n_samples, N_BLOCKS)
            found, its_gradient = many.value_and_grad(W)
            assert abs(found / value - 1) < 1e-10
            assert np.abs(its_gradient - gradient).max() < 1e-8 * np.abs(gradient).max()
            times[n_workers] = evaluation(many, repeats)
            work[n_workers] = processor_time(many, client, repeats)
            overhead[n_workers] = evaluation(in_blocks(16, n_workers), 10 * repeats)
            per_task = of_task(client, repeats)
            del many
    sums = 100 * 8 * (NETWORK.n_weights + 1) / BYTES_PER_SECOND * 1e3
    of_hundred = overhead[2] + 98 * per_task + sums
    hundred = work[1][0] / 100 + of_hundred
    places = ["in process, one thread", "1 worker", "2 workers"]
    rows = [
        (places[n], f"{times[n]:.0f}", *(f"{one:.0f}" for one in work[n]), overhead.get(n, 0.0))
        for n in times
    ]
    rows = [(*row[:-1], f"{row[-1]:.1f}") for row in rows]
    rows.append(("100 workers, by arithmetic", f"{hundred:.0f}", "", "", f"{of_hundred:.0f}"))
    header = ("where", "shortest ms", "cpu ms of a worker", "of the caller", "overhead ms")
    print_table(f"An evaluation of {n_samples:,} rows", header, rows)
    print(f"\nTwo workers are {times[1] / times[2]:.2f} times as fast as one by the clock, and")
    print(f"{work[1][0] / (work[2][0]):.2f} times by the processor's time of the busiest worker")
    print(f"One more task takes {per_task:.2f} ms")
    saved_per_row = sum(work[0]) / n_samples / 2
    print(f"Two workers break even at {overhead[2] / saved_per_row:,.0f} rows")


def file_beyond_memory(folder, n_samples=10_000_000, length=200_000):
    """Fit and predict a mapped file in a process of its own."""
    paths = [Path(folder) / name for name in ("X.npy", "y.npy")]
    X = np.lib.format.open_memmap(paths[0], "w+", np.float64, (n_samples, N_FEATURES))
    y = np.empty(n_samples)
    for start in range(0, n_samples, length):
        some, target = numbers(length, start)
        X[start : start + length], y[start : start + length] = some, target[:, 0]
    del X  # closes the file
    np.save(paths[1], y)
    try:
        subprocess.run([sys.executable, "-c", FILE_PROGRAM, *map(str, paths)], check=True)
    finally:
        for path in paths:
            path.unlink()


def log_loss(label, proba):
    proba = np.clip(proba, 1e-15, 1 - 1e-15)
    return -np.mean(np.where(label, np.log(proba), np.log(1 - proba)))


def ours(X, label, n_iterations):
    """The seconds of a fit on blocks that two workers hold, and the probabilities it ends with."""
    from skbackprop import BackpropClassifier
    from skbackprop.solvers import GradientDescent

    length = len(X) // N_BLOCKS
    solver = GradientDescent("lbfgs", max_iter=n_iterations, tol=0)
    model = BackpropClassifier(N_HIDDEN, loss="log_loss", alpha=0, solver=solver, random_state=0)
    with workers(2):
        blocks = da.from_array(X, chunks=(length, N_FEATURES)).persist()
        labels = da.from_array(label, chunks=length).persist()
        model.fit(blocks[:length], labels[:length])  # the workers import what they need
        begun = perf_counter()
        model.fit(blocks, labels)
        return perf_counter() - begun, model.predict_proba(X)[:, 1]


def spark(X, label, n_iterations):
    """The same of Spark's multilayer perceptron with two local threads."""
    from pyspark.ml.classification import MultilayerPerceptronClassifier
    from pyspark.ml.functions import array_to_vector
    from pyspark.sql import SparkSession
    from pyspark.sql.functions import array

    names = [f"x{i}" for i in range(N_FEATURES)]
    session = SparkSession.builder.master("local[2]").config("spark.driver.memory", "4g")
    session = session.config("spark.ui.enabled", "false").getOrCreate()
    with tempfile.TemporaryDirectory() as folder:
        path = f"{folder}/data.parquet"
        pd.DataFrame(X, columns=names).assign(label=label.astype(float)).to_parquet(path)
        frame = session.read.parquet(path).repartition(N_BLOCKS)
        frame = frame.select(array_to_vector(array(*names)).alias("features"), "label").cache()
        net = MultilayerPerceptronClassifier(
            layers=[N_FEATURES, N_HIDDEN, 2], solver="l-bfgs", maxIter=n_iterations, tol=0, seed=0
        )
        net.fit(frame.limit(1_000))  # compiles
        frame.count()
        begun = perf_counter()
        model = net.fit(frame)
        seconds = perf_counter() - begun
        found = model.transform(frame).select("label", "probability").toPandas()
    session.stop()
    proba = np.array([one[1] for one in found["probability"]])
    return seconds, proba, found["label"].to_numpy() > 0


def peers(n_samples, n_iterations):
    X, y = numbers(n_samples)
    label = (y[:, 0] > 0.5).astype(int)
    seconds, proba = ours(X, label, n_iterations)
    rows = [("skbackprop", f"{seconds:.1f}", f"{log_loss(label, proba):.4f}")]
    if find_spec("pyspark"):
        seconds, proba, of_spark = spark(X, label, n_iterations)
        rows.append(("spark.ml", f"{seconds:.1f}", f"{log_loss(of_spark, proba):.4f}"))
    header = ("program", "seconds", "log loss")
    print_table(f"{n_iterations} iterations of L-BFGS on {n_samples:,} rows", header, rows)


def main():
    arguments = parser(__doc__)
    arguments.add_argument("--peers", action="store_true", help="compare with Spark")
    arguments.add_argument("--file", metavar="FOLDER", help="measure the mapped file there")
    options = arguments.parse_args()
    with threadpool_limits(1):
        print_machine()
        if options.file:
            file_beyond_memory(options.file)
        elif options.peers:
            peers(*((20_000, 15) if options.quick else (500_000, 50)))
        else:
            report(20_000 if options.quick else 2_000_000, 3 if options.quick else options.repeats)


if __name__ == "__main__":
    import warnings

    from sklearn.exceptions import ConvergenceWarning

    warnings.simplefilter("ignore", ConvergenceWarning)
    main()
