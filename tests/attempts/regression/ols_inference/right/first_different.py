# different style; both bars
from typing import NamedTuple

import numpy as np


class CoefficientTable(NamedTuple):
    estimate: np.ndarray
    standard_error: np.ndarray
    t: np.ndarray
    lower: np.ndarray
    upper: np.ndarray


def _center(a):
    """Deviations from the mean, and the mean. Constants give exact zeros."""
    first = a[0]
    shifted = a - first
    rest = shifted.mean(axis=0)
    deviation = shifted - rest
    return deviation, first + rest


def coefficient_table(X: np.ndarray, y: np.ndarray, critical: float) -> CoefficientTable:
    X = np.asarray(X, dtype=float)
    y = np.asarray(y, dtype=float)
    n, k = X.shape
    if n <= k + 1:
        raise ValueError("no degree of freedom")
    eps = np.finfo(float).eps
    D, x_mean = _center(X)
    v, y_mean = _center(y)
    length = np.sqrt((D**2).sum(axis=0))
    raw = np.sqrt((X**2).sum(axis=0))
    if np.any(length <= 4 * eps * raw):
        raise ValueError("a feature is constant")
    # Columns of unit length. The values of a column are rounded to eps times its raw length.
    U, S, Vt = np.linalg.svd(D / length, full_matrices=False)
    rounding = eps * (4 * np.abs(Vt) @ (raw / length) + n)
    if np.any(S <= rounding):
        raise ValueError("features are linearly dependent")

    slope = (Vt.T @ ((U.T @ v) / S)) / length
    e = v - U @ (U.T @ v)
    s2 = float((e**2).sum()) / (n - k - 1)
    half = Vt.T / S / length[:, None]  # half half' = (D'D)^-1
    variance = np.empty(k + 1)
    variance[0] = 1 / n + ((x_mean @ half) ** 2).sum()
    variance[1:] = (half**2).sum(axis=1)
    estimate = np.concatenate([[y_mean - x_mean @ slope], slope])
    error = np.sqrt(s2) * np.sqrt(variance)
    margin = critical * error
    return CoefficientTable(estimate, error, estimate / error, estimate - margin, estimate + margin)
