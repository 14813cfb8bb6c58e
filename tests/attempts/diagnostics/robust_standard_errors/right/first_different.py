# different style; both bars
import math

import numpy as np


def _decompose(X, y):
    """Orthonormal Q of the design, T with b = T Q'y, residuals, n, p: by the SVD of the centred, scaled features."""
    X = np.array(X, dtype=np.float64)
    y = np.array(y, dtype=np.float64)
    n, k = X.shape
    if n <= k + 1:
        raise ValueError("no degree of freedom")
    mean = X.mean(axis=0)
    C = X - mean
    rest = C.mean(axis=0)
    C = C - rest
    mean = mean + rest
    scale = np.sqrt((C * C).sum(axis=0))
    Q = np.full((n, k + 1), 1.0 / math.sqrt(n))
    T = np.zeros((k + 1, k + 1))
    T[0, 0] = 1.0 / math.sqrt(n)
    if k:
        U, S, Vt = np.linalg.svd(C / scale, full_matrices=False)
        Q[:, 1:] = U
        T[1:, 1:] = (Vt.T / S) / scale[:, None]
        T[0, 1:] = -mean @ T[1:, 1:]
    e = y - y.mean()
    for _ in range(2):
        e = e - e.mean()
        e = e - Q[:, 1:] @ (Q[:, 1:].T @ e)
    return Q, T, e, n, k + 1


def standard_errors(X: np.ndarray, y: np.ndarray) -> np.ndarray:
    _, T, e, n, p = _decompose(X, y)
    # (Z'Z)^-1 = T T'
    return np.linalg.norm(T, axis=1) * (np.linalg.norm(e) / math.sqrt(n - p))


def sandwich_standard_errors(X: np.ndarray, y: np.ndarray, kind: str) -> np.ndarray:
    power = {"HC0": 0.0, "HC1": 0.0, "HC2": 0.5, "HC3": 1.0}
    if kind not in power:
        raise ValueError("kind must be HC0, HC1, HC2 or HC3")
    Q, T, e, n, p = _decompose(X, y)
    root = e
    if power[kind]:
        free = 1.0 - np.einsum("ij,ij->i", Q, Q)
        if (free < 1e-8).any():
            raise ValueError("a leverage is 1")
        root = e / free ** power[kind]
    elif kind == "HC1":
        root = e * math.sqrt(n / (n - p))
    # the filling Q' diag(v) Q is R'R, the sandwich T R'R T'
    R = np.linalg.qr(root[:, None] * Q, mode="r")
    return np.linalg.norm(R @ T.T, axis=0)
