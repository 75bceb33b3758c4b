"""Who takes part in the benchmarks of scores, as it comes, but for the random state."""

import sys
from importlib import import_module

from sklearn.base import clone
from sklearn.compose import TransformedTargetRegressor
from sklearn.ensemble import HistGradientBoostingClassifier, HistGradientBoostingRegressor
from sklearn.gaussian_process import GaussianProcessRegressor
from sklearn.gaussian_process.kernels import RBF, ConstantKernel, WhiteKernel
from sklearn.linear_model import LogisticRegression, Ridge
from sklearn.neural_network import MLPClassifier, MLPRegressor
from sklearn.preprocessing import StandardScaler

from skbackprop import BackpropClassifier, BackpropRegressor

__all__ = [
    "CONTENDERS",
    "FORMER",
    "FORMER_ALPHA",
    "OPTIONAL",
    "OURS",
    "PEER",
    "TASKS",
    "gaussian_process",
    "of_package",
    "optional",
    "scaled",
    "with_state",
]

TASKS = ("classification", "regression")
# Ours, and ours with the number that alpha was by default before the fit could choose it.
OURS, FORMER = "ours", "former"
FORMER_ALPHA = {"classification": 1.0, "regression": 0.1}
# Whom to beat
PEER = {"classification": "MLP", "regression": "MLP scaled"}


def scaled(regressor):
    return TransformedTargetRegressor(regressor, transformer=StandardScaler())


def gaussian_process():
    return GaussianProcessRegressor(
        ConstantKernel() * RBF() + WhiteKernel(), normalize_y=True, random_state=0
    )


CONTENDERS = {
    "classification": {
        OURS: BackpropClassifier(random_state=0),
        FORMER: BackpropClassifier(alpha=FORMER_ALPHA["classification"], random_state=0),
        "MLP": MLPClassifier(random_state=0),
        "MLP lbfgs": MLPClassifier(solver="lbfgs", random_state=0),
        "logistic": LogisticRegression(max_iter=1000, random_state=0),
        "boosting": HistGradientBoostingClassifier(random_state=0),
    },
    "regression": {
        OURS: BackpropRegressor(random_state=0),
        FORMER: BackpropRegressor(alpha=FORMER_ALPHA["regression"], random_state=0),
        "MLP": MLPRegressor(random_state=0),
        "MLP scaled": scaled(MLPRegressor(random_state=0)),
        "lbfgs": MLPRegressor(solver="lbfgs", random_state=0),
        "lbfgs scaled": scaled(MLPRegressor(solver="lbfgs", random_state=0)),
        "ridge": Ridge(random_state=0),
        "GP": gaussian_process(),
        "boosting": HistGradientBoostingRegressor(random_state=0),
    },
}

# Networks trained beforehand on other tables: (label, module, class of each task). Their packages
# have no weights in them and load them at the first fit.
OPTIONAL = (
    ("TabPFN", "tabpfn", ("TabPFNClassifier", "TabPFNRegressor")),
    ("TabICL", "tabicl", ("TabICLClassifier", "TabICLRegressor")),
)


def of_package(module, names, task, **options):
    """An estimator of a package that may be missing, which is an ImportError.

    Parameters
    ----------
    module : str
    names : (str, str)
        Its classes for classification and regression.
    task : {"classification", "regression"}
    options : of the constructor
    """
    return getattr(import_module(module), names[TASKS.index(task)])(random_state=0, **options)


def optional(task):
    """The contenders of `OPTIONAL` whose package can be imported, by label."""
    found = {}
    for label, module, names in OPTIONAL:
        try:
            found[label] = of_package(module, names, task)
        except ImportError as error:
            print(f"without {label}: {error}", file=sys.stderr)
    return found


def with_state(estimator, state):
    """A clone with this random_state, of itself or of the regressor within."""
    names = [key for key in estimator.get_params() if key.split("__")[-1] == "random_state"]
    return clone(estimator).set_params(**dict.fromkeys(names, state))
