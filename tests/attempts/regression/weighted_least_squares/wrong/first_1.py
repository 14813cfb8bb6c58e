# wrong (core): positive definite tested by determinant > 0, so an even number of negative eigenvalues passes
from typing import NamedTuple

import numpy as np


class Fit(NamedTuple):
    intercept: float
    coef: np.ndarray


def _solve(W, X, y):
    """Least squares of W (y - intercept - X coef)."""
    Z = np.column_stack([np.ones(len(X)), X])
    b = np.linalg.lstsq(W(Z), W(y), rcond=None)[0]
    return Fit(float(b[0]), b[1:])


def fit_weighted(X, y, weights):
    X = np.asarray(X).astype(float)
    y = np.asarray(y).astype(float)
    weights = np.array(weights, dtype=float)
    if weights.shape != y.shape or (weights < 0).any():
        raise ValueError("weights")
    keep = weights > 0
    X, y, weights = X[keep], y[keep], weights[keep]
    weights = weights / weights.max()
    root = np.sqrt(weights)
    return _solve(lambda A: (A.T * root).T, X, y)


def fit_gls(X, y, covariance):
    X = np.asarray(X).astype(float)
    y = np.asarray(y).astype(float)
    V = np.array(covariance, dtype=float)
    if V.shape != (len(y), len(y)) or not np.allclose(V, V.T, atol=1e-10 * np.abs(V).max()):
        raise ValueError("covariance")
    if np.linalg.det(V) <= 0:
        raise ValueError("not positive definite")
    Z = np.column_stack([np.ones(len(X)), X])
    P = np.linalg.inv(V)
    b = np.linalg.solve(Z.T @ P @ Z, Z.T @ P @ y)
    return Fit(float(b[0]), b[1:])
