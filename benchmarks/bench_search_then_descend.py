"""Does it help gradient descent to begin where a search has ended?

Measured is the share of random states with which all training samples are classified correctly,
with its binomial standard error, on two problems known for their local minima: XOR (the lecture's
J) and the two spirals of Lang and Witbrock (1988), 194 points (log loss). Both without a penalty.

  one start       GradientDescent alone, from one random start
  search          first MonteCarlo or Grid, then with warm_start=True gradient descent from the
                  weights found, with several ranges of the weights
  restarts        GradientDescent(n_init=...) alone, n_init such that it costs about as many
                  evaluations as a search and one descent

"evaluations" and "ms" are means over the random states, of search and descent together. An
evaluation in a search is cheaper than one in a descent, which comes with a gradient, so at equal
evaluations a search is quicker.

"gain" is the share less that of the restarts above, with its standard error; the random states
are the same but the starts are not, so the two count as independent. Where all are solved, or
none, the standard error is 0 and says too little: the share is then known to about 3 in the
number of states.

--repeats is the number of random states of the spirals; XOR has seven times as many.

    python benchmarks/bench_search_then_descend.py
    python benchmarks/bench_search_then_descend.py --quick
"""

import warnings
from dataclasses import dataclass
from math import hypot, sqrt
from statistics import mean
from time import perf_counter

import numpy as np
from _timing import parser, print_machine, print_table
from sklearn.base import clone
from sklearn.exceptions import ConvergenceWarning
from sklearn.preprocessing import scale
from threadpoolctl import threadpool_limits

from skbackprop import BackpropClassifier
from skbackprop.solvers import GradientDescent, Grid, MonteCarlo

RANGES = (1.0, 3.0, 10.0)
GRID_VALUES = 21
# Networks with which one start comes through neither always nor never. L-BFGS with the default
# tol ends on the plateau where the descent begins.
SPIRAL_DESCENTS = {
    30: GradientDescent("lm"),
    40: GradientDescent("lbfgs", tol=1e-6, max_iter=2_000),
}
# XOR is quick to fit: so many times the random states
XOR_TIMES = 7


@dataclass(frozen=True)
class Problem:
    """A data set, a network, a descent, how far the searches go and how often all is tried."""

    name: str
    data: tuple
    n_hidden: int
    loss: str
    descent: GradientDescent
    budgets: tuple
    n_states: int

    def model(self, solver, state):
        return BackpropClassifier(
            self.n_hidden,
            solver=solver,
            loss=self.loss,
            alpha=0.0,
            warm_start=True,
            random_state=state,
        )


@dataclass(frozen=True)
class Outcome:
    """Of all random states: the share solved, the mean evaluations and milliseconds."""

    share: float
    n_states: int
    evaluations: float
    milliseconds: float

    @property
    def error(self):
        """The binomial standard error of the share."""
        return sqrt(self.share * (1 - self.share) / self.n_states)


def xor():
    X = np.array([[0.0, 0.0], [0.0, 1.0], [1.0, 0.0], [1.0, 1.0]])
    return X, np.array([0, 1, 1, 0])


def spirals():
    """The two spirals of Lang and Witbrock, three turns of 97 points each, standardised."""
    turn = np.arange(97)
    angle, radius = turn * np.pi / 16, 6.5 * (104 - turn) / 104
    arm = np.column_stack([radius * np.sin(angle), radius * np.cos(angle)])
    return scale(np.vstack([arm, -arm])), np.repeat([0, 1], 97)


def xor_problems(n_states):
    for n_hidden in (2, 3):
        for optimizer in ("lm", "lbfgs", "rprop"):
            name, descent = f"XOR 2-{n_hidden}-1, {optimizer}", GradientDescent(optimizer)
            loss, budgets = "squared_error", (100, 1_000)
            yield Problem(name, xor(), n_hidden, loss, descent, budgets, n_states)


def spiral_problems(n_states):
    for n_hidden, descent in SPIRAL_DESCENTS.items():
        name = f"spirals 2-{n_hidden}-1, {descent.optimizer}"
        loss, budgets = "log_loss", (1_000, 10_000)
        yield Problem(name, spirals(), n_hidden, loss, descent, budgets, n_states)


def searches(budget):
    """Name -> search, all of about so many evaluations; the grids have 21 values a weight."""
    for high in RANGES:
        within = (-high, high)
        yield f"Monte Carlo {within}", MonteCarlo(budget, weight_range=within)
    for high in RANGES:
        within = (-high, high)
        step = 2 * high / (GRID_VALUES - 1)
        yield f"Grid {within}", Grid(step, weight_range=within, max_evals=budget)


def attempt(problem, solvers, state):
    """Fit with one solver after the other: whether it is solved, evaluations, milliseconds."""
    model, n_evaluations = problem.model(solvers[0], state), 0
    start = perf_counter()
    for solver in solvers:
        model.set_params(solver=solver).fit(*problem.data)
        n_evaluations += model.n_evaluations_
    milliseconds = 1e3 * (perf_counter() - start)
    return model.score(*problem.data) == 1, n_evaluations, milliseconds


def outcome(problem, *solvers):
    """All random states."""
    attempts = [attempt(problem, solvers, state) for state in range(problem.n_states)]
    share, evaluations, milliseconds = map(mean, zip(*attempts, strict=True))
    return Outcome(share, problem.n_states, evaluations, milliseconds)


def restarts(problem, n_init):
    return clone(problem.descent).set_params(n_init=n_init)


def rows(problem):
    """The table of a problem."""
    alone = outcome(problem, problem.descent)
    yield row("one start", alone)
    for budget in problem.budgets:
        n_init = max(2, round((budget + alone.evaluations) / alone.evaluations))
        again = outcome(problem, restarts(problem, n_init))
        yield row(f"restarts, n_init={n_init}", again)
        for name, search in searches(budget):
            yield row(f"{name}, {budget:,}", outcome(problem, search, problem.descent), again)


def row(name, found, other=None):
    """One line; the gain over another outcome where there is one."""
    gain = "" if other is None else f"{found.share - other.share:+.3f} +- {apart(found, other):.3f}"
    return (
        name,
        f"{found.share:.3f} +- {found.error:.3f}",
        gain,
        f"{found.evaluations:,.0f}",
        f"{found.milliseconds:.1f}",
    )


def apart(one, other):
    """The standard error of a difference of shares."""
    return hypot(one.error, other.error)


HEADER = ("begin", "solved", "gain", "evaluations", "ms")


def main():
    arguments = parser(__doc__)
    arguments.set_defaults(repeats=30, threads=1)
    options = arguments.parse_args()
    warnings.simplefilter("ignore", ConvergenceWarning)
    threadpool_limits(options.threads)
    print_machine()
    if options.quick:
        problems = [next(xor_problems(3)), next(spiral_problems(1))]
    else:
        problems = [*xor_problems(XOR_TIMES * options.repeats), *spiral_problems(options.repeats)]
    for problem in problems:
        print_table(f"{problem.name}, {problem.n_states} states", HEADER, list(rows(problem)))


if __name__ == "__main__":
    main()
