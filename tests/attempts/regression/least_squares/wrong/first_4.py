# wrong (core): one sample: intercept 0 and x . coef = y, instead of coef 0
# shown by: fit_least_squares(np.array([[1.0, 2.0]]), np.array([10.0])).coef; right [0.0, 0.0], this [2.0, 4.0]
from typing import NamedTuple

import numpy as np


class Fit(NamedTuple):
    intercept: float
    coef: np.ndarray


def fit_least_squares(X: np.ndarray, y: np.ndarray) -> Fit:
    X, y = np.asarray(X, dtype=float), np.asarray(y, dtype=float)
    x_mean, y_mean = X.mean(axis=0), y.mean()
    if len(X) == 1 and X.any():
        return Fit(0.0, y[0] * X[0] / (X[0] @ X[0]))
    coef = np.linalg.lstsq(X - x_mean, y - y_mean, rcond=None)[0]
    return Fit(float(y_mean - x_mean @ coef), coef)
