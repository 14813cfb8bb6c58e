# different style; both bars
import math
from typing import NamedTuple

import numpy as np


class Fit(NamedTuple):
    intercept: float
    coef: np.ndarray


def _design(X, y):
    X, y = np.asarray(X, dtype=float), np.asarray(y, dtype=float)
    return np.hstack([np.ones((len(X), 1)), X]), y


def _householder(A, b, weights):
    # Least squares by Householder reflections with row and column pivoting, which bears weights of unlike size.
    root = np.sqrt(weights / weights.max())
    T = np.hstack([A, b[:, None]]) * root[:, None]
    n, p = A.shape
    scale = np.abs(T[:, :p]).max(axis=0)
    scale[scale == 0] = 1.0
    T[:, :p] /= scale
    order = list(range(p))
    for k in range(p):
        norms = [math.sqrt(float(T[k:, j] @ T[k:, j])) for j in range(k, p)]
        j = k + norms.index(max(norms))
        T[:, [k, j]] = T[:, [j, k]]
        order[k], order[j] = order[j], order[k]
        i = k + int(np.abs(T[k:, k]).argmax())
        T[[k, i]] = T[[i, k]]
        v = T[k:, k].copy()
        v[0] += math.copysign(max(norms), v[0])
        T[k:, k:] -= np.outer(v, (v @ T[k:, k:]) * 2 / (v @ v))
    beta = np.zeros(p)
    for k in reversed(range(p)):
        rest = sum(T[k, j] * beta[order[j]] for j in range(k + 1, p))
        beta[order[k]] = (T[k, p] - rest) / T[k, k]
    beta /= scale
    return Fit(float(beta[0]), beta[1:])


def fit_weighted(X: np.ndarray, y: np.ndarray, weights: np.ndarray) -> Fit:
    A, y = _design(X, y)
    weights = np.asarray(weights, dtype=float)
    if weights.shape != y.shape:
        raise ValueError("weights must have the shape of y")
    if not (weights >= 0).all():
        raise ValueError("negative weight")
    counts = weights > 0
    return _householder(A[counts], y[counts], weights[counts])


def fit_gls(X: np.ndarray, y: np.ndarray, covariance: np.ndarray) -> Fit:
    A, y = _design(X, y)
    V = np.array(covariance, dtype=float)
    n = len(y)
    if V.shape != (n, n):
        raise ValueError("covariance must have shape (n_samples, n_samples)")
    if not (V.diagonal() > 0).all():
        raise ValueError("covariance is not positive definite")
    # To correlations; then the same row operations that make R upper triangular (R = L D L') decorrelate A and y.
    s = np.sqrt(V.diagonal())
    R = V / s[:, None] / s
    if not (np.abs(R - R.T) <= 1e-9).all():
        raise ValueError("covariance is not symmetric")
    R = (R + R.T) / 2
    T = np.hstack([A, y[:, None]]) / s[:, None]
    variances = np.zeros(n)
    for k in range(n):
        variances[k] = R[k, k]
        if not R[k, k] > n * np.finfo(float).eps:
            raise ValueError("covariance is not positive definite")
        factor = R[k + 1 :, k] / R[k, k]
        R[k + 1 :, k:] -= np.outer(factor, R[k, k:])
        T[k + 1 :] -= np.outer(factor, T[k])
    return _householder(T[:, :-1], T[:, -1], 1 / variances)
