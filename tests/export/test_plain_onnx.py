"""Plain graphs give what the estimator predicts, and OMLT with a solver finds their minimum."""

import numpy as np
import pytest
from exported_models import (
    BODIES,
    CLASSIFIERS,
    FRAME,
    IRIS,
    MODELS,
    PROGRESS,
    SPECIES,
    classifier,
    fitted,
    prediction,
    regressor,
    size_of,
)
from scipy import sparse
from scipy.optimize import minimize
from sklearn.exceptions import NotFittedError
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import PolynomialFeatures, StandardScaler

from skbackprop import BackpropRegressor
from skbackprop.export import to_onnx
from skbackprop.inspection import output_bounds

onnx = pytest.importorskip("onnx", reason="needs the extra onnx: pip install skbackprop[onnx]")

REFUSED = {"binary-range", "multilabel-range", "one-class"}
PLAIN = [name for name in MODELS if name not in REFUSED and not name.startswith("multiclass")]


def evaluate(model, X):
    """The output of a plain graph, by NumPy."""
    constants = {part.name: onnx.numpy_helper.to_array(part) for part in model.graph.initializer}
    tensors = {"X": X} | constants
    operators = {
        "MatMul": np.matmul,
        "Add": np.add,
        "Sigmoid": lambda z: 1 / (1 + np.exp(-z)),
    }
    for node in model.graph.node:
        inputs = [tensors[name] for name in node.input]
        tensors[node.output[0]] = operators[node.op_type](*inputs)
    (output,) = model.graph.output
    return tensors[output.name]


@pytest.mark.parametrize("name", PLAIN)
def test_the_graph_gives_the_prediction(name):
    model, X = fitted(name)
    graph = to_onnx(model, X, plain=True)
    onnx.checker.check_model(graph, full_check=True)
    expected = prediction(name, X)
    error = np.abs(evaluate(graph, X) - expected)
    assert (error <= 1e-12 * size_of(expected)).all()
    kinds = ["MatMul", "Add", "Sigmoid", "MatMul", "Add", "Sigmoid", "MatMul", "Add"]
    assert [node.op_type for node in graph.graph.node] == kinds
    (output,) = graph.graph.output
    assert output.name == ("probabilities" if name in CLASSIFIERS else "variable")


@pytest.mark.parametrize("name", PLAIN)
def test_a_runtime_computes_it_in_both_types(name):
    onnxruntime = pytest.importorskip("onnxruntime", reason="needs the extra ecosystem")
    model, X = fitted(name)
    for dtype, precision in (("float32", 1e-5), ("float64", 1e-12)):
        content = to_onnx(model, X.astype(dtype), plain=True).SerializeToString()
        (y,) = onnxruntime.InferenceSession(content).run(None, {"X": X.astype(dtype)})
        if name == "regression-far-from-zero" and dtype == "float32":
            precision = 1e-3  # all is folded into b1: years take two more digits than float32 has
        assert y.dtype == dtype
        expected = prediction(name, X)
        assert (np.abs(y - expected) <= precision * size_of(expected)).all()


@pytest.mark.parametrize(
    ("X", "kind"),
    [
        (None, "FLOAT"),
        (IRIS.astype(np.float32), "FLOAT"),
        (IRIS, "DOUBLE"),
        (IRIS.tolist(), "DOUBLE"),
        (FRAME, "DOUBLE"),
        (sparse.csr_array(IRIS), "DOUBLE"),
    ],
    ids=["none", "float32", "float64", "list", "frame", "sparse"],
)
def test_the_sample_determines_the_type(X, kind):
    graph = to_onnx(fitted("binary")[0], X, plain=True, name="iris").graph
    assert graph.name == "iris"
    assert graph.input[0].type.tensor_type.elem_type == getattr(onnx.TensorProto, kind)


