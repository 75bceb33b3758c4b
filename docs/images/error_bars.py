"""Draws error_bars.png: a noisy sine with a gap, the network's prediction and its band of 95 %."""

from pathlib import Path

import numpy as np

from skbackprop import BackpropRegressor

# the colour-blind safe blue of Okabe and Ito (2008)
BLUE = "#0072B2"


def sine_with_a_gap():
    """One and a half periods with noise of 0.25, and nothing between 0.4 and 1.1."""
    rng = np.random.default_rng(0)
    x = rng.uniform(-1.5, 1.5, size=133)
    y = np.sin(3 * x) + rng.normal(scale=0.25, size=133)
    keep = np.abs(x - 0.75) > 0.35
    return x[keep], y[keep]


def main():
    """Draw the picture."""
    import matplotlib

    matplotlib.use("agg")
    import matplotlib.pyplot as plt

    x, y = sine_with_a_gap()
    grid = np.linspace(-2.2, 2.2, 300)
    model = BackpropRegressor(random_state=0).fit(x[:, None], y)
    mean, std = model.predict(grid[:, None], return_std=True)
    figure, ax = plt.subplots(figsize=(7, 3.2), layout="constrained")
    ax.fill_between(grid, mean - 1.96 * std, mean + 1.96 * std, color=BLUE, alpha=0.2)
    ax.plot(grid, mean, color=BLUE)
    ax.plot(x, y, ".", color="black", ms=4)
    ax.set(xlabel="x", ylabel="y")
    figure.savefig(Path(__file__).with_suffix(".png"), dpi=130)


if __name__ == "__main__":
    main()
