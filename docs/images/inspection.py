"""Draws the pictures of inspection.md, derivatives.md and lecture.md.

These are surface, curves, network, sensitivity and valley.
"""

from io import BytesIO
from pathlib import Path

import numpy as np
from sklearn.datasets import load_diabetes, load_iris
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

from skbackprop import BackpropClassifier, BackpropRegressor
from skbackprop.inspection import (
    CostSurfaceDisplay,
    LossCurveDisplay,
    NetworkDisplay,
    SensitivityDisplay,
    record_path,
)
from skbackprop.losses import SquaredError
from skbackprop.model import Network, Objective


def surface(plt):
    """XOR: J over two weights and the path of the fit, as a surface and from above."""
    X, y = [[0, 0], [0, 1], [1, 0], [1, 1]], [0, 1, 1, 0]
    model = BackpropClassifier(2, loss="squared_error", alpha=1e-3, random_state=0)
    fitted, path = record_path(model, X, y)
    display = CostSurfaceDisplay.from_estimator(
        fitted, X, y, path=path, weights=("W1[0, 1]", "b1[1]")
    )
    figure = plt.figure(figsize=(10, 4.4), layout="constrained", facecolor="white")
    figure.get_layout_engine().set(wspace=0.1)
    left = figure.add_subplot(1, 2, 1, projection="3d")
    right = figure.add_subplot(1, 2, 2)
    display.plot(left, legend=False)
    left.set_box_aspect((4, 4, 3), zoom=0.98)
    left.set_title("plot()")
    display.plot(right, kind="contour", legend=False)
    right.set_title('plot(kind="contour")')
    handles = right.get_legend_handles_labels()
    figure.legend(*handles, loc="outside lower center", ncols=len(handles[0]))
    return figure


def curves(plt):
    """Iris: J by the clock, with three optimizers."""
    X, y = load_iris(return_X_y=True, as_frame=True)
    models = {
        name: BackpropClassifier(3, alpha=1, random_state=0).set_params(solver__optimizer=name)
        for name in ["lm", "lbfgs", "adam"]
    }
    for _ in range(2):  # the first fits of a process are slower
        display = LossCurveDisplay.from_estimator(models, X, y, measure="seconds")
    figure, ax = plt.subplots(figsize=(6.4, 3.8), layout="constrained", facecolor="white")
    display.plot(ax)
    return figure


def network(plt):
    """Iris: the units and weights of the fit."""
    X, y = load_iris(return_X_y=True, as_frame=True)
    model = BackpropClassifier(3, random_state=0).fit(X, y)
    figure, ax = plt.subplots(figsize=(6.4, 3.8), layout="constrained", facecolor="white")
    NetworkDisplay.from_estimator(model).plot(ax)
    return figure


def sensitivity(plt):
    """Diabetes: derivatives by the features, as bars and as distributions."""
    X, y = load_diabetes(return_X_y=True, as_frame=True, scaled=False)
    model = make_pipeline(StandardScaler(), BackpropRegressor(random_state=0)).fit(X, y)
    display = SensitivityDisplay.from_estimator(model, X)
    figure, axes = plt.subplots(1, 2, figsize=(10, 3.8), layout="constrained", facecolor="white")
    display.plot(axes[0])
    display.plot(axes[1], kind="distributions")
    return figure


def valley(plt):
    """The lecture's surface: J of the network of two weights."""
    smallest = Network(1, 1, 1, fit_intercept=False)
    x = np.linspace(-3, 3, 20)[:, None]
    J = Objective.from_arrays(
        smallest, SquaredError(), x, smallest.forward(np.array([0.7, -0.4]), x)
    )
    axis = np.linspace(-6, 6, 121)
    w1, w2 = np.meshgrid(axis, axis, indexing="ij")
    values = J.values(np.column_stack([w1.ravel(), w2.ravel()])).reshape(w1.shape)
    figure = plt.figure(figsize=(6.4, 4.8), layout="constrained", facecolor="white")
    axes = figure.add_subplot(projection="3d", xlabel="$w_1$", ylabel="$w_2$", zlabel="J")
    axes.plot_surface(w1, w2, values, cmap="viridis")
    axes.set_box_aspect(None, zoom=0.9)
    return figure


def main():
    """Draw the pictures."""
    import matplotlib

    matplotlib.use("agg")
    import matplotlib.pyplot as plt
    from PIL import Image

    for picture in (surface, curves, network, sensitivity, valley):
        drawn = BytesIO()
        picture(plt).savefig(drawn, dpi=110)
        few_colours = Image.open(drawn).convert("RGB").quantize(200)  # a third of the bytes
        few_colours.save(Path(__file__).with_name(f"{picture.__name__}.png"), optimize=True)


if __name__ == "__main__":
    main()
