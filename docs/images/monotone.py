"""Draws monotone.png: a few noisy samples of a saturating curve, with and without a constraint."""

from pathlib import Path

import numpy as np

from skbackprop import BackpropRegressor

# the colour-blind safe blue and orange of Okabe and Ito (2008)
BLUE, ORANGE = "#0072B2", "#D55E00"


def dose_and_response():
    """40 samples of a curve that rises to 1, with noise of 0.1."""
    rng = np.random.default_rng(12)
    x = np.sort(rng.uniform(0, 10, size=40))
    return x, 1 - np.exp(-0.8 * x) + rng.normal(scale=0.1, size=40)


def main():
    """Draw the picture."""
    import matplotlib

    matplotlib.use("agg")
    import matplotlib.pyplot as plt

    x, y = dose_and_response()
    grid = np.linspace(0, 12, 300)
    figure, ax = plt.subplots(figsize=(7, 3.2), layout="constrained")
    ax.plot(x, y, ".", color="black", ms=5)
    for signs, colour, label in ((None, ORANGE, "free"), ([1], BLUE, "monotonic_cst=[1]")):
        model = BackpropRegressor(monotonic_cst=signs, random_state=0).fit(x[:, None], y)
        ax.plot(grid, model.predict(grid[:, None]), color=colour, label=label)
    ax.plot(grid, 1 - np.exp(-0.8 * grid), "--", color="0.5", lw=1, label="without noise")
    ax.set(xlabel="dose", ylabel="response")
    ax.legend(loc="lower right")
    figure.savefig(Path(__file__).with_suffix(".png"), dpi=130)


if __name__ == "__main__":
    main()
