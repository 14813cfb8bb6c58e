# wrong (core): dual form for more features than samples with y not centred and X not centred in the back projection
"""Ridge regression: sum_i (y_i - intercept - x_i . coef)^2 + alpha * sum_j coef_j^2, the intercept without penalty."""

from typing import NamedTuple

import numpy as np


class Fit(NamedTuple):
    """A number, and an array of shape (n_features,)."""

    intercept: float
    coef: np.ndarray


def _min_norm(Xc, yc):
    """Return the least-squares solution of smallest norm, ranks judged on columns of unit length."""
    scale = np.linalg.norm(Xc, axis=0)
    used = scale > 0
    coef = np.zeros(len(scale))
    if not used.any():
        return coef
    D = scale[used]
    U, d, Vt = np.linalg.svd(Xc[:, used] / D, full_matrices=True)
    rank = int((d > d[0] * max(Xc.shape) * 1e-14).sum())
    c = Vt[:rank].T @ ((U[:, :rank].T @ yc) / d[:rank]) / D
    if rank < len(D):
        N = Vt[rank:].T / D[:, None]
        Q, _ = np.linalg.qr(N / np.linalg.norm(N, axis=0))
        c = c - Q @ (Q.T @ c)
    coef[used] = c
    return coef


def fit_ridge(X, y, alpha):
    """Fit a linear model with an intercept and an L2 penalty."""
    X, y = np.asarray(X, dtype=float), np.asarray(y, dtype=float)
    if alpha < 0:
        raise ValueError("alpha must not be negative")
    n_samples, n_features = X.shape
    shift = X[0]
    Xc = X - shift
    shift = shift + Xc.mean(axis=0)
    Xc = Xc - Xc.mean(axis=0)
    y_mean = y.mean()
    yc = y - y_mean
    if alpha == 0:
        coef = _min_norm(Xc, yc)
    elif n_features > n_samples:
        dual = np.linalg.solve(Xc @ Xc.T + alpha * np.eye(n_samples), y)
        coef = X.T @ dual
    else:
        A = np.vstack([Xc, np.sqrt(alpha) * np.eye(n_features)])
        scale = np.linalg.norm(A, axis=0)
        Q, T = np.linalg.qr(A / scale)
        coef = np.linalg.solve(T, Q[:n_samples].T @ yc) / scale
    return Fit(float(y_mean - shift @ coef), coef)
