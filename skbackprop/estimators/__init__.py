"""The two estimators, which put scikit-learn's interface around the network.

The estimators:

- `_regressor`, `_classifier`: the public classes
- `_base`: `fit` of both, as a pipeline of values; `_stream`, `_has_partial_fit`: `partial_fit`
- `_hidden_features`: `transform`, the outputs of the hidden units

What the user passes:

- `_data`: checks of X, y and sample weights; `_numbers`: errors for values that are not numbers
- `_choices`: the parameters `solver` and `loss`; `_monotonic_cst`: the parameter `monotonic_cst`
- `_collection_samples`, `_collection_answers`: samples and predictions that are dask collections

What y becomes:

- `_target_encoder`: the interface of the two encoders
- `_class_encoder`: labels become 0 and 1, or the ends of `target_range`
- `_range_encoder`: numbers become numbers in `target_range`, by default 0.1 to 0.9

A fit:

- `_held_out`: the samples that early stopping sets aside
- `_objectives`: J of the training data, and the cost of the validation data
- `_auto_alpha`: the penalty: a number, or "auto", and the fit with it
- `_penalty_path`, `_folds`: how "auto" compares penalties on held-out samples
- `_warm_start`: the initial weights of a warm start
- `_solve`: the call of the solver, which `record_path` wraps

After a fit:

- `_fitted`: the fitted attributes
- `_diagnosis`, `_neighbours`: the warning if little was learned
- `_uncertainty`: error bars, ``predict(return_std=True)``
- `_affine_steps`, `_affine_map`: a pipeline around the network, for inspection and export
- `_trusted`: the types that skops has to trust

During a fit:

- `_progress_table`: the table of ``verbose=1``
- `_callback_adapter`, `_fit_in_progress`: scikit-learn's callbacks
"""

from ._classifier import BackpropClassifier
from ._regressor import BackpropRegressor
from ._trusted import trusted_types

__all__ = ["BackpropClassifier", "BackpropRegressor", "trusted_types"]
