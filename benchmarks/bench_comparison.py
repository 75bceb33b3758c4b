"""How many cost evaluations do the three searches of the lecture need, as weights are added?

The network is the lecture's own, without intercepts, with ever more hidden units, on 100 points
of two moons. J has a penalty, alpha = 1. Without one this would be a comparison of ranges and
not of methods: J would be lowest far outside -1..1, and whoever may leave the grid's range, by
descent or by random draws from a wider one, would be below the grid's minimum at once. With it
the lowest J of the grid is within some hundredths of the lowest J of all.

Measured
  enumeration       21 ** n_weights, the points of the grid -1, -0.9, ..., 1. Not run: exact
  grid              evaluations of Grid until it has proven its minimum, those of bounds
                    included; the smallest grid is enumerated. "not proven" where --max-evals
                    or --max-time ends it before, or a proof is not even tried: beyond 28 weights
  Monte Carlo       draws of MonteCarlo, uniform in -1..1, until J is near the grid's minimum:
                    the first such draw, or nearly. From the first network on of which this takes
                    more than --cap, networks are left out
  gradient descent  evaluations of GradientDescent until the same J, all its restarts counted

near being --share of the way down from weights of zero, where J is 12.5, to the grid's minimum,
or to the best point that Grid has found where it proves nothing. Medians over random states, the
smallest and the largest in brackets. The first two know in the end that there is nothing better
on the grid, the last two do not.

Evaluations are not equally dear: a bound is a small optimisation, many draws share a hidden
layer, and one in two of a descent by Levenberg-Marquardt comes with a gradient and a matrix. So
the seconds are there too: of the proof, of the draws in whole batches of some ten thousand, and
of the descent.

What is said of the range is seen with the second command.

    python benchmarks/bench_comparison.py --picture docs/images/searches.png
    python benchmarks/bench_comparison.py --alpha 0 --draw-range 3
    python benchmarks/bench_comparison.py --quick

--picture needs matplotlib.
"""

from dataclasses import dataclass
from math import ceil, inf, isinf, log
from statistics import median
from time import perf_counter

import numpy as np
from _timing import parser, print_machine, print_table
from sklearn.datasets import make_moons
from sklearn.preprocessing import scale

from skbackprop._execution._result import SolverResult, Status
from skbackprop._execution._while_solving import while_solving
from skbackprop.losses import SquaredError
from skbackprop.model import Network, Objective
from skbackprop.solvers import GradientDescent, Grid, MonteCarlo

# Three weights each; the last is the lecture's network of 100 dimensions
UNITS, QUICK_UNITS = (1, 2, 3, 4, 5, 6, 7, 8, 9, 12, 20, 34), (1, 3)
N_SAMPLES, NOISE = 100, 0.2
QUICK_CAP, QUICK_TIME = 10_000, 1.0
# More than any descent here needs
RESTARTS = 1000
# Share of the draws within which their number is found
RESOLUTION = 0.02
ATOMS = 1e80  # in the observable universe
# Top of the picture
HIGHEST = 1e19
# Length of the arrow of a curve that was given up
BEYOND = 30


@dataclass(frozen=True)
class Measured:
    """A network, what Grid found, and (evaluations, seconds) of the other two by random state."""

    n_hidden: int
    n_weights: int
    grid: SolverResult
    grid_seconds: float
    draws: list
    steps: list

    @property
    def proven(self):
        return self.grid.status is Status.OPTIMAL


def problem(n_hidden, alpha):
    X, y = make_moons(N_SAMPLES, noise=NOISE, random_state=0)
    network = Network(X.shape[1], n_hidden, 1, fit_intercept=False)
    return Objective.from_arrays(
        network, SquaredError(), scale(X), y[:, None].astype(float), alpha=alpha
    )


def solve(solver, objective, seed, J=-inf, n_jobs=None):
    """A solve that stops at J, and its seconds."""
    start = perf_counter()
    with while_solving(objective.n_samples):  # as in a fit
        result = solver.solve(
            objective,
            rng=np.random.RandomState(seed),
            n_jobs=n_jobs,
            callback=lambda progress: progress.value <= J,
        )
    return result, perf_counter() - start


