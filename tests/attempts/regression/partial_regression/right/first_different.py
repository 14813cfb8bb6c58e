# different style; both bars
from typing import NamedTuple

import numpy as np


class PartialRegression(NamedTuple):
    x_residual: np.ndarray
    y_residual: np.ndarray
    slope: float


def _center(a):
    a = a - a[0]  # constants give exact zeros
    a = a - a.mean()
    return a - a.mean()


def partial_regression(X: np.ndarray, y: np.ndarray, feature: int) -> PartialRegression:
    X = np.asarray(X, dtype=float)
    y = np.asarray(y, dtype=float)
    n, k = X.shape
    x = X[:, feature]
    if x.max() == x.min():
        raise ValueError("the feature is constant")
    # An orthonormal basis of the others by Gram-Schmidt: the column with the most left goes next.
    left, ratio = [], 1.0
    for j in range(k):
        column = X[:, j]
        if j == feature or column.max() == column.min():
            continue
        c = _center(column)
        length = np.linalg.norm(c)
        ratio = max(ratio, np.linalg.norm(column) / length)
        left.append(c / length)
    tolerance = np.finfo(float).eps * (20 * k * ratio + n)
    basis = []
    while left:
        sizes = [np.linalg.norm(c) for c in left]
        best = int(np.argmax(sizes))
        if sizes[best] <= tolerance:
            break
        q = left.pop(best)
        for b in basis:
            q = q - b * (b @ q)
        q = q / np.linalg.norm(q)
        basis.append(q)
        left = [c - q * (q @ c) for c in left]

    xc = _center(x)
    x_residual, y_residual = xc, _center(y)
    for _ in range(2):
        for q in basis:
            x_residual = x_residual - q * (q @ x_residual)
            y_residual = y_residual - q * (q @ y_residual)
    unit = np.max(np.abs(xc))
    u, c = x_residual / unit, xc / unit
    if u @ u < 1e-10 * (c @ c):
        raise ValueError("the other features explain the feature")
    return PartialRegression(x_residual, y_residual, float((u @ y_residual) / (u @ u) / unit))
