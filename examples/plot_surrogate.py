"""
Optimising a surrogate
======================

An experiment or a simulation can be too expensive for an optimizer, which needs
hundreds of evaluations. A network that is fitted to some of the results can replace
it. The network has exact derivatives, by
:func:`~skbackprop.inspection.input_gradient`, and a proven minimum, by
:func:`~skbackprop.inspection.output_bounds`.
"""

# %%
# An expensive function
# ---------------------
# The function of Branin [1]_ has three minima of the same depth, about 0.4. Suppose
# that we can afford 80 evaluations. A Sobol' sequence spreads them evenly.

import matplotlib.pyplot as plt
import numpy as np
from scipy.optimize import minimize
from scipy.stats import qmc
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

from skbackprop import BackpropRegressor
from skbackprop.inspection import SensitivityDisplay, input_gradient, output_bounds
from skbackprop.solvers import GradientDescent

BOX = np.array([[-5.0, 10.0], [0.0, 15.0]])


def expensive(X):
    """Branin's function at points (n_samples, 2)."""
    x, y = np.asarray(X).T
    valley = y - 5.1 * (x / (2 * np.pi)) ** 2 + 5 * x / np.pi - 6
    return valley**2 + 10 * (1 - 1 / (8 * np.pi)) * np.cos(x) + 10


X = qmc.scale(qmc.Sobol(2, seed=0).random(128)[:80], *BOX.T)
y = expensive(X)

# %%
# The surrogate
# -------------
# The results have no noise, so the penalty is small, and Levenberg-Marquardt fits
# them closely.

solver = GradientDescent("lm", n_init=3)
network = BackpropRegressor(15, solver=solver, alpha=1e-6, random_state=0)
model = make_pipeline(StandardScaler(), network).fit(X, y)
new = qmc.scale(np.random.default_rng(0).random((2000, 2)), *BOX.T)
error = model.predict(new) - expensive(new)
rms = np.sqrt(np.mean(error**2))
print(f"root mean square error {rms:.2f}, where y is up to {y.max():.0f}")

# %%
# Derivatives or differences
# --------------------------
# SciPy's optimizers take derivatives as ``jac``. Without ``jac`` they compute
# differences. These cost one more prediction for each feature, and have an error that
# depends on the length of the step. The following descents use the same 25 starts.


def predicted(x):
    return model.predict(x[None])[0]


def slope(x):
    return input_gradient(model, x[None])[0]


def descents(jac):
    """The smallest values of all descents, and how many predictions they took."""
    starts = qmc.scale(qmc.Sobol(2, seed=1).random(32)[:25], *BOX.T)
    options = {"jac": jac, "method": "L-BFGS-B", "bounds": BOX}
    found = [minimize(predicted, x, **options) for x in starts]
    return [result.fun for result in found], sum(result.nfev for result in found)


ends, n_exact = descents(slope)
_, n_differences = descents(None)
print(f"{n_exact} predictions and as many derivatives, or {n_differences} predictions")
x, step = new[0], 1e-6
rough = (model.predict(x + step * np.eye(2)) - predicted(x)) / step
print(f"relative error of a difference: {np.abs(rough / slope(x) - 1).max():.0e}")

# %%
# The proven minimum
# ------------------
# However many starts you make, they do not prove that there is no lower minimum.
# :func:`~skbackprop.inspection.output_bounds` proves it. It computes bounds of the
# prediction in parts of the box, and divides the parts that may contain a smaller
# value.

bounds = output_bounds(model, BOX)
print(f"ends of the descents: from {min(ends):.2f} to {max(ends):.2f}")
print(f"minimum of the surrogate: proven {bounds.lower:.4f}, found {bounds.lowest:.4f}")
print(f"parts of the box that were enclosed: {bounds.n_boxes}")

# %%
# A surrogate is least reliable at its minimum, because the minimum is where its
# errors point downwards. So the expensive function is evaluated there, the result is
# added to the data, and the network is fitted again.

for _ in range(5):
    x_new = output_bounds(model, BOX).x_lowest
    y_new = expensive([x_new])[0]
    print(f"predicted {model.predict([x_new])[0]:5.2f}, evaluated {y_new:.2f}")
    X, y = np.vstack([X, x_new]), np.append(y, y_new)
    model.fit(X, y)
print(f"best of {len(y)} evaluations: {y.min():.3f}, where the minimum is 0.398")

# %%
# The left figure shows the function with the first evaluations, the best of which was
# 0.89. The right figure shows the surrogate after the last fit. The minima that were
# proven on the way lie in all three valleys of the function.

x1, x2 = np.meshgrid(*(np.linspace(*side, 120) for side in BOX))
grid = np.column_stack([x1.ravel(), x2.ravel()])
levels = np.geomspace(0.5, 300, 14)
figure, axes = plt.subplots(1, 2, figsize=(9, 4.2), layout="constrained", sharey=True)
pictures = {
    "the expensive function": expensive(grid),
    "the surrogate": model.predict(grid),
}
for ax, (title, values) in zip(axes, pictures.items(), strict=True):
    ax.contour(x1, x2, values.reshape(x1.shape), levels=levels, cmap="viridis")
    ax.plot(*X[:80].T, ".", color="black", label="first evaluations")
    ax.plot(*X[80:].T, "*", ms=11, color="tab:red", label="proven minima")
    ax.set(title=title, xlabel="x1")
axes[0].set_ylabel("x2")
axes[1].legend(loc="upper right")
plt.show()

# %%
# What the prediction depends on
# ------------------------------
# The distribution of the derivatives shows how much each feature matters, and whether
# its effect has the same sign everywhere. In this example it does not.

SensitivityDisplay.from_estimator(model, X).plot(kind="distributions")
plt.show()

# %%
# .. [1] L. C. W. Dixon and G. P. Szegö, "The global optimization problem: an
#    introduction", in *Towards Global Optimisation 2*, North-Holland, 1978.
