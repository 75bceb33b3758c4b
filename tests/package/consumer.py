"""A program that uses every public name as users do; test_types.py has it checked and run."""

from __future__ import annotations

import tempfile
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy import sparse

import skbackprop
from skbackprop import BackpropClassifier, BackpropRegressor, trusted_types
from skbackprop.losses import (
    Exponential,
    GeneralizedKullbackLeibler,
    Hellinger,
    Huber,
    ItakuraSaito,
    KullbackLeibler,
    LogLoss,
    Loss,
    Quantile,
    SquaredError,
)
from skbackprop.optimizers import (
    LBFGS,
    SGD,
    Adam,
    FirstOrder,
    LevenbergMarquardt,
    Optimizer,
    Rprop,
)
from skbackprop.solvers import (
    GradientDescent,
    Grid,
    MonteCarlo,
    Progress,
    Solver,
    SolverResult,
    Status,
)

RNG = np.random.default_rng(0)
X: NDArray[np.float64] = RNG.normal(size=(30, 2))
Y: NDArray[np.float64] = X[:, 0] - X[:, 1]
LABELS: NDArray[np.int64] = (Y > 0).astype(np.int64)

LOSSES_OF_CLASSIFIER: list[str | Loss] = ["log_loss", LogLoss(), SquaredError(), Hellinger()]
LOSSES_OF_REGRESSOR: list[str | Loss] = [
    "squared_error",
    Exponential(tau=2.0),
    KullbackLeibler(),
    GeneralizedKullbackLeibler(),
    ItakuraSaito(),
    Huber(delta=0.5),
    Quantile(quantile=0.9),
]
OPTIMIZERS: list[str | Optimizer] = [
    "lm",
    SGD(0.1, momentum=0.5),
    Adam(batch_size=10),
    Rprop(),
    LBFGS(),
    LevenbergMarquardt(),
]
SOLVERS: list[str | Solver] = [
    "montecarlo",
    GradientDescent("adam", max_iter=5),
    MonteCarlo(n_draws=100),
    Grid(max_evals=100),
]


def attributes(model: BackpropClassifier | BackpropRegressor) -> None:
    """Read all that the two estimators have in common after a fit."""
    W1, W2 = model.coefs_
    b1, b2 = model.intercepts_
    n_weights: int = W1.size + W2.size + b1.size + b2.size
    counts: list[int] = [model.n_iter_, model.n_evaluations_, model.n_outputs_, n_weights]
    loss: float = model.loss_
    penalty: float = model.alpha_
    assert penalty >= 0
    curve: NDArray[np.float64] = model.loss_curve_
    status: Status = model.status_
    message: str = model.message_
    solver: Solver = model.solver_
    assert min(counts) > 0
    assert model.n_features_in_ == 2
    assert np.isfinite([loss, *curve]).all()
    assert status.name
    assert message
    assert repr(solver)


def chosen(model: BackpropClassifier | BackpropRegressor) -> None:
    """Read what a fit that has chosen its penalty leaves."""
    alpha: float = model.alpha_
    alphas: NDArray[np.float64] = model.alphas_
    path: NDArray[np.float64] = model.loss_path_
    assert alpha in alphas
    assert len(path) == len(alphas)


def classify() -> None:
    """Fit, look and predict with the classifier."""
    for loss in LOSSES_OF_CLASSIFIER:
        attributes(BackpropClassifier(3, loss=loss, alpha=1.0, random_state=0).fit(X, LABELS))
    model = BackpropClassifier(3, random_state=0).fit(X, LABELS)
    classes: list[int] = model.classes_.tolist()
    path: NDArray[np.float64] = model.loss_path_
    assert len(path) == len(model.alphas_)
    proba: NDArray[Any] = model.predict_proba(X)
    assert proba.shape == (30, len(classes))
    assert model.predict_log_proba(X).shape == proba.shape
    scores: NDArray[Any] = model.decision_function(X)
    assert scores.shape == (30,)
    assert model.predict(sparse.csr_matrix(X)).shape == (30,)
    accuracy = float(model.score(X, LABELS))
    assert 0 <= accuracy <= 1
    weighted = BackpropClassifier(
        3,
        solver=GradientDescent("sgd", max_iter=5, early_stopping=True),
        class_weight={"no": 1.0, "yes": 2.0},
        target_range=(0.1, 0.9),
        n_jobs=1,
        random_state=np.random.RandomState(0),
    )
    weighted.set_params(alpha=0.1, solver__max_iter=10)
    weighted.fit(X.tolist(), ["no" if label else "yes" for label in LABELS], [1.0] * 30)
    assert len(weighted.validation_loss_curve_) >= weighted.best_iter_ > 0
    assert weighted.best_validation_loss_ > 0
    assert BackpropClassifier(class_weight="balanced").get_params()["alpha"] == "auto"
    chosen(model)
    rising = BackpropClassifier(3, monotonic_cst=[1, -1], random_state=0).fit(X, LABELS)
    assert (rising.coefs_[1] >= 0).all()


