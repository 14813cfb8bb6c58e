# candidate, par time, from the stub alone
from typing import NamedTuple

import numpy as np


class Fit(NamedTuple):
    """A number, and an array of shape (n_features,)."""

    intercept: float
    coef: np.ndarray


def soft_threshold(z: np.ndarray, t: float) -> np.ndarray:
    return np.maximum(z - t, 0.0) - np.maximum(-z - t, 0.0)


def fit_lasso(X: np.ndarray, y: np.ndarray, alpha: float, tol: float = 1e-8) -> Fit:
    n, d = X.shape
    x_mean, y_mean = X.mean(axis=0), y.mean()
    Xc, yc = X - x_mean, y - y_mean
    sq = (Xc**2).sum(axis=0) / n
    coef = np.zeros(d)
    r = yc.copy()
    for _ in range(100_000):
        g = Xc.T @ r / n
        error = np.where(coef != 0, np.abs(g - alpha * np.sign(coef)), np.maximum(np.abs(g) - alpha, 0))
        if np.all(error <= tol):
            break
        for j in range(d):
            if sq[j] == 0:
                continue
            old = coef[j]
            coef[j] = soft_threshold(Xc[:, j] @ r / n + sq[j] * old, alpha) / sq[j]
            if coef[j] != old:
                r -= Xc[:, j] * (coef[j] - old)
    return Fit(float(y_mean - x_mean @ coef), coef)
