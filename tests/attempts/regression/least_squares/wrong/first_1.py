# wrong (core): features that sum to a constant (one-hot): the intercept is part of the smallest norm
# shown by: fit_least_squares(np.array([[1.0, 0.0], [1.0, 0.0], [0.0, 1.0]]), np.array([1.0, 2.0, 6.0])).coef; right [-2.249999999999999, 2.2500000000000004], this [-0.9999999999999998, 3.5]
from typing import NamedTuple

import numpy as np


class Fit(NamedTuple):
    intercept: float
    coef: np.ndarray


def fit_least_squares(X: np.ndarray, y: np.ndarray) -> Fit:
    X, y = np.asarray(X, dtype=float), np.asarray(y, dtype=float)
    x_mean, y_mean = X.mean(axis=0), y.mean()
    n, d = X.shape
    varying = np.ptp(X, axis=0) > 0
    if n > d and varying.all():
        fit = np.linalg.lstsq(np.column_stack([np.ones(n), X]), y, rcond=None)[0]
        return Fit(float(fit[0]), fit[1:])
    coef = np.linalg.lstsq(X - x_mean, y - y_mean, rcond=None)[0]
    return Fit(float(y_mean - x_mean @ coef), coef)
