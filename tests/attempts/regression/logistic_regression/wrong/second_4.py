# wrong (core): the loop ends when the intercept's condition alone holds
from typing import NamedTuple

import numpy as np


class Fit(NamedTuple):
    intercept: float
    coef: np.ndarray


def _sigmoid(m):
    e = np.exp(-np.abs(m))
    return np.where(m >= 0, 1.0, e) / (1.0 + e)


def predict_proba(X, intercept, coef):
    return _sigmoid(intercept + np.asarray(X, dtype=float) @ np.asarray(coef, dtype=float))


def fit_logistic(X, y, alpha):
    X = np.array(X, dtype=float)
    y = np.array(y, dtype=float)
    if alpha < 0:
        raise ValueError("alpha is negative")
    if np.all(y == y[0]):
        raise ValueError("all labels are equal")
    n, d = X.shape
    sign = 2 * y - 1
    scale = np.abs(X).max(axis=0)
    scale[scale == 0] = 1.0
    A = np.hstack([np.ones((n, 1)), X / scale])
    pen = np.r_[0.0, alpha / scale**2]

    def loss(w):
        return np.logaddexp(0.0, -sign * (A @ w)).sum() + 0.5 * pen @ (w * w)

    def grad(w):
        m = A @ w
        r = -sign * _sigmoid(-sign * m)  # p - y
        return A.T @ r + pen * w

    w = np.zeros(d + 1)
    f = loss(w)
    for _ in range(500):
        g = grad(w)
        m = A @ w
        if alpha == 0 and np.all(sign * m > 0):
            raise ValueError("the classes are separable")
        v = _sigmoid(m) * _sigmoid(-m)
        H = (A * v[:, None]).T @ A + np.diag(pen)
        step = np.linalg.lstsq(H, g, rcond=1e-15)[0]
        t = 1.0
        while t > 1e-12:
            new = w - t * step
            fn = loss(new)
            if fn <= f - 1e-4 * t * (g @ step) or np.abs(grad(new)).max() < np.abs(g).max() and fn <= f + 1e-12 * abs(f):
                break
            t /= 2
        else:
            break
        w, f = new, fn
        if abs(grad(w)[0]) < 1e-12:
            break
    return Fit(float(w[0]), w[1:] / scale)
