"""How soon does Levenberg-Marquardt reach the cost that L-BFGS ends at?

For each problem, number of hidden units and start, GradientDescent("lbfgs") descends for 3,000
iterations, or until no step helps, to the cost J*. tol is 0, so nothing else ends it.
Measured is the wall time until a contender's J first is at most J* (1 + 1e-6), by the time
stamps of a callback, from the call of `solve`. All have the same data, float64, the same
initial weights, one output, intercepts, the squared error and no penalty.

Against
  L-BFGS      of this package, which is SciPy's. It and "lm" take turns, `--repeats` of them. A
              start's ratio is the median over its turns, the ratios shown are the median over
              the starts and their spread. Ratios above 1 mean that "lm" was faster. A start
              from which "lm" does not get to J*, because it ends in another local minimum or
              spends its budget (1,000 iterations or the time of L-BFGS, whichever is more),
              counts as not reached and as ratio 0.
  peers       on fewer configurations, one run for each start, of at most `--limit` seconds:
  scipy       least_squares with an analytic Jacobian in NumPy: "lm", which is MINPACK's, and
              "trf" with x_scale 1 and "jac"; tolerances at their least ("lm" with "jac" takes
              the same time as without)
  torch       torch.optim.LBFGS with strong_wolfe and its memory of 100
  torch-lm    torch-levenberg-marquardt, by its training_step on all samples, with the fastest
              of its ways to solve, "cholesky"
  ffnet       train_tnc and train_bfgs, SciPy's with the network in Fortran, without bounds
              and normalisation
  neurolab    train_bfgs, SciPy's with the network in Python; it needs NumPy below 2
  pyrenn      train_LM. Its hidden units are tanh and its output is linear, so with the same
              weights it is another network of the same size. Its J is in the same units, half
              the sum of squares of the same targets, so it is to reach the same number.
How a peer's time is taken: scipy and torch by a stamp in the function that they minimise,
torch-lm after each step, ffnet by its callback, neurolab and pyrenn from call to return, for
both stop at a given cost. The clock stands still while the benchmark computes a cost that the
peer does not tell. Ratios are a peer's time by that of "lm", infinite where the peer did not
arrive, 0 where "lm" did not, and left out where neither did. Peers that are not installed or
do not run are named and left out.

The costs that L-BFGS, "lm" and peers of the same network report are compared with
Objective.value at their weights, and the benchmark stops if they differ.

    python benchmarks/bench_time_to_cost.py
    python benchmarks/bench_time_to_cost.py --quick
    python benchmarks/bench_time_to_cost.py --no-peers

The problems: sine-1d (200 samples, y = sin x, no noise), friedman1 (500 samples, 5 features,
noise of standard deviation 1), rosenbrock-2d (1,000 samples, no noise) and diabetes (442
samples, 10 features). Features are standardised, y is mapped to 0.1 to 0.9. Peers need Unix,
for the alarm that ends those that cannot be stopped otherwise.
"""

import logging
import signal
from contextlib import redirect_stdout
from dataclasses import dataclass
from functools import partial
from io import StringIO
from math import inf, isfinite, pi
from statistics import median
from time import perf_counter

import numpy as np
from _timing import against, milliseconds, parser, print_machine, print_table, ratios, spread
from scipy.optimize import least_squares
from scipy.special import expit
from sklearn.datasets import load_diabetes, make_friedman1
from sklearn.preprocessing import scale
from threadpoolctl import threadpool_limits

from skbackprop._execution._while_solving import while_solving
from skbackprop.estimators._range_encoder import RangeEncoder
from skbackprop.losses import SquaredError
from skbackprop.model import Network, Objective
from skbackprop.solvers import GradientDescent, Status

N_LBFGS, N_LM = 3000, 1000
UNITS, N_STARTS = (5, 10, 20), 5
PEER_UNITS, N_PEER_STARTS = (5, 10), 3
# J* is reached within this share of it
MARGIN = 1e-6
# How many times as fast as L-BFGS to be, and up to how many weights
TARGET, MOST_WEIGHTS = 10.0, 150
# How far reported costs may be from Objective.value, relatively
AGREEMENT = 1e-8
# Seconds of a peer's first run, which is not counted
WARM_UP = 1.0


def sine(rng):
    X = rng.uniform(-pi, pi, (200, 1))
    return X, np.sin(X[:, 0])


def friedman1(rng):
    return make_friedman1(500, n_features=5, noise=1.0, random_state=0)