def draws_to(J, objective, options, seed):
    """Draws until J, infinite beyond the cap, and the seconds they take.

    The callback sees whole batches. A longer search begins with the draws of a shorter one, so
    within the batch the draw is found by bisection.
    """
    search = MonteCarlo(
        options.cap, weight_range=(-options.draw_range, options.draw_range), sampler="uniform"
    )
    result, seconds = solve(search, objective, seed, J, options.threads)
    if result.value > J:
        return inf, seconds
    batches = len(result.loss_curve)
    enough, too_few = result.n_evaluations, result.n_evaluations * (batches - 1) // batches
    while enough - too_few > max(1, RESOLUTION * too_few):
        middle = (too_few + enough) // 2
        shorter, _ = solve(search.set_params(n_draws=middle), objective, seed)
        too_few, enough = (too_few, middle) if shorter.value <= J else (middle, enough)
    return enough, seconds


def steps_to(J, objective, seed):
    """Evaluations of gradient descent until J, over all restarts, and their seconds."""
    result, seconds = solve(GradientDescent(n_init=RESTARTS), objective, seed, J)
    return (result.n_evaluations if result.value <= J else inf), seconds


def compare(options):
    """Measure the networks, from small to large."""
    within_reach = True
    for n_hidden in QUICK_UNITS if options.quick else UNITS:
        objective = problem(n_hidden, options.alpha)
        exact = Grid(max_evals=options.max_evals, max_time=options.max_time)
        grid, seconds = solve(exact, objective, 0, n_jobs=options.threads)
        J, seeds = near(objective, grid.value, options.share), range(options.repeats)
        draws = [draws_to(J, objective, options, seed) for seed in seeds if within_reach]
        within_reach = bool(draws) and not isinf(middle_of(draws))
        steps = [steps_to(J, objective, seed) for seed in seeds]
        yield Measured(n_hidden, objective.n_weights, grid, seconds, draws, steps)


def near(objective, least, share):
    """The J that is this share of the way down from weights of zero to the least."""
    start = objective.value(np.zeros(objective.n_weights))
    return start - share * (start - least)


def middle_of(pairs, which=0):
    """The median of the evaluations, or of the seconds with `which` = 1."""
    return median(pair[which] for pair in pairs)


def counts(pairs, cap):
    """The median and, in brackets, the smallest and the largest."""
    numbers = [pair[0] for pair in pairs]
    low, mid, high = (
        f">{cap:,}" if isinf(number) else f"{number:,.0f}"
        for number in (min(numbers), median(numbers), max(numbers))
    )
    return f"{mid} ({low}..{high})"


def row(one, cap):
    """One line of the table."""
    points, grid = 21**one.n_weights, one.grid
    return (
        f"2-{one.n_hidden}-1",
        f"{one.n_weights}",
        f"{grid.value:.4f}",
        f"{grid.lower_bound:.4f}",
        f"{points:,}" if points < 10**9 else f"1e{log(points, 10):.0f}",
        f"{grid.n_evaluations:,}" if one.proven else "not proven",
        counts(one.draws, cap) if one.draws else "",
        counts(one.steps, cap),
        f"{one.grid_seconds:.2f}",
        f"{middle_of(one.draws, 1):.2f}" if one.draws else "",
        f"{middle_of(one.steps, 1):.4f}",
    )


HEADER = (
    "network",
    "weights",
    "J grid",
    "J at least",
    "enumeration",
    "grid, proven",
    "Monte Carlo",
    "gradient descent",
    "grid s",
    "MC s",
    "gd s",
)


def curves(measured, cap):
    """What the picture shows: name -> points (weights, evaluations), and where it was given up."""
    proven = [(one.n_weights, one.grid.n_evaluations) for one in measured if one.proven]
    draws = [(one.n_weights, middle_of(one.draws)) for one in measured if one.draws]
    steps = [(one.n_weights, middle_of(one.steps)) for one in measured]
    reached = [point for point in draws if not isinf(point[1])]
    beyond = [(weights, cap) for weights, middle in draws if isinf(middle)]
    return {
        "grid": (proven,),
        "Monte Carlo": (reached, *beyond),
        "gradient descent": (steps,),
    }


# By Okabe and Ito, told apart by the colour-blind too
STYLES = {
    "enumeration": {"color": "#000000", "linestyle": ":"},
    "grid": {"color": "#0072B2", "linestyle": "-", "marker": "s"},
    "Monte Carlo": {"color": "#B34700", "linestyle": "--", "marker": "^"},
    "gradient descent": {"color": "#007A5A", "linestyle": "-", "marker": "o"},
}
TITLE = "Weights defeat enumeration first, then Monte Carlo, then the proof, and not the descent"
# What the curves are called, and where this stands at their ends
LABELS = {
    "grid": (
        "grid, by branch and bound, until proven:\n{weights} weights in {seconds:.1f} s",
        (12, 0),
        "left",
    ),
    "Monte Carlo": ("Monte Carlo,\n{share:.0%} of the way down", (-12, 0), "right"),
    "gradient descent": ("gradient descent, {share:.0%} of the way down", (0, 22), "right"),
}