@pytest.mark.parametrize(("target_opset", "opset"), [(None, 14), (17, 17), ({"": 13}, 13)])
def test_the_set_of_operators(target_opset, opset):
    model = to_onnx(fitted("binary")[0], plain=True, target_opset=target_opset)
    assert [part.version for part in model.opset_import] == [opset]


@pytest.mark.parametrize(
    ("name", "options", "words"),
    [
        ("multiclass", {}, "more classes are divided by their sum, got 3 classes: use plain=False"),
        ("binary-range", {}, r"with target_range=\(0, 1\).* got \(0.1, 0.9\): fit with \(0, 1\)"),
        ("binary", {"options": {"zipmap": False}}, "options must be None with plain=True, got {"),
        ("binary", {"target_opset": 9}, "target_opset must be 11 or newer, got 9"),
    ],
    ids=["three-classes", "range", "options", "opset"],
)
def test_what_has_no_plain_graph(name, options, words):
    with pytest.raises(ValueError, match=words):
        to_onnx(fitted(name)[0], plain=True, **options)


def test_steps_that_are_not_affine_are_refused():
    model = make_pipeline(StandardScaler(), PolynomialFeatures(), classifier())
    model.fit(IRIS, SPECIES > 1)
    with pytest.raises(TypeError, match=r"got PolynomialFeatures\(\)"):
        to_onnx(model, plain=True)
    with pytest.raises(NotFittedError):
        to_onnx(BackpropRegressor(), plain=True)
    with pytest.raises(TypeError, match="plain must be True or False, got 1"):
        to_onnx(fitted("binary")[0], plain=1)


@pytest.mark.parametrize("sense", [1, -1], ids=["smallest", "largest"])
def test_a_solver_finds_the_extremes_of_a_surrogate(sense):
    omlt = pytest.importorskip("omlt", reason="needs OMLT: pip install omlt")
    pyomo = pytest.importorskip("pyomo.environ", reason="needs Pyomo: pip install pyomo")
    pytest.importorskip("pyscipopt", reason="needs the solver SCIP: pip install pyscipopt")
    from omlt.io.onnx import load_onnx_neural_network
    from omlt.neuralnet import FullSpaceSmoothNNFormulation

    X = BODIES[:, [2, 3, 8]]
    model = make_pipeline(StandardScaler(), regressor(n_hidden=4)).fit(X, PROGRESS)
    box = list(zip(X.min(axis=0).tolist(), X.max(axis=0).tolist(), strict=True))
    network = load_onnx_neural_network(
        to_onnx(model, X, plain=True), input_bounds=dict(enumerate(box))
    )
    problem = pyomo.ConcreteModel()
    problem.network = omlt.OmltBlock()
    problem.network.build_formulation(FullSpaceSmoothNNFormulation(network))
    problem.goal = pyomo.Objective(expr=sense * problem.network.outputs[0])
    pyomo.SolverFactory("scip_direct").solve(problem)
    found = pyomo.value(problem.network.outputs[0])
    place = [pyomo.value(problem.network.inputs[i]) for i in range(3)]
    np.testing.assert_allclose(model.predict([place])[0], found, rtol=1e-4)

    def cost(x):
        return sense * model.predict([x])[0]

    # descents from the corners, the middles and many points between them
    rng = np.random.default_rng(0)
    points = rng.uniform(*np.transpose(box), size=(2000, 3))
    starts = points[np.argsort(sense * model.predict(points))[:10]]
    best = min(minimize(cost, start, bounds=box).fun for start in starts)
    np.testing.assert_allclose(sense * found, best, rtol=1e-3)

    # the solver's constraints hold to 1e-6, and there is one for each unit
    bounds, room = output_bounds(model, box, tol=1e-6), 1e-5 * np.ptp(PROGRESS)
    assert bounds.converged
    assert bounds.lower - room <= found <= bounds.upper + room
    expected = bounds.lowest if sense > 0 else bounds.highest
    np.testing.assert_allclose(found, expected, rtol=0, atol=room)
