"""The hidden layer as features: `transform` of both estimators."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sklearn.base import ClassNamePrefixFeaturesOutMixin, TransformerMixin
from sklearn.utils.validation import check_is_fitted

from .._execution._numpy_settings import floating_point_unchecked
from ..model._network import hidden_layer
from ._collection_answers import lazy_on_collections
from ._data import check_features

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from ._data import MatrixLike

__all__ = ["HiddenFeatures"]


class HiddenFeatures(ClassNamePrefixFeaturesOutMixin, TransformerMixin):
    """The outputs of the hidden units, a2 = f(X W1 + b1), as features for another estimator.

    Like scikit-learn's `LinearDiscriminantAnalysis`, the estimator is both a transformer and a
    predictor: in a pipeline it predicts if it is the last step, and transforms otherwise.
    """

    coefs_: list[NDArray[Any]]
    intercepts_: list[NDArray[Any]]

    @lazy_on_collections
    def transform(self, X: MatrixLike) -> NDArray[Any]:
        """Compute the outputs a2 of the hidden units.

        Parameters
        ----------
        X : array-like, sparse matrix or dask collection of shape (n_samples, n_features)

        Returns
        -------
        a2 : ndarray of shape (n_samples, n_hidden)
            Numbers in [0, 1], of the dtype of `X`; a data frame after ``set_output``.

        Raises
        ------
        ValueError
            If X is invalid, or a dask collection after ``set_output``, which is not lazy.

        Examples
        --------
        >>> from sklearn.datasets import load_iris
        >>> from skbackprop import BackpropClassifier
        >>> X, y = load_iris(return_X_y=True)
        >>> model = BackpropClassifier(3, random_state=0).fit(X, y)
        >>> model.transform(X).shape
        (150, 3)
        >>> model.get_feature_names_out().tolist()
        ['backpropclassifier0', 'backpropclassifier1', 'backpropclassifier2']
        """
        check_is_fitted(self)
        with floating_point_unchecked():
            X = check_features(self, X)
            W1, b1 = self.coefs_[0], self.intercepts_[0]
            return hidden_layer(X, W1.astype(X.dtype), b1.astype(X.dtype))

    def __sklearn_tags__(self) -> Any:
        tags = super().__sklearn_tags__()
        tags.transformer_tags.preserves_dtype = ["float64", "float32"]
        return tags

    @property
    def _n_features_out(self) -> int:
        """Number of hidden units, for `get_feature_names_out`."""
        return self.coefs_[0].shape[1]
