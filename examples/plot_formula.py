"""
A network as a formula
======================

A small network is a short formula. On this page a network replaces a table of steam pressures: as
a formula to read, as a Python function without NumPy, and as C for a controller. The last figure
shows how many digits the formula needs.
"""

# %%
# The table
# ---------
# The data are the vapour pressure of water between 1 and 100 degrees Celsius, computed from
# Antoine's equation. For this table an equation is known. For most tables there is none, and a
# network can provide one.

import math

import matplotlib.pyplot as plt
import numpy as np
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

from skbackprop import BackpropRegressor
from skbackprop.export import export_c, export_python, export_text
from skbackprop.solvers import GradientDescent

temperature = np.linspace(1, 100, 100)[:, None]
pressure = 10 ** (8.07131 - 1730.63 / (233.426 + temperature[:, 0]))  # mmHg

# %%
# The network
# -----------
# The network has three hidden units and almost no penalty, because the table has no noise.
# ``target_range`` leaves room on both sides, so that the output unit is nearly linear.

network = BackpropRegressor(
    3,
    alpha=1e-9,
    target_range=(0.3, 0.7),
    solver=GradientDescent("lm", n_init=5, max_iter=2_000, tol=1e-8),
    random_state=0,
)
model = make_pipeline(StandardScaler(), network).fit(temperature, pressure)
error = model.predict(temperature) - pressure
print(f"largest error {np.abs(error).max():.3f} mmHg, of {pressure.max():.0f} mmHg")

# %%
# As a formula
# ------------
# The weights in the formula include the scaler, and the last line returns the units of y.

print(export_text(model, feature_names=["T"]))

# %%
# ``format="latex"`` gives the same formula for a paper, and ``format="spreadsheet"`` the cells of
# a spreadsheet.
#
# As code
# -------
# The Python function needs only the module ``math``. With ``derivative=True`` it also returns the
# slope, which is compared here with the slope of Antoine's equation.

functions = {}
exec(export_python(model, name="pressure", derivative=True), functions)
value, slope = functions["pressure_gradient"]([60.0])
antoine = 10 ** (8.07131 - 1730.63 / (233.426 + 60))
print(f"pressure at 60 degrees: {value:.2f} mmHg, Antoine {antoine:.2f}")
print(f"slope: {slope[0]:.3f} mmHg per degree, ", end="")
print(f"Antoine {antoine * math.log(10) * 1730.63 / (233.426 + 60) ** 2:.3f}")

# %%
# The C file has no dependencies. In single precision it runs on small controllers.

print(export_c(model, name="pressure", dtype="float"))

# %%
# How many digits?
# ----------------
# The lines of the formula are also Python, so the effect of rounding can be measured. Each
# additional digit makes the rounding error about ten times smaller. With five digits the
# network's own error dominates.


def evaluated(formula, T):
    """The value of y after all lines of a formula."""
    names = {"exp": np.exp, "T": T}
    first, *lines = formula.strip().splitlines()
    names["f"] = eval("lambda z: " + first.split(" = ")[1], names)
    for line in lines:
        name, expression = line.split(" = ")
        names[name] = eval(expression, names)
    return names["y"]


digits = np.arange(2, 11)
rounding, total = [], []
for precision in digits:
    formula = export_text(model, feature_names=["T"], precision=int(precision))
    y = evaluated(formula, temperature[:, 0])
    rounding.append(np.abs(y - model.predict(temperature)).max())
    total.append(np.abs(y - pressure).max())

figure, axes = plt.subplots(1, 2, figsize=(9, 3.8), layout="constrained")
axes[0].plot(temperature, pressure, color="tab:blue", label="network")
axes[0].plot(temperature[::9], pressure[::9], "o", color="black", ms=4, label="table")
axes[0].axline((60, value), slope=slope[0], color="tab:orange", label="slope at 60 degrees")
axes[0].set(xlabel="temperature in degrees Celsius", ylabel="pressure in mmHg", ylim=(-30, 800))
axes[0].legend()
axes[1].semilogy(digits, rounding, "o-", label="formula against network")
axes[1].semilogy(digits, total, "s-", label="formula against table")
axes[1].set(xlabel="significant digits", ylabel="largest error in mmHg")
axes[1].legend()
plt.show()
