"""
The hidden layer as features
============================

A hidden unit turns a sample into a number between 0 and 1. ``transform`` returns these numbers: a
new table with a column for each unit, in which the classes can be told apart by a straight line.
``decision_function`` says on which side of that line a sample lies, and how far.
"""

# %%
# Two units unfold a band
# -----------------------
# No straight line separates the band in the middle from what is around it. Each of the two hidden
# units puts a soft step along one edge of the band. In the plane of their outputs the classes lie
# on two sides of a line, but for the noise at the edges: on the line :math:`z_3 = a_2 W_2 + b_2`
# is 0.

import matplotlib.pyplot as plt
import numpy as np
from sklearn.datasets import load_digits
from sklearn.decomposition import PCA
from sklearn.model_selection import train_test_split
from sklearn.neighbors import KNeighborsClassifier
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

from skbackprop import BackpropClassifier

rng = np.random.default_rng(0)
X = rng.uniform(-2, 2, size=(300, 2))
place = X.sum(axis=1) + rng.normal(scale=0.3, size=300)
y = (np.abs(place) < 1).astype(int)
model = BackpropClassifier(2, random_state=0).fit(X, y)
hidden = model.transform(X)
print(f"accuracy {model.score(X, y):.2f}; columns {list(model.get_feature_names_out())}")

figure, (left, right) = plt.subplots(1, 2, figsize=(8, 3.8), layout="constrained")
for label, colour, marker in ((0, "tab:purple", "o"), (1, "tab:orange", "^")):
    style = {"color": colour, "marker": marker, "s": 12, "label": f"class {label}"}
    left.scatter(*X[y == label].T, **style)
    right.scatter(*hidden[y == label].T, **style)
W2, b2 = model.coefs_[1][:, 0], model.intercepts_[1][0]
first = np.array([0.0, 1.0])
right.plot(first, -(b2 + W2[0] * first) / W2[1], color="black", label="z3 = 0")
left.set(title="The samples", xlabel="first feature", ylabel="second feature")
right.set(title="The same in the hidden layer", xlabel="output of unit 0", ylabel="of unit 1")
right.set(xlim=(-0.05, 1.05), ylim=(-0.05, 1.05))
right.legend(loc="best")
plt.show()

# %%
# Where probabilities round, scores still differ
# ----------------------------------------------
# ``decision_function`` returns :math:`z_3`, the logit of the probability. Probabilities near 0
# and 1 crowd together; logits spread them out, so they rank samples that are all but certain.

score, probability = model.decision_function(X), model.predict_proba(X)[:, 1]
figure, (left, right) = plt.subplots(1, 2, figsize=(8, 3.2), layout="constrained")
for ax, values, name in ((left, probability, "probability"), (right, score, "score z3")):
    ax.hist([values[y == 0], values[y == 1]], 25, stacked=True, color=["tab:purple", "tab:orange"])
    ax.set(xlabel=name, ylabel="number of samples")
left.set_title("predict_proba")
right.set_title("decision_function")
plt.show()

# %%
# Features for another estimator
# ------------------------------
# In a pipeline the network transforms, if it is not the last step. Here the nearest neighbours of
# handwritten digits are sought in three tables: the 64 pixels, their ten principal components,
# and the outputs of ten hidden units. The components keep what varies most, the units what tells
# the digits apart.

pixels, digit = load_digits(return_X_y=True)
X_train, X_test, y_train, y_test = train_test_split(pixels, digit, stratify=digit, random_state=0)
steps = {
    "64 pixels": "passthrough",
    "10 principal components": PCA(10, random_state=0),
    "10 hidden units": BackpropClassifier(10, random_state=0),
}
for name, step in steps.items():
    neighbours = make_pipeline(StandardScaler(), step, KNeighborsClassifier())
    accuracy = neighbours.fit(X_train, y_train).score(X_test, y_test)
    print(f"{name:<24} accuracy {accuracy:.3f}")
