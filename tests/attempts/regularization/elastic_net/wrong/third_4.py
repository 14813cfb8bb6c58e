# wrong (core): active set fixed after the first sweep, never checked or grown again
from typing import NamedTuple

import numpy as np


class Fit(NamedTuple):
    intercept: float
    coef: np.ndarray


def _check(alpha, l1_ratio):
    if not alpha >= 0:
        raise ValueError("alpha must not be negative")
    if not 0 <= l1_ratio <= 1:
        raise ValueError("l1_ratio must be from 0 to 1")


def _centre(X, y):
    X = np.array(X, dtype=np.float64)
    y = np.array(y, dtype=np.float64)
    x_mean, y_mean = X.mean(axis=0), y.mean()
    Xc, yc = X - x_mean, y - y_mean
    varies = (X != X[0]).any(axis=0)
    Xc[:, ~varies] = 0.0
    return Xc, yc, x_mean, y_mean


def _violation(g, coef, l1):
    return np.where(coef != 0, np.abs(g - l1 * np.sign(coef)), np.maximum(np.abs(g) - l1, 0.0))


def fit_elastic_net(X, y, alpha, l1_ratio=0.5, tol=1e-8):
    _check(alpha, l1_ratio)
    Xc, yc, x_mean, y_mean = _centre(X, y)
    n, k = Xc.shape
    l1, l2 = alpha * l1_ratio, alpha * (1 - l1_ratio)
    sq = (Xc**2).sum(axis=0) / n
    coef = np.zeros(k)
    features = np.flatnonzero(sq > 0)
    r = yc.copy()
    for sweep in range(200000):
        for j in features:
            old = coef[j]
            rho = Xc[:, j] @ r / n + sq[j] * old
            coef[j] = np.sign(rho) * max(abs(rho) - l1, 0.0) / (sq[j] + l2)
            if coef[j] != old:
                r -= Xc[:, j] * (coef[j] - old)
        r = yc - Xc @ coef
        features = np.flatnonzero(coef)  # from now on only the active ones
        g = Xc.T @ r / n - l2 * coef
        if _violation(g, coef, l1)[features].max(initial=0.0) <= tol:
            break
        if sweep % 10 == 9:  # try to finish: solve on the support with the signs fixed
            on = np.flatnonzero(coef)
            A = Xc[:, on]
            trial = np.zeros(k)
            H = A.T @ A / n + l2 * np.eye(on.size)
            trial[on] = np.linalg.lstsq(H, A.T @ yc / n - l1 * np.sign(coef[on]), rcond=None)[0]
            if l1 == 0 or (np.sign(trial) == np.sign(coef)).all():
                rt = yc - Xc @ trial
                vt = _violation(Xc.T @ rt / n - l2 * trial, trial, l1)
                if vt[features].max(initial=0.0) < _violation(g, coef, l1)[features].max(initial=0.0):
                    coef, r = trial, rt
                    if vt[features].max(initial=0.0) <= tol:
                        break
    return Fit(float(y_mean - x_mean @ coef), coef)


def alpha_max(X, y, l1_ratio=0.5):
    _check(0.0, l1_ratio)
    if l1_ratio == 0:
        raise ValueError("no alpha is large enough")
    Xc, yc, _, _ = _centre(X, y)
    return float(np.abs(Xc.T @ yc).max() / len(yc) / l1_ratio)
