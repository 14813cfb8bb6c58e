# wrong (core): one-pass variance E[x^2] - mean^2 cancels for values large beside their spread (1e6 and 0.01)
from typing import NamedTuple

import numpy as np


class Scaler(NamedTuple):
    mean: np.ndarray
    scale: np.ndarray


class Fit(NamedTuple):
    intercept: float
    coef: np.ndarray


def fit_scaler(X):
    X = np.asarray(X, dtype=float)
    first = X[0]
    mean = X.mean(axis=0)
    scale = np.sqrt(np.maximum((X**2).mean(axis=0) - mean**2, 0.0))
    constant = (X == first).all(axis=0)
    return Scaler(mean, np.where(constant, 1.0, scale))


def transform(X, mean, scale):
    return (np.asarray(X, dtype=float) - mean) / scale


def unscale(intercept, coef, mean, scale):
    coef = np.asarray(coef, dtype=float)
    coef = coef / scale
    return Fit(float(intercept - coef @ mean), coef)
