"""
The lecture in ten cells
========================

A sheet for a class. Each cell is one step of the lecture, written in NumPy by its equations; the
last ones do the same with this package. Download it as a notebook at the end of the page, and run
the cells one by one. Each ends with something to try.
"""

# %%
# 1. The task
# -----------
# Inputs :math:`X` and labels :math:`y`, one of each for a sample. Here a network with known
# weights has made the labels, so a perfect answer exists. Find the weights from the samples
# alone.
#
# Try: more samples, or noise added to ``y``.

import matplotlib.pyplot as plt
import numpy as np

from skbackprop import BackpropRegressor
from skbackprop.inspection import check_gradient
from skbackprop.solvers import GradientDescent, Grid, MonteCarlo


def f(z):
    """The sigmoid."""
    return 1 / (1 + np.exp(-z))


X = np.linspace(-4, 4, 21)[:, None]
W_true = np.array([0.7, -0.4])
y = f(f(X * W_true[0]) * W_true[1])
print(f"{len(X)} samples, labels from {y.min():.3f} to {y.max():.3f}")

# %%
# 2. The forward pass
# -------------------
# :math:`z_2 = X W_1`, :math:`a_2 = f(z_2)`, :math:`z_3 = a_2 W_2` and :math:`\hat y = f(z_3)`.
# This network has one hidden unit, so :math:`W_1` and :math:`W_2` are one number each.
#
# Try: which weights make the answer rise with x?


def forward(W1, W2):
    """The activations of both layers."""
    a2 = f(X @ W1)
    return a2, f(a2 @ W2)


W1, W2 = np.array([[0.2]]), np.array([[0.9]])
print(f"the first answers: {forward(W1, W2)[1][:3, 0].round(3)}, the labels: {y[:3, 0].round(3)}")

# %%
# 3. The cost
# -----------
# :math:`J = \sum \frac12 (y - \hat y)^2`: the smaller, the better the answers. It depends on the
# weights alone, since the samples stay the same.
#
# Try: the sum of the absolute errors. Which of the two forgives one large error sooner?


def cost(W1, W2):
    """J of the lecture."""
    return 0.5 * np.sum((y - forward(W1, W2)[1]) ** 2)


print(f"J = {cost(W1, W2):.4f}")
print(f"with the weights that made the labels J = {cost(W_true[:1, None], W_true[1:, None]):.1f}")

# %%
# 4. The cost as a surface
# ------------------------
# With two weights J can be drawn. The task is to find the lowest point of this landscape.
#
# Try: a square from -10 to 10. Where is the landscape flat, and why?

v = np.round(np.arange(-1, 1.05, 0.1), 1)
surface = np.array([[cost(np.array([[w1]]), np.array([[w2]])) for w1 in v] for w2 in v])


def draw(title):
    """The landscape of J, with the weights that made the labels as a star."""
    figure, ax = plt.subplots(figsize=(5, 4), layout="constrained")
    drawn = ax.contourf(v, v, np.log10(surface + 1e-4), 12, cmap="viridis_r")
    figure.colorbar(drawn, label="log10 of J")
    ax.plot(*W_true, "*", color="white", markersize=12)
    ax.set(title=title, xlabel="W1", ylabel="W2")
    return ax


draw("J over the two weights")
plt.show()

# %%
# 5. First way: the grid
# ----------------------
# Look at every point of the grid [-1, -0.9, ..., 1] and keep the lowest. For two weights that is
# 441 points. For the 100 weights of a still small network it is more than there are atoms in the
# universe.
#
# Try: how many weights can your computer search in a second, a day, a year?

row, column = np.unravel_index(surface.argmin(), surface.shape)
print(f"best of {surface.size} points: W1 = {v[column]:.1f}, W2 = {v[row]:.1f}")
print(f"points for 100 weights: {float(len(v)) ** 100:.0e}")

# %%
# 6. Second way: Monte Carlo
# --------------------------
# Look at random points. No point is wasted on a weight that does not matter, but with many
# weights a random point is hardly ever a good one.
#
# Try: the best of 10, 100, 1000 points. How does J fall?

