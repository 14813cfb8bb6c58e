# candidate, par time, from the stub alone
import numpy as np


def _fit(X, y):
    n = len(X)
    Z = np.column_stack([np.ones(n), X])
    p = Z.shape[1]
    if n <= p:
        raise ValueError("n must be larger than p")
    A = np.linalg.inv(Z.T @ Z) @ Z.T
    e = y - Z @ (A @ y)
    h = (Z * A.T).sum(axis=1)
    return A, e, h, n, p


def standard_errors(X: np.ndarray, y: np.ndarray) -> np.ndarray:
    A, e, _, n, p = _fit(X, y)
    s2 = (e**2).sum() / (n - p)
    return np.sqrt((A**2).sum(axis=1) * s2)


def sandwich_standard_errors(X: np.ndarray, y: np.ndarray, kind: str) -> np.ndarray:
    A, e, h, n, p = _fit(X, y)
    v = e**2
    if kind == "HC1":
        v = v * n / (n - p)
    elif kind == "HC2":
        v = v / (1 - h)
    elif kind == "HC3":
        v = v / (1 - h) ** 2
    elif kind != "HC0":
        raise ValueError("unknown kind")
    return np.sqrt(A**2 @ v)
