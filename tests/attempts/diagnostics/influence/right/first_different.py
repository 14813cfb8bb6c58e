# different style; both bars
import math

import numpy as np


def _centre(v):
    # twice: the first mean is rounded at the scale of the offset
    v = v - v.mean()
    return v - v.mean()


def _basis(X):
    """Orthonormal rows that span the centred features: Gram-Schmidt, each step done twice."""
    rows = []
    for column in np.asarray(X).T:
        v = _centre(np.array(column, dtype=np.float64))
        v = v / np.max(np.abs(v))
        for _ in range(2):
            for q in rows:
                v = v - np.dot(q, v) * q
            v = _centre(v)
            v = v / math.sqrt(np.dot(v, v))
        rows.append(v)
    return rows


def _residuals(rows, y):
    e = _centre(np.array(y, dtype=np.float64))
    for _ in range(2):
        for q in rows:
            e = e - np.dot(q, e) * q
        e = _centre(e)
    return e


def _leverage(rows, n):
    h = np.full(n, 1.0 / n)
    for q in rows:
        h = h + q * q
    return h


def leverage(X: np.ndarray) -> np.ndarray:
    return _leverage(_basis(X), len(X))


def _internal(X, y):
    rows = _basis(X)
    n = len(X)
    h = _leverage(rows, n)
    e = _residuals(rows, y)
    s = np.linalg.norm(e) / math.sqrt(n - len(rows) - 1)
    free = np.where(1.0 - h < 1e-8, np.nan, 1.0 - h)
    with np.errstate(divide="ignore", invalid="ignore"):
        r = e / (s * np.sqrt(free))
    return rows, h, e, free, r


def studentized_residuals(X: np.ndarray, y: np.ndarray, external: bool) -> np.ndarray:
    n, p = X.shape[0], X.shape[1] + 1
    if n <= p + bool(external):
        raise ValueError("the variance has no degree of freedom")
    rows, h, e, free, r = _internal(X, y)
    if not external:
        return r
    # external from internal: the part of the squared residuals that is not sample i's is (n - p - r_i^2) s^2
    left = (n - p) - r**2
    with np.errstate(divide="ignore", invalid="ignore"):
        t = r * np.sqrt((n - p - 1) / np.maximum(left, 0.0))
        # That difference loses digits where one sample holds most of the sum: at most 2 p + 4 samples.
        # Take their deleted residuals one by one, O(n p) each.
        for i in np.flatnonzero(left < (n - p) / 2):
            row = np.full(n, 1.0 / n)
            for q in rows:
                row += q[i] * q
            deleted = e + row * (e[i] / free[i])
            deleted[i] = 0.0
            t[i] = e[i] / (np.linalg.norm(deleted) / math.sqrt(n - p - 1) * math.sqrt(free[i]))
    return t


def cooks_distance(X: np.ndarray, y: np.ndarray) -> np.ndarray:
    n, p = X.shape[0], X.shape[1] + 1
    if n <= p:
        raise ValueError("the variance has no degree of freedom")
    _, h, _, free, r = _internal(X, y)
    return r**2 * (h / free) / p