def plot(measured, options):
    """Evaluations against weights, both logarithmic."""
    from matplotlib import pyplot

    pyplot.rcParams["font.size"] = 13
    figure, ax = pyplot.subplots(figsize=(12, 6), layout="constrained")
    ticks = [one.n_weights for one in measured]
    ax.set(xscale="log", yscale="log", ylim=(1, HIGHEST), title=TITLE)
    ax.set(xlabel="weights of the network", ylabel="cost evaluations")
    ax.set_xticks(ticks, [f"{tick}" for tick in ticks])
    ax.minorticks_off()
    ax.grid(axis="y", alpha=0.25)
    draw_enumeration(ax, np.geomspace(ticks[0], ticks[-1], 200))
    last = [one for one in measured if one.proven][-1]
    proof = {"weights": last.n_weights, "seconds": last.grid_seconds}
    for name, (points, *given_up) in curves(measured, options.cap).items():
        tip = draw_curve(ax, STYLES[name], points, given_up)
        text, offset, side = LABELS[name]
        text = text.format(share=options.share, **proof)
        write(ax, text, tip, STYLES[name]["color"], offset, ha=side)
    figure.savefig(options.picture, dpi=110)


def draw_enumeration(ax, weights):
    """The points of the grid, as far as they fit, and where they pass the atoms."""
    fits = weights[weights * log(21) < log(HIGHEST)]
    style = STYLES["enumeration"]
    ax.plot(fits, 21.0**fits, **style)
    atoms = ceil(log(ATOMS) / log(21))
    text = (
        "the whole grid, 21$^{weights}$ points:\n"
        f"with 12 weights {years(12):.0f} years at 1 µs each,\n"
        f"with {atoms} weights more than the universe has atoms"
    )
    write(ax, text, (fits[-1], HIGHEST / 3), style["color"], (12, 0), va="top")


def years(n_weights):
    """How long the grid takes at a million evaluations a second."""
    return 21**n_weights / 1e6 / (365.25 * 24 * 3600)


def draw_curve(ax, style, points, given_up):
    """A curve, from where it was given up an arrow upwards; where it ends."""
    ends = [*points, *given_up]
    ax.plot(*zip(*ends, strict=True), linewidth=2, markersize=8, **style)
    for weights, evaluations in given_up:
        tip = weights, BEYOND * evaluations
        arrow = {"arrowstyle": "-|>", "color": style["color"], "linewidth": 2}
        ax.annotate("", tip, (weights, evaluations), arrowprops=arrow)
        hollow = style | {"markerfacecolor": "white", "markeredgewidth": 2}
        ax.plot(weights, evaluations, markersize=8, **hollow)
        return tip
    return ends[-1]


def write(ax, text, point, color, offset, ha="left", va="center"):
    """A label beside a point, the offset in points."""
    ax.annotate(text, point, offset, textcoords="offset points", ha=ha, va=va, color=color)


def main():
    arguments = parser(__doc__)
    arguments.set_defaults(repeats=11)
    arguments.add_argument("--alpha", type=float, default=1.0, help="default: %(default)s")
    arguments.add_argument(
        "--share", type=float, default=0.9, help="of the way down (default: %(default)s)"
    )
    arguments.add_argument(
        "--cap", type=int, default=30_000_000, help="draws (default: %(default)s)"
    )
    arguments.add_argument(
        "--max-evals", type=int, default=5_000_000, help="of Grid (default: %(default)s)"
    )
    arguments.add_argument(
        "--max-time", type=float, default=60.0, help="seconds of Grid (default: %(default)s)"
    )
    arguments.add_argument(
        "--draw-range", type=float, default=1.0, help="of Monte Carlo (default: %(default)s)"
    )
    arguments.add_argument("--picture", metavar="PATH", help="where to write the picture")
    options = arguments.parse_args()
    if options.quick:
        options.cap, options.max_time = QUICK_CAP, QUICK_TIME
        options.repeats = min(3, options.repeats)
    print_machine()
    measured = list(compare(options))
    print_table(
        f"Evaluations until J is {options.share:.0%} of the way down to the grid's minimum, "
        f"alpha = {options.alpha:g}",
        HEADER,
        [row(one, options.cap) for one in measured],
    )
    if options.picture:
        plot(measured, options)


if __name__ == "__main__":
    main()
