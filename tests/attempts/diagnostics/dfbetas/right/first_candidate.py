# candidate, par time, from the stub alone
import numpy as np


def _fit(X, y, extra):
    n = len(X)
    Z = np.column_stack([np.ones(n), X])
    p = Z.shape[1]
    if n <= p + extra:
        raise ValueError("too few samples")
    C = np.linalg.inv(Z.T @ Z)
    b = C @ (Z.T @ y)
    e = y - Z @ b
    ZC = Z @ C
    h = np.sum(ZC * Z, axis=1)
    if np.any(1 - h < 1e-8):
        raise ValueError("a leverage is 1")
    delta = ZC * (e / (1 - h))[:, None]
    return b, delta, C, e, h


def leave_one_out_coefficients(X: np.ndarray, y: np.ndarray) -> np.ndarray:
    b, delta, _, _, _ = _fit(X, y, 0)
    return b - delta


def dfbetas(X: np.ndarray, y: np.ndarray) -> np.ndarray:
    b, delta, C, e, h = _fit(X, y, 1)
    n, p = delta.shape
    s2 = (e @ e - e**2 / (1 - h)) / (n - 1 - p)
    return delta / np.sqrt(s2[:, None] * np.diag(C))
