# wrong (core): unpivoted QR: a redundant column before an independent one spoils the span
from typing import NamedTuple

import numpy as np


class PartialRegression(NamedTuple):
    x_residual: np.ndarray
    y_residual: np.ndarray
    slope: float


def _center(a):
    a = a - a.mean(axis=0)
    return a - a.mean(axis=0)


def _basis(others):
    C = _center(others)
    C = C[:, np.ptp(others, axis=0) > 0]
    if C.shape[1] == 0:
        return C
    C = C / np.sqrt((C**2).sum(axis=0))
    Q, R = np.linalg.qr(C)
    return Q[:, : len(np.diag(R))][:, np.abs(np.diag(R)) > 1e-9]


def _residual(v, U):
    v = v - U @ (U.T @ v)
    return v - U @ (U.T @ v)


def partial_regression(X: np.ndarray, y: np.ndarray, feature: int) -> PartialRegression:
    X = np.asarray(X, dtype=float)
    y = np.asarray(y, dtype=float)
    x = X[:, feature]
    if np.ptp(x) == 0:
        raise ValueError("feature is constant")
    xc, yc = _center(x), _center(y)
    U = _basis(np.delete(X, feature, axis=1))
    xr, yr = _residual(xc, U), _residual(yc, U)
    if xr @ xr < 1e-10 * (xc @ xc):
        raise ValueError("slope not determined")
    return PartialRegression(xr, yr, float(xr @ yr / (xr @ xr)))
