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
    plt.rcParams["font.size"] = 14  # readable on a phone, where the picture is 360 pixels wide
    figure, ax = plt.subplots(figsize=(6, 3.2), layout="constrained")
    band = mean - 1.96 * std, mean + 1.96 * std
    ax.fill_between(grid, *band, color=BLUE, alpha=0.2, linewidth=0, label="95 % band")
    ax.plot(grid, mean, color=BLUE, linewidth=2, label="prediction")
    ax.plot(x, y, ".", color="black", markersize=5, label="data")
    ax.set(xlabel="x", ylabel="y", xlim=(-2.2, 2.2))
    ax.legend(loc="upper right", fontsize=11, framealpha=0.9, ncols=3)
    ax.set_ylim(top=4)
    figure.savefig(Path(__file__).with_suffix(".png"), dpi=160)


if __name__ == "__main__":
    main()
