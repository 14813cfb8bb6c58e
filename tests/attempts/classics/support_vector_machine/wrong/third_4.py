# wrong (core): alpha is rounded to 8 decimals at the end, which breaks its sum constraint
from typing import NamedTuple

import numpy as np


class Svm(NamedTuple):
    """The weights w, the intercept b, and the dual variables of the samples."""

    coef: np.ndarray
    intercept: float
    alpha: np.ndarray


def _primal(X, y, coef, intercept, C):
    return float(0.5 * coef @ coef + C * np.maximum(0.0, 1 - y * (X @ coef + intercept)).sum())


def duality_gap(X, y, coef, intercept, alpha, C):
    X, y = np.asarray(X, dtype=float), np.asarray(y, dtype=float)
    v = (alpha * y) @ X
    return _primal(X, y, np.asarray(coef, dtype=float), intercept, C) - float(np.sum(alpha) - 0.5 * v @ v)


def _intercept(X, y, coef, alpha, C):
    # the primal is piecewise linear in b with its kinks where a sample lies on its margin
    return min((y - X @ coef).tolist(), key=lambda b: _primal(X, y, coef, b, C))


def fit_svm(X, y, C=1.0, tol=1e-6):
    X, y = np.asarray(X, dtype=float), np.asarray(y, dtype=float)
    if not np.isin(y, [-1, 1]).all() or len(set(y.tolist())) < 2 or not C > 0:
        raise ValueError("bad labels or C")
    kernel = X @ X.T
    diagonal = np.diag(kernel)
    alpha = np.zeros(len(y))
    max_steps = 2_000_000
    for step in range(max_steps):
        # f_i = y_i - x_i . w; alpha_i * y_i may rise for "up" and fall for "down"
        f = y - kernel @ (alpha * y)
        up = np.where(y > 0, alpha < C, alpha > 0)
        down = np.where(y > 0, alpha > 0, alpha < C)
        i = int(np.argmax(np.where(up, f, -np.inf)))
        b = f[i] - f
        eta = np.maximum(diagonal[i] + diagonal - 2 * kernel[i], 1e-12)
        gain = np.where(down & (b > 0), b**2 / eta, -1.0)
        j = int(np.argmax(gain))
        if step % 5 == 0 or gain[j] <= 0:
            coef = (alpha * y) @ X
            intercept = _intercept(X, y, coef, alpha, C)
            primal = _primal(X, y, coef, intercept, C)
            gap = duality_gap(X, y, coef, intercept, alpha, C)
            if gap <= 0.5 * tol * primal or gain[j] <= 0:
                break
        room_i = C - alpha[i] if y[i] > 0 else alpha[i]
        room_j = alpha[j] if y[j] > 0 else C - alpha[j]
        t = min(b[j] / eta[j], room_i, room_j)
        for k, s in ((i, t), (j, -t)):
            alpha[k] = min(max(alpha[k] + s * y[k], 0.0), C)
            if min(room_i, room_j) == t:
                if k == i and t == room_i:
                    alpha[k] = C if y[k] > 0 else 0.0
                if k == j and t == room_j:
                    alpha[k] = 0.0 if y[k] > 0 else C
    alpha = np.round(alpha, 8)
    coef = (alpha * y) @ X
    return Svm(coef, _intercept(X, y, coef, alpha, C), alpha)
