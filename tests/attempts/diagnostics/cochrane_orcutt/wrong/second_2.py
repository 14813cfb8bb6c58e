# wrong (core): no absolute value in the stopping rule, ends at once if rho falls
from typing import NamedTuple

import numpy as np


class CochraneOrcutt(NamedTuple):
    coef: np.ndarray
    rho: float


def cochrane_orcutt(X, y, tol):
    X = np.asarray(X).astype(float)
    y = np.asarray(y).astype(float)
    n, k = X.shape
    if n < k + 3:
        raise ValueError("too few rows")
    mx, my = X.mean(axis=0), y.mean()
    sx = X.std(axis=0)
    Z = np.column_stack([np.ones(n), (X - mx) / sx])
    u = y - my

    def autocorrelation(b):
        e = u - Z @ b
        return float(e[1:] @ e[:-1] / (e[:-1] @ e[:-1]))

    b = np.linalg.lstsq(Z, u, rcond=None)[0]
    rho = autocorrelation(b)
    while True:
        b = np.linalg.lstsq(Z[1:] - rho * Z[:-1], u[1:] - rho * u[:-1], rcond=None)[0]
        previous, rho = rho, autocorrelation(b)
        if rho - previous <= tol:
            break
    slopes = b[1:] / sx
    return CochraneOrcutt(np.concatenate([[b[0] + my - mx @ slopes], slopes]), rho)
