# wrong (core): as many features as samples: solved exactly without an intercept
# shown by: fit_least_squares(np.array([[1.0, 0.0], [0.0, 2.0]]), np.array([3.0, 5.0])).coef; right [-0.4, 0.7999999999999999], this [3.0, 2.5]
from typing import NamedTuple

import numpy as np


class Fit(NamedTuple):
    intercept: float
    coef: np.ndarray


def fit_least_squares(X: np.ndarray, y: np.ndarray) -> Fit:
    X, y = np.asarray(X, dtype=float), np.asarray(y, dtype=float)
    x_mean, y_mean = X.mean(axis=0), y.mean()
    if X.shape[0] == X.shape[1] and np.linalg.matrix_rank(X) == len(X):
        return Fit(0.0, np.linalg.solve(X, y))
    coef = np.linalg.lstsq(X - x_mean, y - y_mean, rcond=None)[0]
    return Fit(float(y_mean - x_mean @ coef), coef)
