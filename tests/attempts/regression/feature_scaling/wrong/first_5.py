# wrong (core): strict < relative to the mean: an all-zero feature keeps the scale 0
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
    constant = scale < 1e-12 * np.abs(mean)
    return Scaler(mean, np.where(constant, 1.0, scale))


def transform(X, mean, scale):
    return (np.asarray(X, dtype=float) - mean) / scale


def unscale(intercept, coef, mean, scale):
    coef = np.asarray(coef, dtype=float)
    coef = coef / scale
    return Fit(float(intercept - coef @ mean), coef)
