# wrong (core): isclose (rtol 1e-5) takes a feature such as 1e6 +- 0.01 for constant
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
    D = X - first
    shift = D.mean(axis=0)
    mean = first + shift
    scale = np.sqrt(((D - shift) ** 2).mean(axis=0))
    constant = np.isclose(X, first).all(axis=0)
    return Scaler(mean, np.where(constant, 1.0, scale))


def transform(X, mean, scale):
    return (np.asarray(X, dtype=float) - mean) / scale


def unscale(intercept, coef, mean, scale):
    coef = np.asarray(coef, dtype=float)
    coef = coef / scale
    return Fit(float(intercept - coef @ mean), coef)
