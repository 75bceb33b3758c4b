"""Writes the inventories of other projects that the site links to, beside this file.

The build of the site must not need a network, so the names that docstrings and the gallery use
are listed here, each with the page that documents it. Add a name and run this script again.
"""

import zlib
from pathlib import Path

HERE = Path(__file__).parent
NUMPY = """
abs array bincount column_stack concatenate cos digitize exp eye flatnonzero geomspace hstack
isfinite linspace log logspace maximum mean median meshgrid minimum ndarray ptp repeat searchsorted
sin sort sqrt transpose unique vstack where zeros
"""
SCIPY = "optimize.minimize optimize.Bounds special.expit stats.qmc.Sobol"
SKLEARN = """
base.clone compose.ColumnTransformer compose.TransformedTargetRegressor
datasets.load_breast_cancer datasets.load_diabetes datasets.load_digits datasets.load_iris
datasets.load_wine datasets.make_circles datasets.make_classification datasets.make_moons
decomposition.PCA ensemble.RandomForestClassifier exceptions.ConvergenceWarning
exceptions.NotFittedError gaussian_process.GaussianProcessRegressor
gaussian_process.kernels.RBF gaussian_process.kernels.WhiteKernel
inspection.DecisionBoundaryDisplay linear_model.LogisticRegression linear_model.Ridge
model_selection.GridSearchCV model_selection.KFold model_selection.StratifiedKFold
model_selection.cross_val_score model_selection.cross_validate
model_selection.train_test_split neural_network.MLPClassifier neural_network.MLPRegressor
pipeline.Pipeline pipeline.make_pipeline preprocessing.StandardScaler preprocessing.scale svm.SVC
"""
PYPLOT = "figure show subplots"
COLOURS = "LinearSegmentedColormap"


def generated(prefix, names, folder):
    """Pages named after what they document, as autosummary makes them."""
    for name in names.split():
        yield f"{prefix}.{name}", role(name), f"{folder}/{prefix}.{name}.html#$"


def role(name):
    """Whether a name is a class or a function, by its spelling."""
    last = name.rpartition(".")[2]
    return "py:class" if last[0].isupper() or last == "ndarray" else "py:function"


BUILT_IN = "library/functions.html#"
PROJECTS = {
    "python": [
        ("None", "py:data", "library/constants.html#None"),
        ("True", "py:data", "library/constants.html#True"),
        ("False", "py:data", "library/constants.html#False"),
        ("bltin-boolean-values", "std:label", "library/stdtypes.html#bltin-boolean-values"),
        ("callable", "py:function", BUILT_IN + "callable"),
        ("float", "py:class", BUILT_IN + "float"),
        ("int", "py:class", BUILT_IN + "int"),
        *((name, "py:class", f"library/stdtypes.html#{name}") for name in ("dict", "list", "str")),
        ("tuple", "py:class", "library/stdtypes.html#tuple"),
        ("iterable", "std:term", "glossary.html#term-iterable"),
        ("sequence", "std:term", "glossary.html#term-sequence"),
        ("generator", "std:term", "glossary.html#term-generator"),
    ],
    "numpy": [
        *generated("numpy", NUMPY, "reference/generated"),
        ("array_like", "std:term", "glossary.html#term-array_like"),
        ("arrays.scalars", "std:label", "reference/arrays.scalars.html#arrays-scalars"),
        ("numpy.random.default_rng", "py:function", "reference/random/generator.html#$"),
        ("numpy.random.Generator", "py:class", "reference/random/generator.html#$"),
        ("numpy.random.RandomState", "py:class", "reference/random/legacy.html#$"),
    ],
    "scipy": [*generated("scipy", SCIPY, "reference/generated")],
    "sklearn": [*generated("sklearn", SKLEARN, "modules/generated")],
    "matplotlib": [
        *generated("matplotlib.pyplot", PYPLOT, "api/_as_gen"),
        *generated("matplotlib.colors", COLOURS, "api/_as_gen"),
    ],
}


def inventory(project, entries):
    """The bytes of a version 2 inventory."""
    header = (
        "# Sphinx inventory version 2\n"
        f"# Project: {project}\n"
        "# Version: \n"
        "# The remainder of this file is compressed using zlib.\n"
    )
    lines = "".join(f"{name} {kind} 1 {page} -\n" for name, kind, page in sorted(entries))
    return header.encode() + zlib.compress(lines.encode(), 9)


def main():
    """Write a file for each project."""
    for project, entries in PROJECTS.items():
        (HERE / f"{project}.inv").write_bytes(inventory(project, entries))


if __name__ == "__main__":
    main()
