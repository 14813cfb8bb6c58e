# candidate, par time, from the stub alone
from typing import NamedTuple

import numpy as np


class Fit(NamedTuple):
    """A number, and an array of shape (n_features,)."""

    intercept: float
    coef: np.ndarray


def fit_ridge(X: np.ndarray, y: np.ndarray, alpha: float) -> Fit:
    d = X.shape[1]
    x_mean, y_mean = X.mean(axis=0), y.mean()
    # ridge as least squares with d extra rows sqrt(alpha) * I
    A = np.vstack([X - x_mean, np.sqrt(alpha) * np.eye(d)])
    b = np.concatenate([y - y_mean, np.zeros(d)])
    coef = np.linalg.lstsq(A, b, rcond=None)[0]
    return Fit(float(y_mean - x_mean @ coef), coef)