def rosenbrock(rng):
    X = rng.uniform((-2, -1), (2, 3), (1000, 2))
    return X, (1 - X[:, 0]) ** 2 + 100 * (X[:, 1] - X[:, 0] ** 2) ** 2


def diabetes(rng):
    return load_diabetes(return_X_y=True)


PROBLEMS = {
    "sine-1d": sine,
    "friedman1": friedman1,
    "rosenbrock-2d": rosenbrock,
    "diabetes": diabetes,
}


def problem(name, n_hidden):
    """The objective of a network of so many hidden units."""
    X, y = PROBLEMS[name](np.random.default_rng(0))
    Y, _ = RangeEncoder.fit(y, target_range=(0.1, 0.9)).transform(y, None)
    return Objective.from_arrays(Network(X.shape[1], n_hidden, 1), SquaredError(), scale(X), Y)


def start_of(objective, seed):
    return objective.network.initial_weights(np.random.default_rng(seed))


@dataclass(frozen=True)
class Descent:
    """J after each iteration and the seconds until then."""

    costs: list
    stamps: list

    def time_to(self, target):
        """Seconds until J was at most the target; infinite if it never was."""
        return next((t for J, t in zip(self.costs, self.stamps, strict=True) if target >= J), inf)


def descend(optimizer, objective, w0, enough, max_iter=10**9):
    """One descent until ``enough(n_iter, seconds, J)``, as in a fit, and why it ended."""
    costs, stamps = [], []

    def watch(progress):
        stamps.append(perf_counter() - begin)
        costs.append(progress.value)
        return enough(len(costs), stamps[-1], costs[-1])

    solver = GradientDescent(optimizer, max_iter=max_iter, tol=0.0)
    with while_solving(objective.n_samples):
        begin = perf_counter()
        result = solver.solve(objective, w0, rng=np.random.RandomState(0), callback=watch)
    check_cost(optimizer, objective, result.w, result.value)
    return Descent(costs, stamps), result.status


def check_cost(name, objective, w, cost):
    """Stop unless J at the weights is what was reported."""
    value = objective.value(w)
    if not abs(value - cost) <= AGREEMENT * value:
        raise SystemExit(f"{name} reports a cost of {cost!r}, where J is {value!r}")


@dataclass(frozen=True)
class Start:
    """What L-BFGS and "lm" did from the same initial weights."""

    target: float
    lbfgs: list
    lm: list
    gain: float
    reached: bool
    final: float

    @property
    def seconds(self):
        """The time of "lm"."""
        return median(self.lm)

    @classmethod
    def measure(cls, objective, w0, repeats, n_lbfgs):
        """Both to their ends, which warms up, and then in turns to J*."""
        full, why = descend("lbfgs", objective, w0, lambda *_: False, n_lbfgs)
        if why not in (Status.MAX_ITER, Status.NO_PROGRESS):
            raise SystemExit(f"L-BFGS ended early: {why}")
        lowest, spent = min(full.costs), full.stamps[-1]
        target = lowest * (1 + MARGIN)
        lm, _ = descend("lm", objective, w0, lambda n, t, J: n >= N_LM and t >= spent)
        final, reached = lowest / min(lm.costs), isfinite(lm.time_to(target))
        times = {"lbfgs": [], "lm": []}
        for _ in range(repeats):
            for name, run in times.items():
                # where "lm" does not arrive, its budget has been seen to be in vain
                if name == "lbfgs" or reached:
                    descent, _ = descend(name, objective, w0, lambda n, t, J: target >= J)
                    run.append(descent.time_to(target))
        gain = median(ratios(times["lbfgs"], times["lm"])) if reached else 0.0
        return cls(target, times["lbfgs"], times["lm"] or [inf], gain, reached, final)


def row(name, objective, starts):
    """One line of the table."""
    gains = [start.gain for start in starts]
    arrived = [start.seconds for start in starts if start.reached]
    return (
        name,
        str(objective.network.n_hidden),
        str(objective.n_weights),
        milliseconds([median(start.lbfgs) for start in starts]),
        milliseconds(arrived) if arrived else "-",
        spread(gains),
        f"{sum(start.reached for start in starts)}/{len(starts)}",
        str(sum(start.reached and start.gain < 1 for start in starts)),
        spread([start.final for start in starts]),
    )


HEADER = (
    "problem",
    "hidden",
    "weights",
    "L-BFGS ms",
    "lm ms",
    "L-BFGS / lm",
    "reached",
    "slower",
    "J L-BFGS / J lm",
)


