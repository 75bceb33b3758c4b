"""On scikit-learn older than 1.9 there are no callbacks, and nothing else is missing."""

import subprocess
import sys

SCRIPT = """
import sys
import sklearn.metrics, sklearn.model_selection, sklearn.pipeline
from sklearn.datasets import load_iris

# as it is on an older scikit-learn, also where there is a newer one
sys.modules["sklearn.callback"] = None
import skbackprop

model = skbackprop.BackpropClassifier(3, alpha=1.0, random_state=0, verbose=1)
assert not hasattr(model, "set_callbacks")
X, y = load_iris(return_X_y=True)
assert model.fit(X, y).score(X, y) > 0.9
try:
    import skbackprop.callbacks
except ImportError as error:
    assert str(error).startswith("skbackprop.callbacks needs scikit-learn 1.9 or newer, got ")
    assert "pip install --upgrade scikit-learn" in str(error)
else:
    raise AssertionError("no ImportError")
"""


def test_without_scikit_learns_callbacks():
    done = subprocess.run([sys.executable, "-c", SCRIPT], capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
