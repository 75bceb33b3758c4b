"""
What hidden units see in handwritten digits
===========================================

Each hidden unit weighs every pixel. Its weights can be drawn as an image of the same size: a
picture of what the unit looks for.
"""

# %%
# Digits of 8 by 8 pixels
# -----------------------
# Grey levels between 0 and 16, divided by 16. The pixels are not standardised: those at the
# border are nearly always 0 and would be blown up.

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
# Column j of :math:`W_1` is what unit j looks for. Ink on orange pixels turns it on, ink on
# purple pixels turns it off. Above each unit stands the digit that it speaks for most, and the
# one that it speaks against most: the largest and the smallest weight in its row of
# :math:`W_2`.

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