def print_verdict(configurations):
    """The targets: for the median of the configurations, and for each run."""
    small = [starts for weights, starts in configurations if weights <= MOST_WEIGHTS]
    medians = [median(start.gain for start in starts) for starts in small]
    runs = [start for starts in small for start in starts]
    missing = sum(not start.reached for start in runs)
    slower = sum(start.reached and start.gain < 1 for start in runs)
    print(f"\nUp to {MOST_WEIGHTS} weights, {len(small)} configurations, {len(runs)} runs")
    print(f"  median L-BFGS / lm: {spread(medians)}, target {against(TARGET, medians)}")
    verdict = "MISSED" if missing + slower else "met"
    print(f"  never slower: {slower} slower, {missing} did not reach J*: {verdict}")


class Finished(BaseException):
    """Leaves a peer's loop; no Exception, because peers catch those."""


class Race:
    """The time of a peer until a target cost, called with each cost that becomes known.

    Leaves the peer, by an exception that the context catches, at the target or the limit.
    """

    def __init__(self, target, limit):
        self.target, self._limit = target, limit
        self.seconds, self.cost, self.w = inf, inf, None

    def __enter__(self):
        signal.signal(signal.SIGALRM, self._ring)
        signal.setitimer(signal.ITIMER_REAL, self._limit, 1.0)
        self._begin = perf_counter()
        return self

    def __exit__(self, kind, *_):
        signal.setitimer(signal.ITIMER_REAL, 0)
        return kind is Finished

    def _ring(self, *_):
        raise Finished

    def __call__(self, cost, weights=None):
        """Take note of a cost, or of a function of it; the clock stands still meanwhile.

        `weights` returns the weights in the order of this package.
        """
        now = perf_counter()
        cost = cost() if callable(cost) else cost
        if cost < self.cost:
            self.cost, self.w = cost, None if weights is None else np.array(weights())
        if cost <= self.target:
            self.seconds = now - self._begin
        if cost <= self.target or now - self._begin > self._limit:
            raise Finished
        self._begin += perf_counter() - now


def scipy_least_squares(objective, w0, race, **options):
    network, y, last = objective.network, objective.data.Y[:, 0], {}
    X1, cut = np.column_stack([objective.data.X, np.ones(len(y))]), network.n_hidden_weights
    D, a2 = np.empty((len(y), network.n_weights)), np.ones((len(y), network.n_hidden + 1))
    by_V1 = D[:, :cut].reshape(len(y), *network.shape1)

    def residuals(w):
        V1, V2 = network.split(w)
        expit(X1 @ V1, out=a2[:, :-1])
        last.update(w=w.copy(), yhat=expit(a2 @ V2[:, 0]))
        error = last["yhat"] - y
        race(0.5 * float(error @ error), lambda: w)
        return error

    def jacobian(w):
        if not np.array_equal(w, last["w"]):
            residuals(w)
        _, V2 = network.split(w)
        slope, units = last["yhat"] * (1 - last["yhat"]), a2[:, :-1]
        sigma2 = units * (1 - units) * V2[:-1, 0] * slope[:, None]
        np.multiply(X1[:, :, None], sigma2[:, None, :], out=by_V1)
        np.multiply(a2, slope[:, None], out=D[:, cut:])
        return D.copy()

    eps = np.finfo(float).eps
    with race:
        least_squares(
            residuals, w0, jacobian, ftol=eps, xtol=eps, gtol=eps, max_nfev=10**6, **options
        )


def torch_model(objective, w0):
    """The network as a torch module, and a function that returns its weights in our order."""
    import torch

    network = objective.network
    model = torch.nn.Sequential(
        torch.nn.Linear(network.n_features, network.n_hidden),
        torch.nn.Sigmoid(),
        torch.nn.Linear(network.n_hidden, 1),
        torch.nn.Sigmoid(),
    ).double()
    W1, b1, W2, b2 = network.unpack(w0)
    with torch.no_grad():
        for parameter, part in zip(model.parameters(), (W1.T, b1, W2.T, b2), strict=True):
            parameter.copy_(torch.from_numpy(part.copy()))

    def weights():
        W1, b1, W2, b2 = (parameter.detach().numpy() for parameter in model.parameters())
        return network.pack(W1.T, b1, W2.T, b2)

    X, Y = (
        torch.from_numpy(objective.data.X),
        torch.from_numpy(np.ascontiguousarray(objective.data.Y)),
    )
    return model, X, Y, weights


