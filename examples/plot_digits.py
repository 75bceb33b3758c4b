"""
What hidden units see in handwritten digits
===========================================

Each hidden unit has a weight for every pixel. Drawn as an image, the weights show what the unit
responds to.
"""

# %%
# Digits of 8 by 8 pixels
# -----------------------
# The pixels are grey levels between 0 and 16, divided by 16. They are not standardised, because
# the pixels at the border are nearly always 0 and would be magnified.

import matplotlib.pyplot as plt
import numpy as np
from sklearn.datasets import load_digits
from sklearn.model_selection import train_test_split

from skbackprop import BackpropClassifier

X, y = load_digits(return_X_y=True)
X_train, X_test, y_train, y_test = train_test_split(
    X / 16,
    y,
    stratify=y,
    random_state=0,
)
model = BackpropClassifier(16, random_state=0).fit(X_train, y_train)
print(f"{len(X_train)} digits to learn from, ", end="")
print(f"accuracy on {len(X_test)} others: ", end="")
print(f"{model.score(X_test, y_test):.3f}")

# %%
# The hidden units
# ----------------
# Column j of :math:`W_1` belongs to hidden unit j. Ink on orange pixels turns the unit on, ink on
# purple pixels turns it off. The title of each unit names the digit that it supports most and the
# digit that it opposes most: the largest and the smallest weight in its row of :math:`W_2`.

W1, W2 = model.coefs_
largest = np.abs(W1).max()

figure, axes = plt.subplots(2, 8, figsize=(8, 2.8), layout="constrained")
for ax, unit, digits in zip(axes.flat, W1.T, W2, strict=True):
    image = ax.imshow(unit.reshape(8, 8), cmap="PuOr_r", vmin=-largest, vmax=largest)
    ax.set_title(f"for {digits.argmax()}, not {digits.argmin()}", fontsize=10)
    ax.set(xticks=[], yticks=[])
figure.colorbar(image, ax=axes, label="weight of the pixel", shrink=0.8)
figure.suptitle("The weights of 16 hidden units, drawn as images")
plt.show()
