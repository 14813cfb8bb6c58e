# wrong (core): the variance is the mean square less the squared mean, after subtracting one mean over the whole table instead of each feature's own
from typing import NamedTuple

import numpy as np


class Scaler(NamedTuple):
    """The mean and the scale of each feature, of shape (n_features,)."""

    mean: np.ndarray
    scale: np.ndarray


class Fit(NamedTuple):
    """A number, and an array of shape (n_features,)."""

    intercept: float
    coef: np.ndarray


def fit_scaler(X):
    X = np.asarray(X, dtype=float)
    mean = X.mean(axis=0)
    shift = X.mean()
    scale = np.sqrt(np.maximum(((X - shift) ** 2).mean(axis=0) - (mean - shift) ** 2, 0.0))
    constant = (X == X[0]).all(axis=0)
    scale[constant] = 1.0
    return Scaler(mean, scale)


def transform(X, mean, scale):
    return (np.asarray(X, dtype=float) - mean) / scale


def unscale(intercept, coef, mean, scale):
    c = np.asarray(coef, dtype=float) / scale
    return Fit(float(intercept - np.dot(c, mean)), c)
