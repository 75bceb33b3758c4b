"""Store fitted models of this release for tests/estimators/test_stored_models.py.

Run once for each release, with the extra ecosystem installed:

    python tests/estimators/stored/make.py

It writes tests/estimators/stored/VERSION: two models as files of skops, and for each of them
inputs and the predictions that every later version of the same major series has to give.
types.txt lists the types to trust, by the names that they have in this release. Never write the
directory of a published release again.
"""

import zipfile
from pathlib import Path

import numpy as np
from sklearn.base import is_regressor
from skops.io import dump, get_untrusted_types

from skbackprop import BackpropClassifier, BackpropRegressor, __version__

TARGET = Path(__file__).parent / __version__


def problem():
    """A few samples with small, exactly representable features, and targets of both kinds."""
    rng = np.random.default_rng(0)
    X = rng.integers(-8, 9, size=(60, 3)) / 4
    y = X[:, 0] * X[:, 1] - X[:, 2]
    labels = np.array(["low", "middle", "high"])[np.digitize(y, [-1, 1])]
    return X, y, labels


def models():
    """Fits with the default solvers, as most stored models are, of few hidden units."""
    X, y, labels = problem()
    return {
        "classifier": BackpropClassifier(2, alpha=0.01, random_state=0).fit(X, labels),
        "regressor": BackpropRegressor(2, alpha=0.01, random_state=0).fit(X, y),
    }


def expected(model, X):
    """The predictions of a model, by the name of its method, and their standard deviations."""
    methods = ("predict", "predict_proba")
    found = {name: getattr(model, name)(X) for name in methods if hasattr(model, name)}
    if is_regressor(model):
        _, found["std"] = model.predict(X, return_std=True)
    return found


def main():
    """Write the models, the inputs and the predictions."""
    TARGET.mkdir(exist_ok=True)
    X = problem()[0][:20]
    types = set()
    for name, model in models().items():
        file = TARGET / f"{name}.skops"
        dump(model, file, compression=zipfile.ZIP_DEFLATED)
        types |= set(get_untrusted_types(file=file))
        np.savez_compressed(TARGET / f"{name}.npz", X=X, **expected(model, X))
        print(f"{TARGET.name}/{name}: n_iter_={model.n_iter_}, loss_={model.loss_:.6f}")
    (TARGET / "types.txt").write_text("\n".join(sorted(types)) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
