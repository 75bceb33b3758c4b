"""
Classifier comparison
=====================

Where do classifiers draw the border between two classes? This page compares
:class:`~skbackprop.BackpropClassifier` with well-known classifiers of scikit-learn, on three small
data sets in the plane.
"""

# %%
# Data sets and classifiers
# -------------------------
# Each data set has 300 points, half of them for training and half for testing. All classifiers
# get standardised features and their default options, except that ``MLPClassifier`` gets the
# iterations that it needs. ``BackpropClassifier`` chooses its penalty by itself.

import matplotlib.pyplot as plt
import numpy as np
from matplotlib.colors import LinearSegmentedColormap
from sklearn.datasets import make_circles, make_classification, make_moons
from sklearn.ensemble import RandomForestClassifier
from sklearn.inspection import DecisionBoundaryDisplay
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import train_test_split
from sklearn.neural_network import MLPClassifier
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler
from sklearn.svm import SVC

from skbackprop import BackpropClassifier

streaks = make_classification(
    300,
    2,
    n_informative=2,
    n_redundant=0,
    n_clusters_per_class=1,
    class_sep=0.8,
    random_state=2,
)
data_sets = {
    "Two moons": make_moons(300, noise=0.25, random_state=0),
    "Two circles": make_circles(300, noise=0.15, factor=0.5, random_state=0),
    "Two streaks": streaks,
}
classifiers = {
    "Logistic\nregression": LogisticRegression(),
    "RBF SVM": SVC(),
    "Random forest": RandomForestClassifier(random_state=0),
    "MLPClassifier": MLPClassifier(max_iter=2_000, random_state=0),
    "Backprop-\nClassifier": BackpropClassifier(random_state=0),
}

# %%
# The regions
# -----------
# The shades show the probability of each class, or for the support vector machine the decision
# function. The black line is the border between the classes. The points are the test data, and
# the number is the accuracy on them.

colours = ["tab:blue", "tab:orange"]
shades = LinearSegmentedColormap.from_list("classes", ["#8fbbd9", "white", "#ffbf86"])


def draw(ax, model, X, y):
    """The regions of a fitted classifier, the points, and the accuracy on them."""
    if hasattr(model, "predict_proba"):
        response, middle, half = "predict_proba", 0.5, 0.5
    else:
        response, middle, half = "decision_function", 0.0, 1.5
    shown = DecisionBoundaryDisplay.from_estimator(
        model,
        X,
        response_method=response,
        grid_resolution=150,
        eps=0.4,
        ax=ax,
        cmap=shades,
        levels=np.linspace(middle - half, middle + half, 21),
        extend="both",
    )
    ax.contour(shown.xx0, shown.xx1, shown.response, colors="black", levels=[middle])
    for label, marker in enumerate("os"):
        style = {"s": 9, "c": colours[label], "marker": marker}
        ax.scatter(*X[y == label].T, ec="white", lw=0.3, **style)
    score = f"{model.score(X, y):.2f}"
    box = {"boxstyle": "round,pad=0.2", "color": "white", "alpha": 0.8}
    corner = {"transform": ax.transAxes, "ha": "right", "va": "bottom"}
    ax.text(0.97, 0.04, score, bbox=box, **corner)
    ax.set(xticks=[], yticks=[], xlabel="", ylabel="")


figure, axes = plt.subplots(3, 5, figsize=(8, 5.4), layout="constrained")
chosen = {}
for row, (name, (X, y)) in zip(axes, data_sets.items(), strict=True):
    X_train, X_test, y_train, y_test = train_test_split(
        X, y, test_size=0.5, stratify=y, random_state=0
    )
    for ax, classifier in zip(row, classifiers.values(), strict=True):
        model = make_pipeline(StandardScaler(), classifier).fit(X_train, y_train)
        draw(ax, model, X_test, y_test)
    row[0].set_ylabel(name, fontsize=11)
    # the last classifier of the row is the network
    chosen[name] = model[-1].alpha_, model.score(X_test, y_test)
for ax, name in zip(axes[0], classifiers, strict=True):
    ax.set_title(name, fontsize=11)
plt.show()

# %%
# How to read it
# --------------
# With 150 test points, an accuracy of 0.9 has a standard error of about 0.02, so small
# differences mean little. The shapes do differ. The borders of the forest consist of steps. Those
# of ``MLPClassifier``, with its default rectified linear units, consist of straight pieces. Those
# of the sigmoid network are smooth.
#
# The penalty decides how much the border bends. The fit has chosen it for each data set, by the
# cost of held-out points:

for name, (alpha, accuracy) in chosen.items():
    print(f"{name:<12} alpha {alpha:.2g}, accuracy {accuracy:.2f}")
