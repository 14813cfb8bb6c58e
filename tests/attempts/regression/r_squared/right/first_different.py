# different style; both bars
from math import fsum

import numpy as np


def _deviations(y):
    shifted = [v - y[0] for v in y]
    mean = fsum(shifted) / len(shifted)
    return [v - mean for v in shifted]


def r2_score(y_true: np.ndarray, y_pred: np.ndarray) -> float:
    if np.shape(y_true) != np.shape(y_pred):
        raise ValueError("shapes differ")
    a = np.asarray(y_true, dtype=float).tolist()
    b = np.asarray(y_pred, dtype=float).tolist()
    if min(a) == max(a):
        return float(a == b)
    d = _deviations(a)
    unit = max(abs(v) for v in d)
    sst = fsum((v / unit) ** 2 for v in d)
    sse = fsum(((p - q) / unit) ** 2 for p, q in zip(a, b))
    return 1 - sse / sst


def adjusted_r2(y_true: np.ndarray, y_pred: np.ndarray, n_features: int) -> float:
    n, p = len(y_true), int(n_features)
    if n <= p + 1:
        raise ValueError("too few samples")
    r2 = r2_score(y_true, y_pred)
    return (r2 * (n - 1) - p) / (n - p - 1)


def predicted_r2(X: np.ndarray, y: np.ndarray) -> float:
    X = np.asarray(X, dtype=float)
    n, p = X.shape
    if n <= p + 1:  # the fit is exact: every leverage is 1
        raise ValueError("too few samples")
    # Feature by feature: the part that is new adds to the leverages, and takes its share of the residuals.
    deviation = np.array(_deviations(np.asarray(y, dtype=float).tolist()))
    deviation /= np.max(np.abs(deviation))
    e = deviation.copy()
    leverage = np.full(n, 1 / n)
    basis = []
    for column in X.T:
        c = np.array(_deviations(column.tolist()))
        c /= np.max(np.abs(c))
        for _ in range(2):
            c -= c.mean()
            for q in basis:
                c -= q * np.vdot(q, c)
        c /= np.linalg.norm(c)
        basis.append(c)
        leverage += c**2
        e -= c * np.vdot(c, e)
    if leverage.max() > 1 - 1e-8:
        raise ValueError("the other samples alone do not determine the fit")
    return 1 - float(np.sum((e / (1 - leverage)) ** 2) / np.sum(deviation**2))
