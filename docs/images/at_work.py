"""Draw at_work.png: one fit on raw columns, its error bars and its derivative.

python docs/images/at_work.py
"""

from pathlib import Path

import matplotlib.pyplot as plt
import numpy as np

from skbackprop import BackpropRegressor
from skbackprop.inspection import input_gradient


def blow(t):
    """The acceleration of a head in an accident, in g, at the time t in milliseconds."""
    return np.where(t > 15, -160 * np.sin(2 * np.pi * (t - 15) / 35) * np.exp(-(t - 15) / 18), 0)


def main():
    """Fit 133 noisy measurements and draw what the network says."""
    rng = np.random.default_rng(0)
    t = rng.uniform(2, 58, size=133)
    y = blow(t) + rng.normal(size=133) * 10
    X = t[:, None]

    model = BackpropRegressor(random_state=0).fit(X, y)
    grid = np.linspace(0, 60, 400)[:, None]
    mean, std = model.predict(grid, return_std=True)
    slope = input_gradient(model, grid)[:, 0]

    plt.rcParams.update({"font.size": 13})
    figure, (left, right) = plt.subplots(1, 2, figsize=(9, 3.6), layout="constrained")
    left.fill_between(
        grid[:, 0],
        mean - 1.96 * std,
        mean + 1.96 * std,
        color="tab:blue",
        alpha=0.25,
        label="95 % band",
    )
    left.plot(grid[:, 0], mean, color="tab:blue", label="prediction")
    left.plot(t, y, ".", color="black", ms=4, label="data")
    left.set(xlabel="time (ms)", ylabel="acceleration (g)", title="predict(X, return_std=True)")
    left.legend(fontsize=10)
    right.plot(grid[:, 0], slope, color="tab:orange", label="network")
    right.plot(
        grid[:, 0], np.gradient(blow(grid[:, 0]), grid[:, 0]), ":", color="black", label="truth"
    )
    right.set(xlabel="time (ms)", ylabel="slope (g/ms)", title="input_gradient(model, X)")
    right.legend(fontsize=10)
    figure.savefig(Path(__file__).with_suffix(".png"), dpi=110)


if __name__ == "__main__":
    main()
