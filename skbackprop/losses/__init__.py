"""Costs as functions of the target y and of z3, from which yhat = f(z3)."""

from ._losses import (
    LOSSES,
    Exponential,
    GeneralizedKullbackLeibler,
    Hellinger,
    ItakuraSaito,
    KullbackLeibler,
    LogLoss,
    Loss,
    SquaredError,
    sigmoid_pair,
)

__all__ = [
    "LOSSES",
    "Exponential",
    "GeneralizedKullbackLeibler",
    "Hellinger",
    "ItakuraSaito",
    "KullbackLeibler",
    "LogLoss",
    "Loss",
    "SquaredError",
    "sigmoid_pair",
]