def regress() -> None:
    """Fit, look and predict with the regressor."""
    for loss in LOSSES_OF_REGRESSOR:
        attributes(BackpropRegressor(2, loss=loss, alpha=0.01, random_state=0).fit(X, Y))
    for optimizer in OPTIMIZERS:
        solver = GradientDescent(optimizer, max_iter=5)
        attributes(BackpropRegressor(2, solver=solver, alpha=0.1, random_state=0).fit(X, Y))
    for choice in SOLVERS:
        attributes(BackpropRegressor(2, solver=choice, random_state=0, verbose=0).fit(X, Y))
    model = BackpropRegressor(2, solver=Grid(max_evals=100), random_state=0)
    model.fit(X, Y, X_val=X, y_val=Y, sample_weight_val=np.ones(30))
    validation: NDArray[np.float64] = model.validation_loss_curve_
    assert len(validation)
    place: int = model.best_iter_
    best: float = model.best_validation_loss_
    assert validation[place - 1] == best
    hidden: NDArray[Any] = model.transform(X)
    assert hidden.shape == (30, len(model.get_feature_names_out()))
    lowest: float = model.loss_lower_bound_
    n_points: int = model.n_grid_points_
    assert lowest <= model.loss_
    assert n_points > 0
    _, std = BackpropRegressor(2, random_state=0).fit(X, Y).predict(X, return_std=True)
    deviations: list[float] = std.tolist()
    chosen = BackpropRegressor(2, random_state=0).fit(X, Y)
    assert len(chosen.loss_path_) == len(chosen.alphas_)
    mean: NDArray[Any] = model.predict(X, return_std=False)
    assert len(mean) == len(deviations)
    first_order: list[FirstOrder] = [SGD(), Adam(), Rprop()]
    assert first_order
    stream = BackpropRegressor(2, solver=GradientDescent(Adam()), fit_intercept=False)
    stream.partial_fit(X, Y, y_range=(-9, 9))
    assert stream.predict(X.astype(np.float32)).dtype == np.float32


class Origin(Solver):
    """A solver of one's own."""

    def solve(self, objective: Any, w0: Any = None, **options: Any) -> SolverResult:
        w = np.zeros(objective.n_weights)
        value = objective.value(w)
        callback = options["callback"]
        if callback is not None:
            callback(Progress(1, 1, value, w))
        return SolverResult(w, value, 1, 1, Status.EXHAUSTED, np.array([value]))


def extend() -> None:
    """Use a solver of one's own, and the list of types for skops."""
    model = BackpropRegressor(2, solver=Origin()).fit(X, Y)
    assert isinstance(model.solver_, Origin)
    names: list[str] = trusted_types()
    assert names
    version: str = skbackprop.__version__
    assert version


def inspect() -> None:
    """Compute what the displays draw."""
    from skbackprop.inspection import (
        CostSurfaceDisplay,
        GradientReport,
        LossCurveDisplay,
        NetworkDisplay,
        SensitivityDisplay,
        check_gradient,
        input_gradient,
        output_bounds,
        record_path,
        sensitivity,
    )

    model = BackpropRegressor(2, random_state=0).fit(X, Y)
    report: GradientReport = check_gradient(model, X, Y)
    assert report
    _, path = record_path(model, X, Y)
    assert len(path) == model.n_iter_ + 1
    gradient: NDArray[np.float64] = input_gradient(model, X)
    assert gradient.shape == X.shape
    assert sensitivity(model, X, standardize=True).mean.shape == (2,)
    bounds = output_bounds(model, np.column_stack([X.min(axis=0), X.max(axis=0)]), tol=1e-3)
    lower: float = bounds.lower
    assert lower <= model.predict(X).min()
    kinds = [CostSurfaceDisplay, LossCurveDisplay, NetworkDisplay, SensitivityDisplay]
    assert all(callable(kind.from_estimator) for kind in kinds)


def call_back() -> None:
    """Set callbacks, which needs scikit-learn 1.9."""
    from skbackprop.callbacks import (
        ProgressBar,
        Snapshot,
        TargetLoss,
        validation_data,
    )

    assert callable(ProgressBar)
    with tempfile.TemporaryDirectory() as folder:
        model = BackpropClassifier(2, random_state=0)
        path = Path(folder, "model.pickle")
        model.set_callbacks(TargetLoss(0.1), Snapshot(path))
        model.fit(X, LABELS)
    assert validation_data(model) is None


def write_code() -> None:
    """Write a model as code and as a formula."""
    from skbackprop.export import export_c, export_matlab, export_python, export_text

    model = BackpropRegressor(2, random_state=0).fit(X, Y)
    code: str = export_c(model, name="model", dtype="float", derivative=True)
    assert code.startswith("/*")
    for function in (export_python, export_matlab):
        code = function(model, name="model", derivative=True)
        assert "model" in code
    names = [f"feature {i}" for i in range(model.n_features_in_)]
    formula: str = export_text(model, format="latex", precision=3, feature_names=names)
    assert formula


def export() -> None:
    """Write a graph of ONNX, which needs skl2onnx."""
    from skbackprop.export import register_converters, to_onnx

    register_converters()
    model = BackpropRegressor(2, random_state=0).fit(X, Y)
    assert to_onnx(model)
    assert to_onnx(model, X, plain=True)
