"""Which random start? Scores and fit times of the defaults with four ways to draw the weights.

Measured on the development tables of bench_defaults.py, with its folds and pipelines: the mean
score, the mean rank among the four, and the seconds in all fits, over two random states.

  LeCun          what the package does: uniform, standard deviation 1 / sqrt(fan_in)
                 (LeCun, Bottou, Orr and Mueller 1998)
  Nguyen-Widrow  hidden units whose steep parts share the input range among them (Nguyen and
                 Widrow 1990), here for inputs within +-2 and sigmoids steep within +-4; the
                 output layer as LeCun
  Glorot         uniform within 4 sqrt(6 / (fan_in + fan_out)), the variant for sigmoids
                 (Glorot and Bengio 2010)
  MLP            uniform within sqrt(2 / (fan_in + fan_out)), as scikit-learn's MLP has it

    python benchmarks/bench_starts.py
"""

import sys

import numpy as np
from _contenders import CONTENDERS, OURS, TASKS
from _datasets import DATASETS
from _timing import print_machine
from bench_defaults import measure, report_candidates
from threadpoolctl import threadpool_limits

from skbackprop.model import Network

STATES = (0, 1)
INPUT_RANGE, STEEP_RANGE = 2, 4


def uniform(network, rng, bound):
    """Every layer uniform within what `bound` says of its fans."""
    layers = (network.shape1, network.shape2)
    return np.concatenate([rng.uniform(-bound(*s), bound(*s), s[0] * s[1]) for s in layers])


def nguyen_widrow(network, rng):
    w = uniform(network, rng, lambda fan_in, _: np.sqrt(3 / fan_in))
    W1, b1, _, _ = network.unpack(w)
    length = 0.7 * network.n_hidden ** (1 / network.n_features) * STEEP_RANGE / INPUT_RANGE
    W1[:] = rng.uniform(-1, 1, W1.shape)
    W1 *= length / np.linalg.norm(W1, axis=0)
    b1[:] = rng.uniform(-1, 1, len(b1)) * length * INPUT_RANGE
    return w


STARTS = {
    "LeCun": Network.initial_weights,
    "Nguyen-Widrow": nguyen_widrow,
    "Glorot": lambda network, rng: uniform(network, rng, lambda i, o: 4 * np.sqrt(6 / (i + o))),
    "MLP": lambda network, rng: uniform(network, rng, lambda i, o: np.sqrt(2 / (i + o))),
}


def main():
    quick = "--quick" in sys.argv
    threadpool_limits(1)
    print_machine()
    for task in TASKS:
        names = [n for n, d in DATASETS.items() if (d.part, d.task) == ("development", task)]
        names, records = names[:1] if quick else names, []
        for label, start in STARTS.items():
            Network.initial_weights = start
            for name in names:
                records += measure(name, {label: CONTENDERS[task][OURS]}, STATES)
        report_candidates(task, names, records, STARTS)


if __name__ == "__main__":
    main()
