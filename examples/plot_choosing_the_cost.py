"""
Choosing the cost with a grid search
====================================

The lecture's cost is the squared error, but there are others, and each needs its own penalty
``alpha``. Cross-validation finds the best pair for given data.
"""

# %%
# Costs and penalties
# -------------------
# You choose a cost by its name, so you can search it like any other parameter. The search
# includes the penalty. It is added to the sum of the costs, so a given ``alpha`` has less effect
# if the costs are larger.

import matplotlib.pyplot as plt
import numpy as np
from sklearn.datasets import load_breast_cancer
from sklearn.model_selection import GridSearchCV, StratifiedKFold
from sklearn.pipeline import Pipeline
from sklearn.preprocessing import StandardScaler

from skbackprop import BackpropClassifier

X, y = load_breast_cancer(return_X_y=True)
network = BackpropClassifier(5, random_state=0)
model = Pipeline([("scale", StandardScaler()), ("network", network)])
losses = ["squared_error", "hellinger", "exponential", "log_loss"]
alphas = np.logspace(-3, 1, 9)

# %%
# The score
# ---------
# The values of two different costs cannot be compared. All choices are therefore judged by the
# same score on held-out samples: scikit-learn's log loss, which rewards good probabilities.

search = GridSearchCV(
    model,
    {"network__loss": losses, "network__alpha": alphas},
    scoring="neg_log_loss",
    cv=StratifiedKFold(5, shuffle=True, random_state=0),
)
search.fit(X, y)
best = search.best_params_
print(f"best: loss={best['network__loss']!r}, alpha={best['network__alpha']:.2g}")
print(f"log-loss in cross-validation: {-search.best_score_:.3f}\n")

print("cost           best alpha  log-loss")
# scikit-learn varies the last parameter of the sorted names fastest
table = -search.cv_results_["mean_test_score"].reshape(len(alphas), len(losses)).T
for loss, row in zip(losses, table, strict=True):
    print(f"{loss:<15}{alphas[row.argmin()]:10.2g}{row.min():10.3f}")

# %%
# The penalty matters more than the cost
# --------------------------------------
# A ring marks the best ``alpha`` of each cost. At these points the costs score about the same. A
# wrong ``alpha`` does much more harm than another cost. The same ``alpha`` for all would be
# unfair: at 1 the squared error looks bad, because its values are small and the penalty outweighs
# them.

figure, ax = plt.subplots(figsize=(7, 4.5), layout="constrained")
styles = ["s:", "^-.", "d--", "o-"]
colours = ["tab:orange", "tab:green", "tab:purple", "tab:blue"]
for loss, row, style, colour in zip(losses, table, styles, colours, strict=True):
    ax.loglog(alphas, row, style, color=colour, label=loss)
    least = row.argmin()
    ring = {"marker": "o", "markersize": 13, "fillstyle": "none"}
    ax.plot(alphas[least], row[least], color=colour, **ring)
ax.set(
    title="Costs differ little, once each has its best penalty",
    xlabel="alpha, the penalty of large weights",
    ylabel="log-loss in cross-validation (lower is better)",
)
ax.yaxis.set_major_locator(plt.FixedLocator([0.05, 0.07, 0.1, 0.15, 0.2, 0.3, 0.5]))
ax.yaxis.set_major_formatter("{x:g}")
ax.yaxis.set_minor_formatter(plt.NullFormatter())
ax.legend(title="cost")
plt.show()
