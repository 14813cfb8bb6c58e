# wrong (core): alpha = 0 goes to np.linalg.lstsq with a column of ones, which gives constant features a part of the intercept
from typing import NamedTuple

import numpy as np


class Fit(NamedTuple):
    intercept: float
    coef: np.ndarray


def soft_threshold(z, t):
    z = np.asarray(z, dtype=float)
    return np.sign(z) * np.maximum(np.abs(z) - t, 0.0) + 0.0


def fit_lasso(X, y, alpha, tol=1e-8):
    X = np.asarray(X, dtype=float)
    y = np.asarray(y, dtype=float)
    if not alpha >= 0:
        raise ValueError("alpha must not be negative")
    if alpha == 0:
        b = np.linalg.lstsq(np.column_stack([np.ones(len(X)), X]), y, rcond=None)[0]
        return Fit(float(b[0]), b[1:])
    n, p = X.shape
    mean, y_mean = X.mean(axis=0), y.mean()
    varies = np.ptp(X, axis=0) > 0
    coef = np.zeros(p)
    C = (X - mean)[:, varies]
    r0 = y - y_mean
    if varies.any():
        coef[varies] = _solve(C, r0, alpha, tol)
    return Fit(float(y_mean - mean @ coef), coef)


def _solve(C, y, alpha, tol):
    n, p = C.shape
    scale = np.sqrt((C**2).mean(axis=0))
    Z = C / scale
    penalty = alpha / scale  # of the scaled coefficients, whose columns have mean square 1
    b = np.zeros(p)
    for _ in range(20000):
        r = y - Z @ b
        for _ in range(5):
            for j in range(p):
                new = soft_threshold(Z[:, j] @ r / n + b[j], penalty[j])
                if new != b[j]:
                    r -= Z[:, j] * (new - b[j])
                    b[j] = new
        r = y - Z @ b
        g = Z.T @ r / n
        error = np.where(b != 0, np.abs(g - penalty * np.sign(b)), np.maximum(np.abs(g) - penalty, 0.0)) * scale
        if error.max() <= tol / 2:
            break
        active = np.flatnonzero(b) if alpha > 0 else np.arange(p)  # a Newton step within the signs of now
        if len(active):
            A = Z[:, active]
            want = g[active] - penalty[active] * np.sign(b[active]) * (alpha > 0)
            step = np.linalg.lstsq(A.T @ A / n, want, rcond=1e-12)[0]
            t, hit = 1.0, None
            if alpha > 0:
                for i, j in enumerate(active):
                    if b[j] * (b[j] + step[i]) < 0 and -b[j] / step[i] < t:
                        t, hit = -b[j] / step[i], j
            b[active] += t * step
            if hit is not None:
                b[hit] = 0.0
    return b / scale
