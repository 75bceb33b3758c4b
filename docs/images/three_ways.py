"""Draws three_ways.png: J over two weights, looked at 441 times in each of three ways."""

from pathlib import Path

import numpy as np

from skbackprop.losses import SquaredError
from skbackprop.model import Network, Objective
from skbackprop.optimizers import SGD

TRUE_WEIGHTS = np.array([0.7, -0.4])
# the colour-blind safe blue, orange and green of Okabe and Ito (2008)
BLUE, ORANGE, GREEN = "#0072B2", "#D55E00", "#009E73"


def smallest_network():
    """J of the network with two weights, of which we know where its lowest point is."""
    network = Network(1, 1, 1, fit_intercept=False)
    x = np.linspace(-3, 3, 20)[:, None]
    return Objective.from_arrays(network, SquaredError(), x, network.forward(TRUE_WEIGHTS, x))


def descent(J, start, n_steps=440):
    """The path of plain gradient descent."""
    rule, path = SGD(learning_rate=20.0, momentum=0), [np.array(start)]
    state = rule.init(path[0])
    for _ in range(n_steps):
        _, grad = J.value_and_grad(path[-1])
        step, state = rule.update(grad / J.total_weight, state)
        path.append(path[-1] + step)
    return np.array(path)


def main():
    """Draw the picture."""
    import matplotlib

    matplotlib.use("agg")
    import matplotlib.pyplot as plt

    J = smallest_network()
    axis = np.linspace(-1.15, 1.15, 231)
    w1, w2 = np.meshgrid(axis, axis, indexing="ij")
    surface = J.values(np.column_stack([w1.ravel(), w2.ravel()])).reshape(w1.shape)
    v = np.linspace(-1, 1, 21)
    ways = {
        "the grid": np.array([(a, b) for a in v for b in v]),
        "Monte Carlo": np.random.default_rng(0).uniform(-1, 1, (441, 2)),
        "gradient descent": descent(J, (-0.9, 0.9)),
    }
    plt.rcParams["font.size"] = 18  # readable on a phone, where the picture is 360 pixels wide
    figure, all_axes = plt.subplots(
        1, 3, figsize=(10, 4), sharey=True, layout="constrained", facecolor="white"
    )
    for axes, (title, points), colour in zip(
        all_axes, ways.items(), (BLUE, GREEN, ORANGE), strict=True
    ):
        axes.contourf(w1, w2, np.log10(surface + 1e-4), 24, cmap="Greys_r", alpha=0.8)
        line = "-" if title == "gradient descent" else "none"
        axes.plot(*points.T, linestyle=line, marker=".", markersize=4, color=colour)
        best = points[J.values(points).argmin()]
        axes.plot(*best, "*", markersize=17, color=colour, markeredgecolor="white")
        axes.set(title=title, xlabel="$w_1$", aspect="equal", xticks=[-1, 0, 1], yticks=[-1, 0, 1])
    all_axes[0].set_ylabel("$w_2$")
    figure.savefig(Path(__file__).with_suffix(".png"), dpi=110, bbox_inches="tight")


if __name__ == "__main__":
    main()