rng = np.random.default_rng(0)
points = rng.uniform(-1, 1, size=(surface.size, 2))
costs = np.array([cost(w[:1, None], w[1:, None]) for w in points])
print(f"best of {len(points)} random points: {points[costs.argmin()].round(2)}")
print(f"J = {costs.min():.1e}")

# %%
# 7. Backpropagation
# ------------------
# The third way asks which direction leads downhill. The chain rule says it, from the output
# backwards: :math:`\sigma_3 = -(y - \hat y) f'(z_3)`, :math:`\partial J / \partial W_2 = a_2^T
# \sigma_3`, :math:`\sigma_2 = \sigma_3 W_2^T f'(z_2)` and :math:`\partial J / \partial W_1 = X^T
# \sigma_2`, where :math:`f' = f (1 - f)`. Never trust a gradient that you have not compared with
# differences of J.
#
# Try: forget the minus sign. What do the two lines say then?


def gradient(W1, W2):
    """dJ/dW1 and dJ/dW2."""
    a2, yhat = forward(W1, W2)
    sigma3 = -(y - yhat) * yhat * (1 - yhat)
    sigma2 = sigma3 @ W2.T * a2 * (1 - a2)
    return X.T @ sigma2, a2.T @ sigma3


h = 1e-6
by_differences = (cost(W1 + h, W2) - cost(W1 - h, W2)) / (2 * h)
print(f"dJ/dW1 by the chain rule:  {gradient(W1, W2)[0].item():.8f}")
print(f"dJ/dW1 by differences:     {by_differences:.8f}")

# %%
# 8. Third way: gradient descent
# ------------------------------
# A step against the gradient, again and again.
#
# Try: steps ten times as long, and ten times as short. Begin at (-0.9, 0.9).

path = [(W1.item(), W2.item())]
for _ in range(200):
    dJ_dW1, dJ_dW2 = gradient(W1, W2)
    W1, W2 = W1 - 0.5 * dJ_dW1, W2 - 0.5 * dJ_dW2
    path.append((W1.item(), W2.item()))
print(f"after {len(path) - 1} steps: W1 = {W1.item():.2f}, W2 = {W2.item():.2f}")
ax = draw("200 steps downhill")
ax.plot(*zip(*path, strict=True), ".-", color="tab:orange", markersize=4)
plt.show()

# %%
# 9. The three ways by this package
# ---------------------------------
# The same network as an estimator, with the three ways as its solver. ``check_gradient`` compares
# the gradient with differences for you.
#
# Try: ``n_hidden=5``. Which of the three still comes to an end?

lecture = {"fit_intercept": False, "alpha": 0, "random_state": 0}
target_range = float(y.min()), float(y.max())  # y is not scaled then
for solver in (Grid(), MonteCarlo(441), GradientDescent()):
    model = BackpropRegressor(1, solver=solver, target_range=target_range, **lecture)
    model.fit(X, y[:, 0])
    weights = [layer.item() for layer in model.coefs_]
    print(f"{type(solver).__name__:<16} W1, W2 = {np.round(weights, 2)}  J = {model.loss_:.1e}")
print(f"largest relative error of the gradient: {check_gradient(model, X, y[:, 0]).max_error:.0e}")

# %%
# 10. Many weights, real curves
# -----------------------------
# With more hidden units and intercepts the network follows any smooth curve, and noise as well.
# The penalty ``alpha`` decides how much; by default the fit chooses it.
#
# Try: 50 hidden units. What becomes of each curve between the points?

x = np.sort(rng.uniform(-3, 3, size=60))
noisy = np.sin(2 * x) + rng.normal(scale=0.2, size=60)
figure, ax = plt.subplots(figsize=(6, 3.6), layout="constrained")
ax.plot(x, noisy, ".", color="black", label="samples")
grid = np.linspace(-3, 3, 300)
for label, alpha in {"alpha = 0.01": 0.01, "alpha = 0": 0.0, "chosen by the fit": "auto"}.items():
    model = BackpropRegressor(10, alpha=alpha, random_state=0).fit(x[:, None], noisy)
    ax.plot(grid, model.predict(grid[:, None]), label=label)
ax.set(title="Ten hidden units", xlabel="x", ylabel="y")
figure.legend(loc="outside right upper")
plt.show()
