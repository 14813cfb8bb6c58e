# wrong (strict): constant feature only found by centred sum of squares == 0, missed when the mean is rounded
from typing import NamedTuple

import numpy as np


class PartialRegression(NamedTuple):
    x_residual: np.ndarray
    y_residual: np.ndarray
    slope: float


def _center(a):
    return a - a.mean(axis=0)


def _basis(others):
    C = _center(others)
    C = C[:, np.ptp(others, axis=0) > 0]
    if C.shape[1] == 0:
        return C
    C = C / np.sqrt((C**2).sum(axis=0))
    U, s, _ = np.linalg.svd(C, full_matrices=False)
    return U[:, s > 1e-9 * s[0]]


def _residual(v, U):
    v = v - U @ (U.T @ v)
    return v - U @ (U.T @ v)


def partial_regression(X: np.ndarray, y: np.ndarray, feature: int) -> PartialRegression:
    X = np.asarray(X, dtype=float)
    y = np.asarray(y, dtype=float)
    x = X[:, feature]
    xc, yc = _center(x), _center(y)
    U = _basis(np.delete(X, feature, axis=1))
    xr, yr = _residual(xc, U), _residual(yc, U)
    if xc @ xc == 0 or xr @ xr < 1e-10 * (xc @ xc):
        raise ValueError("slope not determined")
    return PartialRegression(xr, yr, float(xr @ yr / (xr @ xr)))
