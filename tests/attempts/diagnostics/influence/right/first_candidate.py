# candidate, par time, from the stub alone
import numpy as np


def _fit(X, y=None):
    Z = np.column_stack([np.ones(len(X)), X])
    Q, _ = np.linalg.qr(Z)
    h = (Q**2).sum(axis=1)
    e = None if y is None else y - Q @ (Q.T @ y)
    return h, e, Z.shape[1]


def leverage(X: np.ndarray) -> np.ndarray:
    return _fit(X)[0]


def studentized_residuals(X: np.ndarray, y: np.ndarray, external: bool) -> np.ndarray:
    n, p = X.shape[0], X.shape[1] + 1
    if n <= p or (external and n <= p + 1):
        raise ValueError("not enough samples")
    h, e, _ = _fit(X, y)
    sse = (e**2).sum()
    if external:
        s2 = (sse - e**2 / (1 - h)) / (n - p - 1)
    else:
        s2 = sse / (n - p)
    return e / np.sqrt(s2 * (1 - h))


def cooks_distance(X: np.ndarray, y: np.ndarray) -> np.ndarray:
    n, p = X.shape[0], X.shape[1] + 1
    if n <= p:
        raise ValueError("not enough samples")
    h, e, _ = _fit(X, y)
    s2 = (e**2).sum() / (n - p)
    return e**2 / (p * s2) * h / (1 - h) ** 2