def torch_lbfgs(objective, w0, race):
    import torch

    model, X, Y, weights = torch_model(objective, w0)
    optimizer = torch.optim.LBFGS(
        model.parameters(),
        max_iter=10**9,
        history_size=100,
        tolerance_grad=0.0,
        tolerance_change=0.0,
        line_search_fn="strong_wolfe",
    )

    def closure():
        optimizer.zero_grad()
        cost = 0.5 * (model(X) - Y).square().sum()
        race(cost.item(), weights)
        cost.backward()
        return cost

    with race:
        optimizer.step(closure)


def torch_lm(objective, w0, race):
    from torch_levenberg_marquardt.training import LevenbergMarquardtModule

    logging.getLogger("torch_levenberg_marquardt").setLevel(logging.ERROR)
    model, X, Y, weights = torch_model(objective, w0)
    module, stop = LevenbergMarquardtModule(model, solve_method="cholesky"), False
    with race:
        while not stop:
            _, mean_square, stop, _ = module.training_step(X, Y)
            race(0.5 * len(Y) * mean_square.item(), weights)


def ffnet_fortran(objective, w0, race, method, **options):
    from ffnet import ffnet, mlgraph

    network = objective.network
    p, h = network.n_features, network.n_hidden
    net = ffnet(mlgraph((p, h, 1)))
    net.renormalize = False
    # its nodes: 0 the bias, then inputs, hidden units, output
    V1, V2 = network.split(np.arange(network.n_weights))
    places = [
        V1[source - 1, node - p - 1] if node <= p + h else V2[source - p - 1 if source else -1, 0]
        for source, node in net.conec
    ]
    net.weights = w0[places]

    def weights(theirs):
        w = np.empty_like(w0)
        w[places] = theirs
        return w

    def callback(theirs):
        w = weights(theirs)
        race(lambda: objective.value(w), lambda: w)

    options |= {"pgtol": 0.0, "bounds": None, "callback": callback}
    with race:
        getattr(net, method)(objective.data.X, objective.data.Y, **options)


def neurolab_bfgs(objective, w0, race):
    import neurolab

    network, X, Y = objective.network, objective.data.X, objective.data.Y
    sigmoid = [neurolab.trans.LogSig()] * 2
    ranges = list(zip(X.min(axis=0), X.max(axis=0), strict=True))
    net = neurolab.net.newff(ranges, [network.n_hidden, 1], sigmoid)
    W1, b1, W2, b2 = network.unpack(w0)
    for layer, W, b in zip(net.layers, (W1, W2), (b1, b2), strict=True):
        layer.np["w"][:], layer.np["b"][:] = W.T, b

    def weights():
        first, second = (layer.np for layer in net.layers)
        return network.pack(first["w"].T, first["b"], second["w"].T, second["b"])

    options = {"goal": race.target, "epochs": 10**6, "show": None, "gtol": 0.0}
    with race:
        neurolab.train.train_bfgs(net, X, Y, **options)
        race(lambda: 0.5 * float(np.square(net.sim(X) - Y).sum()), weights)


def pyrenn_lm(objective, w0, race):
    import pyrenn

    X, Y = objective.data.X.T, objective.data.Y.T
    net = pyrenn.CreateNN([len(X), objective.network.n_hidden, 1])
    net["w"] = w0.copy()  # its order is ours
    with race, redirect_stdout(StringIO()):
        net = pyrenn.train_LM(X, Y, net, k_max=10**6, E_stop=2 * race.target)
        race(lambda: 0.5 * float(np.square(pyrenn.NNOut(X, net) - Y).sum()))


PEERS = {
    "scipy lm": partial(scipy_least_squares, method="lm"),
    "scipy trf": partial(scipy_least_squares, method="trf"),
    "scipy trf jac": partial(scipy_least_squares, method="trf", x_scale="jac"),
    "torch": torch_lbfgs,
    "torch-lm": torch_lm,
    "ffnet tnc": partial(ffnet_fortran, method="train_tnc", maxfun=10**6, ftol=0.0, xtol=0.0),
    "ffnet bfgs": partial(ffnet_fortran, method="train_bfgs", maxfun=10**6, maxiter=10**6, factr=0),
    "neurolab": neurolab_bfgs,
    "pyrenn": pyrenn_lm,
}


