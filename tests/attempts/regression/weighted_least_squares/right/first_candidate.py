# candidate, par time, from the stub alone
from typing import NamedTuple

import numpy as np


class Fit(NamedTuple):
    intercept: float
    coef: np.ndarray


def _ols(A, y):
    beta = np.linalg.lstsq(A, y, rcond=None)[0]
    return Fit(float(beta[0]), beta[1:])


def fit_weighted(X: np.ndarray, y: np.ndarray, weights: np.ndarray) -> Fit:
    if np.any(weights < 0):
        raise ValueError("negative weight")
    root = np.sqrt(weights)
    A = np.column_stack([np.ones(len(X)), X])
    return _ols(A * root[:, None], y * root)


def fit_gls(X: np.ndarray, y: np.ndarray, covariance: np.ndarray) -> Fit:
    try:
        L = np.linalg.cholesky(covariance)
    except np.linalg.LinAlgError:
        raise ValueError("covariance is not positive definite")
    A = np.column_stack([np.ones(len(X)), X])
    return _ols(np.linalg.solve(L, A), np.linalg.solve(L, y))
