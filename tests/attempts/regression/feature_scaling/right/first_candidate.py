# candidate, par time, from the stub alone
from typing import NamedTuple

import numpy as np


class Scaler(NamedTuple):
    mean: np.ndarray
    scale: np.ndarray


class Fit(NamedTuple):
    intercept: float
    coef: np.ndarray


def fit_scaler(X: np.ndarray) -> Scaler:
    mean = X.mean(axis=0)
    scale = X.std(axis=0)
    scale[scale == 0] = 1.0
    return Scaler(mean, scale)


def transform(X: np.ndarray, mean: np.ndarray, scale: np.ndarray) -> np.ndarray:
    return (X - mean) / scale


def unscale(intercept: float, coef: np.ndarray, mean: np.ndarray, scale: np.ndarray) -> Fit:
    new_coef = coef / scale
    return Fit(float(intercept - new_coef @ mean), new_coef)
