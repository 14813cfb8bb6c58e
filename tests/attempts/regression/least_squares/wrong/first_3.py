# wrong (core): features of very different size are scaled, so the smallest norm is that of the scaled coefficients
# shown by: fit_least_squares(np.array([[0.0, 0.0], [1.0, 200.0], [2.0, 400.0]]), np.array([1.0, 3.0, 8.0])).coef; right [8.749781255468615e-05, 0.017499562510937226], this [1.7499999999999998, 0.008749999999999997]
from typing import NamedTuple

import numpy as np


class Fit(NamedTuple):
    intercept: float
    coef: np.ndarray


def fit_least_squares(X: np.ndarray, y: np.ndarray) -> Fit:
    X, y = np.asarray(X, dtype=float), np.asarray(y, dtype=float)
    x_mean, y_mean = X.mean(axis=0), y.mean()
    scale = np.abs(X - x_mean).max(axis=0)
    scale[scale == 0] = 1
    if scale.max() > 100 * scale.min():
        coef = np.linalg.lstsq((X - x_mean) / scale, y - y_mean, rcond=None)[0] / scale
        return Fit(float(y_mean - x_mean @ coef), coef)
    coef = np.linalg.lstsq(X - x_mean, y - y_mean, rcond=None)[0]
    return Fit(float(y_mean - x_mean @ coef), coef)
