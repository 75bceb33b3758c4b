"""Costs as functions of the target y and of z3, where yhat = f(z3).

- `_base`: the interface of a cost
- `_squared_error`: the lecture's quadratic cost
- `_log_loss`, `_exponential`, `_hellinger`, `_kullback_leibler`, `_itakura_saito`: the lecture's
  other costs; `_kullback_leibler` has two of them
- `_huber`, `_quantile`: costs for outliers in y and for quantiles of y
- `_robust`: Huber's function of the error, and the convex part of costs like it
- `_pointwise`: functions of y, z3 and f(z3) that several costs use
"""

from ..model._sigmoid import sigmoid_pair
from ._base import Loss
from ._exponential import Exponential
from ._hellinger import Hellinger
from ._huber import Huber
from ._itakura_saito import ItakuraSaito
from ._kullback_leibler import GeneralizedKullbackLeibler, KullbackLeibler
from ._log_loss import LogLoss
from ._quantile import Quantile
from ._squared_error import SquaredError

__all__ = [
    "LOSSES",
    "Exponential",
    "GeneralizedKullbackLeibler",
    "Hellinger",
    "Huber",
    "ItakuraSaito",
    "KullbackLeibler",
    "LogLoss",
    "Loss",
    "Quantile",
    "SquaredError",
    "sigmoid_pair",
]

LOSSES: dict[str, type[Loss]] = {
    "squared_error": SquaredError,
    "log_loss": LogLoss,
    "kullback_leibler": KullbackLeibler,
    "generalized_kullback_leibler": GeneralizedKullbackLeibler,
    "itakura_saito": ItakuraSaito,
    "hellinger": Hellinger,
    "exponential": Exponential,
    "huber": Huber,
    "quantile": Quantile,
}
