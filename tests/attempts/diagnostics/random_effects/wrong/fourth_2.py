# wrong (core): second regression has one row per sample, so groups are weighted by size (same if balanced)
from typing import NamedTuple

import numpy as np


class RandomEffects(NamedTuple):
    coef: np.ndarray
    cov: np.ndarray
    var_effect: float
    var_error: float


class Hausman(NamedTuple):
    statistic: float
    dof: int


def _residuals(A, b):
    return b - A @ np.linalg.lstsq(A, b, rcond=None)[0]


def fit_random_effects(X, y, groups):
    X, y = np.array(X, dtype=np.float64), np.array(y, dtype=np.float64)
    labels, g = np.unique(np.asarray(groups), return_inverse=True)
    g = g.reshape(-1)
    n, k = X.shape
    G = len(labels)
    if G <= k + 1 or n <= G + k:
        raise ValueError("too few groups or samples")
    m, y0 = X.mean(axis=0), y.mean()
    X, y = X - m, y - y0
    scale = X.std(axis=0)
    scale[scale == 0] = 1.0
    X /= scale
    n_g = np.bincount(g, minlength=G).astype(np.float64)
    y_bar = np.bincount(g, y, minlength=G) / n_g
    X_bar = np.zeros((G, k))
    np.add.at(X_bar, g, X)
    X_bar /= n_g[:, None]

    e = _residuals(X - X_bar[g], y - y_bar[g])
    var_error = e @ e / (n - G - k)
    Z_bar = np.column_stack([np.ones(G), X_bar])
    b = _residuals(Z_bar[g], y_bar[g])[np.unique(g, return_index=True)[1]]
    var_effect = b @ b / (G - k - 1) - var_error * np.mean(1 / n_g)
    var_effect = max(0.0, var_effect)

    theta = 1 - np.sqrt(var_error / (var_error + n_g * var_effect))
    Z = np.column_stack([np.ones(n), X]) - theta[g][:, None] * Z_bar[g]
    ys = y - theta[g] * y_bar[g]
    Q, R = np.linalg.qr(Z)
    c = np.linalg.solve(R, Q.T @ ys)
    R_inv = np.linalg.inv(R)
    cov = var_error * R_inv @ R_inv.T
    # back to the units of X
    T = np.eye(k + 1)
    T[1:, 1:] = np.diag(1 / scale)
    T[0, 1:] = -m / scale
    coef = T @ c
    coef[0] += y0
    return RandomEffects(coef, T @ cov @ T.T, float(var_effect), float(var_error))


def hausman(coef_fixed, cov_fixed, coef_random, cov_random):
    d = np.asarray(coef_fixed, dtype=np.float64) - np.asarray(coef_random, dtype=np.float64)
    D = np.asarray(cov_fixed, dtype=np.float64) - np.asarray(cov_random, dtype=np.float64)
    w, U = np.linalg.eigh((D + D.T) / 2)
    keep = np.abs(w) > 1e-10 * np.abs(w).max(initial=0.0)
    t = U[:, keep].T @ d
    return Hausman(float(np.sum(t**2 / w[keep])), int(keep.sum()))