def raced(name, objective, w0, target, limit):
    """Seconds until a peer reached the target, infinite if it did not; its cost is checked."""
    race, start = Race(target, limit), perf_counter()
    try:
        PEERS[name](objective, w0, race)
    except RuntimeError:  # what the alarm does to PyTorch in the midst of its vmap
        if perf_counter() - start < limit:
            raise
    if race.w is not None:
        check_cost(name, objective, race.w, race.cost)
    return race.seconds


def running_peers():
    """The peers that run here, after a first run that is not counted; says which do not."""
    objective, running = problem("sine-1d", 5), []
    print()
    for name in PEERS:
        try:
            with np.errstate(all="ignore"):
                raced(name, objective, start_of(objective, 0), 0.0, WARM_UP)
        except ImportError:
            print(f"{name}: not installed")
        except Exception as error:  # an old peer may fail in any way
            reason = str(error).splitlines()[0][:60]
            print(f"{name}: does not run here, {type(error).__name__}: {reason}")
        else:
            running.append(name)
    return running


def peer_gains(starts, times):
    """A peer's time by that of "lm": 0 if that did not arrive; without those where neither did."""
    return [
        time / start.seconds if start.reached else 0.0
        for start, time in zip(starts, times, strict=True)
        if start.reached or isfinite(time)
    ]


def peer_cell(starts, times):
    """The ratio, and how many starts arrived: '12 (0.9..140) 3/3'."""
    gains = peer_gains(starts, times)
    arrived = f"{sum(map(isfinite, times))}/{len(times)}"
    if not gains:
        return f"- {arrived}"
    low, mid, high = (f"{f(gains):.3g}" for f in (min, median, max))
    return f"{mid} ({low}..{high}) {arrived}"


def peer_times(names, objective, starts, limit):
    """For each peer the seconds from each start."""
    with np.errstate(all="ignore"):
        return {
            name: [
                raced(name, objective, start_of(objective, seed), start.target, limit)
                for seed, start in enumerate(starts)
            ]
            for name in names
        }


def print_peers(measured, limit):
    """Every peer on some of the configurations, to the same J*."""
    names, rows = running_peers(), []
    gains = {name: [] for name in names}
    for (problem_name, n_hidden), starts in measured.items():
        if n_hidden in PEER_UNITS:
            starts = starts[:N_PEER_STARTS]
            times = peer_times(names, problem(problem_name, n_hidden), starts, limit)
            cells = [peer_cell(starts, times[name]) for name in names]
            rows.append((problem_name, str(n_hidden), *cells))
            for name in names:
                gains[name] += peer_gains(starts, times[name])
    title = f"Time to J* by a peer / by lm, and how many starts of a peer got there in {limit:g} s"
    print_table(title, ("problem", "hidden", *names), rows)
    print("\nOver all of these, the median, and how often lm was slower or did not get there")
    for name in names:
        behind = sum(gain < 1 for gain in gains[name])
        print(f"  {name}: {median(gains[name]):.3g}, {behind} of {len(gains[name])}")


def main():
    arguments = parser(__doc__)
    arguments.set_defaults(repeats=3, threads=1)
    arguments.add_argument("--no-peers", action="store_true", help="only L-BFGS and lm")
    arguments.add_argument(
        "--limit", type=float, default=5.0, help="seconds of a peer's run (default: %(default)s)"
    )
    options = arguments.parse_args()
    threadpool_limits(options.threads)
    limit_torch(options.threads)
    print_machine()
    names, units, n_starts, n_lbfgs = list(PROBLEMS), UNITS, N_STARTS, N_LBFGS
    if options.quick:
        names, units, n_starts, n_lbfgs = names[:2], units[:1], 2, 300
    measured, rows, configurations = {}, [], []
    for name in names:
        for n_hidden in units:
            objective = problem(name, n_hidden)
            starts = [
                Start.measure(objective, start_of(objective, seed), options.repeats, n_lbfgs)
                for seed in range(n_starts)
            ]
            measured[name, n_hidden] = starts
            rows.append(row(name, objective, starts))
            configurations.append((objective.n_weights, starts))
    print_table(f"Time to the cost of L-BFGS, {n_starts} starts", HEADER, rows)
    print_verdict(configurations)
    if not options.no_peers:
        print_peers(measured, WARM_UP if options.quick else options.limit)


def limit_torch(threads):
    try:
        import torch
    except ImportError:
        return
    torch.set_num_threads(threads)


if __name__ == "__main__":
    main()
