# different style; both bars
"""Linear regression that outliers hardly move: Huber's M-estimator.

Least squares lets a residual pull with its full size. Huber caps the pull at delta times the scale s of the residuals,
which is estimated along with the fit. Begin with least squares, then repeat:

    e_i = y_i - intercept - x_i . coef
    s   = 1.4826 * median |e_i|                           the MAD about 0
    w_i = min(1, delta * s / |e_i|)                       1 if e_i = 0
    intercept, coef = the minimum of sum_i w_i * e_i^2

Stop when a step changes no fitted value by more than 1e-9 * s, however many steps it takes, or as soon as
s <= 1e-12 * max |y_i|: then at least half of the samples are fitted exactly.

Source: Huber, Robust Statistics (1981), chapter 7.

Strict
------
- ValueError if delta is not positive.
- X and y may be integers of any type.
- Features and y may lie a million standard deviations from zero.
"""

import math
import statistics
from typing import NamedTuple

import numpy as np


class Fit(NamedTuple):
    """The fit, and the scale s of its residuals."""

    intercept: float
    coef: np.ndarray
    scale: float


def fit_huber(X: np.ndarray, y: np.ndarray, delta: float = 1.345) -> Fit:
    """Fit a linear model with an intercept by iteratively reweighted least squares.

    Parameters
    ----------
    X : array of shape (n_samples, n_features)
        Without an intercept column, which it is linearly independent of. Fewer features than samples.
    y : array of shape (n_samples,)
    delta : float
        1.345 has 95 % of the efficiency of least squares on normal errors.

    Examples
    --------
    Least squares gives -3.8 and 4.9.

    >>> X, y = np.array([[0.0], [1.0], [2.0], [3.0], [4.0]]), np.array([0.0, 1.0, 3.0, 2.0, 24.0])
    >>> intercept, coef, scale = fit_huber(X, y, delta=1.0)
    >>> round(intercept, 4), coef.round(4), round(scale, 4)
    (-0.6442, array([1.9776]), 0.9552)
    """
    if not delta > 0:
        raise ValueError("delta must be positive")
    X, y = np.array(X, dtype=float), np.array(y, dtype=float)
    n, k = X.shape
    x_mid, y_mid = np.median(X, axis=0), float(np.median(y))
    centred = X - x_mid
    unit = np.abs(centred).max(axis=0, initial=0.0)
    columns = [[1.0] * n] + [list(column) for column in (centred / unit).T]
    floor = 1e-12 * float(np.abs(y).max())
    # every step fits the residuals left by the steps before, so that its size has no rounding of y in it
    e = [float(v) for v in y - y_mid]
    total = [0.0] * (k + 1)
    weights = [1.0] * n
    s = math.inf
    while True:
        beta, fitted = _weighted_fit(columns, e, weights)
        total = [t + v for t, v in zip(total, beta)]
        e = [v - f for v, f in zip(e, fitted)]
        change = max(abs(f) for f in fitted)
        done = change <= 1e-9 * s and s < math.inf
        s = 1.4826 * statistics.median(abs(v) for v in e)
        if done or s <= floor:
            break
        weights = [1.0 if abs(v) <= delta * s else delta * s / abs(v) for v in e]
    coef = np.array(total[1:]) / unit
    return Fit(float(y_mid + total[0] - coef @ x_mid), coef, float(s))


def _weighted_fit(columns: list, target: list, weights: list) -> tuple:
    """Weighted least squares by Gram and Schmidt, twice each: coefficients and fitted values."""
    p = len(columns)
    inner = lambda a, b: math.fsum(w * u * v for w, u, v in zip(weights, a, b))
    basis, R = [], [[0.0] * p for _ in range(p)]
    for j, column in enumerate(columns):
        v = list(column)
        for _ in range(2):
            for i, q in enumerate(basis):
                h = inner(q, v)
                R[i][j] += h
                v = [a - h * b for a, b in zip(v, q)]
        R[j][j] = math.sqrt(inner(v, v))
        basis.append([a / R[j][j] for a in v])
    left, rhs = list(target), []
    for q in basis:
        h = inner(q, left)
        rhs.append(h)
        left = [a - h * b for a, b in zip(left, q)]
    fitted = [math.fsum(h * q[i] for h, q in zip(rhs, basis)) for i in range(len(target))]
    beta = [0.0] * p
    for j in reversed(range(p)):
        beta[j] = (rhs[j] - sum(R[j][i] * beta[i] for i in range(j + 1, p))) / R[j][j]
    return beta, fitted
