# wrong (core): pinv of Z'Z with too large rcond on unscaled columns drops a direction
import numpy as np


def _fit(X, y):
    X = np.asarray(X, dtype=float)
    y = np.asarray(y, dtype=float)
    n, p = X.shape[0], X.shape[1] + 1
    if n <= p:
        raise ValueError("too few samples")
    Z = np.column_stack([np.ones(n), X])
    A = np.linalg.pinv(Z.T @ Z, rcond=1e-10)
    G = Z @ A
    h = (G * Z).sum(axis=1)
    if np.any(1 - h < 1e-8):
        raise ValueError("leverage 1")
    b = A @ (Z.T @ y)
    e = y - Z @ b
    diag = np.diag(A)
    return n, p, h, e, b, G, diag


def leave_one_out_coefficients(X: np.ndarray, y: np.ndarray) -> np.ndarray:
    n, p, h, e, b, G, diag = _fit(X, y)
    return b - G * (e / (1 - h))[:, None]


def dfbetas(X: np.ndarray, y: np.ndarray) -> np.ndarray:
    if np.shape(X)[0] <= np.shape(X)[1] + 2:
        raise ValueError("too few samples")
    n, p, h, e, b, G, diag = _fit(X, y)
    s2 = (e @ e - e**2 / (1 - h)) / (n - 1 - p)
    return G * (e / (1 - h))[:, None] / np.sqrt(s2[:, None] * diag)
