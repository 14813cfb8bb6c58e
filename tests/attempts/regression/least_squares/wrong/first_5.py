# wrong (core): a feature with standard deviation below 1e-6 counts as constant
# shown by: fit_least_squares(np.array([[1e-6], [2e-6], [3e-6]]), np.array([1.0, 2.0, 3.0])).coef; right [999999.9999999999], this [0.0]
from typing import NamedTuple

import numpy as np


class Fit(NamedTuple):
    intercept: float
    coef: np.ndarray


def fit_least_squares(X: np.ndarray, y: np.ndarray) -> Fit:
    X, y = np.asarray(X, dtype=float), np.asarray(y, dtype=float)
    x_mean, y_mean = X.mean(axis=0), y.mean()
    varying = X.std(axis=0) > 1e-6
    coef = np.zeros(X.shape[1])
    coef[varying] = np.linalg.lstsq((X - x_mean)[:, varying], y - y_mean, rcond=None)[0]
    return Fit(float(y_mean - x_mean @ coef), coef)
