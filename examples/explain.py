"""Explain a network: which features matter, in which direction, and why one prediction is so.

Permutation importance and partial dependence come with scikit-learn. SHAP values are shown too if
SHAP is installed:

    pip install "skbackprop[ecosystem]"
    python examples/explain.py
"""

from importlib.util import find_spec

from sklearn.datasets import load_diabetes
from sklearn.inspection import partial_dependence, permutation_importance
from sklearn.model_selection import train_test_split
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

from skbackprop import BackpropRegressor

DATA = load_diabetes(scaled=False)
NAMES = DATA.feature_names
X_TRAIN, X_TEST, Y_TRAIN, Y_TEST = train_test_split(DATA.data, DATA.target, random_state=0)


def print_importances(model):
    """How much the score falls on test data when a feature is shuffled; the largest first."""
    found = permutation_importance(model, X_TEST, Y_TEST, n_repeats=20, random_state=0)
    order = found.importances_mean.argsort()[::-1]
    print("\nPermutation importance: the decrease of R2 when a feature is shuffled")
    for i in order:
        mean, spread = found.importances_mean[i], found.importances_std[i]
        bar = "#" * round(100 * max(mean, 0))
        print(f"  {NAMES[i]:<4}{mean:7.3f} +- {spread:.3f}  {bar}")
    return order


def print_dependence(model, feature):
    """The mean prediction when a feature has the same value in all samples."""
    found = partial_dependence(model, X_TRAIN, [feature], grid_resolution=7)
    print(f"\nPartial dependence: the mean prediction if all {NAMES[feature]} were equal")
    for value, mean in zip(found["grid_values"][0], found["average"][0], strict=True):
        print(f"  {NAMES[feature]} {value:7.2f}  {mean:6.1f}  {'#' * round(mean / 5)}")


def print_shap(model):
    """How the prediction of one sample comes about, as a sum over its features."""
    import shap

    sample = X_TEST[:1]
    explainer = shap.KernelExplainer(model.predict, X_TRAIN[::8])
    (values,) = explainer.shap_values(sample, silent=True)
    print(f"\nSHAP: from the mean prediction to that of a patient, {model.predict(sample)[0]:.1f}")
    print(f"  {'mean':<11}{explainer.expected_value:7.1f}")
    for i in abs(values).argsort()[::-1]:
        print(f"  {NAMES[i]:<4}{sample[0, i]:7.2f}{values[i]:+7.1f}")
    print(f"  {'sum':<11}{explainer.expected_value + values.sum():7.1f}")


def main():
    model = make_pipeline(StandardScaler(), BackpropRegressor(random_state=0))
    model.fit(X_TRAIN, Y_TRAIN)
    print("Diabetes: the progress of the disease after a year, from ten measurements of a patient.")
    print(f"R2 {model.score(X_TEST, Y_TEST):.2f} on {len(X_TEST)} test samples")
    order = print_importances(model)
    print_dependence(model, order[0])
    if find_spec("shap"):
        print_shap(model)
    else:
        print('\nFor SHAP values of one patient: pip install "skbackprop[ecosystem]"')


if __name__ == "__main__":
    main()
